//! Reading runs: one by its id, or those that match, newest first and page by page.
//!
//! A run's id begins with the time at which the call came in, so that the order of ids is that of the calls, and a span of
//! time is a span of ids.

use jiff::Timestamp;
use patchcord_scenario::FailureKind;
use patchcord_store::Search;
use uuid::Uuid;

use super::events::{RunEvents, Wanted};
use super::record::{FAILED, FAILURE, RESULT, SCENARIO, label};
use super::{RECORDINGS, RUNS, Run, RunUnderWay, RunView, Runs};
use crate::Error;
use crate::rehearsal::Recording;
use crate::spans::{below, lowest_id};

/// Which runs are wanted; what is left out does not matter.
#[derive(Debug, Clone, Default)]
pub struct RunQuery {
    /// Of this scenario.
    pub scenario: Option<String>,
    /// That were answered with this result.
    pub result: Option<String>,
    /// That a failure of this kind ended.
    pub failure: Option<FailureKind>,
    /// That a failure of any kind ended; who hangs up makes none fail.
    pub failed: bool,
    /// Whose call came in at this time or later, to the millisecond.
    pub since: Option<Timestamp>,
    /// Whose call came in before this time, to the millisecond.
    pub until: Option<Timestamp>,
    /// That began before this run: the last one of the page before.
    pub before: Option<Uuid>,
    /// How many at most.
    pub limit: u32,
}

impl RunQuery {
    fn search(&self) -> Search {
        let failure = self.failure.map(|kind| (FAILURE, kind.exit().to_owned()));
        let failed = self.failed.then(|| (FAILED, true.to_string()));
        let result = self.result.as_deref().map(|result| (RESULT, label(result)));
        let scenario = self.scenario.as_deref().map(|scenario| (SCENARIO, label(scenario)));
        Search {
            labels: [failure, failed, result, scenario].into_iter().flatten().collect(),
            from: self.since.map(|since| lowest_id(since).to_string()),
            before: below(self.until, self.before),
            limit: self.limit,
        }
    }
}

impl Runs {
    /// Ends a run that is under way, as soon as it writes nothing.
    pub(crate) async fn cancel(&self, id: Uuid) -> Result<(), Error> {
        if let Some(watched) = self.registry.find(id).await {
            watched.cancelled.cancel();
            return Ok(());
        }
        if let Some(trial) = self.trials.cancellation(id).await {
            trial.cancel();
            return Ok(());
        }
        let run = self.get(id).await?.run;
        Err(Error::RunEnded(run))
    }

    /// What happens in one run from now on; where it is over, how it ended. A trial is heard of while it is under way.
    pub(crate) async fn events_of(&self, id: Uuid) -> Result<RunEvents, Error> {
        if let Some(events) = self.trials.events_of(id).await {
            return Ok(events);
        }
        let events = self.events.listen(Wanted::Run(id));
        match self.registry.find(id).await {
            Some(_) => Ok(events),
            None => Ok(RunEvents::ended(&self.get(id).await?)),
        }
    }

    /// What happens in a trial from now on, which need not have begun.
    pub(crate) fn trial_events(&self, id: Uuid) -> RunEvents {
        self.trials.events(id)
    }

    /// What happens in the runs of one scenario, or of all, from now on.
    pub(crate) fn events(&self, scenario: Option<String>) -> RunEvents {
        self.events.listen(Wanted::Scenario(scenario))
    }

    pub(crate) async fn get(&self, id: Uuid) -> Result<Run, Error> {
        self.registry.find(id).await;
        if let Some(run) = self.recent.find(|run| run.run == id) {
            return Ok(run);
        }
        let stored = self.store.get::<Run>(RUNS, &id.to_string()).await?;
        let missing = || Error::NotFound { what: "run", name: id.to_string() };
        Ok(stored.ok_or_else(missing)?.value)
    }

    /// What a run was answered from outside, as soon as it is over.
    pub(crate) async fn recording(&self, id: Uuid) -> Result<Recording, Error> {
        self.flush().await;
        let stored = self.store.get_sealed::<Recording>(RECORDINGS, &id.to_string()).await?;
        let missing = || Error::NotFound { what: "recording of the run", name: id.to_string() };
        Ok(stored.ok_or_else(missing)?.value)
    }

    /// A run, whether or not it has ended.
    pub(crate) async fn look_at(&self, id: Uuid) -> Result<RunView, Error> {
        let under_way = self.registry.find(id).await.and_then(|watched| watched.told());
        match under_way {
            Some(told) => Ok(RunView::UnderWay(Box::new(told))),
            None => Ok(RunView::Ended(Box::new(self.get(id).await?))),
        }
    }

    /// The runs under way that match, newest first. None of them has a result or a failure.
    pub(crate) fn under_way(&self, query: &RunQuery) -> Vec<RunUnderWay> {
        let until = query.before.into_iter().chain(query.until.map(lowest_id)).min();
        let matches = |run: Uuid, scenario: &str| {
            query.scenario.as_deref().is_none_or(|wanted| wanted == scenario)
                && query.since.is_none_or(|since| lowest_id(since) <= run)
                && until.is_none_or(|until| run < until)
        };
        let mut found = self.registry.all();
        found.retain(|watched| matches(watched.run, &watched.scenario));
        found.sort_unstable_by_key(|watched| std::cmp::Reverse(watched.run));
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        found.iter().filter_map(|watched| watched.told()).take(limit).collect()
    }

    /// The runs that match, newest first.
    pub(crate) async fn list(&self, query: &RunQuery) -> Result<Vec<Run>, Error> {
        self.flush().await;
        let documents = self.store.search::<Run>(RUNS, &query.search()).await?;
        Ok(documents.into_iter().map(|document| document.value).collect())
    }
}
