//! `$batch`: many requests in one, read from `multipart/mixed`, run in order over one database
//! connection, change sets all or nothing.
//!
//! The whole message is read before its first request runs, so that a malformed one changes
//! nothing; Dataverse reads as it goes. It does not know what a request means: that is the
//! business of whoever is handed the single requests.

pub(crate) mod address;
pub(crate) mod execute;
pub(crate) mod fault;
pub(crate) mod multipart;
pub(crate) mod operation;
pub(crate) mod reading;
pub(crate) mod references;
pub(crate) mod requests;
pub(crate) mod writing;
