;; Wants the environment of the process and the files of the host.
(component
  (import "wasi:cli/environment@0.2.6" (instance))
  (import "wasi:filesystem/preopens@0.2.6" (instance)))
