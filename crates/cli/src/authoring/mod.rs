//! What authors of blocks and designers of scenarios work with on their own machine: projects in four languages, their
//! toolchains, and blocks and scenarios run without a server.

pub(crate) mod bench;
pub(crate) mod cases;
pub(crate) mod component;
mod contract;
pub(crate) mod emulated;
pub(crate) mod language;
pub(crate) mod last;
pub(crate) mod project;
pub(crate) mod report;
mod sdk;
pub(crate) mod template;
mod toolchain;
pub(crate) mod trial;
pub(crate) mod verdict;
