//! The client against a far side that does what a test asks, a file a behaviour; one program, so that it is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod claims;
mod connections;
mod consent;
mod definitions;
mod exactly_once;
mod failures;
mod keeper;
mod kit;
mod lookups;
mod operations;
mod reads;
mod rehearsals;
mod secrets;
mod sharing;
mod token_endpoint;
mod tokens;
mod writes;
