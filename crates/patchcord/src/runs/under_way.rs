//! The runs that are under way: to cancel them, to look at them, and to wait for what is known of one that has just been
//! answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use patchcord_scenario::StepTrace;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::progress::{Progress, RunUnderWay};

/// By their ids.
#[derive(Default)]
pub(super) struct UnderWay {
    runs: DashMap<Uuid, Arc<Watched>>,
}

/// One run.
pub(super) struct Watched {
    pub(super) run: Uuid,
    pub(super) scenario: String,
    /// Fires when the run is to end.
    pub(super) cancelled: CancellationToken,
    answered: AtomicBool,
    /// What is known of it, once it has begun.
    progress: OnceLock<Progress>,
    /// Fires once all that is known of the run can be read.
    noted: CancellationToken,
}

/// Keeps a run among those under way until it is dropped.
pub(super) struct Registered {
    under_way: Arc<UnderWay>,
    pub(super) watched: Arc<Watched>,
}

impl UnderWay {
    pub(super) fn register(self: &Arc<Self>, run: Uuid, scenario: &str) -> Registered {
        let watched = Arc::new(Watched {
            run,
            scenario: scenario.to_owned(),
            cancelled: CancellationToken::new(),
            answered: AtomicBool::new(false),
            progress: OnceLock::new(),
            noted: CancellationToken::new(),
        });
        self.runs.insert(run, Arc::clone(&watched));
        Registered { under_way: Arc::clone(self), watched }
    }

    /// The run, where it is not answered yet. One that is answered is waited for until it can be read.
    pub(super) async fn find(&self, run: Uuid) -> Option<Arc<Watched>> {
        let watched = self.runs.get(&run).map(|watched| Arc::clone(&watched))?;
        if !watched.answered.load(Ordering::Acquire) {
            return Some(watched);
        }
        watched.noted.cancelled().await;
        None
    }

    /// Every run that has begun and is not answered yet.
    pub(super) fn all(&self) -> Vec<Arc<Watched>> {
        let going = |watched: &Arc<Watched>| !watched.answered.load(Ordering::Acquire);
        self.runs.iter().map(|run| Arc::clone(&run)).filter(going).collect()
    }

    /// Waits until every run that is answered can be read.
    pub(super) async fn settle(&self) {
        let answered = |watched: &Arc<Watched>| watched.answered.load(Ordering::Acquire);
        let waiting: Vec<_> =
            self.runs.iter().map(|run| Arc::clone(&run)).filter(answered).collect();
        for watched in waiting {
            watched.noted.cancelled().await;
        }
    }
}

impl Watched {
    /// The run begins.
    pub(super) fn begin(&self, progress: Progress) {
        self.progress.set(progress).ok();
    }

    /// Steps have ended.
    pub(super) fn ended(&self, steps: impl IntoIterator<Item = StepTrace>) {
        if let Some(progress) = self.progress.get() {
            progress.ended(steps);
        }
    }

    /// What is known so far; none where it has not begun.
    pub(super) fn told(&self) -> Option<RunUnderWay> {
        Some(self.progress.get()?.told(self.run, &self.scenario))
    }

    /// To be called before the answer is told.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Release);
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.under_way.runs.remove(&self.watched.run);
        self.watched.noted.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_asks_for_a_run_just_answered_waits_until_it_can_be_read() {
        let under_way = Arc::new(UnderWay::default());
        let run = Uuid::now_v7();
        assert!(under_way.find(run).await.is_none());
        let registered = under_way.register(run, "greeting");
        assert!(under_way.find(run).await.is_some());
        under_way.settle().await;
        registered.watched.answered();
        let looking = tokio::spawn({
            let under_way = Arc::clone(&under_way);
            async move {
                under_way.settle().await;
                under_way.find(run).await.is_none()
            }
        });
        tokio::task::yield_now().await;
        assert!(!looking.is_finished());
        drop(registered);
        assert!(looking.await.unwrap());
    }
}
