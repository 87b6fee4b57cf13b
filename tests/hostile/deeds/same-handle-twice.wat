;; Hands back the same records twice.
(data (i32.const 128) "RS")
(func (export "run") (param i32 i32) (result i32) (local $set i32)
  (local.set $set (call $contacts))
  (call $hand (i32.const 512) (i32.const 128) (i32.const 2) (local.get $set))
  (call $hand (i32.const 532) (i32.const 128) (i32.const 2) (local.get $set))
  (call $ask (i32.const 512) (i32.const 2)))
