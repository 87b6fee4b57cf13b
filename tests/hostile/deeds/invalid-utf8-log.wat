;; Logs what is no text.
(data (i32.const 128) "\c3\28")
(func (export "run") (param i32 i32) (result i32)
  (call $log (i32.const 2) (i32.const 128) (i32.const 2)) (i32.const 0))
