//! The shell script for an IVR: a word on stdout, and a status.

use std::process::Command;

use patchcord_emulator::{Fault, FaultKind, Route};
use patchcord_tests::World;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::{examples, token};

const FIND_CALLER: &str = include_str!("../../../examples/scenarios/find-caller.json");

async fn world() -> World {
    let world = World::consented(20).await.unwrap();
    world.api.publish(FIND_CALLER).await.unwrap();
    world
}

/// Asks about a call from `number`. What is printed, and the exit status.
async fn ask(world: &World, number: &str, settings: &[(&str, &str)]) -> (String, i32) {
    let mut command = Command::new("sh");
    let call = format!("a \"call\" {}", Uuid::new_v4());
    command.arg(examples().join("curl/route-call.sh")).args([number, "desk", &call]);
    command.env("PATCHCORD_TOKEN", token(world).await.expose_secret());
    command.env("PATCHCORD_URL", world.api.url.as_str().trim_end_matches('/'));
    command.env("no_proxy", "*").envs(settings.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_result_is_printed() {
    let world = world().await;
    let known = world.emulator.caller(0).phone;
    assert_eq!(ask(&world, &known, &[]).await, ("known\n".into(), 0));
    for unknown in ["+999", "x' or \"1\" $(id) &", ""] {
        assert_eq!(ask(&world, unknown, &[]).await, ("unknown\n".into(), 0), "{unknown}");
    }
    let fault = Fault { route: Route::Api, kind: FaultKind::CutBefore, times: u32::MAX };
    world.emulator.add_fault(fault);
    let other = world.emulator.caller(8).phone;
    assert_eq!(ask(&world, &other, &[]).await, ("unavailable\n".into(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_the_fallback_is_printed() {
    let world = world().await;
    for wrong in [
        ("PATCHCORD_URL", "http://127.0.0.1:1"),
        ("PATCHCORD_TOKEN", "pc_wrong_token"),
        ("PATCHCORD_SCENARIO", "missing"),
        ("DEADLINE_MS", "soon"),
    ] {
        let answer = ask(&world, "+999", &[wrong, ("FALLBACK", "general")]).await;
        assert_eq!(answer, ("general\n".into(), 1), "{wrong:?}");
    }
}
