;; Has a schema of properties that is a hundred thousand arrays deep.
(func (export "describe") (result i32)
  (drop (memory.grow (i32.const 4)))
  (memory.fill (i32.const 131072) (i32.const 91) (i32.const 100000))
  (memory.copy (i32.const 512) (i32.const @MANIFEST@) (i32.const 84))
  (i32.store (i32.const 560) (i32.const 131072))
  (i32.store (i32.const 564) (i32.const 100000))
  (i32.const 512))
