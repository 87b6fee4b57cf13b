//! Trying out: a scenario is walked as a run would be, but nobody's desktop moves, nothing is counted or stored, and what
//! it writes is shown, unless it is asked to write. A run can be replayed that way.
//!
//! `request` what is asked and answered, `replay` runs that are walked once more, `kept` trials that can be, `catalog` what
//! they see of other scenarios, `between` what answers and records them, `cover` what must not be seen in the answer, `case`
//! the test case that is made of one.

mod between;
mod case;
mod catalog;
mod cover;
mod kept;
mod replay;
mod request;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use patchcord_scenario::{Call, Checkpoint, Failure, FailureKind, Finished, Plan, Variables};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::events::{Events, RunEvent, RunEvents, Wanted};
use super::mask::RunMask;
use super::under_way::{Registered, UnderWay};
use super::watcher::Watcher;
use super::{CallAnswer, DEADLINE, LOCALE, Runs};
use crate::Error;
use crate::detached::to_the_end;
use crate::rehearsal::Recording;
use crate::scenarios::TriedDocument;
use between::Between;
use case::Taken;
use catalog::TrialCatalog;
use kept::{KeptTrial, KeptTrials};
use replay::{Replayed, does_not_fit};
use request::wrong;

pub use request::{Replay, TryAnswer, TryRequest};

/// The trials under way, apart from the runs: who listens to those hears nothing of them. And those that have just been.
pub(super) struct Trials {
    registry: Arc<UnderWay>,
    events: Arc<Events>,
    kept: Arc<KeptTrials>,
}

impl Default for Trials {
    fn default() -> Self {
        Self { registry: Arc::default(), events: Arc::new(Events::new()), kept: Arc::default() }
    }
}

impl Trials {
    /// What happens in a trial from now on, which need not have begun.
    pub(super) fn events(&self, id: Uuid) -> RunEvents {
        self.events.listen(Wanted::Run(id))
    }

    /// What happens in a trial from now on, where it is under way.
    pub(super) async fn events_of(&self, id: Uuid) -> Option<RunEvents> {
        let events = self.events(id);
        self.registry.find(id).await.map(|_| events)
    }

    /// What ends a trial, where it is under way.
    pub(super) async fn cancellation(&self, id: Uuid) -> Option<CancellationToken> {
        self.registry.find(id).await.map(|watched| watched.cancelled.clone())
    }
}

/// A trial that is about to begin.
struct Trial {
    request: TryRequest,
    document: TriedDocument,
    plan: Arc<Plan>,
    replayed: Option<Replayed>,
    variables: Variables,
    deadline: Instant,
    began: Instant,
    registered: Registered,
    /// The names of what is not to be seen.
    sensitive: Vec<String>,
    mask: Arc<RunMask>,
}

impl Runs {
    /// Tries a scenario out. Dropping the future cancels it; a write that is under way is let to its end.
    pub(crate) async fn try_out(self: &Arc<Self>, request: TryRequest) -> Result<TryAnswer, Error> {
        let trial = self.trial(request).await?;
        let hang_up = trial.registered.watched.cancelled.clone().drop_guard();
        let (runs, under_way) = (Arc::clone(self), Arc::clone(&self.under_way).read_owned().await);
        let ended = to_the_end(async move {
            let answer = runs.carry_out_trial(trial).await;
            drop(under_way);
            answer
        })
        .await;
        hang_up.disarm();
        ended.unwrap_or(Err(Error::Store(patchcord_store::StoreError::Interrupted)))
    }

    async fn trial(&self, request: TryRequest) -> Result<Trial, Error> {
        request.check()?;
        let began = Instant::now();
        let (name, document) = (&request.scenario, request.document.as_deref());
        let (document, plan) = self.scenarios.to_try(name, document, request.version).await?;
        let replayed = match request.replay.clone() {
            Some(replay) => Some(self.replayed(name, replay).await?),
            None => None,
        };
        let brought = replayed.as_ref().map_or(&request.variables, |it| &it.recording.variables);
        let variables =
            Variables::from_call(brought).map_err(|problem| wrong("/variables", problem))?;
        let hidden = replayed.as_ref().map_or(&[][..], |it| &it.sensitive);
        let mut sensitive = [&plan.scenario().sensitive[..], hidden].concat();
        // Each trial that goes on from another one would add its own once more.
        sensitive.sort_unstable();
        sensitive.dedup();
        let mask = self.trial_mask(&sensitive, &variables);
        let allowance: Duration = request.deadline.or(plan.deadline()).unwrap_or(DEADLINE);
        let id = request.run.unwrap_or_else(Uuid::now_v7);
        if request.run.is_some() && self.is_known(id).await {
            return Err(wrong("/run", "is the id of a run that there is already: give a new one"));
        }
        let registered = self.trials.registry.register(id, name);
        let deadline = began + allowance;
        Ok(Trial {
            request,
            document,
            plan,
            replayed,
            variables,
            deadline,
            began,
            registered,
            sensitive,
            mask,
        })
    }

    /// Whether there is a run with this id, or a trial under way. One that is over gives its id to the next.
    async fn is_known(&self, id: Uuid) -> bool {
        self.trials.registry.find(id).await.is_some()
            || self.registry.find(id).await.is_some()
            || self.get(id).await.is_ok()
    }

    async fn carry_out_trial(&self, trial: Trial) -> Result<TryAnswer, Error> {
        let ended = self.try_it(&trial).await;
        let (result, failure) = match &ended {
            Ok((answer, _)) => (answer.call.result.clone(), answer.call.failure.clone()),
            Err(error) => ("failed".to_owned(), Some(never_begun(error))),
        };
        // Who begins to listen from here on is told that there is nothing any more.
        let watched = &trial.registered.watched;
        watched.answered();
        self.trials.events.tell(|| RunEvent::RunEnded {
            run: watched.run,
            scenario: watched.scenario.clone(),
            version: trial.plan.version(),
            result,
            failure,
            elapsed_ms: super::milliseconds(trial.began.elapsed()),
        });
        let (mut answer, taken) = ended?;
        if let Some(taken) = taken {
            self.add_case(&trial, taken, &mut answer).await;
        }
        Ok(answer)
    }

    async fn try_it(&self, trial: &Trial) -> Result<(TryAnswer, Option<Taken>), Error> {
        let began = match &trial.replayed {
            Some(replayed) => self.rebuilt(replayed, trial.deadline).await?,
            None => None,
        };
        let began = began.map(|checkpoint| checkpoint.onto(&trial.plan));
        if trial.request.writes {
            tracing::info!(
                target: "patchcord::audit", scenario = trial.request.scenario,
                run = %trial.registered.watched.run, "a scenario is tried, and writes"
            );
        }
        let rebuilt = began.as_ref().map_or(0, |checkpoint| checkpoint.steps().len());
        let between = Between::of(trial, self.scenarios.shared_catalog(), self.records());
        let finished = self.walk_trial(trial, began.clone(), &between).await?;
        let whole = trial.whole(&finished, rebuilt, &between);
        if let Some(recording) = whole.as_ref().filter(|_| self.records()).cloned() {
            self.trials.kept.keep(trial.kept(recording, began));
        }
        let taken = trial.taken(whole, &finished, &between);
        let mut answer = trial.answer(finished, rebuilt, &between);
        cover::cover(&trial.mask, &mut answer);
        Ok((answer, taken))
    }

    async fn walk_trial(
        &self,
        trial: &Trial,
        began: Option<Checkpoint>,
        between: &Between,
    ) -> Result<Finished, Error> {
        let (none, inner) = (HashMap::new(), self.scenarios.catalog());
        let recorded = trial.replayed.as_ref().map_or(&none, |replayed| &replayed.started);
        let tried = Arc::clone(&trial.plan);
        let catalog = TrialCatalog { inner, tried, recorded, rebuilds: false };
        let mut call = trial.call()?;
        (call.layer, call.observer) = (between.layer(), self.watch_trial(trial));
        call.cancelled = trial.registered.watched.cancelled.clone();
        call.counted = false;
        match began {
            Some(checkpoint) => {
                patchcord_scenario::resume(checkpoint, &catalog, call).await.map_err(does_not_fit)
            }
            None => Ok(patchcord_scenario::run(&trial.plan, &catalog, call).await),
        }
    }

    fn watch_trial(&self, trial: &Trial) -> Arc<Watcher> {
        let (watched, events) =
            (Arc::clone(&trial.registered.watched), Arc::clone(&self.trials.events));
        events.tell(|| RunEvent::RunBegan {
            run: watched.run,
            scenario: watched.scenario.clone(),
            version: trial.plan.version(),
            started_at: Timestamp::now(),
        });
        Arc::new(Watcher { watched, events, mask: Arc::clone(&trial.mask), journaled: None })
    }
}

/// What is told of a trial whose way did not lead to where it was to begin.
fn never_begun(error: &Error) -> Failure {
    let (step, message) = (String::new(), error.to_string());
    Failure { step, kind: FailureKind::InvalidRequest, message }
}

impl Trial {
    fn call(&self) -> Result<Call, Error> {
        if let Some(replayed) = &self.replayed {
            return replayed.call(self.deadline);
        }
        let (run, variables) = (self.registered.watched.run, self.variables.clone());
        Ok(Call::new(run, self.deadline, self.locale(), variables))
    }

    fn locale(&self) -> String {
        let of_run = self.replayed.as_ref().map(|replayed| &replayed.recording.locale);
        of_run.or(self.request.locale.as_ref()).cloned().unwrap_or_else(|| LOCALE.to_owned())
    }

    /// The trial, to be walked once more; `begins` is where it began, where that is not the beginning of its call.
    fn kept(&self, recording: Recording, begins: Option<Checkpoint>) -> KeptTrial {
        let id = self.registered.watched.run;
        let call = self.replayed.as_ref().map_or(id, |replayed| replayed.call);
        let (plan, sensitive) = (Arc::clone(&self.plan), self.sensitive.clone());
        KeptTrial::new(id, call, plan, sensitive, recording, begins)
    }

    fn answer(&self, finished: Finished, rebuilt: usize, between: &Between) -> TryAnswer {
        let rehearser = between.rehearser.as_ref();
        let replayer = between.replayer.as_ref();
        TryAnswer {
            call: CallAnswer {
                run: self.registered.watched.run,
                variables: finished.variables_for(None),
                result: finished.result,
                failure: finished.failure,
                screen_pop: finished.screen_pop,
                elapsed_ms: super::milliseconds(self.began.elapsed()),
            },
            document: self.document,
            version: (self.document == TriedDocument::Version).then(|| self.plan.version()),
            dry_run: !self.request.writes,
            rebuilt,
            steps: finished.steps,
            requests: rehearser.map(|rehearser| rehearser.unsent()).unwrap_or_default(),
            differences: replayer.map(|replayer| replayer.unrecorded()).unwrap_or_default(),
            case: None,
            no_case: None,
        }
    }
}
