//! Blocks and the operator who need not trust their authors: versions, grants, signatures, folders, registries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../../../crates/runtime/tests/runtime/kit/mod.rs"]
mod fixture;
mod folders;
mod grants;
mod kit;
mod limits;
mod registry;
mod signatures;
mod versions;
