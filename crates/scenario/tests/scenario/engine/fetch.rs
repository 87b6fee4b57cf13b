//! Fetch URL: what is asked, and which exit an answer leads to.

use patchcord_scenario::{FailureKind, FetchError, FetchRequest, Fetched};
use serde_json::{Value, json};

use crate::kit::{Kit, answer, document, exit, instance, way};

fn answers(status: u16, body: &'static str) -> Kit {
    Kit::new().web(move |_: &FetchRequest| Ok(Fetched { status, body: body.into() }))
}

fn fetch(properties: Value) -> Value {
    let mut all = json!({"url": "https://a.example/p/$(x)"});
    all.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
    let exits = json!({"next": "end", "no_data": "none", "failed": "failed", "timeout": "late"});
    let read = json!({"code": "$(fetchURLResultCode)", "body": "$(fetchURLResultBody)"});
    document(json!([
        instance("fetch", "core.fetch-url", all, exits),
        answer("end", read),
        exit("none"),
        exit("failed"),
        exit("late"),
    ]))
}

#[test]
fn an_answer_is_in_variables() {
    let kit = answers(200, r#"{"name": "Ann", "n": 1}"#);
    let finished = kit.run(&fetch(json!({"result_variable": "who"})), json!({"x": "a/b"}));
    assert_eq!(way(&finished), ["fetch:next", "end"]);
    assert_eq!(finished.answer["code"], 200);
    assert_eq!(finished.answer["body"], r#"{"name": "Ann", "n": 1}"#);
    let all = finished.variables_for(None);
    assert_eq!(all["who"], json!({"name": "Ann", "n": 1}));
    assert!(!all.contains_key("fetchURLResultBody"), "a bare answer is told where it is asked for");
    let request = &kit.fetched()[0];
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("GET", "https://a.example/p/a%2Fb")
    );
    assert_eq!((request.headers.as_slice(), &request.body), (&[][..], &None));
}

#[test]
fn a_body_is_sent_with_its_type_and_a_key_that_a_server_can_recognise() {
    let sent = |properties: Value| {
        let kit = answers(200, "ok");
        let finished = kit.run(&fetch(properties), json!({"x": "1"}));
        assert_eq!(finished.result, "end", "{:?}", finished.steps[0].failure);
        kit.fetched().remove(0)
    };
    let json = sent(json!({
        "method": "POST", "body": {"a": "$(x)"}, "parameters": {"n": 1, "t": "a&b"}, "headers": {"X-Mine": "$(x)"},
    }));
    assert_eq!(json.body.as_deref(), Some(r#"{"a":"1"}"#));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(json.parameters, [pair("n", "1"), pair("t", "a&b")]);
    let named = |request: &FetchRequest, name: &str| {
        let found = request.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(named(&json, "Content-Type").as_deref(), Some("application/json"));
    assert_eq!(named(&json, "X-Mine").as_deref(), Some("1"));
    let again = sent(json!({"method": "POST"}));
    assert_eq!(
        named(&again, "Idempotency-Key"),
        named(&json, "Idempotency-Key"),
        "one run, step and visit"
    );
    let text = sent(json!({"method": "PUT", "body": "a $(x)", "content_type": "text/csv"}));
    assert_eq!(text.body.as_deref(), Some("a 1"));
    assert_eq!(named(&text, "Content-Type").as_deref(), Some("text/csv"));
}

#[test]
fn every_way_out() {
    let of = |kit: Kit, properties: Value| {
        let finished = kit.run(&fetch(properties), json!({"x": "1"}));
        (finished.result.clone(), finished.steps[0].failure.as_ref().map(|failure| failure.kind))
    };
    let result = || json!({"result_variable": "who"});
    assert_eq!(of(answers(204, ""), json!({})), ("none".into(), None));
    assert_eq!(of(answers(200, "[]"), result()), ("none".into(), None));
    assert_eq!(of(answers(200, "[]"), json!({})), ("end".into(), None));
    assert_eq!(of(answers(200, "text"), result()), ("failed".into(), Some(FailureKind::Failed)));
    assert_eq!(
        of(answers(503, "down"), json!({})),
        ("failed".into(), Some(FailureKind::Unavailable))
    );
    let late = Kit::new().web(|_: &FetchRequest| {
        Err(FetchError { kind: FailureKind::Timeout, message: "late".into() })
    });
    assert_eq!(of(late, json!({})), ("late".into(), Some(FailureKind::Timeout)));
    assert_eq!(of(Kit::new(), json!({})), ("failed".into(), Some(FailureKind::PolicyDenied)));
}

#[test]
fn after_the_deadline_nothing_is_asked() {
    let kit = answers(200, "x");
    let finished = kit.run_until(&fetch(json!({})), json!({"x": "1"}), std::time::Instant::now());
    assert_eq!((finished.result.as_str(), kit.fetched().len()), ("late", 0));
}
