//! Installing blocks and trying them: what is refused leaves nothing behind.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{World, blocks};

const SCREEN_POP: &str = "microsoft-dynamics.screen-pop";

async fn ids(world: &World) -> Vec<Value> {
    let listed = world.ask(Method::GET, "/v1/blocks").await.ok();
    listed.as_array().unwrap().iter().map(|block| block["id"].clone()).collect()
}

#[tokio::test]
async fn what_is_no_component_is_refused_and_nothing_is_installed() {
    let world = World::open().await;
    let before = ids(&world).await;
    let large = vec![0; 3 << 20];
    for bytes in [b"".to_vec(), b"no wasm".to_vec(), b"\0asm\x01\0\0\0".to_vec(), large] {
        let answer = world.tell_bytes(Method::POST, "/v1/blocks", bytes).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY);
        let detail = answer.json["detail"].as_str().unwrap();
        assert!(detail.starts_with("not a wasm component"), "{detail}");
    }
    assert_eq!(ids(&world).await, before);
    assert_eq!(std::fs::read_dir(world.data().join("blocks")).unwrap().count(), 0);
}

#[tokio::test]
async fn an_installed_block_stays_and_can_be_tried() {
    let bytes = std::fs::read(blocks().join("screen-pop.wasm")).unwrap();
    let world = World::open().await;
    let refused = world.tell_bytes(Method::POST, "/v1/blocks", bytes.clone()).await;
    assert_eq!(refused.pointers(StatusCode::CONFLICT), ["/capabilities/pop-screen"]);
    assert_eq!(refused.json["type"], "urn:patchcord:problem:capabilities-not-granted");
    assert_eq!(refused.json["problems"][0]["message"], "show a record to the agent");
    let installed = world.tell_bytes(Method::POST, "/v1/blocks?grant=pop-screen", bytes).await;
    assert_eq!(installed.status, StatusCode::CREATED, "{}", installed.text);
    assert_eq!(installed.json["id"], SCREEN_POP);
    let one = world.ask(Method::GET, &format!("/v1/blocks/{SCREEN_POP}")).await.ok();
    assert_eq!(one, installed.json);

    let world = world.reopen().await;
    let listed = world.ask(Method::GET, "/v1/blocks").await.ok();
    assert!(listed.as_array().unwrap().contains(&installed.json), "{listed}");
    let path = format!("/v1/blocks/{SCREEN_POP}/invoke");
    let id = "33333333-3333-4333-8333-333333333333";
    let body = json!({ "properties": { "object_type": "contacts", "object_id": id } });
    let answer = world.tell(Method::POST, &path, &body).await.ok();
    assert_eq!(answer["exit"], "next", "{answer}");
    assert_eq!(answer["screen_pop"], json!({ "entity_set": "contacts", "id": id }));
}

#[tokio::test]
async fn what_is_wrong_with_a_trial_is_pointed_at() {
    let world = World::with_blocks().await;
    let right = json!({ "object_type": "contacts", "object_id": "$(x)" });
    for (block, body, pointer) in [
        (SCREEN_POP, json!({ "properties": { "object_typ": "x" } }), "/properties/object_typ"),
        (SCREEN_POP, json!({ "properties": right, "account": "Nobody" }), "/account"),
        (SCREEN_POP, json!({ "properties": right, "deadline_ms": 0 }), "/deadline_ms"),
        (SCREEN_POP, json!({ "properties": right, "deadline_ms": u64::MAX }), "/deadline_ms"),
        (SCREEN_POP, json!({ "propertys": {} }), "/propertys"),
        ("core.exit", json!({}), ""),
    ] {
        let path = format!("/v1/blocks/{block}/invoke");
        let answer = world.tell(Method::POST, &path, &body).await;
        let pointers = answer.pointers(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(pointers.contains(&pointer), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_block_that_needs_an_account_says_so() {
    let world = World::with_blocks().await;
    let path = "/v1/blocks/microsoft-dynamics.delete-object/invoke";
    let id = "33333333-3333-4333-8333-333333333333";
    let body = json!({ "properties": { "object_type": "contacts", "object_id": id } });
    let answer = world.tell(Method::POST, path, &body).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/account"], "{}", answer.text);
}

#[tokio::test]
async fn other_bytes_under_a_version_are_refused() {
    let mut bytes = std::fs::read(blocks().join("screen-pop.wasm")).unwrap();
    let world = World::with_blocks().await;
    let path = format!("/v1/blocks/{SCREEN_POP}");
    let before = world.ask(Method::GET, &path).await.ok();
    let same = world.tell_bytes(Method::POST, "/v1/blocks", bytes.clone()).await;
    assert_eq!(same.status, StatusCode::CREATED, "the same bytes are no news: {}", same.text);
    // A custom section without content: the same block with another digest.
    bytes.extend([0, 2, 1, b'x']);
    let refused = world.tell_bytes(Method::POST, "/v1/blocks", bytes).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(refused.json["type"], "urn:patchcord:problem:version-taken");
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(detail.contains(before["digest"].as_str().unwrap()), "{detail}");
    let after = world.ask(Method::GET, &path).await.ok();
    assert_eq!(after["digest"], before["digest"]);
    assert_eq!(after["versions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_capability_that_there_is_not_is_refused() {
    let world = World::open().await;
    for (query, told) in [
        ("grant=everything", "`everything` is no capability"),
        ("grant=query,table:", "`table:` is no capability"),
        ("force=1", "there is no parameter `force`"),
    ] {
        let answer =
            world.tell_bytes(Method::POST, &format!("/v1/blocks?{query}"), Vec::new()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert!(answer.text.contains(told), "{}", answer.text);
    }
    let path = format!("/v1/blocks/{SCREEN_POP}/grants");
    let body = json!({ "capabilities": ["everything"] });
    let answer = world.tell(Method::PUT, &path, &body).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/capabilities/0"]);
}
