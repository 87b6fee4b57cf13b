//! The runtime from outside: what blocks may do, what they are kept from, and what is seen of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod kit;

mod effects;
mod limited;
mod limits;
mod loading;
mod microsoft_blocks;
mod observed;
mod older_blocks;
