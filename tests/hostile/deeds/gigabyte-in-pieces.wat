;; Asks for a thousand effects, each with the same MiB of its memory: 1 GiB for the host to copy.
(func (export "run") (param i32 i32) (result i32) (local $i i32)
  (drop (memory.grow (i32.const 64)))
  (memory.fill (i32.const 131072) (i32.const 32) (i32.const 1048576))
  (loop $l
    (call $set (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 20)))
      (i32.const 80) (i32.const 8) (i32.const 131072) (i32.const 1048576))
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
  (call $ask (i32.const 65536) (i32.const 1000)))
