;; A core module, which has yet to be made a component.
(module (func (export "run") (result i32) (i32.const 0)))
