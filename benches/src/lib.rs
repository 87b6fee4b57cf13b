//! The other side of each comparison: what a layer of Patchcord is measured against, with none of its code on the path.
//!
//! Each counterpart does the same work as the layer and says when an answer is wrong; what is measured, and how often,
//! stands in `benches/`. `docs/performance.md` says how to read the differences.

mod at_once;
mod bare_reqwest;
mod bare_wasmtime;
mod client_alone;
mod cpu_time;
mod crm;
mod far_side;
mod host;
pub mod look_up;
mod ratio;
mod resident;
mod sign_in;

pub use at_once::{Work, at_once, in_turns};
pub use bare_reqwest::BareReqwest;
pub use bare_wasmtime::BareWasmtime;
pub use client_alone::client_alone;
pub use cpu_time::CpuTime;
pub use crm::CannedCrm;
pub use far_side::FarSide;
pub use host::consented;
pub use ratio::Ratio;
pub use resident::Resident;
pub use sign_in::{SignedIn, sign_in};
