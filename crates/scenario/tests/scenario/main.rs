//! The scenario document and the engine from outside, with blocks that are closures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod kit;

mod any_document;
mod checks;
mod engine;
mod examples;
mod failures;
mod observed;
