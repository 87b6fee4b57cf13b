;; Computes for ever when it is asked what it is.
(func (export "describe") (result i32)
  (loop $l (br $l)) (unreachable))
