;; Asks for a million effects of no text: 20 bytes of its memory each, and far more of the host's.
(func (export "run") (param i32 i32) (result i32)
  (drop (memory.grow (i32.const 400)))
  (call $ask (i32.const 131072) (i32.const 1000000)))
