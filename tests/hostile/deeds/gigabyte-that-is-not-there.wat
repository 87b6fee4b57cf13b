;; Says that its result is 1 GiB long, which its memory is not.
(func (export "run") (param i32 i32) (result i32) (call $leave (i32.const 80) (i32.const 1073741824)))
