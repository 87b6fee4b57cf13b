;; Takes all the memory that it can get, and touches all of it.
(func (export "run") (param i32 i32) (result i32) (local $at i32)
  (loop $l
    (local.set $at (memory.grow (i32.const 16)))
    (if (i32.ne (local.get $at) (i32.const -1))
      (then (memory.fill (i32.mul (local.get $at) (i32.const 65536)) (i32.const 1) (i32.const 1048576))))
    (br $l))
  (unreachable))
