//! The store as its users see it: through its public face, on real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod documents;
mod durability;
mod kit;
mod opening;
mod search;
mod secrets;
