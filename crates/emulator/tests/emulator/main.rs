//! The emulator over real sockets, a file a behaviour; one program, so that it is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod access;
mod admin_consent;
mod batch;
mod boundaries;
mod client_credentials;
mod closing;
mod control;
mod definitions;
mod faults;
mod fetch_xml;
mod impersonation;
mod kit;
mod limits;
mod messages;
mod portal;
mod public_clients;
mod queries;
mod refresh_failures;
mod relations;
mod request_log;
mod sessions;
mod sign_in;
mod web_api;
