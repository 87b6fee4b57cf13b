//! What a caller or a record brings reaches Dynamics 365 as data, never as query, whatever characters it holds.

use std::collections::BTreeMap;

use patchcord_tests::World;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The query options of the last request that the emulator saw.
fn last_options(world: &World) -> BTreeMap<String, String> {
    let entry = world.emulator.log().pop().expect("a request came in");
    entry.options.into_iter().collect()
}

/// Text that is hard on quoting, and any text at all.
fn awkward() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-+'\"&)(%#=?/;$_\\[\\] a0]{0,24}",
        Just("' or 1 eq 1 or telephone1 eq '".to_owned()),
        Just("1&$top=5000".to_owned()),
        Just("$(item.from)".to_owned()),
    ]
}

fn runner() -> TestRunner {
    TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() })
}

#[test]
fn a_callers_number_is_one_literal() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::consented(20)).unwrap();
    runner()
        .run(&awkward(), |number| {
            let answer = runtime.block_on(world.api.call_from("identify-caller", &number)).unwrap();
            prop_assert_eq!(&answer["result"], "unknown", "{}", answer);
            let options = last_options(&world);
            let literal = format!("'{}'", number.replace('\'', "''"));
            let filter = format!("telephone1 eq {literal} or mobilephone eq {literal}");
            prop_assert_eq!(options.get("$filter"), Some(&filter));
            let names: Vec<&str> = options.keys().map(String::as_str).collect();
            prop_assert_eq!(names, ["$filter", "$select", "$top"]);
            Ok(())
        })
        .unwrap();
}

/// Searches for a part of a text, and makes a record that holds it.
const ELSEWHERE: &str = r#"{
  "patchcord": "1.0", "name": "elsewhere", "start": "search",
  "blocks": [
    { "id": "search", "block": "microsoft-dynamics.search-object",
      "properties": { "object_type": "leads", "recordset": "Found",
        "query": "$filter=contains(subject,'$(x)') and lastname ne '$(x)'&$select=leadid&$top=1" },
      "exits": { "next": "make", "no_data": "make" } },
    { "id": "make", "block": "microsoft-dynamics.create-object",
      "properties": { "object_type": "leads", "id_variable": "lead",
        "fields": { "subject": "<$(x)>" }, "raw_json": "{\"lastname\": \"$(x)!\"}" },
      "exits": { "next": "done" } },
    { "id": "done", "block": "core.exit", "properties": { "result": "done" } }
  ]
}"#;

#[test]
fn a_part_of_a_text_and_the_columns_of_a_record_are_data_too() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::consented(20)).unwrap();
    runtime.block_on(world.api.publish(ELSEWHERE)).unwrap();
    let subjects =
        awkward().prop_filter("fits into the column", |x| x.encode_utf16().count() <= 48);
    runner()
        .run(&subjects, |x| {
            let body = json!({ "variables": { "x": x } });
            let path = "/v1/scenarios/elsewhere/runs";
            let answer = runtime.block_on(world.api.ask(Method::POST, path, Some(&body))).unwrap();
            prop_assert_eq!(&answer["result"], "done", "{}", answer);

            let log = world.emulator.log();
            let search = log.iter().rev().find(|entry| entry.method == "GET").unwrap();
            let quoted = x.replace('\'', "''");
            let without_wildcards: String = quoted
                .chars()
                .map(|c| if "%_[".contains(c) { format!("[{c}]") } else { c.to_string() })
                .collect();
            let filter =
                format!("contains(subject,'{without_wildcards}') and lastname ne '{quoted}'");
            let sent = search.options.iter().find(|(name, _)| name == "$filter");
            prop_assert_eq!(sent.map(|(_, value)| value), Some(&filter));

            let create = log.iter().rev().find(|entry| entry.method == "PATCH").unwrap();
            let columns: Value = serde_json::from_str(&create.request_body).unwrap();
            let expected = json!({ "lastname": format!("{x}!"), "subject": format!("<{x}>") });
            prop_assert_eq!(columns, expected);
            Ok(())
        })
        .unwrap();
}
