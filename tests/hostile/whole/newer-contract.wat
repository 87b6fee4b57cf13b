;; Wants a major version of the contract that does not exist.
(component
  (import "patchcord:block/dynamics@2.0.0" (instance)))
