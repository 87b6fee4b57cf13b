;; Computes for ever.
(func (export "run") (param i32 i32) (result i32)
  (loop $l (br $l)) (unreachable))
