//! Runs that were under way when the host was killed go on when it is started again, each from where it was last known
//! to be, and with as much time as it had in the beginning.

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_scenario::{
    Call, Checkpoint, Failure, FailureKind, Finished, Layer, Plan, StepTrace, Variables,
};
use patchcord_store::Batch;
use serde_json::Map;
use uuid::Uuid;

use super::doubt::InDoubt;
use super::journal::{Entry, Journaled};
use super::keys::Claim;
use super::mask::RunMask;
use super::request::{Taken, paths};
use super::walk::{Began, Job};
use super::{CallRequest, Runs};
use crate::Error;
use crate::rehearsal::Recorder;

/// How often a run is taken up again: one that brings the host down must not do so for ever.
const MOST_RESUMED: u32 = 10;

impl Runs {
    /// What the journal is to know of a run from its beginning; none where it need not know anything.
    pub(super) fn journaled(&self, taken: &Taken, claim: Option<&Claim>) -> Option<Arc<Journaled>> {
        if !self.journal.is_held() || (claim.is_none() && !taken.plan.may_write()) {
            return None;
        }
        let CallRequest { scenario, variables, want, .. } = taken.request.clone();
        let entry = Entry {
            scenario,
            version: taken.plan.version(),
            started_at: taken.started_at,
            allowance_ms: u64::try_from(taken.allowance.as_millis()).unwrap_or(u64::MAX),
            variables,
            want,
            locale: taken.call.locale.clone(),
            key: claim.map(Claim::parts),
            resumed: 0,
            checkpoint: None,
            in_doubt: false,
        };
        let journal = Arc::clone(&self.journal);
        Some(Arc::new(Journaled::new(journal, taken.call.run, entry, false)))
    }

    /// Takes up the runs that the process before left, and returns once all of them are on their way.
    pub(crate) async fn resume(self: &Arc<Self>) -> Result<(), Error> {
        if !self.journal.is_held() {
            return Ok(());
        }
        let (mut batch, mut left) = (Batch::new(), self.journal.left_over().await?);
        for (run, entry) in &mut left {
            entry.resumed += 1;
            self.journal.note_resumed(&mut batch, *run, entry);
        }
        if self.journal.commit(batch).await.is_err() {
            // The log says why. Without it nobody would count how often they were taken up.
            return Ok(());
        }
        for (run, entry) in left {
            tracing::info!(%run, scenario = entry.scenario, "a run goes on that the host was ended in");
            metrics::counter!("patchcord_runs_resumed_total").increment(1);
            self.take_up(run, entry).await;
        }
        Ok(())
    }

    async fn take_up(self: &Arc<Self>, run: Uuid, entry: Entry) {
        let under_way = Arc::clone(&self.under_way).read_owned().await;
        let claim = entry.key.as_ref().and_then(|(key, print)| self.keys.claim(key, print).ok());
        let plan = self.scenarios.plan(&entry.scenario, entry.version).await.ok();
        self.find_versions(entry.checkpoint.as_ref()).await;
        let variables = Variables::from_call(&entry.variables).unwrap_or_default();
        let mask = match &plan {
            Some(plan) => self.mask(plan, &variables),
            None => RunMask::new(Default::default(), Arc::clone(&self.scenarios)),
        };
        let journal = Arc::clone(&self.journal);
        let doubt = entry.in_doubt.then(|| Arc::new(InDoubt::default()) as Arc<dyn Layer>);
        let recorder = self.records().then(|| {
            let (brought, begins) = (entry.variables.clone(), entry.checkpoint.clone());
            let recorder = Recorder::new(brought, entry.locale.clone(), begins);
            Arc::new(recorder.over(doubt.clone()))
        });
        let recorded = recorder.clone().map(|recorder| recorder as Arc<dyn Layer>);
        let job = Job {
            registered: self.registry.register(run, &entry.scenario),
            version: entry.version,
            began: Began { at: entry.started_at, instant: None },
            want: entry.want.as_deref().and_then(|names| paths(names).ok()),
            resumed: entry.resumed,
            mask,
            recorder,
            layer: recorded.or(doubt),
            journaled: Some(Arc::new(Journaled::new(journal, run, entry.clone(), true))),
            claim,
            _under_way: under_way,
        };
        let runs = Arc::clone(self);
        tokio::spawn(async move {
            let finished = runs.go_on(&job, entry, plan, variables).await;
            runs.conclude(job, finished, None).await;
        });
    }

    /// Has the catalogue know every version of a scenario that a run is in, however old.
    async fn find_versions(&self, checkpoint: Option<&Checkpoint>) {
        for (name, version) in checkpoint.into_iter().flat_map(Checkpoint::scenarios) {
            if let Err(error) = self.scenarios.plan(name, version).await {
                tracing::error!(%error, scenario = name, version, "a run cannot go on");
            }
        }
    }

    async fn go_on(
        &self,
        job: &Job,
        entry: Entry,
        plan: Option<Arc<Plan>>,
        variables: Variables,
    ) -> Finished {
        let steps = entry.checkpoint.as_ref().map(|checkpoint| checkpoint.steps().to_vec());
        if entry.resumed > MOST_RESUMED {
            let why = format!("the host was ended {MOST_RESUMED} times while it was under way");
            return given_up(steps, &why);
        }
        let deadline = Instant::now() + Duration::from_millis(entry.allowance_ms);
        let mut call = Call::new(job.registered.watched.run, deadline, entry.locale, variables);
        (call.observer, call.cancelled) =
            (self.watch(job), job.registered.watched.cancelled.clone());
        job.registered.watched.ended(steps.iter().flatten().cloned());
        call.layer = job.layer.clone();
        let catalog = self.scenarios.catalog();
        match (entry.checkpoint, plan) {
            (Some(checkpoint), _) => patchcord_scenario::resume(checkpoint, catalog, call)
                .await
                .unwrap_or_else(|error| given_up(steps, &error.to_string())),
            (None, Some(plan)) => patchcord_scenario::run(&plan, catalog, call).await,
            (None, None) => given_up(steps, "its version of the scenario cannot run any more"),
        }
    }
}

/// The end of a run that cannot go on.
fn given_up(steps: Option<Vec<StepTrace>>, why: &str) -> Finished {
    let steps = steps.unwrap_or_default();
    let step = steps.last().map(|step| step.id.clone()).unwrap_or_default();
    let message = format!("the run could not go on after the host was started again: {why}");
    Finished {
        result: "failed".to_owned(),
        failure: Some(Failure { step, kind: FailureKind::Unavailable, message }),
        answer: Map::new(),
        variables: Variables::default(),
        screen_pop: None,
        steps,
        elapsed: Duration::ZERO,
    }
}
