//! What lies under `examples` for call flows, run as it is: a SIP proxy, a TwiML webhook, a shell script, an agent's desktop,
//! and the scenario for after the call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod agents;
mod log_call;
mod program;
mod shell;
mod sip;
mod switchboard;
mod twiml;

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
