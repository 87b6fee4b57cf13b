;; Hands back records that it was never given.
(data (i32.const 128) "RS")
(func (export "run") (param i32 i32) (result i32)
  (call $hand (i32.const 512) (i32.const 128) (i32.const 2) (i32.const 7777))
  (call $ask (i32.const 512) (i32.const 1)))
