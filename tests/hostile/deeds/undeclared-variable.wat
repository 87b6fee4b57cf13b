;; Sets a variable that none of its properties names.
(data (i32.const 128) "admin") (data (i32.const 136) "true")
(func (export "run") (param i32 i32) (result i32)
  (call $set (i32.const 512) (i32.const 128) (i32.const 5) (i32.const 136) (i32.const 4))
  (call $ask (i32.const 512) (i32.const 1)))
