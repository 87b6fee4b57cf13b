;; Has a title that is no text.
(data (i32.const 128) "\ff")
(func (export "describe") (result i32)
  (memory.copy (i32.const 512) (i32.const @MANIFEST@) (i32.const 84))
  (i32.store (i32.const 528) (i32.const 128))
  (i32.store (i32.const 532) (i32.const 1))
  (i32.const 512))
