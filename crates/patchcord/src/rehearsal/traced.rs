//! Notes what a block asks of a CRM and what it is answered. The runtime's own trace leaves the question out, because on
//! a server it may hold what a caller said.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, Execute, HostCall, HostFunction, Link,
    PhoneMatch, PhoneQuery, Query, RecordSet, Reference, Retrieve, Upserted,
};
use patchcord_scenario::plain;
use serde::Serialize;

use super::Question;

type Answered<T> = Result<Answer<T>, CrmError>;

/// A CRM with somebody listening.
pub struct TracedCrm {
    inner: Arc<dyn Crm>,
    calls: Mutex<Vec<TracedCall>>,
}

/// A host call as an author reads it.
#[derive(Debug, Clone, Serialize)]
pub struct TracedCall {
    /// What was called.
    pub call: HostFunction,
    /// On which table; several are joined by `, `.
    pub table: String,
    /// Key of the record.
    pub key: Option<String>,
    /// Query options, columns, a number, an action with its parameters.
    pub asked: String,
    /// What came back, in short.
    pub answered: String,
    /// Whether that was an error.
    pub failed: bool,
}

impl TracedCrm {
    /// Listens to what `inner` is asked.
    pub fn new(inner: Arc<dyn Crm>) -> Self {
        Self { inner, calls: Mutex::default() }
    }

    /// The calls so far, together with those that the runtime itself refused.
    pub fn calls(&self, all: &[HostCall]) -> Vec<TracedCall> {
        let reached = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut reached = reached.into_iter().peekable();
        let one = |call: &HostCall| {
            let is_it = |next: &TracedCall| next.call == call.operation;
            let message = call.message.clone().unwrap_or_default();
            // What the runtime refuses reaches no CRM.
            if !reached
                .peek()
                .is_some_and(|next| is_it(next) && call.error.is_some() == next.failed)
            {
                return refused(call, message);
            }
            reached.next().unwrap_or_else(|| refused(call, String::new()))
        };
        all.iter().map(one).collect()
    }

    fn note<T>(
        &self,
        question: &Question<'_>,
        answered: Answered<T>,
        tell: impl FnOnce(&T) -> String,
    ) -> Answered<T> {
        let said = match &answered {
            Ok(answer) => tell(&answer.value),
            Err(error) => error_text(error),
        };
        let noted = TracedCall {
            call: question.call,
            table: question.table(),
            key: question.key.as_deref().map(str::to_owned),
            asked: question.asked.to_string(),
            answered: said,
            failed: answered.is_err(),
        };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
        answered
    }
}

fn refused(call: &HostCall, message: String) -> TracedCall {
    TracedCall {
        call: call.operation,
        table: call.entity_set.clone(),
        key: None,
        asked: String::new(),
        answered: message,
        failed: call.error.is_some(),
    }
}

fn error_text(error: &CrmError) -> String {
    let kind = serde_json::to_value(error.kind).unwrap_or_default();
    let kind = match kind {
        serde_json::Value::Object(kind) => kind.keys().cloned().collect(),
        kind => plain(&kind),
    };
    let status = error.status.map(|status| format!(" ({status})")).unwrap_or_default();
    format!("{kind}{status}: {}", error.message)
}

fn records(records: &RecordSet) -> String {
    let more = if records.more() { ", more match" } else { "" };
    let all = serde_json::to_string(records).unwrap_or_default();
    format!("{} record(s){more}: {all}", records.count())
}

fn written(row: Option<&RecordSet>) -> String {
    row.map_or_else(|| "done".to_owned(), records)
}

#[async_trait]
impl Crm for TracedCrm {
    async fn query(&self, asked: &Query<'_>, deadline: Instant) -> Answered<RecordSet> {
        let answered = self.inner.query(asked, deadline).await;
        self.note(&Question::query(asked), answered, records)
    }

    async fn count(&self, entity_set: &str, filter: &str, deadline: Instant) -> Answered<u64> {
        let answered = self.inner.count(entity_set, filter, deadline).await;
        self.note(&Question::count(entity_set, filter), answered, u64::to_string)
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, deadline: Instant) -> Answered<RecordSet> {
        let answered = self.inner.retrieve(asked, deadline).await;
        self.note(&Question::retrieve(asked), answered, records)
    }

    async fn create(&self, asked: &Create<'_>, deadline: Instant) -> Answered<Created> {
        let answered = self.inner.create(asked, deadline).await;
        self.note(&Question::create(asked), answered, |made| format!("made {}", made.id))
    }

    async fn upsert(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Upserted> {
        let answered = self.inner.upsert(asked, deadline).await;
        self.note(&Question::upsert(asked), answered, |done| written(done.row.as_ref()))
    }

    async fn update(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Option<RecordSet>> {
        let answered = self.inner.update(asked, deadline).await;
        self.note(&Question::update(asked), answered, |row| written(row.as_ref()))
    }

    async fn delete(
        &self,
        record: Reference<'_>,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Answered<()> {
        let answered = self.inner.delete(record, etag, deadline).await;
        self.note(&Question::delete(record, etag), answered, |()| written(None))
    }

    async fn link(&self, asked: &Link<'_>, deadline: Instant) -> Answered<()> {
        let answered = self.inner.link(asked, deadline).await;
        self.note(&Question::link(asked), answered, |()| written(None))
    }

    async fn execute(&self, asked: &Execute<'_>, deadline: Instant) -> Answered<String> {
        let answered = self.inner.execute(asked, deadline).await;
        self.note(&Question::execute(asked), answered, String::clone)
    }

    async fn find_by_phone(
        &self,
        asked: &PhoneQuery<'_>,
        deadline: Instant,
    ) -> Answered<PhoneMatch> {
        let answered = self.inner.find_by_phone(asked, deadline).await;
        self.note(&Question::find_by_phone(asked), answered, |found| match found {
            PhoneMatch::NoNumber => "that is no number".to_owned(),
            PhoneMatch::Nobody => "nobody has it".to_owned(),
            PhoneMatch::One { records: found, .. } | PhoneMatch::Several { records: found, .. } => {
                records(found)
            }
        })
    }
}
