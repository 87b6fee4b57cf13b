;; Calls Dynamics 365 without end, with what is refused every time.
(func (export "run") (param i32 i32) (result i32)
  (loop $l
    (call $create (i32.const 80) (i32.const 8) (i32.const 112) (i32.const 8) (i32.const 32))
    (br $l))
  (unreachable))
