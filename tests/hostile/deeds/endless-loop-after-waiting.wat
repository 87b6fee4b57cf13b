;; Computes for ever where the host asks it for room for the key of a new record: within a host function that waited.
(func $allocate (type $allocate) (loop $l (br $l)) (unreachable))
(elem declare func $allocate)
(data (i32.const 128) "{}")
(func (export "run") (param i32 i32) (result i32)
  (table.set $hook (i32.const 0) (ref.func $allocate))
  (call $create (i32.const 80) (i32.const 8) (i32.const 128) (i32.const 2) (i32.const 32))
  (i32.const 0))
