//! What a block's author works with on his own machine: projects in four languages, their toolchains, and blocks run
//! without a server.

pub(crate) mod cases;
pub(crate) mod component;
mod contract;
pub(crate) mod emulated;
pub(crate) mod language;
pub(crate) mod last;
pub(crate) mod project;
mod sdk;
pub(crate) mod template;
mod toolchain;
pub(crate) mod trial;
pub(crate) mod verdict;
