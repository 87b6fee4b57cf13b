//! The guest SDK: what a block author depends on.
