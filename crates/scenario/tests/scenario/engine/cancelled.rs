//! A caller who hangs up: between two steps, while something is read, and while something is written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use patchcord_runtime::{Invoked, Manifest, Operation, Outcome};
use patchcord_scenario::{
    Catalog, FailureKind, Finished, NoBlock, Plan, ScenarioBlock, StepCall, check, parse, run,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::kit::{self, document, exit, instance, manifest, way};

/// A block that hangs up while it runs and then takes its time.
struct HangsUp {
    manifest: Manifest,
    cancelled: CancellationToken,
}

#[async_trait]
impl ScenarioBlock for HangsUp {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn run(&self, _: StepCall) -> Invoked {
        self.cancelled.cancel();
        tokio::time::sleep(Duration::from_secs(30)).await;
        kit::invoked(Ok(Outcome::default()))
    }
}

struct Only(Arc<HangsUp>);

impl Catalog for Only {
    fn block(&self, _: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        Ok(self.0.clone())
    }

    fn account(&self, _: &str) -> Option<String> {
        None
    }

    fn default_account(&self) -> Option<String> {
        Some("handle".into())
    }

    fn block_ids(&self) -> Vec<String> {
        Vec::new()
    }
}

fn plan(catalog: &dyn Catalog, blocks: Value) -> Arc<Plan> {
    let scenario = parse(document(blocks).to_string().as_bytes()).unwrap();
    Arc::new(check(scenario, catalog).unwrap().0)
}

/// What becomes of a run whose caller hangs up while a block with these operations runs, whatever is wired.
fn hang_up_during(operations: Vec<Operation>) -> Finished {
    let cancelled = CancellationToken::new();
    let manifest = Manifest { operations, ..manifest("work") };
    let catalog = Only(Arc::new(HangsUp { manifest, cancelled: cancelled.clone() }));
    let handler = json!({"try": "work", "catch": "end"});
    let plan = plan(
        &catalog,
        json!([
            instance("handler", "core.exception-handler", json!({}), handler),
            instance("work", "work", json!({}), json!({"next": "end", "failed": "end"})),
            exit("end"),
        ]),
    );
    let mut call = kit::call(json!({}), Instant::now() + Duration::from_secs(60));
    call.cancelled = cancelled;
    kit::finish(run(&plan, &catalog, call))
}

#[test]
fn a_read_is_given_up() {
    let finished = hang_up_during(vec![Operation::Query, Operation::Retrieve]);
    assert_eq!(finished.result, "cancelled");
    assert_eq!(way(&finished), ["handler:try", "work"]);
    let failure = finished.failure.unwrap();
    assert_eq!((failure.kind, failure.step.as_str()), (FailureKind::Cancelled, "work"));
    assert_eq!(finished.steps[1].failure.as_ref(), Some(&failure));
}

#[test]
fn a_write_is_let_to_its_end() {
    for operation in [Operation::Create, Operation::Update, Operation::Delete, Operation::Execute] {
        let finished = hang_up_during(vec![Operation::Query, operation]);
        assert_eq!(finished.result, "cancelled");
        assert_eq!(way(&finished), ["handler:try", "work:next"], "{operation:?}");
        assert_eq!(finished.failure.unwrap().step, "end", "where it would have gone on");
    }
}

#[test]
fn a_wait_is_given_up_and_what_has_not_begun_does_not_begin() {
    let cancelled = CancellationToken::new();
    let manifest = manifest("work");
    let catalog = Only(Arc::new(HangsUp { manifest, cancelled: CancellationToken::new() }));
    let wait =
        instance("wait", "core.wait", json!({"milliseconds": 600_000}), json!({"next": "end"}));
    let plan = plan(&catalog, json!([wait, exit("end")]));
    let run_with = |cancelled: &CancellationToken| {
        let mut call = kit::call(json!({}), Instant::now() + Duration::from_secs(600));
        call.cancelled = cancelled.clone();
        run(&plan, &catalog, call)
    };
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancelled.cancel();
    };
    let (finished, ()) = kit::finish(async { tokio::join!(run_with(&cancelled), later) });
    assert_eq!((finished.result.as_str(), way(&finished)), ("cancelled", vec!["wait".to_owned()]));
    let before = kit::finish(run_with(&cancelled));
    assert_eq!((before.result.as_str(), before.steps.len()), ("cancelled", 0));
}
