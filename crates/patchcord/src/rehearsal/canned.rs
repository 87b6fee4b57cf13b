//! Dynamics 365 as a file says that it answers. A call that has no answer fails and is told, for a block that asks what
//! nobody expected is what a test is to find.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, HostFunction, Link,
    PhoneMatch, PhoneQuery, Query, QueryText, RecordSet, Reference, Retrieve, Upserted,
    WriteOptions,
};
use serde_json::{Map, Value};

use super::CannedAnswer;

type Answered<T> = Result<Answer<T>, CrmError>;

/// Answers from a list.
pub struct CannedCrm {
    answers: Mutex<Vec<CannedAnswer>>,
    unanswered: Mutex<Vec<String>>,
}

impl CannedCrm {
    /// Answers from `answers`.
    pub fn new(answers: Vec<CannedAnswer>) -> Self {
        Self { answers: Mutex::new(answers), unanswered: Mutex::default() }
    }

    /// The calls for which there was no answer, in order.
    pub fn unanswered(&self) -> Vec<String> {
        locked(&self.unanswered).clone()
    }

    /// How many answers nobody asked for.
    pub fn left(&self) -> usize {
        locked(&self.answers).iter().filter(|answer| !answer.repeat).count()
    }

    /// The first answer that fits a call on one of `tables`.
    fn take(&self, call: HostFunction, tables: &[&str]) -> Result<CannedAnswer, CrmError> {
        let mut answers = locked(&self.answers);
        let fits = |answer: &CannedAnswer| {
            answer.call.is_none_or(|wanted| wanted == call)
                && answer.table.as_deref().is_none_or(|table| tables.contains(&table))
        };
        let Some(at) = answers.iter().position(fits) else {
            let what = format!("{} of {}", super::name(call), tables.join(", "));
            let message = format!("there is no canned answer for {what}: add one to `answers`");
            locked(&self.unanswered).push(what);
            return Err(CrmError::local(CrmErrorKind::Unavailable, message));
        };
        let answer = if answers[at].repeat { answers[at].clone() } else { answers.remove(at) };
        match &answer.error {
            None => Ok(answer),
            Some(error) => Err(CrmError {
                status: error.status,
                code: error.code.clone(),
                requests: 1,
                ..CrmError::local(error.kind(), error.message.clone())
            }),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set(records: &[Map<String, Value>], more: bool) -> RecordSet {
    let raw = records.iter().filter_map(|record| serde_json::value::to_raw_value(record).ok());
    RecordSet::new(raw.collect(), more)
}

fn records(answer: &CannedAnswer) -> Answer<RecordSet> {
    let records = set(&answer.records, answer.more);
    let body = serde_json::to_string(&records).unwrap_or_default();
    Answer::fresh(records, 200, body)
}

/// The record that a write gives back, where it was asked for.
fn row(answer: &CannedAnswer, write: &WriteOptions) -> Option<RecordSet> {
    write.returning.as_ref().map(|_| set(&answer.records, false))
}

#[async_trait]
impl Crm for CannedCrm {
    async fn query(&self, asked: &Query<'_>, _: Instant) -> Answered<RecordSet> {
        let call = match asked.text {
            QueryText::OData(_) => HostFunction::Query,
            QueryText::FetchXml(_) => HostFunction::FetchXml,
        };
        Ok(records(&self.take(call, &[asked.entity_set])?))
    }

    async fn count(&self, entity_set: &str, _: &str, _: Instant) -> Answered<u64> {
        let answer = self.take(HostFunction::Count, &[entity_set])?;
        Ok(Answer::fresh(answer.count.unwrap_or(answer.records.len() as u64), 200, ""))
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, _: Instant) -> Answered<RecordSet> {
        let answer = self.take(HostFunction::Retrieve, &[asked.record.entity_set])?;
        match answer.records.first() {
            Some(_) => Ok(records(&answer)),
            None => Err(CrmError {
                status: Some(404),
                ..CrmError::local(CrmErrorKind::NotFound, "there is no such record")
            }),
        }
    }

    async fn create(&self, asked: &Create<'_>, _: Instant) -> Answered<Created> {
        let answer = self.take(HostFunction::Create, &[asked.entity_set])?;
        let id = answer.id.clone().unwrap_or_else(|| asked.row.to_string());
        Ok(Answer::fresh(Created { id, row: row(&answer, &asked.write) }, 201, ""))
    }

    async fn upsert(&self, asked: &Change<'_>, _: Instant) -> Answered<Upserted> {
        let answer = self.take(HostFunction::Upsert, &[asked.record.entity_set])?;
        let row = row(&answer, &asked.write);
        Ok(Answer::fresh(Upserted { id: answer.id, created: answer.created, row }, 204, ""))
    }

    async fn update(&self, asked: &Change<'_>, _: Instant) -> Answered<Option<RecordSet>> {
        let answer = self.take(HostFunction::Update, &[asked.record.entity_set])?;
        Ok(Answer::fresh(row(&answer, &asked.write), 204, ""))
    }

    async fn delete(&self, record: Reference<'_>, _: Option<&str>, _: Instant) -> Answered<()> {
        self.take(HostFunction::Delete, &[record.entity_set])?;
        Ok(Answer::fresh((), 204, ""))
    }

    async fn link(&self, asked: &Link<'_>, _: Instant) -> Answered<()> {
        let call = match asked.tie {
            true => HostFunction::Associate,
            false => HostFunction::Disassociate,
        };
        self.take(call, &[asked.record.entity_set])?;
        Ok(Answer::fresh((), 204, ""))
    }

    async fn execute(&self, asked: &Execute<'_>, _: Instant) -> Answered<String> {
        let table = asked.bound_to.map_or("", |record| record.entity_set);
        let answer = self.take(HostFunction::Execute, &[table])?;
        let body = answer.value.unwrap_or_default().to_string();
        Ok(Answer::fresh(body.clone(), 200, body))
    }

    async fn find_by_phone(&self, asked: &PhoneQuery<'_>, _: Instant) -> Answered<PhoneMatch> {
        if !asked.number.contains(|c: char| c.is_ascii_digit()) {
            let none = Answer::fresh(PhoneMatch::NoNumber, 200, "");
            return Ok(Answer { status: None, requests: 0, ..none });
        }
        let tables: Vec<&str> = asked.searches.iter().map(|s| s.entity_set.as_str()).collect();
        let answer = self.take(HostFunction::FindByPhone, &tables)?;
        let named = |name: &str| tables.iter().position(|table| *table == name);
        let search = answer.table.as_deref().and_then(named).unwrap_or(0);
        Ok(records(&answer).map(|records| match records.count() {
            0 => PhoneMatch::Nobody,
            1 => PhoneMatch::One { search, records },
            _ => PhoneMatch::Several { search, records },
        }))
    }
}
