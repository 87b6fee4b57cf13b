//! What becomes of failures: typed exits, `failed`, the end of the run, and the `integrationResult…` variables.

use std::time::Duration;

use crate::kit::{
    Build, Kit, answer, document, does, exit, instance, invoked, leaves_by, manifest, sets, way,
};
use patchcord_runtime::{
    CrmError, CrmErrorKind, Effect, Invoked, LastAnswer, LimitKind, Outcome, StepError,
};
use patchcord_scenario::FailureKind;
use serde_json::{Value, json};

fn crm(kind: CrmErrorKind) -> StepError {
    StepError::Crm(CrmError::local(kind, "Dataverse said no"))
}

fn limit(kind: LimitKind) -> StepError {
    StepError::LimitExceeded { kind, limit: "x".into() }
}

/// A kit whose block `work` fails with `error`.
fn failing(error: StepError) -> Kit {
    Kit::new().block(manifest("work"), move |_| Err(error.clone()))
}

fn work(exits: Value) -> Value {
    let mut document = document(json!([
        instance("work", "work", json!({}), json!({"next": "end"})),
        exit("end"),
        exit("other"),
        exit("typed"),
    ]));
    for (exit, target) in exits.as_object().unwrap() {
        document["blocks"][0]["exits"][exit] = target.clone();
    }
    document
}

fn every_error() -> Vec<(StepError, &'static str)> {
    let of = |kind, exit| (crm(kind), exit);
    vec![
        of(CrmErrorKind::InvalidRequest, "invalid_request"),
        of(CrmErrorKind::ConsentRequired, "consent_required"),
        of(CrmErrorKind::Forbidden, "forbidden"),
        of(CrmErrorKind::NotFound, "not_found"),
        of(CrmErrorKind::Conflict, "conflict"),
        of(CrmErrorKind::Throttled(5), "throttled"),
        of(CrmErrorKind::Timeout, "timeout"),
        of(CrmErrorKind::Unavailable, "unavailable"),
        of(CrmErrorKind::PolicyDenied, "policy_denied"),
        (StepError::InvalidProperties("x".into()), "invalid_request"),
        (StepError::Failed("x".into()), "failed"),
        (StepError::Timeout, "timeout"),
        (StepError::Busy, "unavailable"),
        (limit(LimitKind::Memory), "crashed"),
        (limit(LimitKind::Wall), "timeout"),
        (StepError::Crashed { message: "x".into(), backtrace: vec!["frame".into()] }, "crashed"),
    ]
}

#[test]
fn a_failure_leaves_by_its_own_exit_then_by_failed_then_ends_the_run() {
    for (error, kind) in every_error() {
        let kit = failing(error);
        let mut wired = json!({"failed": "other"});
        wired[kind] = json!("typed");
        let finished = kit.run(&work(wired), json!({}));
        assert_eq!(finished.result, "typed");
        assert_eq!(way(&finished), [format!("work:{kind}"), "typed".to_owned()]);
        let finished = kit.run(&work(json!({"failed": "other"})), json!({}));
        assert_eq!(way(&finished), ["work:failed", "other"]);
        assert_eq!(finished.failure, None, "the scenario has dealt with it");
        assert_eq!(finished.steps[0].failure.as_ref().unwrap().kind.exit(), kind);
        let finished = kit.run(&work(json!({})), json!({}));
        assert_eq!((finished.result.as_str(), way(&finished)), ("failed", vec!["work".to_owned()]));
        let failure = finished.failure.unwrap();
        assert_eq!((failure.step.as_str(), failure.kind.exit()), ("work", kind));
        assert!(finished.answer.is_empty());
    }
}

#[test]
fn a_backtrace_goes_to_the_log_of_the_step() {
    let backtrace = vec!["inner".to_owned(), "outer".to_owned()];
    let kit = failing(StepError::Crashed { message: "trap".into(), backtrace });
    let finished = kit.run(&work(json!({})), json!({}));
    let log: Vec<_> = finished.steps[0].log.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(log, ["inner", "outer"]);
    assert_eq!(finished.failure.unwrap().message, "the block crashed: trap");
}

/// What the variables say after a step that ended with `invoked`.
fn results(make: impl Fn() -> Invoked + Send + Sync + 'static) -> Value {
    let kit = Kit::new().whole(manifest("work"), move |_| make());
    let read = json!({
        "code": "$(integrationResultCode)",
        "body": "$(integrationResultBody)",
        "kind": "$(integrationResultKind)",
    });
    let exits = json!({"next": "end", "failed": "end"});
    let blocks = json!([instance("work", "work", json!({}), exits), answer("end", read)]);
    let finished = kit.run(&document(blocks), json!({}));
    assert_eq!(finished.failure, None);
    Value::Object(finished.answer)
}

#[test]
fn every_integration_step_leaves_its_result() {
    let answered = |status, body: &str| Some(LastAnswer::fresh(status, body));
    let with = |result: Result<Outcome, StepError>, status, body: &'static str| {
        move || Invoked { last_answer: answered(status, body), ..invoked(result.clone()) }
    };
    assert_eq!(
        results(with(leaves_by("next"), 200, "{}")),
        json!({"code": 200, "body": "{}", "kind": "ok"})
    );
    assert_eq!(
        results(with(Err(crm(CrmErrorKind::Forbidden)), 403, "no")),
        json!({"code": 403, "body": "no", "kind": "forbidden"})
    );
    assert_eq!(
        results(|| invoked(Err(crm(CrmErrorKind::Unavailable)))),
        json!({"code": null, "body": "Dataverse said no", "kind": "unavailable"})
    );
    assert_eq!(
        results(|| invoked(leaves_by("next"))),
        json!({"code": null, "body": "", "kind": "ok"})
    );
}

#[test]
fn the_age_of_an_answer_is_left_beside_it() {
    let read = |age, stale| {
        let answer =
            LastAnswer { age: Duration::from_millis(age), stale, ..LastAnswer::fresh(200, "") };
        let make = move |_: &_| Invoked {
            last_answer: Some(answer.clone()),
            ..invoked(leaves_by("next"))
        };
        let kit = Kit::new().whole(manifest("work"), make);
        let variables = json!({
            "age": "$(integrationResultAge)", "stale": "$(integrationResultStale)",
        });
        let exits = json!({"next": "end", "failed": "end"});
        let blocks =
            json!([instance("work", "work", json!({}), exits), self::answer("end", variables)]);
        Value::Object(kit.run(&document(blocks), json!({})).answer)
    };
    let answer_fresh = json!({"age": 0, "stale": false});
    assert_eq!(read(0, false), answer_fresh);
    assert_eq!(read(61_500, true), json!({"age": 61, "stale": true}));
}

#[test]
fn a_block_that_never_talks_to_dynamics_leaves_no_result() {
    let mut quiet = manifest("work");
    quiet.operations.clear();
    let kit = Kit::new().block(quiet, |_| leaves_by("next"));
    let finished = kit.run(&work(json!({"failed": "other"})), json!({}));
    let kind = patchcord_scenario::Path::parse("integrationResultKind").unwrap();
    assert_eq!(finished.variables.get(&kind), None);
}

#[test]
fn a_property_that_cannot_be_filled_in_names_itself_and_the_block_is_not_run() {
    let kit =
        Kit::new().block(manifest("work").kind("query", "odata-query"), |_| leaves_by("next"));
    let mut document = work(json!({}));
    document["blocks"][0]["properties"] = json!({"query": "$filter=a eq $(x)"});
    let finished = kit.run(&document, json!({"x": "1 or true"}));
    let failure = finished.failure.unwrap();
    assert_eq!((failure.step.as_str(), failure.kind), ("work", FailureKind::InvalidRequest));
    assert!(
        failure
            .message
            .starts_with("property `query`: $(x): outside a string literal only a number")
    );
    assert!(!failure.message.contains("1 or true"), "a caller's data is not for messages");
    assert_eq!(kit.calls().len(), 0);
    let kind = patchcord_scenario::Path::parse("integrationResultKind").unwrap();
    assert_eq!(finished.variables.get(&kind), Some(json!("invalid_request")));
}

#[test]
fn nothing_is_done_of_an_outcome_that_breaks_the_contract() {
    let finished = |outcome: Outcome| {
        let kit = Kit::new().block(manifest("work"), move |_| Ok(outcome.clone()));
        kit.run(&work(json!({"crashed": "typed"})), json!({}))
    };
    let undeclared =
        finished(Outcome { exit: Some("odd".into()), effects: vec![sets("x", json!(1))] });
    assert_eq!(undeclared.result, "typed");
    assert!(undeclared.variables_for(None).is_empty(), "its effects did not happen");
    let failure = undeclared.steps[0].failure.as_ref().unwrap();
    assert_eq!(failure.message, "the block crashed: it took the exit `odd`, which it has not");
    let forged = Effect::SelectAccount("handle-2".into());
    let forged = finished(Outcome { exit: None, effects: vec![forged] });
    assert_eq!(forged.result, "typed");
    let given_up = finished(Outcome { exit: Some("failed".into()), effects: Vec::new() });
    assert_eq!(given_up.failure.unwrap().kind, FailureKind::Failed);
}

#[test]
fn a_step_runs_on_its_own_account_then_the_selected_one_then_the_default_one() {
    let mut select = manifest("select").kind("account", "account");
    select.selects_account = true;
    select.operations = Vec::new();
    let kit = Kit::new().block(manifest("work"), |_| leaves_by("next")).block(select, |call| {
        let account = call.properties["account"].as_str().unwrap();
        does(vec![Effect::SelectAccount(account.into())])
    });
    let work = |id: &str, next: &str| {
        instance(id, "work", json!({}), json!({"next": next, "failed": "end"}))
    };
    let mut own = work("c", "d");
    own["account"] = json!("CRM");
    let exits = json!({"next": "b", "failed": "end"});
    let document = document(json!([
        work("a", "select"),
        instance("select", "select", json!({"account": "$(which)"}), exits),
        work("b", "c"),
        own,
        work("d", "end"),
        exit("end"),
    ]));
    let accounts = |which: &str| {
        let before = kit.calls().len();
        let finished = kit.run(&document, json!({"which": which}));
        let calls = kit.calls().split_off(before);
        let accounts: Vec<_> =
            calls.into_iter().map(|call| call.account.unwrap_or_default()).collect();
        (accounts, finished)
    };
    let (seen, _) = accounts("Other");
    assert_eq!(seen, ["handle-1", "handle-1", "handle-2", "handle-1", "handle-2"]);
    let (_, finished) = accounts("Gone");
    let failure = finished.steps[1].failure.as_ref().unwrap();
    assert_eq!(failure.message, "property `account`: $(which): names no integration account");
}
