//! The scenario document, its checks, the variable language and the engine.
