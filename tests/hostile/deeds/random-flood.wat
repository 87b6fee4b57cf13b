;; Has the host make random bytes without end.
(func (export "run") (param i32 i32) (result i32)
  (loop $l (call $random (i32.const 4096) (i32.const 32)) (br $l)) (unreachable))
