//! A server that is killed between any two steps of a consent or of a refresh leaves an account that either works or
//! says that consent is required.

use std::path::Path;
use std::time::Duration;

use crate::kit::Server;
use patchcord_emulator::{Emulator, Fault, FaultKind, Route, Visitor};
use patchcord_tests::IDENTIFY_CALLER;
use reqwest::Method;
use tempfile::TempDir;
use tokio::time::sleep;

/// Moments at which a server dies, in milliseconds after the work began: from before its first request to after its end.
const MOMENTS_MS: [u64; 12] = [0, 2, 4, 6, 8, 10, 14, 18, 24, 32, 48, 80];

fn latency(route: Route, ms: u64) -> Fault {
    Fault { route, kind: FaultKind::Latency { ms }, times: 1 }
}

/// The account works, or it says that consent is required and a consent mends it.
async fn works_or_says_so(data: &Path, account: &str, emulator: &Emulator) {
    let server = Server::start(data);
    let number = emulator.caller(0).phone;
    let answer = server.api.call_from("identify-caller", &number).await.unwrap();
    let path = format!("/v1/accounts/{account}");
    let view = server.api.ask(Method::GET, &path, None).await.unwrap();
    match view["state"].as_str().unwrap() {
        "valid" => assert_eq!(answer["result"], "known", "{answer} {view}"),
        "consent_required" => {
            assert_eq!(answer["result"], "unavailable", "{answer} {view}");
            let page = server.api.consent(account, emulator).await.unwrap();
            assert!(page.contains("Connection is valid."), "{page}");
            let answer = server.api.call_from("identify-caller", &number).await.unwrap();
            assert_eq!(answer["result"], "known", "{answer}");
        }
        other => panic!("an account is never `{other}`"),
    }
}

/// A server with an account and the example scenario, nobody having consented yet.
async fn with_account(data: &Path, emulator: &Emulator) -> (Server, String) {
    let server = Server::start(data);
    let account = server.api.add_account(emulator).await.unwrap();
    server.api.publish(IDENTIFY_CALLER).await.unwrap();
    (server, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_consent() {
    let emulator = patchcord_tests::emulator(10).await.unwrap();
    let setup = emulator.setup().clone();
    // Three slow-downs, so that the moments fall before, into and after each exchange.
    let slow = [vec![], vec![latency(Route::Token, 15)], vec![latency(Route::Api, 15)]];
    for (faults, moment) in slow.iter().flat_map(|faults| MOMENTS_MS.map(|moment| (faults, moment)))
    {
        let folder = TempDir::new().unwrap();
        let (server, account) = with_account(folder.path(), &emulator).await;
        let link = server.api.request_token(&account).await.unwrap();
        emulator.clear_faults();
        faults.iter().for_each(|fault| emulator.add_fault(fault.clone()));
        let visitor = Visitor::new(&setup.user, &setup.password).unwrap();
        let signing_in = tokio::spawn(async move { visitor.visit(&link).await.ok() });
        sleep(Duration::from_millis(moment)).await;
        server.kill();
        signing_in.await.unwrap();
        emulator.clear_faults();
        works_or_says_so(folder.path(), &account, &emulator).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_refresh() {
    let emulator = patchcord_tests::emulator(10).await.unwrap();
    // The hardest provider: an old refresh token used again kills the grant.
    emulator.set_strict_refresh_rotation(true);
    let folder = TempDir::new().unwrap();
    let (server, account) = with_account(folder.path(), &emulator).await;
    server.api.consent(&account, &emulator).await.unwrap();
    server.kill();
    let number = emulator.caller(0).phone;
    for (slow, moment) in
        [0, 15].into_iter().flat_map(|slow| MOMENTS_MS.map(|moment| (slow, moment)))
    {
        let server = Server::start(folder.path());
        emulator.clear_faults();
        if slow > 0 {
            emulator.add_fault(latency(Route::Token, slow));
        }
        // A server that has just started has no access token: its first call refreshes.
        let (api, from) = (server.api.clone(), number.clone());
        let calling =
            tokio::spawn(async move { api.call_from("identify-caller", &from).await.ok() });
        sleep(Duration::from_millis(moment)).await;
        server.kill();
        calling.await.unwrap();
        emulator.clear_faults();
        works_or_says_so(folder.path(), &account, &emulator).await;
    }
}
