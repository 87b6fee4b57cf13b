//! What a fault in a document is called, and where it is said to be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../kit/mod.rs"]
mod kit;

mod accounts;
mod columns;
mod document;
mod exits;
mod failures;
mod good;
mod other_scenarios;
mod properties;
mod variables;
