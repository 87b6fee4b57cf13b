//! Export and import: from one host to another, with other names for accounts, with blocks, and nothing by halves.

use patchcord::Scope;
use reqwest::{Method, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::kit::{Answer, CLIENT_SECRET, World, account, greeting};

const EXPORT: &str = "/v1/export";
const IMPORT: &str = "/v1/import";

/// A scenario that selects an account.
fn selecting(name: &str, account: &str) -> Value {
    json!({
        "patchcord": "1.0", "name": name, "start": "account",
        "blocks": [
            {
                "id": "account", "block": "microsoft-dynamics.select-account",
                "properties": { "account": account }, "exits": { "next": "end", "failed": "end" }
            },
            { "id": "end", "block": "core.exit", "account": account, "properties": { "result": "selected" } }
        ]
    })
}

fn named(name: &str) -> Value {
    let mut scenario = greeting();
    scenario["name"] = name.into();
    scenario
}

async fn import(world: &World, how: &str, bundle: impl Into<reqwest::Body>) -> Answer {
    world.tell_bytes(Method::POST, &format!("{IMPORT}{how}"), bundle).await
}

/// The bytes of an archive.
async fn archive(world: &World, query: &str) -> Vec<u8> {
    let request = world.authorized(Method::GET, &format!("/v1/export.zip{query}"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/zip");
    response.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn what_is_exported_names_accounts_and_blocks_and_holds_no_secret() {
    let world = World::with_blocks().await;
    let id = world.add_account(&account("Sales")).await;
    world.publish(&selecting("select", "Sales")).await;
    let draft = world.tell(Method::PUT, "/v1/scenarios/draft/draft", &named("draft")).await;
    draft.ok();
    let routes = json!({ "routes": [], "default": "select" });
    world.tell(Method::PUT, "/v1/routes", &routes).await.ok();

    let answer = world.ask(Method::GET, &format!("{EXPORT}?routes=true")).await;
    assert!(!answer.text.contains(CLIENT_SECRET) && !answer.text.contains(&id), "{}", answer.text);
    let all = answer.ok();
    let names: Vec<&Value> = all["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scenario| &scenario["document"]["name"])
        .collect();
    assert_eq!(names, ["draft", "select"]);
    assert_eq!(
        (&all["scenarios"][0]["version"], &all["scenarios"][1]["version"]),
        (&json!(null), &json!(1))
    );
    let at = [
        "/scenarios/1/document/blocks/0/properties/account",
        "/scenarios/1/document/blocks/1/account",
    ];
    let mut accounts = all["accounts"].clone();
    accounts[0]["at"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    assert_eq!(accounts, json!([{ "name": "Sales", "at": at }]));
    assert_eq!(all["blocks"][0]["id"], "microsoft-dynamics.select-account");
    assert_eq!(all["routes"], routes);

    let one = world.ask(Method::GET, &format!("{EXPORT}?scenario=select@1")).await.ok();
    assert_eq!(one["scenarios"].as_array().unwrap().len(), 1);
    for unknown in ["nothing", "select@2", "select@draft"] {
        let answer = world.ask(Method::GET, &format!("{EXPORT}?scenario={unknown}")).await;
        answer.problem(StatusCode::NOT_FOUND);
    }
    for wrong in ["scenario=a@newest", "routes=perhaps", "blocks=1"] {
        let answer = world.ask(Method::GET, &format!("{EXPORT}?{wrong}")).await;
        answer.problem(StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn scenarios_become_drafts_and_what_is_missing_is_told() {
    let from = World::with_blocks().await;
    from.add_account(&account("Sales")).await;
    from.publish(&selecting("select", "Sales")).await;
    from.publish(&named("greeting")).await;
    let bundle = from.ask(Method::GET, EXPORT).await.text;

    let to = World::open().await;
    let imported = import(&to, "", bundle.clone()).await.ok();
    assert_eq!(imported["missing"]["accounts"], json!(["Sales"]));
    assert_eq!(imported["missing"]["blocks"][0]["id"], "microsoft-dynamics.select-account");
    assert_eq!(
        imported["scenarios"][0],
        json!({ "name": "greeting", "version": null, "problems": [] })
    );
    assert_eq!(imported["scenarios"][1]["problems"][0]["pointer"], "/blocks/0/block");
    let draft = to.ask(Method::GET, "/v1/scenarios/greeting/draft").await.ok();
    assert_eq!(draft["document"], named("greeting"));

    import(&to, "", bundle.clone()).await.problem(StatusCode::CONFLICT);
    import(&to, "?overwrite=true", bundle).await.ok();
}

#[tokio::test]
async fn an_import_can_be_looked_at_before_anything_is_done() {
    let from = World::with_blocks().await;
    from.add_account(&account("Sales")).await;
    from.publish(&selecting("select", "Sales")).await;
    from.publish(&named("greeting")).await;
    let zip = archive(&from, "?routes=true").await;

    let to = World::open().await;
    to.publish(&named("greeting")).await;
    let looked = async |how: &str| import(&to, &format!("/check{how}"), zip.clone()).await;
    let preview = looked("").await.ok();
    let names = |preview: &Value| {
        let each = preview["scenarios"].as_array().unwrap().iter();
        each.map(|one| (one["name"].clone(), one["version"].clone())).collect::<Vec<_>>()
    };
    let here = (json!("greeting"), json!(1));
    assert_eq!(names(&preview), [here, (json!("select"), json!(null))]);
    assert_eq!(preview["installs"][0]["id"], "microsoft-dynamics.select-account");
    assert_eq!(preview["missing"], json!({ "accounts": ["Sales"], "blocks": [] }));
    assert_eq!(preview["routes"], 0);
    // The block comes with it, the account does not.
    let problems = preview["scenarios"][1]["problems"].as_array().unwrap();
    let pointers: Vec<_> = problems.iter().map(|problem| &problem["pointer"]).collect();
    assert_eq!(pointers, ["/blocks/1/account"]);
    let listed = to.ask(Method::GET, "/v1/scenarios").await.ok();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["draft"]), (1, &json!(null)));
    let blocks = to.ask(Method::GET, "/v1/blocks").await;
    assert!(!blocks.text.contains("select-account"), "{}", blocks.text);
    assert!(!to.ask(Method::GET, "/v1/audit").await.text.contains("scenario.import"));

    let fewer = looked("?skip=select&rename=greeting=hello").await.ok();
    assert_eq!(names(&fewer), [(json!("hello"), json!(null))]);
    assert_eq!(fewer["installs"], json!([]));
    assert_eq!(fewer["missing"]["accounts"], json!([]));
    let lost = looked("?skip=nothing").await;
    assert_eq!(lost.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/scenarios"]);
}

#[tokio::test]
async fn scenarios_of_an_import_are_left_out_or_get_another_name() {
    let from = World::open().await;
    from.publish(&named("greeting")).await;
    from.publish(&named("other")).await;
    let routes = json!({ "routes": [], "default": "greeting" });
    from.tell(Method::PUT, "/v1/routes", &routes).await.ok();
    let bundle = from.ask(Method::GET, "/v1/export?routes=true").await.text;

    let to = World::open().await;
    let how = "?publish=true&routes=true&skip=other&rename=greeting=hello";
    let imported = import(&to, how, bundle.clone()).await.ok();
    assert_eq!(imported["scenarios"][0]["name"], "hello");
    assert_eq!(imported["scenarios"].as_array().unwrap().len(), 1);
    assert_eq!(to.ask(Method::GET, "/v1/routes").await.ok()["default"], "hello");
    let twice = import(&to, "?rename=greeting=other", bundle).await;
    assert_eq!(twice.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/scenarios/1/document/name"]);
}

#[tokio::test]
async fn all_of_an_import_is_published_or_nothing() {
    let from = World::with_blocks().await;
    from.add_account(&account("Sales")).await;
    from.publish(&selecting("select", "Sales")).await;
    from.publish(&named("greeting")).await;
    let routes =
        json!({ "routes": [{ "name": "r", "when": { "queue": "q" }, "scenario": "select" }] });
    from.tell(Method::PUT, "/v1/routes", &routes).await.ok();
    let bundle = from.ask(Method::GET, &format!("{EXPORT}?routes=true")).await.text;

    let to = World::with_blocks().await;
    to.add_account(&account("CRM")).await;
    let refused = import(&to, "?publish=true&routes=true", bundle.clone()).await;
    let pointers = refused.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        pointers.contains(&"/scenarios/1/document/blocks/0/properties/account"),
        "{}",
        refused.text
    );
    assert_eq!(to.ask(Method::GET, "/v1/scenarios").await.ok(), json!([]));

    let how = "?publish=true&routes=true&account=Sales=CRM";
    let imported = import(&to, how, bundle.clone()).await.ok();
    assert_eq!(imported["missing"], json!({ "accounts": [], "blocks": [] }));
    assert_eq!(
        (&imported["routes"], &imported["scenarios"][1]["version"]),
        (&json!(true), &json!(1))
    );
    let answer =
        to.tell(Method::POST, "/v1/runs", &json!({ "variables": { "item.queue": "q" } })).await;
    assert_eq!(answer.ok()["result"], "selected");
    let published = to.ask(Method::GET, "/v1/scenarios/select").await.ok();
    assert_eq!(published["document"], selecting("select", "CRM"));

    let mut lost: Value = serde_json::from_str(&bundle).unwrap();
    lost["routes"]["routes"][0]["scenario"] = "nowhere".into();
    let refused = import(&to, how, lost.to_string()).await;
    let pointers = refused.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers, ["/routes/routes/0/scenario"]);
    assert_eq!(to.ask(Method::GET, "/v1/scenarios/select").await.ok()["version"], 1);
}

#[tokio::test]
async fn what_is_no_export_is_refused_with_its_place() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let good = world.ask(Method::GET, EXPORT).await.ok();
    let with = |pointer: &str, value: Value| {
        let mut bundle = good.clone();
        *bundle.pointer_mut(pointer).unwrap() = value;
        bundle.to_string()
    };
    let twice = json!([good["scenarios"][0], good["scenarios"][0]]);
    for (how, bundle, pointer) in [
        ("", "{".to_owned(), ""),
        ("", "{}".to_owned(), ""),
        ("", with("/patchcord_export", json!("2.0")), "/patchcord_export"),
        (
            "",
            with("/scenarios/0/document/blocks/0/id", json!(1)),
            "/scenarios/0/document/blocks/0/id",
        ),
        ("", with("/scenarios/0/document/name", json!("No Name")), "/scenarios/0/document/name"),
        ("", with("/scenarios", twice), "/scenarios/1/document/name"),
        ("?account=a=b", good.to_string(), "/accounts"),
        (
            "?account=a=b",
            with("/accounts", json!([{ "name": "a", "at": ["/patchcord_export"] }])),
            "/accounts/0/at/0",
        ),
        ("?routes=true", good.to_string(), "/routes"),
        ("?routes=true&publish=true", good.to_string(), "/routes"),
    ] {
        let refused = import(&world, how, bundle).await;
        assert_eq!(
            refused.pointers(StatusCode::UNPROCESSABLE_ENTITY),
            [pointer],
            "{}",
            refused.text
        );
    }
    let broken = import(&world, "", "PK\u{3}\u{4} broken").await;
    broken.problem(StatusCode::UNPROCESSABLE_ENTITY);
    for wrong in ["?account=a", "?publish=1", "?into=b", "?grant=everything"] {
        import(&world, wrong, good.to_string()).await.problem(StatusCode::BAD_REQUEST);
    }
    world.ask(Method::GET, "/v1/scenarios/greeting/draft").await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn blocks_travel_with_their_scenarios_and_are_granted_on_arrival() {
    let from = World::with_blocks().await;
    from.add_account(&account("CRM")).await;
    let mut searching = selecting("search", "CRM");
    searching["blocks"][0] = json!({
        "id": "account", "block": "microsoft-dynamics.search-object", "account": "CRM",
        "properties": { "object_type": "contacts", "query": "$top=1", "recordset": "R" },
        "exits": { "next": "end", "no_data": "end", "failed": "end" }
    });
    from.publish(&searching).await;
    let zip = archive(&from, "?scenario=search").await;

    let to = World::open().await;
    to.add_account(&account("CRM")).await;
    let designer = to.patchcord.issue_token("designer", Scope::Design).await.unwrap().token;
    let request = to.request(Method::POST, IMPORT).bearer_auth(designer.expose_secret());
    to.send(request.body(zip.clone())).await.problem(StatusCode::FORBIDDEN);
    let refused = import(&to, "?publish=true", zip.clone()).await;
    assert!(
        refused.pointers(StatusCode::CONFLICT).contains(&"/capabilities/query"),
        "{}",
        refused.text
    );

    // Granted and installed, but the scenario is refused: nothing stays.
    let elsewhere = "?publish=true&grant=query,table:*&account=CRM=Nobody";
    let refused = import(&to, elsewhere, zip.clone()).await;
    refused.problem(StatusCode::UNPROCESSABLE_ENTITY);
    to.ask(Method::GET, "/v1/blocks/microsoft-dynamics.search-object")
        .await
        .problem(StatusCode::NOT_FOUND);
    let again = import(&to, "?publish=true", zip.clone()).await;
    again.problem(StatusCode::CONFLICT);

    let imported = import(&to, "?publish=true&grant=query,table:*", zip.clone()).await.ok();
    assert_eq!(imported["installed"][0]["id"], "microsoft-dynamics.search-object");
    assert_eq!(imported["scenarios"][0]["version"], 1);
    let pins = |world: Value| world["pins"].clone();
    let here = pins(to.ask(Method::GET, "/v1/scenarios/search").await.ok());
    assert_eq!(here, pins(from.ask(Method::GET, "/v1/scenarios/search").await.ok()));
    // What is here already needs nobody's leave.
    let request = to.request(Method::POST, IMPORT).bearer_auth(designer.expose_secret());
    assert_eq!(to.send(request.body(zip)).await.ok()["installed"], json!([]));
}
