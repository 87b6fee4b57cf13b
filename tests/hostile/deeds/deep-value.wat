;; Sets a variable to JSON that is a hundred thousand arrays deep.
(data (i32.const 128) "answer")
(func (export "run") (param i32 i32) (result i32)
  (drop (memory.grow (i32.const 4)))
  (memory.fill (i32.const 131072) (i32.const 91) (i32.const 100000))
  (memory.fill (i32.const 231072) (i32.const 93) (i32.const 100000))
  (call $set (i32.const 512) (i32.const 128) (i32.const 6) (i32.const 131072) (i32.const 200000))
  (call $ask (i32.const 512) (i32.const 1)))
