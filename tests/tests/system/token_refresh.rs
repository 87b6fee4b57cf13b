//! Access tokens: refreshed once however many calls wait, and lost consent is said at once.

use futures::future::join_all;
use patchcord_tests::World;
use reqwest::Method;

fn token_requests(world: &World) -> u64 {
    world.emulator.counters().token_requests.values().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_at_expiry_cause_one_token_request() {
    let world = World::consented(20).await.unwrap();
    let number = world.emulator.caller(0).phone;
    // The strict provider kills the whole grant when an old refresh token is used twice.
    world.emulator.set_strict_refresh_rotation(true);
    world.emulator.expire_access_tokens();
    let before = token_requests(&world);
    let calls = (0..100).map(|_| world.api.call_from("identify-caller", &number));
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap()["result"], "known");
    }
    assert_eq!(token_requests(&world) - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_turns_the_account_to_consent_required() {
    let world = World::consented(20).await.unwrap();
    let number = world.emulator.caller(0).phone;
    world.emulator.revoke_refresh_tokens();
    world.emulator.expire_access_tokens();
    let answer = world.api.call_from("identify-caller", &number).await.unwrap();
    assert_eq!(answer["result"], "unavailable", "{answer}");
    let accounts = world.api.ask(Method::GET, "/v1/accounts", None).await.unwrap();
    assert_eq!(accounts[0]["state"], "consent_required", "{accounts}");
    let id = accounts[0]["id"].as_str().unwrap();

    let page = world.api.consent(id, &world.emulator).await.unwrap();
    assert!(page.contains("Connection is valid."), "{page}");
    let answer = world.api.call_from("identify-caller", &number).await.unwrap();
    assert_eq!(answer["result"], "known", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_said_and_can_be_mended() {
    let world = World::bare(5).await.unwrap();
    let id = world.api.add_account(&world.emulator).await.unwrap();
    let path = format!("/v1/accounts/{id}");
    let mut fields = patchcord_tests::account_fields(&world.emulator);
    fields["client_secret"] = "not+the&secret%".into();
    world.api.ask(Method::PUT, &path, Some(&fields)).await.unwrap();
    let page = world.api.consent(&id, &world.emulator).await.unwrap();
    assert!(page.contains("The connection is not valid."), "{page}");
    assert!(page.contains("secret"), "{page}");
    assert!(!page.contains("not+the"), "{page}");

    let fields = patchcord_tests::account_fields(&world.emulator);
    world.api.ask(Method::PUT, &path, Some(&fields)).await.unwrap();
    let page = world.api.consent(&id, &world.emulator).await.unwrap();
    assert!(page.contains("Connection is valid."), "{page}");
}
