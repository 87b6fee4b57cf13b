;; Calls the host again where the host asks it for room: the only way back into the host function in which it is.
(func $allocate (type $allocate) (drop (call $contacts)) (i32.const 65536))
(elem declare func $allocate)
(func (export "run") (param i32 i32) (result i32) (local $set i32)
  (local.set $set (call $contacts))
  (table.set $hook (i32.const 0) (ref.func $allocate))
  (call $record (local.get $set) (i32.const 0) (i32.const 32))
  (i32.const 0))
