//! The `patchcord` program as a whole, run as its users run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod authoring;
mod cases;
mod demo;
mod designer;
mod dev;
mod killed_server;
mod kit;
mod languages;
mod printing;
mod recorded;
mod resume;
mod secrets;
mod sign_in;
mod signals;
