;; Computes for ever where the host asks it for room for a record: within a host function that answers at once.
(func $allocate (type $allocate) (loop $l (br $l)) (unreachable))
(elem declare func $allocate)
(func (export "run") (param i32 i32) (result i32) (local $set i32)
  (local.set $set (call $contacts))
  (table.set $hook (i32.const 0) (ref.func $allocate))
  (call $record (local.get $set) (i32.const 0) (i32.const 32))
  (i32.const 0))
