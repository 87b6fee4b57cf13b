;; Leaves by an exit whose name is no text.
(data (i32.const 128) "\ff\fe\00\80")
(func (export "run") (param i32 i32) (result i32) (call $leave (i32.const 128) (i32.const 4)))
