//! A CRM without a CRM: canned answers for tests, benchmarks and trying a block out. It knows no tables and checks no
//! request; whoever needs that runs the emulator.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{
    Answer, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, HostFunction, Link,
    PhoneMatch, PhoneQuery, Query, QueryText, RecordSet, Reference, Retrieve, Upserted,
    WriteOptions,
};

type Answered<T> = Result<Answer<T>, CrmError>;

/// Answers every call of the same kind alike.
///
/// A query returns all of its records, `retrieve` the first, and so does a write that asks for its row, and an action;
/// `create` returns the key it was given; the others succeed. A number is found in the first table asked. With [`failing`](Self::failing) every call fails; with [`with_delay`](Self::with_delay) every call
/// takes a while.
#[derive(Debug, Default)]
pub struct StubCrm {
    records: Option<RecordSet>,
    failure: Option<CrmError>,
    delay: Duration,
    hangs: bool,
    age: Option<(Duration, bool)>,
    calls: Option<Mutex<Vec<StubCall>>>,
}

/// A call that a [`StubCrm`] answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StubCall {
    /// What was asked.
    pub operation: HostFunction,
    /// On which table.
    pub entity_set: String,
    /// Key, where one was given; for a create the key of the step.
    pub id: Option<String>,
    /// What else was asked: options, columns, FetchXML, a number, an etag, an action with its parameters.
    pub text: String,
}

impl StubCrm {
    /// Holds no records.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds `records`, each a JSON object.
    pub fn with_records(mut self, records: &[Value]) -> Self {
        let raw = records.iter().filter_map(|record| serde_json::value::to_raw_value(record).ok());
        self.records = Some(RecordSet::new(raw.collect(), false));
        self
    }

    /// Fails every call.
    pub fn failing(mut self, error: CrmError) -> Self {
        self.failure = Some(error);
        self
    }

    /// Lets every call take `delay`, or until its deadline.
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Never answers, not even by the deadline: what no CRM may do.
    pub fn hanging(mut self) -> Self {
        self.hangs = true;
        self
    }

    /// Gives answers of that age to reads, as from a cache; `stale` says that no newer one was to be had.
    pub fn aged_by(mut self, age: Duration, stale: bool) -> Self {
        self.age = Some((age, stale));
        self
    }

    /// Keeps every call for [`calls`](Self::calls).
    pub fn recording(mut self) -> Self {
        self.calls = Some(Mutex::default());
        self
    }

    /// The calls so far, where it is [`recording`](Self::recording).
    pub fn calls(&self) -> Vec<StubCall> {
        self.calls.as_ref().map_or_else(Vec::new, |calls| {
            calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
        })
    }

    async fn answer(
        &self,
        call: impl FnOnce() -> StubCall,
        deadline: Instant,
    ) -> Result<(), CrmError> {
        if let Some(calls) = &self.calls {
            calls.lock().unwrap_or_else(PoisonError::into_inner).push(call());
        }
        if self.hangs {
            std::future::pending::<()>().await;
        }
        if !self.delay.is_zero() {
            let end = Instant::now() + self.delay;
            tokio::time::sleep_until(end.min(deadline).into()).await;
            if end > deadline {
                return Err(CrmError::local(CrmErrorKind::Timeout, "the deadline passed"));
            }
        }
        self.failure.clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Crm for StubCrm {
    async fn query(&self, asked: &Query<'_>, deadline: Instant) -> Answered<RecordSet> {
        let (function, text) = match asked.text {
            QueryText::OData(text) => (HostFunction::Query, text),
            QueryText::FetchXml(text) => (HostFunction::FetchXml, text),
        };
        self.answer(|| call(function, asked.entity_set, None, text), deadline).await?;
        let records = self.held();
        let body = serde_json::to_string(&records).unwrap_or_default();
        Ok(self.aged(Answer::fresh(records, 200, body)))
    }

    async fn count(&self, entity_set: &str, filter: &str, deadline: Instant) -> Answered<u64> {
        self.answer(|| call(HostFunction::Count, entity_set, None, filter), deadline).await?;
        Ok(Answer::fresh(self.held().count() as u64, 200, ""))
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, deadline: Instant) -> Answered<RecordSet> {
        let Reference { entity_set, key } = asked.record;
        let asked = || call(HostFunction::Retrieve, entity_set, Some(key), asked.options);
        self.answer(asked, deadline).await?;
        match self.first() {
            Some(record) => {
                let body: Arc<str> = record.record(0).unwrap_or_default().into();
                Ok(self.aged(Answer::fresh(record, 200, body)))
            }
            None => Err(CrmError {
                status: Some(404),
                ..CrmError::local(CrmErrorKind::NotFound, "there is no such record")
            }),
        }
    }

    async fn create(&self, asked: &Create<'_>, deadline: Instant) -> Answered<Created> {
        let id = asked.row.to_string();
        let asked_for = || call(HostFunction::Create, asked.entity_set, Some(&id), asked.columns);
        self.answer(asked_for, deadline).await?;
        let row = self.row(&asked.write);
        Ok(Answer::fresh(Created { id, row }, 201, ""))
    }

    async fn upsert(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Upserted> {
        self.answer(|| change(HostFunction::Upsert, asked), deadline).await?;
        let (id, row) = (Some(asked.record.key.to_owned()), self.row(&asked.write));
        let created = Some(self.held().count() == 0);
        Ok(Answer::fresh(Upserted { id, created, row }, 204, ""))
    }

    async fn update(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Option<RecordSet>> {
        self.answer(|| change(HostFunction::Update, asked), deadline).await?;
        Ok(Answer::fresh(self.row(&asked.write), 204, ""))
    }

    async fn delete(
        &self,
        record: Reference<'_>,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Answered<()> {
        let Reference { entity_set, key } = record;
        let text = etag.unwrap_or_default();
        self.answer(|| call(HostFunction::Delete, entity_set, Some(key), text), deadline).await?;
        Ok(Answer::fresh((), 204, ""))
    }

    async fn link(&self, asked: &Link<'_>, deadline: Instant) -> Answered<()> {
        let function = if asked.tie { HostFunction::Associate } else { HostFunction::Disassociate };
        let text = format!("{} {}({})", asked.relationship, asked.to.entity_set, asked.to.key);
        let Reference { entity_set, key } = asked.record;
        self.answer(|| call(function, entity_set, Some(key), &text), deadline).await?;
        Ok(Answer::fresh((), 204, ""))
    }

    async fn execute(&self, asked: &Execute<'_>, deadline: Instant) -> Answered<String> {
        let table = asked.bound_to.map_or("", |record| record.entity_set);
        let text = format!("{} {}", asked.action, asked.parameters);
        let key = asked.bound_to.map(|record| record.key);
        self.answer(|| call(HostFunction::Execute, table, key, &text), deadline).await?;
        let body = self.first().map_or_else(
            || "{}".to_owned(),
            |record| record.record(0).unwrap_or_default().to_owned(),
        );
        Ok(Answer::fresh(body.clone(), 200, body))
    }

    async fn find_by_phone(
        &self,
        asked: &PhoneQuery<'_>,
        deadline: Instant,
    ) -> Answered<PhoneMatch> {
        let first = asked.searches.first().map_or("", |search| &search.entity_set);
        self.answer(|| call(HostFunction::FindByPhone, first, None, asked.number), deadline)
            .await?;
        if !asked.number.contains(|c: char| c.is_ascii_digit()) {
            let none = Answer::fresh(PhoneMatch::NoNumber, 200, "");
            return Ok(Answer { status: None, requests: 0, ..none });
        }
        let records = self.held();
        let found = match records.count() {
            0 => PhoneMatch::Nobody,
            1 => PhoneMatch::One { search: 0, records },
            _ => PhoneMatch::Several { search: 0, records },
        };
        Ok(self.aged(Answer::fresh(found, 200, "")))
    }
}

impl StubCrm {
    fn held(&self) -> RecordSet {
        self.records.clone().unwrap_or_default()
    }

    fn first(&self) -> Option<RecordSet> {
        let record = RawValue::from_string(self.records.as_ref()?.record(0)?.to_owned()).ok()?;
        Some(RecordSet::new(vec![record], false))
    }

    fn row(&self, write: &WriteOptions) -> Option<RecordSet> {
        write.returning.as_ref().and_then(|_| self.first())
    }

    fn aged<T>(&self, answer: Answer<T>) -> Answer<T> {
        match self.age {
            Some((age, stale)) => Answer { age: Some(age), stale, requests: 0, ..answer },
            None => answer,
        }
    }
}

fn call(operation: HostFunction, entity_set: &str, id: Option<&str>, text: &str) -> StubCall {
    let (entity_set, id) = (entity_set.to_owned(), id.map(str::to_owned));
    StubCall { operation, entity_set, id, text: text.to_owned() }
}

fn change(operation: HostFunction, asked: &Change<'_>) -> StubCall {
    call(operation, asked.record.entity_set, Some(asked.record.key), asked.columns)
}
