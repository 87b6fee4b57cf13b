;; Calls Dynamics 365 when it is asked what it is, before anybody could have let it.
(func (export "describe") (result i32)
  (drop (call $contacts)) (i32.const 0))
