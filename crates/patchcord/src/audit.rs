//! The audit log: who changed what, when, from where, and what came of it.
//!
//! An entry names a thing and never holds what was sent: no body, no secret. It is durable before the one who asked is
//! answered, is never written again, and goes after the days that the operator set.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use patchcord_store::{Batch, Search, Store};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Error;
use crate::spans::{below, lowest_id};

const AUDIT: &str = "audit";
const WHO: &str = "who";
const WHAT: &str = "what";
/// Characters of a name or a subject that are kept: an address may be as long as it likes.
const LONGEST: usize = 200;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "who", rename_all = "snake_case")]
pub enum Actor {
    /// A user who was signed in.
    User(String),
    /// Whoever had the API token of this name.
    Token(String),
    /// Somebody on the machine itself, on the data folder: the name is that of the operating system's user, where known.
    CommandLine(String),
    /// Nobody who is known.
    Nobody,
}

impl Actor {
    /// The name; none where nobody is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::User(name) | Self::Token(name) | Self::CommandLine(name) => Some(name),
            Self::Nobody => None,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not done because of who asked, or of what was asked.
    Refused,
    /// It was not done because something failed.
    Failed,
}

/// What is to be written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Who did it.
    #[serde(flatten)]
    pub actor: Actor,
    /// From where, where that is known.
    pub address: Option<IpAddr>,
    /// What was done: a thing and a verb, such as `account.update`.
    pub what: String,
    /// Name or id of the one thing that it was done to.
    pub subject: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// Where it was not done, the kind of problem, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id; ids are in the order of time.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What was done.
    #[serde(flatten)]
    pub action: Action,
}

/// Which entries are wanted; what is left out does not matter.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// At this time or later, to the millisecond.
    pub since: Option<Timestamp>,
    /// Before this time, to the millisecond.
    pub until: Option<Timestamp>,
    /// By who has this name.
    pub who: Option<String>,
    /// Of this kind, such as `account.update`, or to this kind of thing, such as `account`.
    pub what: Option<String>,
    /// Before this entry: the last one of the page before.
    pub before: Option<Uuid>,
    /// How many at most.
    pub limit: u32,
}

/// The audit log of a store.
pub struct Audit {
    store: Store,
    kept: SignedDuration,
}

impl Audit {
    /// The audit log in `store`, kept for so many days.
    pub fn new(store: Store, days: u16) -> Self {
        Self { store, kept: SignedDuration::from_hours(24 * i64::from(days)) }
    }

    /// Writes an entry down; it is on disk when this returns.
    ///
    /// # Errors
    /// The store failed.
    pub async fn record(&self, action: Action) -> Result<(), Error> {
        let (id, at) = (Uuid::now_v7(), Timestamp::now());
        let entry = AuditEntry { id, at, action: action.bounded() };
        let mut batch = Batch::new();
        batch.put_labelled(AUDIT, &id.to_string(), &entry, entry.labels())?;
        batch.prune(AUDIT, at - self.kept);
        Ok(self.store.write(batch).await?)
    }

    /// The entries that match, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, Error> {
        let AuditQuery { since, until, who, what, before, limit } = query;
        let who = who.as_deref().map(|who| (WHO, bounded(who).to_lowercase()));
        let what = what.as_deref().map(|what| (WHAT, bounded(what)));
        let search = Search {
            labels: who.into_iter().chain(what).collect(),
            from: since.map(|since| lowest_id(since).to_string()),
            before: below(*until, *before),
            limit: *limit,
        };
        let found = self.store.search::<AuditEntry>(AUDIT, &search).await?;
        Ok(found.into_iter().map(|document| document.value).collect())
    }
}

impl Action {
    fn bounded(mut self) -> Self {
        match &mut self.actor {
            Actor::User(name) | Actor::Token(name) | Actor::CommandLine(name) => {
                *name = bounded(name);
            }
            Actor::Nobody => {}
        }
        self.subject = self.subject.as_deref().map(bounded);
        self
    }
}

impl AuditEntry {
    /// An entry is found by what was done, and by the kind of thing that it was done to.
    fn labels(&self) -> Vec<(&'static str, String)> {
        let Action { actor, what, .. } = &self.action;
        let who = actor.name().map(|name| (WHO, name.to_lowercase()));
        let thing = what.split_once('.').map(|(thing, _)| (WHAT, thing.to_owned()));
        [Some((WHAT, what.clone())), thing, who].into_iter().flatten().collect()
    }
}

fn bounded(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use patchcord_store::{KeySource, StoreConfig};
    use serde_json::json;

    use super::*;

    fn action(who: &str, what: &str) -> Action {
        Action {
            actor: Actor::User(who.into()),
            address: Some([192, 0, 2, 1].into()),
            what: what.into(),
            subject: Some("x".repeat(1_000)),
            outcome: Outcome::Done,
            reason: None,
        }
    }

    #[tokio::test]
    async fn entries_are_found_by_who_what_and_when_newest_first() {
        let folder = tempfile::TempDir::new().unwrap();
        let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
        let audit = Audit::new(Store::open(&config).await.unwrap(), 365);
        let begin = Timestamp::now();
        for (who, what) in
            [("Ann", "account.update"), ("bob", "account.delete"), ("ann", "route.set")]
        {
            audit.record(action(who, what)).await.unwrap();
        }
        let found = async |query: AuditQuery| {
            let found = audit.list(&AuditQuery { limit: 10, ..query }).await.unwrap();
            found.into_iter().map(|entry| entry.action.what).collect::<Vec<_>>()
        };
        let all = ["route.set", "account.delete", "account.update"];
        assert_eq!(found(AuditQuery::default()).await, all);
        assert_eq!(found(AuditQuery { since: Some(begin), ..Default::default() }).await, all);
        assert!(found(AuditQuery { until: Some(begin), ..Default::default() }).await.is_empty());
        let by = |who: &str| AuditQuery { who: Some(who.into()), ..Default::default() };
        assert_eq!(found(by("ANN")).await, ["route.set", "account.update"]);
        let of = |what: &str| AuditQuery { what: Some(what.into()), ..Default::default() };
        assert_eq!(found(of("account")).await, ["account.delete", "account.update"]);
        assert_eq!(found(of("account.delete")).await, ["account.delete"]);
        assert!(found(of("acc")).await.is_empty());
    }

    #[test]
    fn an_entry_is_flat_and_bounded() {
        let action = action("ann", "account.update").bounded();
        assert_eq!(action.subject.as_ref().unwrap().len(), LONGEST);
        let told = serde_json::to_value(&Action { subject: None, ..action }).unwrap();
        let wanted = json!({
            "kind": "user", "who": "ann", "address": "192.0.2.1", "what": "account.update",
            "subject": null, "outcome": "done",
        });
        assert_eq!(told, wanted);
        let nobody = serde_json::to_value(Actor::Nobody).unwrap();
        assert_eq!(nobody, json!({ "kind": "nobody" }));
    }
}
