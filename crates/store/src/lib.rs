//! Documents, secrets and blobs in an embedded SQLite file.
//!
//! It knows no domain type: what an account, a scenario or a run looks like is defined by whoever
//! owns it. Every write is one atomic, durable [`Batch`], which costs a disk sync each and buys
//! that what was said to be stored survives a kill. It is not a query engine: documents are found
//! by collection, key and the labels that they were written with, and that is all.

mod batch;
mod database;
mod error;
mod files;
mod key;
mod seal;
mod sealed;
mod search;
mod store;
mod write;

pub use batch::{Batch, Expect};
pub use error::StoreError;
pub use files::Held;
pub use key::KeySource;
pub use search::Search;
pub use store::{Document, Store, StoreConfig};
