//! The HTTP API and the console, over real sockets. One program, so that it is linked once; a file a behaviour.
//!
//! What needs Entra ID and Dynamics 365 on the far side finds the few answers that it needs in `kit::FarSide`; calls
//! through the emulator are tested with the whole system.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod access;
mod accounts;
mod agents;
mod audit;
mod blocks;
mod browsers;
mod calls;
mod cases;
mod consent;
mod drafts;
mod engine_blocks;
mod kept_cases;
mod keys;
mod kit;
mod moving;
mod routes;
mod scenarios;
mod sign_in;
mod statistics;
mod system;
mod tls;
mod trial_cases;
mod trying;
mod under_way;
mod users;
