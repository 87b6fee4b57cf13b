;; Logs lines of a MiB.
(func (export "run") (param i32 i32) (result i32)
  (drop (memory.grow (i32.const 32)))
  (loop $l (call $log (i32.const 2) (i32.const 131072) (i32.const 1048576)) (br $l))
  (unreachable))
