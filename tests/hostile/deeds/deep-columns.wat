;; Makes a record of JSON that is a hundred thousand arrays deep.
(func (export "run") (param i32 i32) (result i32)
  (drop (memory.grow (i32.const 4)))
  (memory.fill (i32.const 131077) (i32.const 91) (i32.const 100000))
  (memory.fill (i32.const 231077) (i32.const 93) (i32.const 100000))
  (i64.store (i32.const 131072) (i64.const 0x5b5b5b3a2261227b)) ;; {"a":[[[
  (i32.store8 (i32.const 331077) (i32.const 125))
  (call $create (i32.const 80) (i32.const 8) (i32.const 131072) (i32.const 200006) (i32.const 32))
  (i32.const 0))
