//! A CRM without a CRM: canned answers for tests, benchmarks and trying a block out. It knows no tables and checks no
//! request; whoever needs that runs the emulator.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Answer, Crm, CrmError, CrmErrorKind, Operation, RecordSet, RowId};

/// Answers every call of the same kind alike.
///
/// `query` returns all of its records, `retrieve` the first; `create` returns the key it was given; `update` and
/// `delete` succeed. With [`failing`](Self::failing) every call fails; with [`with_delay`](Self::with_delay) every call
/// takes a while.
#[derive(Debug, Default)]
pub struct StubCrm {
    records: Option<RecordSet>,
    failure: Option<CrmError>,
    delay: Duration,
    calls: Option<Mutex<Vec<StubCall>>>,
}

/// A call that a [`StubCrm`] answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StubCall {
    /// What was asked.
    pub operation: Operation,
    /// On which table.
    pub entity_set: String,
    /// Primary key, where one was given; for a create the key of the step.
    pub id: Option<String>,
    /// Options of a query or a retrieve, columns of a create or an update.
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
    async fn query(
        &self,
        entity_set: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError> {
        self.answer(|| call(Operation::Query, entity_set, None, options), deadline).await?;
        let records = self.records.clone().unwrap_or_else(|| RecordSet::new(Vec::new(), false));
        let body = serde_json::to_string(&records).unwrap_or_default();
        Ok(Answer { value: records, status: 200, body: body.into() })
    }

    async fn retrieve(
        &self,
        entity_set: &str,
        id: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError> {
        let asked = || call(Operation::Retrieve, entity_set, Some(id.to_owned()), options);
        self.answer(asked, deadline).await?;
        let first = self.records.as_ref().and_then(|records| records.record(0));
        match first.and_then(|text| RawValue::from_string(text.to_owned()).ok()) {
            Some(record) => {
                let body = Arc::from(record.get());
                Ok(Answer { value: RecordSet::new(vec![record], false), status: 200, body })
            }
            None => Err(CrmError {
                status: Some(404),
                ..CrmError::local(CrmErrorKind::NotFound, "there is no such record")
            }),
        }
    }

    async fn create(
        &self,
        entity_set: &str,
        row: RowId,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<String>, CrmError> {
        let asked = || call(Operation::Create, entity_set, Some(row.to_string()), columns);
        self.answer(asked, deadline).await?;
        Ok(Answer { value: row.to_string(), status: 201, body: Arc::from("") })
    }

    async fn update(
        &self,
        entity_set: &str,
        id: &str,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError> {
        let asked = || call(Operation::Update, entity_set, Some(id.to_owned()), columns);
        self.answer(asked, deadline).await?;
        Ok(Answer { value: (), status: 204, body: Arc::from("") })
    }

    async fn delete(
        &self,
        entity_set: &str,
        id: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError> {
        let asked = || call(Operation::Delete, entity_set, Some(id.to_owned()), "");
        self.answer(asked, deadline).await?;
        Ok(Answer { value: (), status: 204, body: Arc::from("") })
    }
}

fn call(operation: Operation, entity_set: &str, id: Option<String>, text: &str) -> StubCall {
    StubCall { operation, entity_set: entity_set.to_owned(), id, text: text.to_owned() }
}
