//! Trials that have just been, as recordings, so that they can be walked once more from one of their steps. They are kept in
//! memory alone, for a while, and no more of them than so many: what calls do is written down, what somebody tries is not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use patchcord_scenario::{Checkpoint, Plan};
use tokio::time::Instant;
use uuid::Uuid;

use crate::rehearsal::Recording;

/// For how long a trial is kept.
const KEPT_FOR: Duration = Duration::from_mins(30);
/// How many are kept.
const MOST: usize = 64;
/// How long all of them may be together, in bytes as they would be written.
const MOST_BYTES: usize = 32 << 20;

/// Recent trials, the oldest first.
#[derive(Default)]
pub(super) struct KeptTrials {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    trials: VecDeque<(Instant, Arc<KeptTrial>)>,
    bytes: usize,
}

/// A trial that is over.
pub(super) struct KeptTrial {
    pub(super) id: Uuid,
    /// The id by which the records that it makes are named: its own, or that of the run that it replayed.
    pub(super) call: Uuid,
    /// What was tried.
    pub(super) plan: Arc<Plan>,
    /// The names of what it hid.
    pub(super) sensitive: Vec<String>,
    /// Its whole way, with what it took over from what it replayed.
    pub(super) recording: Recording,
    /// Where it began, where that is not the beginning of its call.
    pub(super) begins: Option<Checkpoint>,
    bytes: usize,
}

impl KeptTrial {
    pub(super) fn new(
        id: Uuid,
        call: Uuid,
        plan: Arc<Plan>,
        sensitive: Vec<String>,
        recording: Recording,
        begins: Option<Checkpoint>,
    ) -> Self {
        let written = serde_json::to_vec(&(&recording, &begins));
        let bytes = written.map_or(MOST_BYTES, |written| written.len());
        Self { id, call, plan, sensitive, recording, begins, bytes }
    }
}

impl KeptTrials {
    /// In place of an earlier one with its id: what was shown first may be sent under the same id.
    pub(super) fn keep(self: &Arc<Self>, trial: KeptTrial) {
        let was_empty = {
            let mut held = self.held();
            let was_empty = held.trials.is_empty();
            held.forget_one(trial.id);
            held.bytes += trial.bytes;
            held.trials.push_back((Instant::now(), Arc::new(trial)));
            while held.trials.len() > MOST || held.bytes > MOST_BYTES {
                held.forget_oldest();
            }
            was_empty
        };
        if was_empty {
            tokio::spawn(forget_in_time(Arc::downgrade(self)));
        }
    }

    pub(super) fn find(&self, id: Uuid) -> Option<Arc<KeptTrial>> {
        let held = self.held();
        held.trials.iter().find(|(_, trial)| trial.id == id).map(|(_, trial)| Arc::clone(trial))
    }

    /// Forgets those whose time is over. Says when the next one's will be.
    fn forget(&self) -> Option<Instant> {
        let mut held = self.held();
        loop {
            let ends = held.trials.front()?.0 + KEPT_FOR;
            if ends > Instant::now() {
                return Some(ends);
            }
            held.forget_oldest();
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn forget_one(&mut self, id: Uuid) {
        let at = self.trials.iter().position(|(_, trial)| trial.id == id);
        if let Some((_, earlier)) = at.and_then(|at| self.trials.remove(at)) {
            self.bytes -= earlier.bytes;
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.trials.pop_front() {
            self.bytes -= oldest.bytes;
        }
    }
}

/// Forgets each trial when its time is over, until there is none.
async fn forget_in_time(trials: Weak<KeptTrials>) {
    while let Some(next) = trials.upgrade().and_then(|trials| trials.forget()) {
        tokio::time::sleep_until(next).await;
    }
}

#[cfg(test)]
mod tests {
    use patchcord_scenario::{Catalog, NoBlock, ScenarioBlock};
    use serde_json::{Map, json};

    use super::*;
    use crate::rehearsal::Recorder;

    struct Nothing;

    impl Catalog for Nothing {
        fn block(&self, _: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
            Err(NoBlock::Unknown)
        }

        fn account(&self, _: &str) -> Option<String> {
            None
        }

        fn default_account(&self) -> Option<String> {
            None
        }

        fn block_ids(&self) -> Vec<String> {
            Vec::new()
        }
    }

    fn trial(plan: &Arc<Plan>, note: &str) -> KeptTrial {
        let variables = Map::from_iter([("note".to_owned(), json!(note))]);
        let recorder = Recorder::new(variables, "en-US".to_owned(), None);
        let recording = recorder.recording("greeting", 0, &[]);
        let id = Uuid::now_v7();
        KeptTrial::new(id, id, Arc::clone(plan), Vec::new(), recording, None)
    }

    fn plan() -> Arc<Plan> {
        let document = json!({
            "patchcord": "1.0", "name": "greeting", "start": "end",
            "blocks": [{ "id": "end", "block": "core.exit", "properties": { "result": "done" } }]
        });
        let document = serde_json::from_value(document).unwrap();
        Arc::new(patchcord_scenario::check(document, &Nothing).unwrap().0)
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_is_forgotten_when_its_time_is_over_though_nobody_asks() {
        let (kept, plan) = (Arc::new(KeptTrials::default()), plan());
        let (first, second) = (trial(&plan, ""), trial(&plan, ""));
        let ids = (first.id, second.id);
        kept.keep(first);
        tokio::time::sleep(KEPT_FOR / 2).await;
        kept.keep(second);
        assert!(kept.find(ids.0).is_some());
        tokio::time::sleep(KEPT_FOR / 2 + Duration::from_secs(1)).await;
        assert!(kept.find(ids.0).is_none() && kept.find(ids.1).is_some());
        tokio::time::sleep(KEPT_FOR / 2).await;
        let held = kept.held();
        assert_eq!((held.trials.len(), held.bytes), (0, 0));
    }

    #[tokio::test]
    async fn a_trial_takes_the_place_of_the_one_whose_id_it_was_given() {
        let (kept, plan) = (Arc::new(KeptTrials::default()), plan());
        let (shown, sent) = (trial(&plan, "shown"), trial(&plan, "sent and longer"));
        let sent = KeptTrial { id: shown.id, ..sent };
        let (id, bytes) = (sent.id, sent.bytes);
        kept.keep(shown);
        kept.keep(sent);
        let held = kept.held();
        assert_eq!((held.trials.len(), held.bytes), (1, bytes));
        assert_eq!(held.trials[0].1.id, id);
    }

    #[tokio::test]
    async fn the_oldest_give_way_where_they_are_too_many_or_too_long() {
        let (kept, plan) = (Arc::new(KeptTrials::default()), plan());
        let oldest = trial(&plan, "");
        let id = oldest.id;
        kept.keep(oldest);
        (1..MOST).for_each(|_| kept.keep(trial(&plan, "")));
        assert!(kept.find(id).is_some());
        kept.keep(trial(&plan, ""));
        assert!(kept.find(id).is_none());
        let long = trial(&plan, &"x".repeat(MOST_BYTES * 2 / 3));
        let id = long.id;
        kept.keep(long);
        assert!(kept.find(id).is_some());
        kept.keep(trial(&plan, &"x".repeat(MOST_BYTES / 2)));
        assert_eq!((kept.find(id).is_none(), kept.held().trials.len()), (true, 1));
    }
}
