//! The commands, a module each.

pub(crate) mod account;
mod account_tables;
pub(crate) mod block;
pub(crate) mod demo;
pub(crate) mod dev;
pub(crate) mod emulator;
pub(crate) mod route;
pub(crate) mod run;
pub(crate) mod scenario;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod user;
