//! Calls and trials: what call flows ask, and who looks at what they did.

use std::sync::Arc;

use patchcord_store::StoreError;
use uuid::Uuid;

use super::Patchcord;
use crate::agents::AgentEvents;
use crate::rehearsal::Recording;
use crate::runs::{
    CallAnswer, CallRequest, Run, RunEvents, RunQuery, RunUnderWay, RunView, TryAnswer, TryRequest,
};
use crate::statistics::{Statistics, StatisticsQuery};
use crate::{CallError, Error};

impl Patchcord {
    /// Runs a scenario for a call. Dropping the future cancels the run, unless the scenario says that it goes on or it has
    /// an idempotency key; a write that is under way is let to its end. It leaves its trace in any case.
    ///
    /// # Errors
    /// The call was not taken. One that was taken is always answered; a failure of its scenario is in the answer.
    pub async fn call(&self, request: CallRequest) -> Result<CallAnswer, CallError> {
        self.runs.call(request).await
    }

    /// Walks a scenario as a call would have it walked, for who tries it out: what it writes is shown, unless it is asked to
    /// write; no screen pops, and nothing is counted or stored. A run can be walked once more that way. Dropping the future
    /// cancels it.
    ///
    /// # Errors
    /// There is nothing of the kind; what was asked, or the document, is wrong; a run that is to be replayed is not
    /// recorded, or does not come to the step. A failure of the scenario is in the answer.
    pub async fn try_scenario(&self, request: TryRequest) -> Result<TryAnswer, Error> {
        self.runs.try_out(request).await
    }

    /// What is known of a run, whether or not it has ended.
    ///
    /// # Errors
    /// There is no such run, or the store failed.
    pub async fn look_at_run(&self, id: Uuid) -> Result<RunView, Error> {
        self.runs.look_at(id).await
    }

    /// The runs under way that match, newest first; `result` and `failure` do not matter.
    pub fn runs_under_way(&self, query: &RunQuery) -> Vec<RunUnderWay> {
        self.runs.under_way(query)
    }

    /// What is known of a run that has ended.
    ///
    /// # Errors
    /// There is no such run, or it is under way, or the store failed.
    pub async fn run(&self, id: Uuid) -> Result<Run, Error> {
        self.runs.get(id).await
    }

    /// What a run was brought, and what Dynamics 365 and web servers answered it. Nothing in it is masked.
    ///
    /// # Errors
    /// There is no such run, or it is not recorded; the store failed.
    pub async fn recording(&self, run: Uuid) -> Result<Recording, Error> {
        self.runs.recording(run).await
    }

    /// The runs that match, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn runs(&self, query: &RunQuery) -> Result<Vec<Run>, Error> {
        self.runs.list(query).await
    }

    /// What calls did in the last minutes, by scenario and by block, and how much more the integration accounts may ask.
    ///
    /// # Errors
    /// The host is shutting down.
    pub async fn statistics(&self, query: StatisticsQuery) -> Result<Statistics, Error> {
        self.runs.settle().await;
        let counted = Arc::clone(&self.counted);
        // Thousands of minutes may have to be added up, which is no work to keep calls waiting for.
        let summary = tokio::task::spawn_blocking(move || counted.summary(query)).await;
        let summary = summary.map_err(|_| Error::Store(StoreError::Interrupted))?;
        let accounts = self.accounts.head_room(summary.from);
        Ok(Statistics { summary, accounts })
    }

    /// The screen pops of an agent, from now on; where `after` is the number of an event, first those that came after it
    /// and are still known. An agent is who `user.login` names in the variables of a run.
    pub fn agent_events(&self, login: &str, after: Option<i64>) -> AgentEvents {
        self.agents.listen(login, after)
    }

    /// Cancels a run that is under way: it ends before its next step, and before that where nothing is written meanwhile.
    ///
    /// # Errors
    /// There is no such run, or it has ended; the store failed.
    pub async fn cancel_run(&self, id: Uuid) -> Result<(), Error> {
        self.runs.cancel(id).await
    }

    /// What happens in a run from now on, to its end; where it has ended, only that.
    ///
    /// # Errors
    /// There is no such run, or the store failed.
    pub async fn run_events(&self, id: Uuid) -> Result<RunEvents, Error> {
        self.runs.events_of(id).await
    }

    /// What happens in the trial with this id from now on, to its end. It need not have begun.
    pub fn trial_events(&self, id: Uuid) -> RunEvents {
        self.runs.trial_events(id)
    }

    /// What happens in the runs of a scenario from now on, or in those of all.
    pub fn events(&self, scenario: Option<String>) -> RunEvents {
        self.runs.events(scenario)
    }
}
