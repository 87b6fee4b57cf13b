//! The hook-ups under `examples/call-flows`, run as they are: a SIP proxy, a TwiML webhook, a shell script.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod program;
mod sip;
mod switchboard;

use std::path::{Path, PathBuf};

use patchcord::Scope;
use patchcord_tests::World;
use secrecy::SecretString;

/// What the examples lie in.
fn examples() -> PathBuf {
    std::path::absolute(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/call-flows"))
        .unwrap()
}

/// Where a scenario is run.
fn runs_of(world: &World, scenario: &str) -> String {
    world.api.url.join(&format!("/v1/scenarios/{scenario}/runs")).unwrap().into()
}

/// A token that may run scenarios and nothing else, as the documentation tells call flows to have.
async fn token(world: &World) -> SecretString {
    world.patchcord.issue_token("call flow", Scope::Run).await.unwrap().token
}
