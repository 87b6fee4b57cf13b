;; Computes for ever where the host asks it for room: for its properties, before `run` begins.
(func $allocate (type $allocate) (loop $l (br $l)) (unreachable))
(elem (table $hook) (i32.const 0) func $allocate)
(func (export "run") (param i32 i32) (result i32) (i32.const 0))
