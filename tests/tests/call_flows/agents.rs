//! An agent's desktop: the caller is looked up, and the record opens in Dynamics 365.

use patchcord_tests::World;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::token;

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_s_record_is_popped_with_its_address() {
    let world = World::consented(20).await.unwrap();
    let url = world.api.url.join("/v1/agents/ann@contoso.example/events").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.get(url).bearer_auth(token(&world).await.expose_secret());
    let mut stream = request.send().await.unwrap().error_for_status().unwrap();

    let caller = world.emulator.caller(0);
    let variables =
        json!({ "item": { "from": caller.phone }, "user": { "login": "Ann@contoso.example" } });
    let body = json!({ "variables": variables });
    let path = "/v1/scenarios/identify-caller/runs";
    let answer = world.api.ask(Method::POST, path, Some(&body)).await.unwrap();

    let mut told = String::new();
    while !told.ends_with("\n\n") {
        let chunk = stream.chunk().await.unwrap().unwrap();
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let data = told.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let event: Value = serde_json::from_str(data).unwrap();
    assert_eq!(event["run"], answer["run"]);
    assert_eq!(event["entity_set"], "contacts");
    assert_eq!(event["id"], caller.contact_id.to_string());
    let api = &world.emulator.setup().api_url;
    let page = api.split("/api/").next().unwrap();
    let id = caller.contact_id;
    let expected = format!("{page}/main.aspx?pagetype=entityrecord&etn=contact&id={id}");
    assert_eq!(event["url"], expected);
}
