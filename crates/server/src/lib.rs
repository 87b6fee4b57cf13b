//! The HTTP face of Patchcord: the API for call flows, designers and administrators, and the console.
//!
//! Nothing is decided here: a request is read, handed to [`patchcord::Patchcord`], and its answer written. Errors are
//! problem documents (RFC 9457).

mod access;
mod api;
mod body;
mod console;
mod parameters;
mod precondition;
mod problem;
mod routes;
mod server;
mod system;
mod tls;

pub use server::{Server, ServerConfig, ServerError};
pub use system::record_metrics;
pub use tls::{TlsError, TlsFiles, TlsReload};
