;; Grows its table without end: what a table holds is memory of the host.
(func (export "run") (param i32 i32) (result i32)
  (loop $l (drop (table.grow $hook (ref.null func) (i32.const 1000))) (br $l)) (unreachable))
