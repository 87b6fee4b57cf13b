//! Whole-system tests over real sockets.
