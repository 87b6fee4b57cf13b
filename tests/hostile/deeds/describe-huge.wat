;; Has a title of 2 MiB, which the host would have to keep and show.
(func (export "describe") (result i32)
  (drop (memory.grow (i32.const 64)))
  (memory.fill (i32.const 131072) (i32.const 32) (i32.const 2097152))
  (memory.copy (i32.const 512) (i32.const @MANIFEST@) (i32.const 84))
  (i32.store (i32.const 528) (i32.const 131072))
  (i32.store (i32.const 532) (i32.const 2097152))
  (i32.const 512))
