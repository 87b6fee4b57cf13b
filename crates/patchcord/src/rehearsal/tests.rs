//! Whatever a run asks and is answered: it is recorded, and walked once more it comes to the same.

mod surroundings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_scenario::{
    Call, FailureKind, FetchError, Fetched, Finished, Layer, Plan, Reached, StepTrace, Variables,
    resume, run, run_to,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CannedAnswer, Recorder, Recording, Replayer, Visit};
use surroundings::{Surroundings, surroundings};

const CALLS: [&str; 11] = [
    "query", "count", "retrieve", "create", "upsert", "update", "delete", "link", "execute",
    "phone", "fetch",
];

/// A loop over some calls, each of which goes on whatever comes of it, with what came of the one before.
fn document(calls: &[usize], turns: usize) -> Value {
    let after = |at: usize| match at {
        at if at == calls.len() => "each".to_owned(),
        at => format!("s{at}"),
    };
    let mut blocks = vec![
        json!({"id": "each", "block": "core.for-each", "exits": {"next": after(0), "done": "end"},
            "properties": {"list": vec![1; turns], "item_variable": "item"}}),
        json!({"id": "end", "block": "core.exit", "properties": {"result": "$(got)"}}),
    ];
    for (at, call) in calls.iter().enumerate() {
        let (id, next) = (format!("s{at}"), after(at + 1));
        let exits = json!({"next": next, "failed": next});
        blocks.push(match CALLS[*call] {
            "fetch" => json!({"id": id, "block": "core.fetch-url",
                "properties": {"url": "https://a.example/", "method": "POST", "body": "$(got)"},
                "exits": {"next": next, "no_data": next, "failed": next}}),
            call => json!({"id": id, "block": "asks", "exits": exits,
                "properties": {"call": call, "into": "got", "about": {"before": "$(got)", "id": id}}}),
        });
    }
    json!({"patchcord": "1.0", "name": "s", "start": "each", "blocks": blocks, "inputs": ["got"]})
}

fn answer() -> impl Strategy<Value = CannedAnswer> {
    let records = prop::collection::vec("[a-z\"é]{0,4}", 0..3).prop_map(|names| {
        names.iter().map(|name| json!({"name": name, "n": 1})).collect::<Vec<_>>()
    });
    let kinds = prop::sample::select(vec!["not-found", "throttled", "conflict", "timeout"]);
    let error = (kinds, any::<bool>(), 0..5_000_u64).prop_map(|(kind, has_status, wait_ms)| {
        let (status, body) = if has_status { (Some(429), Some("{}")) } else { (None, None) };
        json!({"kind": kind, "message": "m", "status": status, "body": body, "wait_ms": wait_ms})
    });
    let error = prop::option::weighted(0.3, error);
    (records, any::<bool>(), prop::option::of(0..9_u64), error).prop_map(|(records, more, n, error)| {
        let answer = json!({
            "records": records, "more": more, "count": n, "created": n.map(|n| n > 4), "value": n,
            "age_ms": n, "stale": more, "error": error,
        });
        serde_json::from_value(answer).unwrap()
    })
}

fn web() -> impl Strategy<Value = Result<Fetched, FetchError>> {
    let status = prop::sample::select(vec![200_u16, 204, 404, 503]);
    let body = prop::sample::select(vec!["", "x", "{\"a\":1}"]);
    (status, body, any::<bool>()).prop_map(|(status, body, answers)| match answers {
        true => Ok(Fetched { status, body: body.to_owned() }),
        false => Err(FetchError { kind: FailureKind::Timeout, message: "late".to_owned() }),
    })
}

fn finish<T>(underway: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(underway)
}

fn call(layer: Arc<dyn Layer>) -> Call {
    let brought = json!({"got": "nothing"});
    let variables = Variables::from_call(brought.as_object().unwrap()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    Call { layer: Some(layer), ..Call::new(Uuid::from_u128(7), deadline, "en".into(), variables) }
}

/// Runs a plan, and gives what was recorded as it comes back from where it was kept.
fn recorded(catalog: &Surroundings, plan: &Arc<Plan>) -> (Finished, Recording) {
    let recorder = Arc::new(Recorder::new(Default::default(), "en".into(), None));
    let finished = finish(run(plan, catalog, call(recorder.clone())));
    let recording = recorder.recording("s", 1, &finished.steps);
    let text = serde_json::to_string(&recording).unwrap();
    (finished, serde_json::from_str(&text).unwrap())
}

fn outcome(finished: &Finished) -> Value {
    let step =
        |step: &StepTrace| json!([step.id, step.visit, step.exit, step.failure, step.changed]);
    let steps = finished.steps.iter().map(step).collect::<Vec<_>>();
    json!([finished.result, finished.variables_for(None), finished.failure, steps])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_run_comes_to_the_same_when_it_is_replayed(
        calls in prop::collection::vec(0..CALLS.len(), 1..6),
        turns in 1..4_usize,
        answers in prop::collection::vec(answer(), 0..14),
        web in prop::collection::vec(web(), 0..4),
        from in any::<prop::sample::Index>(),
    ) {
        let document = document(&calls, turns);
        let world = surroundings(answers, web);
        let plan = world.plan(&document);
        let (whole, recording) = recorded(&world, &plan);

        // Where it is replayed nobody else answers.
        let nobody = surroundings(Vec::new(), Vec::new());
        nobody.plan(&document);
        let replayer = Arc::new(Replayer::new(&recording, None));
        let replayed = finish(run(&plan, &nobody, call(replayer.clone())));
        prop_assert_eq!(replayer.unrecorded(), Vec::new());
        prop_assert_eq!(outcome(&replayed), outcome(&whole));

        let step = &whole.steps[from.index(whole.steps.len())];
        let rebuilding = Arc::new(Replayer::new(&recording, None));
        let reached = finish(run_to(&plan, &nobody, call(rebuilding), &step.id, step.visit));
        let Reached::Step(checkpoint) = reached else {
            return Err(TestCaseError::fail("the step was not come to"));
        };
        let replayer = Arc::new(Replayer::new(&recording, None));
        let replayed = finish(resume(*checkpoint, &nobody, call(replayer))).unwrap();
        prop_assert_eq!(outcome(&replayed), outcome(&whole));
    }
}

#[test]
fn what_was_not_recorded_fails_its_step_and_is_told() {
    let answer: CannedAnswer = serde_json::from_value(json!({"records": [{"name": "A"}]})).unwrap();
    let world = surroundings(vec![answer], Vec::new());
    let (_, recording) = recorded(&world, &world.plan(&document(&[0], 1)));
    let mut other = document(&[0], 1);
    other["blocks"][2]["properties"]["about"] = "$top=2".into();
    let replayer = Arc::new(Replayer::new(&recording, None));
    let replayed = finish(run(&world.plan(&other), &world, call(replayer.clone())));
    let failure = replayed.steps[1].failure.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert_eq!(
        failure.message,
        "the replay has no answer: asked query contacts; recorded another query contacts"
    );
    let told = replayer.unrecorded();
    assert_eq!(
        (told.len(), told[0].step.as_str(), told[0].asked.asked.as_str()),
        (1, "s0", "\"$top=2\"")
    );
    assert!(told[0].recorded.as_ref().unwrap().asked.contains("nothing"));
}

#[test]
fn a_recording_that_is_too_long_is_cut_and_says_where() {
    let long = "x".repeat(300 << 10);
    let answer: CannedAnswer =
        serde_json::from_value(json!({"records": [{"name": "A"}], "body": long, "repeat": true}))
            .unwrap();
    let world = surroundings(vec![answer], Vec::new());
    let plan = world.plan(&document(&[0], 3));
    let (whole, recording) = recorded(&world, &plan);
    assert!(whole.failure.is_none());
    let cut = Visit { step: "s0".into(), visit: 2 };
    assert_eq!(recording.cut, Some(cut.clone()));
    assert!(recording.step(&Visit { visit: 1, ..cut.clone() }).is_some());
    assert!(recording.step(&cut).is_none());
    let replayer = Arc::new(Replayer::new(&recording, None));
    let replayed = finish(run(&plan, &world, call(replayer)));
    let failure = replayed.steps.iter().find_map(|step| step.failure.clone()).unwrap();
    assert!(failure.message.ends_with("was cut at `s0`, visit 2"), "{}", failure.message);
}
