;; Begins with 4 GiB of memory.
(component
  (core module $m (memory 65536))
  (core instance (instantiate $m)))
