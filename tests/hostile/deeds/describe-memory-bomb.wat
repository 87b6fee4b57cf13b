;; Takes all the memory that it can get when it is asked what it is.
(func (export "describe") (result i32)
  (loop $l (drop (memory.grow (i32.const 16))) (br $l)) (unreachable))
