//! What a block may do to a run and to the CRM: all that its manifest declares, nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::kit::{self, Asked, DONE, Fixture, QUERY, SET, contacts, invocation, invoke};
use patchcord_runtime::testing::StubCrm;
use patchcord_runtime::{
    Crm, CrmError, CrmErrorKind, Effect, HostFunction, Invoked, LastAnswer, Operation, Query,
    QueryText, ReadOptions, RecordSet, ScreenPop, StepError,
};
use serde_json::{Value, json};

fn crash(invoked: &Invoked) -> &str {
    match &invoked.result {
        Err(StepError::Crashed { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn declared_effects_come_out_in_order() {
    let effects = [
        Asked::Variable("answer", r#"{"n": 1.50}"#),
        Asked::Recordset("RS"),
        Asked::Account("opaque"),
        Asked::Pop("contacts", "11111111-1111-4111-8111-111111111111"),
    ];
    let block = Fixture::with_outcome(Some("no_data"), &effects).load().await;
    let invoked = invoke(&block).await;
    let outcome = invoked.result.unwrap();
    assert_eq!(outcome.exit.as_deref(), Some("no_data"));
    let [variable, recordset, account, pop] = &outcome.effects[..] else { panic!("{outcome:?}") };
    assert!(matches!(variable, Effect::SetVariable { name, value }
        if name == "answer" && *value == json!({ "n": 1.5 })));
    assert!(matches!(recordset, Effect::SetRecordset { name, records }
        if name == "RS" && records.count() == 2));
    assert!(matches!(account, Effect::SelectAccount(account) if account == "opaque"));
    let expected = ScreenPop {
        entity_set: "contacts".into(),
        id: "11111111-1111-4111-8111-111111111111".into(),
    };
    assert!(matches!(pop, Effect::PopScreen(pop) if *pop == expected));
}

#[tokio::test]
async fn a_recordset_is_handed_on_without_a_copy() {
    let block = Fixture::with_outcome(None, &[Asked::Recordset("RS")]).load().await;
    let crm = Arc::new(contacts());
    let asked =
        Query { entity_set: "contacts", text: QueryText::OData(""), read: ReadOptions::default() };
    let deadline = Instant::now() + Duration::from_secs(60);
    let held: RecordSet = crm.query(&asked, deadline).await.unwrap().value;
    let mut invocation = invocation(StubCrm::new());
    invocation.crm = crm;
    let outcome = block.invoke(invocation).await.result.unwrap();
    let [Effect::SetRecordset { records, .. }] = &outcome.effects[..] else {
        panic!("{outcome:?}")
    };
    assert!(std::ptr::eq(held.record(0).unwrap(), records.record(0).unwrap()));
}

#[tokio::test]
async fn every_block_may_take_next_and_failed() {
    for exit in [None, Some("next"), Some("failed")] {
        let block = Fixture::with_outcome(exit, &[]).load().await;
        assert_eq!(invoke(&block).await.result.unwrap().exit.as_deref(), exit);
    }
}

#[tokio::test]
async fn an_exit_that_is_not_declared_is_named() {
    let block = Fixture::with_outcome(Some("sideways"), &[]).load().await;
    let invoked = invoke(&block).await;
    assert_eq!(
        crash(&invoked),
        "it took the exit \"sideways\", which its manifest does not declare (declared: no_data)"
    );
}

#[tokio::test]
async fn a_block_sets_only_what_its_output_properties_name() {
    for (effect, message) in [
        (Asked::Variable("other", "1"), "the variable \"other\""),
        (Asked::Variable("RS", "1"), "the variable \"RS\""),
        (Asked::Variable("contacts", "1"), "the variable \"contacts\""),
        (Asked::Recordset("answer"), "the recordset \"answer\""),
        (Asked::Variable("answer", "{"), "no JSON"),
    ] {
        let block = Fixture::with_outcome(None, &[effect]).load().await;
        let invoked = invoke(&block).await;
        assert!(crash(&invoked).contains(message), "{}", crash(&invoked));
    }
}

#[tokio::test]
async fn selecting_and_popping_must_be_declared() {
    for (effect, message) in
        [(Asked::Account("a"), "selected an account"), (Asked::Pop("a", "b"), "popped a screen")]
    {
        let mut fixture = Fixture::with_outcome(None, &[effect]);
        fixture.manifest.selects_account = false;
        fixture.manifest.pops_screen = false;
        let invoked = invoke(&fixture.load().await).await;
        assert!(crash(&invoked).contains(message), "{}", crash(&invoked));
    }
}

#[tokio::test]
async fn failures_keep_their_cause() {
    let error = invoke(&Fixture::with_failure(1, "table: empty").load().await).await.result;
    assert!(matches!(error, Err(StepError::InvalidProperties(text)) if text == "table: empty"));
    let error = invoke(&Fixture::with_failure(2, "no luck").load().await).await.result;
    assert!(matches!(error, Err(StepError::Failed(text)) if text == "no luck"));
}

#[tokio::test]
async fn an_operation_that_is_not_declared_never_reaches_the_crm() {
    let mut fixture = Fixture::new(&format!("{QUERY} {DONE}"));
    fixture.manifest.operations = vec![Operation::Create];
    let block = fixture.load().await;
    let crm = Arc::new(contacts().recording());
    let mut invocation = invocation(StubCrm::new());
    invocation.crm = Arc::clone(&crm) as _;
    let invoked = block.invoke(invocation).await;
    assert!(denied(&invoked), "the guest has no say in it: {invoked:?}");
    let [call] = &invoked.host_calls[..] else { panic!("{invoked:?}") };
    assert_eq!(
        (call.operation, call.error),
        (HostFunction::Query, Some(CrmErrorKind::PolicyDenied))
    );
    assert_eq!((call.entity_set.as_str(), call.status), ("contacts", None));
    assert_eq!(call.message.as_deref(), Some("the manifest of test.fixture does not list query"));
    assert!(invoked.last_answer.is_none());
    assert_eq!(crm.calls(), []);
}

fn denied(invoked: &Invoked) -> bool {
    let refused = |error: &CrmError| error.kind == CrmErrorKind::PolicyDenied;
    matches!(&invoked.result, Err(StepError::Crm(error)) if refused(error))
}

#[tokio::test]
async fn what_the_policy_of_the_account_denies_ends_the_step() {
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load().await;
    let refusal = CrmError::local(CrmErrorKind::PolicyDenied, "not with this account");
    let invoked = block.invoke(invocation(StubCrm::new().failing(refusal))).await;
    assert!(denied(&invoked), "{invoked:?}");
    assert_eq!(invoked.result.unwrap_err().to_string(), "not with this account");
}

#[tokio::test]
async fn a_table_is_in_reach_where_it_is_listed_or_the_designer_chose_it() {
    let query = |tables: Value, kind: &str| {
        let mut fixture = Fixture::new(&format!("{QUERY} {DONE}"));
        fixture.manifest.properties["properties"]["table"]["x-patchcord-kind"] = kind.into();
        fixture.manifest.properties["x-patchcord-tables"] = tables;
        fixture
    };
    for (tables, kind, allowed) in [
        (json!(["contacts"]), "text", true),
        (json!(["accounts"]), "text", false),
        (json!([]), "text", false),
        (json!([]), "entity-set", true),
    ] {
        let block = query(tables.clone(), kind).load().await;
        let crm = Arc::new(contacts().recording());
        let mut invocation = invocation(StubCrm::new());
        invocation.crm = Arc::clone(&crm) as _;
        let invoked = block.invoke(invocation).await;
        assert_eq!(denied(&invoked), !allowed, "{tables} {kind}: {invoked:?}");
        assert_eq!(crm.calls().len(), usize::from(allowed), "{tables} {kind}");
        if !allowed {
            let message = invoked.result.unwrap_err().to_string();
            assert_eq!(message, "the manifest of test.fixture does not list contacts");
        }
    }
}

#[tokio::test]
async fn a_block_is_asked_for_by_what_its_manifest_says() {
    let names = async |fixture: Fixture| {
        let capabilities = fixture.load().await.manifest().capabilities();
        capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let mut fixture = Fixture::new(DONE);
    fixture.manifest.properties["x-patchcord-tables"] = json!(["contacts", "accounts"]);
    let asked = "query create table:accounts table:contacts select-account pop-screen";
    assert_eq!(names(fixture).await, asked);
    let asked = "query create table:* select-account pop-screen";
    assert_eq!(names(Fixture::new(DONE)).await, asked);
    let mut fixture = Fixture::new(DONE);
    fixture.manifest.operations.clear();
    fixture.manifest.selects_account = false;
    assert_eq!(names(fixture).await, "pop-screen");
}

#[tokio::test]
async fn calls_of_the_crm_are_recorded() {
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load().await;
    let invoked = invoke(&block).await;
    let [call] = &invoked.host_calls[..] else { panic!("{invoked:?}") };
    assert_eq!((call.status, call.error, &call.code), (Some(200), None, &None));
    let LastAnswer { status, body, .. } = invoked.last_answer.unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("Ann Example"), "{body}");

    let refusal = CrmError {
        status: Some(400),
        code: Some("0x80060888".into()),
        body: Some("{}".into()),
        ..CrmError::local(CrmErrorKind::InvalidRequest, "no such column")
    };
    let invoked = block.invoke(invocation(StubCrm::new().failing(refusal))).await;
    let [call] = &invoked.host_calls[..] else { panic!("{invoked:?}") };
    assert_eq!((call.status, call.error), (Some(400), Some(CrmErrorKind::InvalidRequest)));
    assert_eq!(call.code.as_deref(), Some("0x80060888"));
    assert_eq!(call.message.as_deref(), Some("no such column"));
    assert_eq!(invoked.last_answer, Some(LastAnswer::fresh(400, "{}")));
}

/// Creates a contact of the columns that stand in memory at 104.
fn create(length: usize) -> String {
    format!(
        "(call $create (i32.const 80) (i32.const 8) (i32.const 104) (i32.const {length}) (i32.const 32))"
    )
}

#[tokio::test]
async fn creates_have_keys_of_their_step() {
    let object = "(i32.store16 (i32.const 104) (i32.const 0x7d7b))";
    let body = format!("{object} {} {} {DONE}", create(2), create(2));
    let block = Fixture::new(&body).load().await;
    let mut seen = Vec::new();
    for step in [7, 7, 8] {
        let crm = Arc::new(StubCrm::new().recording());
        let mut invocation = invocation(StubCrm::new());
        invocation.step_key = uuid::Uuid::from_u128(step);
        invocation.crm = Arc::clone(&crm) as _;
        assert!(block.invoke(invocation).await.result.is_ok());
        seen.push(crm.calls());
    }
    assert_eq!(seen[0], seen[1], "repeating a step repeats its keys");
    assert_ne!(seen[0][0].id, seen[0][1].id, "each create has a key of its own");
    assert_ne!(seen[0][0].id, seen[2][0].id, "another step has other keys");
    assert_eq!((seen[0].len(), seen[0][0].text.as_str()), (2, "{}"));
}

#[tokio::test]
async fn columns_that_are_no_object_never_reach_the_crm() {
    let array = "(i32.store16 (i32.const 104) (i32.const 0x5d5b))";
    let block = Fixture::new(&format!("{array} {} {DONE}", create(2))).load().await;
    let crm = Arc::new(StubCrm::new().recording());
    let mut invocation = invocation(StubCrm::new());
    invocation.crm = Arc::clone(&crm) as _;
    let invoked = block.invoke(invocation).await;
    assert_eq!(invoked.host_calls[0].error, Some(CrmErrorKind::InvalidRequest));
    assert_eq!(crm.calls(), []);
}

#[tokio::test]
async fn properties_reach_the_block_as_json() {
    let body = "(call $log (i32.const 2) (local.get $at) (local.get $length)) (i32.const 0)";
    let invoked = invoke(&Fixture::new(body).load().await).await;
    let seen: Value = serde_json::from_str(&invoked.log[0].message).unwrap();
    assert_eq!(seen, kit::properties());
}

/// Logs the text that stands as `option<string>` at 48, or `contacts` where there is none.
const LOG_FOUND: &str = "(if (i32.load8_u (i32.const 48))
    (then (call $log (i32.const 2) (i32.load (i32.const 52)) (i32.load (i32.const 56))))
    (else (call $log (i32.const 2) (i32.const 80) (i32.const 8))))";

#[tokio::test]
async fn a_block_looks_at_records_one_by_one() {
    let column = |index: u32| {
        let name = "(i32.const 112) (i32.const 8)";
        format!("(call $column {SET} (i32.const {index}) {name} (i32.const 48)) {LOG_FOUND}")
    };
    let record =
        |index: u32| format!("(call $record {SET} (i32.const {index}) (i32.const 48)) {LOG_FOUND}");
    let body = format!(
        "{QUERY}
        (if (i32.ne (call $count {SET}) (i32.const 2)) (then unreachable))
        (if (call $more {SET}) (then unreachable))
        {} {} {} {} {}
        (call $drop {SET})
        {DONE}",
        column(0),
        column(1),
        column(2),
        record(1),
        record(2),
    );
    let invoked = invoke(&Fixture::new(&body).load().await).await;
    assert!(invoked.result.is_ok(), "{invoked:?}");
    let seen: Vec<_> = invoked.log.iter().map(|line| line.message.as_str()).collect();
    let second = r#"{"contactid":"22222222-2222-4222-8222-222222222222","fullname":"Bo Example"}"#;
    assert_eq!(seen, [r#""Ann Example""#, r#""Bo Example""#, "contacts", second, "contacts"]);
    assert_eq!(invoked.host_calls.len(), 1, "looking at what is held is no call of the CRM");
}

#[tokio::test]
async fn a_record_set_that_was_dropped_is_gone() {
    let body = format!("{QUERY} (call $drop {SET}) (drop (call $count {SET})) {DONE}");
    let invoked = invoke(&Fixture::new(&body).load().await).await;
    assert!(crash(&invoked).contains("handle"), "{}", crash(&invoked));
}
