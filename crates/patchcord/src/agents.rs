//! Agents who listen for screen pops.
//!
//! A screen pop is for the agent who takes the call, and of use for seconds. So nothing is stored: who listens is told, and
//! who lost the connection for a moment is told what came meanwhile. An agent to whom nobody listens takes no room.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use patchcord_runtime::ScreenPop;
use patchcord_scenario::{Path, Variables};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::broadcast;
use url::Url;
use uuid::Uuid;

use crate::accounts::Accounts;

/// The variable in which the call flow says who takes the call.
const LOGIN: &str = "user.login";
/// Screen pops that an agent who comes back can still be told.
const KEPT: usize = 32;
/// How long they are kept for an agent who has gone.
const KEPT_FOR: Duration = Duration::from_secs(300);
/// Agents who have gone and for whom they are kept.
const MOST_GONE: usize = 1_000;
/// How long the name of a table may take to be found out; a screen pop that comes later is of no use.
const PATIENCE: Duration = Duration::from_secs(2);

/// A record that is to be shown to an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentEvent {
    /// Number of the event; later ones have greater numbers, over restarts as well.
    #[serde(skip)]
    pub number: i64,
    /// The run that popped it.
    pub run: Uuid,
    /// Name of its scenario.
    pub scenario: String,
    /// Entity set name of the table, and primary key of the record.
    #[serde(flatten)]
    pub record: ScreenPop,
    /// Where Dynamics 365 shows the record; none where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}

/// What one listener of an agent is told.
pub struct AgentEvents {
    agents: Arc<Agents>,
    login: String,
    missed: VecDeque<Arc<AgentEvent>>,
    live: broadcast::Receiver<Arc<AgentEvent>>,
}

/// Everybody who listens.
pub(crate) struct Agents {
    accounts: Arc<Accounts>,
    lines: Mutex<Lines>,
}

struct Lines {
    next: i64,
    by_login: BTreeMap<String, Line>,
}

/// What is known of one agent.
struct Line {
    kept: VecDeque<Arc<AgentEvent>>,
    tell: broadcast::Sender<Arc<AgentEvent>>,
    listeners: usize,
    left: Instant,
}

impl Agents {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        // Later than every number of an earlier start, as there is less than one event a microsecond.
        let lines = Lines { next: Timestamp::now().as_microsecond(), by_login: BTreeMap::new() };
        Self { accounts, lines: Mutex::new(lines) }
    }

    /// Begins to listen to what is popped for an agent; where `after` is the number of an event, first to what came
    /// after that one and is still known.
    pub(crate) fn listen(self: &Arc<Self>, login: &str, after: Option<i64>) -> AgentEvents {
        let login = normal(login);
        let mut lines = self.lines();
        lines.forget_gone();
        let line = lines.by_login.entry(login.clone()).or_insert_with(Line::new);
        line.listeners += 1;
        let is_missed = |event: &&Arc<AgentEvent>| after.is_some_and(|after| event.number > after);
        let missed = line.kept.iter().filter(is_missed).cloned().collect();
        let live = line.tell.subscribe();
        drop(lines);
        AgentEvents { agents: Arc::clone(self), login, missed, live }
    }

    /// Tells the agent of a call, in the background, which record to show.
    pub(crate) fn pop(
        self: &Arc<Self>,
        variables: &Variables,
        run: Uuid,
        scenario: &str,
        record: &ScreenPop,
    ) {
        let Some(login) = login(variables).filter(|login| self.is_known(login)) else { return };
        let (agents, scenario, record) = (Arc::clone(self), scenario.to_owned(), record.clone());
        tokio::spawn(async move {
            let until = Instant::now() + PATIENCE;
            let url = agents.accounts.record_url(&record, until).await;
            agents.tell(&login, AgentEvent { number: 0, run, scenario, record, url });
        });
    }

    fn is_known(&self, login: &str) -> bool {
        self.lines().by_login.contains_key(login)
    }

    fn tell(&self, login: &str, event: AgentEvent) {
        let mut lines = self.lines();
        let number = lines.next;
        let Some(line) = lines.by_login.get_mut(login) else { return };
        let event = Arc::new(AgentEvent { number, ..event });
        if line.kept.len() == KEPT {
            line.kept.pop_front();
        }
        line.kept.push_back(Arc::clone(&event));
        // Nobody may be there at the moment.
        line.tell.send(event).ok();
        lines.next += 1;
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Forgets who has been gone for long, and of those who have gone the first where they are too many.
    fn forget_gone(&mut self) {
        self.by_login.retain(|_, line| line.listeners > 0 || line.left.elapsed() < KEPT_FOR);
        let mut gone: Vec<_> =
            self.by_login.iter().filter(|(_, line)| line.listeners == 0).collect();
        if gone.len() <= MOST_GONE {
            return;
        }
        gone.sort_by_key(|(_, line)| line.left);
        let too_many = gone.len() - MOST_GONE;
        let logins: Vec<String> =
            gone.into_iter().take(too_many).map(|(login, _)| login.clone()).collect();
        for login in logins {
            self.by_login.remove(&login);
        }
    }
}

impl Line {
    fn new() -> Self {
        let (tell, _) = broadcast::channel(KEPT);
        Self { kept: VecDeque::new(), tell, listeners: 0, left: Instant::now() }
    }
}

impl AgentEvents {
    /// Waits for the next event. It may be dropped while it waits, and nothing is lost. A listener who is more than 32
    /// events behind misses the oldest of them.
    pub async fn next(&mut self) -> Option<Arc<AgentEvent>> {
        if let Some(event) = self.missed.pop_front() {
            return Some(event);
        }
        loop {
            match self.live.recv().await {
                Ok(event) => return Some(event),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl Drop for AgentEvents {
    fn drop(&mut self) {
        let mut lines = self.agents.lines();
        if let Some(line) = lines.by_login.get_mut(&self.login) {
            line.listeners -= 1;
            line.left = Instant::now();
        }
        lines.forget_gone();
    }
}

/// Who takes the call, where the call flow says it.
fn login(variables: &Variables) -> Option<String> {
    match variables.get(&Path::parse(LOGIN).ok()?)? {
        Value::String(login) => Some(normal(&login)).filter(|login| !login.is_empty()),
        _ => None,
    }
}

/// Logins are the same in capitals and in small letters.
fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use patchcord_store::{KeySource, Store, StoreConfig};
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    async fn agents() -> (Arc<Agents>, TempDir) {
        let folder = TempDir::new().unwrap();
        let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
        let accounts = Accounts::open(Store::open(&config).await.unwrap()).await.unwrap();
        (Arc::new(Agents::new(accounts)), folder)
    }

    fn event(id: &str) -> AgentEvent {
        let record = ScreenPop { entity_set: "contacts".into(), id: id.into() };
        AgentEvent { number: 0, run: Uuid::nil(), scenario: "s".into(), record, url: None }
    }

    async fn told(events: &mut AgentEvents) -> (String, i64) {
        let event = events.next().await.unwrap();
        (event.record.id.clone(), event.number)
    }

    #[tokio::test]
    async fn everybody_who_listens_to_an_agent_is_told_and_nobody_else() {
        let (agents, _folder) = agents().await;
        let (mut one, mut two) = (agents.listen(" Ann@x ", None), agents.listen("ann@x", None));
        let mut other = agents.listen("bob@x", None);
        let variables = json!({ "user.login": "ANN@X" });
        let variables = Variables::from_call(variables.as_object().unwrap()).unwrap();
        agents.pop(&variables, Uuid::nil(), "s", &event("a").record);
        assert_eq!(told(&mut one).await.0, "a");
        assert_eq!(told(&mut two).await.0, "a");
        agents.tell("bob@x", event("b"));
        assert_eq!(told(&mut other).await.0, "b");
    }

    #[tokio::test]
    async fn who_comes_back_is_told_what_was_missed_and_no_more() {
        let (agents, _folder) = agents().await;
        let mut events = agents.listen("ann", None);
        agents.tell("ann", event("a"));
        let (_, seen) = told(&mut events).await;
        drop(events);
        for n in 0..KEPT + 3 {
            agents.tell("ann", event(&n.to_string()));
        }
        let mut back = agents.listen("ann", Some(seen));
        assert_eq!(told(&mut back).await.0, "3", "the oldest have made room");
        for _ in 4..KEPT + 3 {
            told(&mut back).await;
        }
        agents.tell("ann", event("live"));
        assert_eq!(told(&mut back).await.0, "live");
        let mut new = agents.listen("ann", None);
        agents.tell("ann", event("last"));
        assert_eq!(told(&mut new).await.0, "last");
    }

    #[tokio::test]
    async fn numbers_grow_over_a_restart() {
        let (agents, _folder) = agents().await;
        let mut events = agents.listen("ann", None);
        agents.tell("ann", event("a"));
        let (_, before) = told(&mut events).await;
        let next = Agents::new(Arc::clone(&agents.accounts)).lines().next;
        assert!(next > before, "{next} {before}");
    }

    #[tokio::test]
    async fn agents_who_have_gone_and_who_never_came_take_no_room() {
        let (agents, _folder) = agents().await;
        agents.tell("nobody", event("a"));
        assert!(!agents.is_known("nobody"));
        let stays = agents.listen("stays", None);
        for n in 0..MOST_GONE + 10 {
            drop(agents.listen(&n.to_string(), None));
        }
        assert_eq!(agents.lines().by_login.len(), MOST_GONE + 1);
        assert!(agents.is_known("stays") && !agents.is_known("0"));
        drop(stays);
    }

    #[test]
    fn an_agent_is_named_by_text() {
        for (variables, expected) in [
            (json!({ "user": { "login": " Ann " } }), Some("ann")),
            (json!({ "user.login": "" }), None),
            (json!({ "user.login": 7 }), None),
            (json!({ "user": "ann" }), None),
            (json!({}), None),
        ] {
            let variables = Variables::from_call(variables.as_object().unwrap()).unwrap();
            assert_eq!(login(&variables).as_deref(), expected);
        }
    }
}
