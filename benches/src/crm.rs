//! A stand-in for Dynamics 365 that knows one answer, for what is measured with nothing behind it. Whatever a search does
//! not ask for fails, so that a block which does more than it should cannot be measured by mistake.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, Link, PhoneMatch,
    PhoneQuery, Query, RecordSet, Reference, Retrieve, Upserted,
};
use serde_json::Value;
use tokio::sync::watch;

type Answered<T> = Result<Answer<T>, CrmError>;

/// Answers every query with the same records, at once or when it is told to.
pub struct CannedCrm {
    found: Answer<RecordSet>,
    gate: Option<Gate>,
}

/// Where queries wait.
struct Gate {
    open: watch::Receiver<bool>,
    waiting: AtomicUsize,
}

impl CannedCrm {
    /// Answers at once.
    pub fn new(records: &[Value]) -> Self {
        let raw = records.iter().filter_map(|record| serde_json::value::to_raw_value(record).ok());
        let body = Value::from(records).to_string();
        let found = Answer::fresh(RecordSet::new(raw.collect(), false), 200, body);
        Self { found, gate: None }
    }

    /// Answers once `open` says so.
    #[must_use]
    pub fn behind(self, open: watch::Receiver<bool>) -> Self {
        Self { gate: Some(Gate { open, waiting: AtomicUsize::new(0) }), ..self }
    }

    /// Queries that have come to wait, so far.
    pub fn waiting(&self) -> usize {
        self.gate.as_ref().map_or(0, |gate| gate.waiting.load(Ordering::SeqCst))
    }
}

fn not_asked<T>() -> Answered<T> {
    Err(CrmError::local(CrmErrorKind::InvalidRequest, "a search is not expected to ask for this"))
}

#[async_trait]
impl Crm for CannedCrm {
    async fn query(&self, _: &Query<'_>, _: Instant) -> Answered<RecordSet> {
        if let Some(gate) = &self.gate {
            gate.waiting.fetch_add(1, Ordering::SeqCst);
            // Whoever keeps the gate opens it before he goes.
            gate.open.clone().wait_for(|open| *open).await.ok();
        }
        Ok(self.found.clone())
    }

    async fn count(&self, _: &str, _: &str, _: Instant) -> Answered<u64> {
        not_asked()
    }

    async fn retrieve(&self, _: &Retrieve<'_>, _: Instant) -> Answered<RecordSet> {
        not_asked()
    }

    async fn create(&self, _: &Create<'_>, _: Instant) -> Answered<Created> {
        not_asked()
    }

    async fn upsert(&self, _: &Change<'_>, _: Instant) -> Answered<Upserted> {
        not_asked()
    }

    async fn update(&self, _: &Change<'_>, _: Instant) -> Answered<Option<RecordSet>> {
        not_asked()
    }

    async fn delete(&self, _: Reference<'_>, _: Option<&str>, _: Instant) -> Answered<()> {
        not_asked()
    }

    async fn link(&self, _: &Link<'_>, _: Instant) -> Answered<()> {
        not_asked()
    }

    async fn execute(&self, _: &Execute<'_>, _: Instant) -> Answered<String> {
        not_asked()
    }

    async fn find_by_phone(&self, _: &PhoneQuery<'_>, _: Instant) -> Answered<PhoneMatch> {
        not_asked()
    }
}
