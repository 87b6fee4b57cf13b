//! The whole system over real sockets, a behaviour a module. One program, because each more would be linked for itself; what
//! measures its process, or searches all that it has written, is a program of its own beside this one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod certificate;
mod consent;
mod data_is_never_query;
mod dry_run;
mod exactly_once;
mod first_call;
mod foreign_odata;
mod foreign_provider;
mod microsoft_clients;
mod open_case;
mod other_clients;
mod queries_of_blocks;
mod throttled_account;
mod token_refresh;
