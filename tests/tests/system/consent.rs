//! Consent through the pages of Entra ID, with each family of endpoints.

use patchcord_tests::{IDENTIFY_CALLER, World, account_fields};
use reqwest::Method;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn v1_endpoints_work_as_v2_do() {
    let world = World::bare(5).await.unwrap();
    let setup = world.emulator.setup();
    let mut fields = account_fields(&world.emulator);
    fields["authorization_url"] = setup.authorization_url_v1.as_str().into();
    fields["token_url"] = setup.token_url_v1.as_str().into();
    let account = world.api.ask(Method::POST, "/v1/accounts", Some(&fields)).await.unwrap();
    let page = world.api.consent(account["id"].as_str().unwrap(), &world.emulator).await.unwrap();
    assert!(page.contains("Connection is valid."), "{page}");
    world.api.publish(IDENTIFY_CALLER).await.unwrap();
    let caller = world.emulator.caller(0);
    let answer = world.api.call_from("identify-caller", &caller.phone).await.unwrap();
    assert_eq!(answer["variables"]["caller_name"], caller.full_name.as_str(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_says_who_consented() {
    let world = World::consented(5).await.unwrap();
    let accounts = world.api.ask(Method::GET, "/v1/accounts", None).await.unwrap();
    assert_eq!(accounts[0]["state"], "valid");
    assert_eq!(accounts[0]["identity"]["user_name"], world.emulator.setup().user.as_str());
    let path = format!("/v1/accounts/{}/test", accounts[0]["id"].as_str().unwrap());
    let tested = world.api.ask(Method::POST, &path, None).await.unwrap();
    assert_eq!(tested["identity"], accounts[0]["identity"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_works_once() {
    let world = World::bare(5).await.unwrap();
    let account = world.api.add_account(&world.emulator).await.unwrap();
    let link = world.api.request_token(&account).await.unwrap();
    let setup = world.emulator.setup();
    let visitor = patchcord_emulator::Visitor::new(&setup.user, &setup.password).unwrap();
    let first = visitor.visit(&link).await.unwrap();
    assert!(first.text.contains("Connection is valid."), "{}", first.text);
    let second = visitor.visit(&link).await.unwrap();
    assert!(second.text.contains("The connection is not valid."), "{}", second.text);
    let view = world.api.ask(Method::GET, &format!("/v1/accounts/{account}"), None).await.unwrap();
    assert_eq!(view["state"], "valid", "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_whose_account_has_no_consent_is_warned_of_until_it_has() {
    let world = World::bare(5).await.unwrap();
    let account = world.api.add_account(&world.emulator).await.unwrap();
    let document: Value = serde_json::from_str(IDENTIFY_CALLER).unwrap();
    let warnings = async || {
        let answer = world.api.ask(Method::POST, "/v1/check", Some(&document)).await.unwrap();
        let problems = answer["problems"].as_array().unwrap().clone();
        assert!(problems.iter().all(|problem| problem["severity"] == "warning"), "{problems:?}");
        let told = problems.iter().map(|problem| problem["message"].as_str().unwrap().to_owned());
        told.filter(|message| message.starts_with("integration account `")).collect::<Vec<_>>()
    };
    let [told] = warnings().await.try_into().unwrap();
    assert!(told.contains("no token has been requested yet; press Request token"), "{told}");
    let published = world.api.publish(IDENTIFY_CALLER).await.unwrap();
    assert!(published.to_string().contains("press Request token"), "{published}");

    world.api.consent(&account, &world.emulator).await.unwrap();
    assert_eq!(warnings().await, <[String; 0]>::default());

    // A call finds that the consent is gone; the checks know it from then on.
    world.emulator.revoke_refresh_tokens();
    world.emulator.expire_access_tokens();
    let answer = world.api.call_from("identify-caller", "+1").await.unwrap();
    let [told] = warnings().await.try_into().unwrap();
    assert!(told.contains("press Request token and sign in again"), "{told}, {answer}");
}
