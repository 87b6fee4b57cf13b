//! Whatever a run asks and is answered: it is recorded, and walked once more it comes to the same.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Crm, CrmError, Effect, Execute, Invoked, LastAnswer, Link, Manifest,
    Operation, Outcome, Output, OutputKind, PhoneQuery, PhoneSearch, Query, QueryText, ReadOptions,
    Reference, Retrieve, StepError, WriteOptions,
};
use patchcord_scenario::{
    Call, Catalog, FailureKind, FetchError, FetchRequest, Fetched, Finished, Layer, NoBlock, Plan,
    Reached, ScenarioBlock, StepCall, StepTrace, Variables, check, parse, resume, run, run_to,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CannedAnswer, CannedCrm, Recorder, Recording, Replayer, Visit};

/// A block that makes the host call that its property names, about `about`.
struct Asks {
    manifest: Manifest,
    crm: Arc<dyn Crm>,
}

/// What is known of the answer, and what a block can see of it.
fn seen<T: std::fmt::Debug>(answer: Answer<T>) -> (LastAnswer, Value) {
    let Answer { status, body, age, stale, .. } = answer;
    let last =
        LastAnswer { status: status.unwrap_or(0), body, age: age.unwrap_or_default(), stale };
    (last, format!("{:?}", answer.value).into())
}

impl Asks {
    async fn ask(
        &self,
        call: &StepCall,
        crm: Arc<dyn Crm>,
    ) -> Result<(LastAnswer, Value), CrmError> {
        let about = call.properties["about"].to_string();
        let (entity_set, key) = ("contacts", "00aa0000-0000-0000-0000-00000000000f");
        let (record, read) = (Reference { entity_set, key }, ReadOptions::default());
        let returning = Some("name".to_owned());
        let write = WriteOptions { returning, ..WriteOptions::default() };
        let until = call.deadline;
        match call.properties["call"].as_str().unwrap_or_default() {
            "query" => {
                let query = Query { entity_set, text: QueryText::OData(&about), read };
                crm.query(&query, until).await.map(seen)
            }
            "count" => crm.count(entity_set, &about, until).await.map(seen),
            "retrieve" => {
                let asked = Retrieve { record, options: &about, read };
                crm.retrieve(&asked, until).await.map(seen)
            }
            "create" => {
                let row = call.step_key;
                let asked = Create { entity_set, row, columns: &about, write };
                crm.create(&asked, until).await.map(seen)
            }
            "upsert" => {
                let asked = Change { record, columns: &about, write };
                crm.upsert(&asked, until).await.map(seen)
            }
            "update" => {
                let asked = Change { record, columns: &about, write };
                crm.update(&asked, until).await.map(seen)
            }
            "delete" => crm.delete(record, None, until).await.map(seen),
            "link" => {
                let asked = Link { record, relationship: "r", to: record, tie: true };
                crm.link(&asked, until).await.map(seen)
            }
            "execute" => {
                let asked = Execute { bound_to: None, action: "Win", parameters: &about };
                crm.execute(&asked, until).await.map(seen)
            }
            _ => {
                let search = |table: &str| PhoneSearch {
                    entity_set: table.to_owned(),
                    columns: Vec::new(),
                    select: Vec::new(),
                    active_only: false,
                };
                let searches = vec![search("contacts"), search("leads")];
                let asked = PhoneQuery { number: &about, searches, top: 2, read };
                crm.find_by_phone(&asked, until).await.map(seen)
            }
        }
    }
}

#[async_trait]
impl ScenarioBlock for Asks {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn run(&self, call: StepCall) -> Invoked {
        let crm = Arc::clone(&self.crm);
        let crm = call.layer.as_ref().map_or(crm.clone(), |layer| layer.over(crm, &call));
        let (result, last_answer) = match self.ask(&call, crm).await {
            Ok((last, value)) => {
                let effects = vec![Effect::SetVariable { name: "got".into(), value }];
                (Ok(Outcome { exit: None, effects }), Some(last))
            }
            Err(error) => {
                let last = error.status.map(|status| {
                    LastAnswer::fresh(status, error.body.clone().unwrap_or_default())
                });
                (Err(StepError::Crm(error)), last)
            }
        };
        let (host_calls, log) = (Vec::new(), Vec::new());
        Invoked { result, host_calls, last_answer, log, elapsed: Duration::ZERO }
    }
}

/// The block, and a web that says something else each time.
struct Surroundings {
    block: Arc<Asks>,
    web: Mutex<Vec<Result<Fetched, FetchError>>>,
}

#[async_trait]
impl Catalog for Surroundings {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        if reference == "asks" { Ok(self.block.clone()) } else { Err(NoBlock::Unknown) }
    }

    fn account(&self, _: &str) -> Option<String> {
        None
    }

    fn default_account(&self) -> Option<String> {
        Some("account".into())
    }

    fn block_ids(&self) -> Vec<String> {
        vec!["asks".into()]
    }

    async fn fetch(&self, _: FetchRequest) -> Result<Fetched, FetchError> {
        let nobody = || FetchError { kind: FailureKind::Unavailable, message: "nobody".into() };
        self.web.lock().unwrap().pop().unwrap_or_else(|| Err(nobody()))
    }
}

fn surroundings(answers: Vec<CannedAnswer>, web: Vec<Result<Fetched, FetchError>>) -> Surroundings {
    let output =
        Output { property: "into".into(), kind: OutputKind::Variable, description: String::new() };
    let text = json!({"type": "string"});
    let manifest = Manifest {
        id: "asks".into(),
        version: "1.0.0".into(),
        title: String::new(),
        category: String::new(),
        description: String::new(),
        icon: String::new(),
        properties: json!({"type": "object", "properties": {"call": text, "into": text, "about": {}}}),
        exits: Vec::new(),
        outputs: vec![output],
        operations: vec![Operation::Query, Operation::Create],
        tables: None,
        selects_account: false,
        pops_screen: false,
    };
    let crm = Arc::new(CannedCrm::new(answers));
    Surroundings { block: Arc::new(Asks { manifest, crm }), web: Mutex::new(web) }
}

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

fn plan(catalog: &Surroundings, document: &Value) -> Arc<Plan> {
    let document = parse(document.to_string().as_bytes()).unwrap();
    Arc::new(check(document, catalog).unwrap().0.with_version(1))
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
        let plan = plan(&world, &document);
        let (whole, recording) = recorded(&world, &plan);

        // Where it is replayed nobody else answers.
        let nobody = surroundings(Vec::new(), Vec::new());
        let replayer = Arc::new(Replayer::new(&recording, None));
        let replayed = finish(run(&plan, &nobody, call(replayer.clone())));
        prop_assert_eq!(replayer.unrecorded(), Vec::new());
        prop_assert_eq!(outcome(&replayed), outcome(&whole));

        struct Same<'a>(&'a Surroundings, Arc<Plan>);
        #[async_trait]
        impl Catalog for Same<'_> {
            fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
                self.0.block(reference)
            }
            fn account(&self, name: &str) -> Option<String> {
                self.0.account(name)
            }
            fn default_account(&self) -> Option<String> {
                self.0.default_account()
            }
            fn block_ids(&self) -> Vec<String> {
                self.0.block_ids()
            }
            fn scenario(&self, _: &str, _: Option<u64>) -> Option<Arc<Plan>> {
                Some(Arc::clone(&self.1))
            }
        }
        let same = Same(&nobody, Arc::clone(&plan));
        let step = &whole.steps[from.index(whole.steps.len())];
        let rebuilding = Arc::new(Replayer::new(&recording, None));
        let reached = finish(run_to(&plan, &same, call(rebuilding), &step.id, step.visit));
        let Reached::Step(checkpoint) = reached else {
            return Err(TestCaseError::fail("the step was not come to"));
        };
        let replayer = Arc::new(Replayer::new(&recording, None));
        let replayed = finish(resume(*checkpoint, &same, call(replayer))).unwrap();
        prop_assert_eq!(outcome(&replayed), outcome(&whole));
    }
}

#[test]
fn what_was_not_recorded_fails_its_step_and_is_told() {
    let answer: CannedAnswer = serde_json::from_value(json!({"records": [{"name": "A"}]})).unwrap();
    let world = surroundings(vec![answer], Vec::new());
    let (_, recording) = recorded(&world, &plan(&world, &document(&[0], 1)));
    let mut other = document(&[0], 1);
    other["blocks"][2]["properties"]["about"] = "$top=2".into();
    let replayer = Arc::new(Replayer::new(&recording, None));
    let replayed = finish(run(&plan(&world, &other), &world, call(replayer.clone())));
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
    let plan = plan(&world, &document(&[0], 3));
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
