;; Gives up.
(func $give_up (unreachable))
(func (export "run") (param i32 i32) (result i32) (call $give_up) (i32.const 0))
