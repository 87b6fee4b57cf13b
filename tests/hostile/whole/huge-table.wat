;; Begins with a table of a hundred million entries.
(component
  (core module $m (table 100000000 funcref))
  (core instance (instantiate $m)))
