;; Gives up when it is asked what it is.
(func $give_up (unreachable))
(func (export "describe") (result i32) (call $give_up) (i32.const 0))
