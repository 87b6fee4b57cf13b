//! What an answer that was written down means to the host call that is given it.

use std::sync::Arc;
use std::time::Duration;

use patchcord_runtime::{
    Answer, Create, Created, CrmError, CrmErrorKind, PhoneMatch, PhoneQuery, RecordSet, Upserted,
    WriteOptions,
};

use super::answer::Found;
use super::{CannedAnswer, CannedError};

type Answered<T> = Result<Answer<T>, CrmError>;

impl CannedError {
    /// The error, as a host call gets it.
    pub(super) fn told(&self) -> CrmError {
        CrmError {
            status: self.status,
            code: self.code.clone(),
            body: self.body.clone(),
            requests: 1,
            ..CrmError::local(self.kind(), self.message.clone())
        }
    }
}

impl CannedAnswer {
    /// The answer to a query.
    pub(super) fn to_query(&self) -> Answer<RecordSet> {
        let records = self.set();
        let body = serde_json::to_string(&records).unwrap_or_default();
        self.with(records, 200, body)
    }

    pub(super) fn to_count(&self) -> Answer<u64> {
        self.with(self.count.unwrap_or(self.records.len() as u64), 200, "")
    }

    pub(super) fn to_retrieve(&self) -> Answered<RecordSet> {
        match self.records.first() {
            Some(_) => Ok(self.to_query()),
            None => Err(CrmError {
                status: Some(404),
                ..CrmError::local(CrmErrorKind::NotFound, "there is no such record")
            }),
        }
    }

    pub(super) fn to_create(&self, asked: &Create<'_>) -> Answer<Created> {
        let id = self.id.clone().unwrap_or_else(|| asked.row.to_string());
        self.with(Created { id, row: self.row(&asked.write) }, 201, "")
    }

    pub(super) fn to_upsert(&self, write: &WriteOptions) -> Answer<Upserted> {
        let (id, created, row) = (self.id.clone(), self.created, self.row(write));
        self.with(Upserted { id, created, row }, 204, "")
    }

    pub(super) fn to_update(&self, write: &WriteOptions) -> Answer<Option<RecordSet>> {
        self.with(self.row(write), 204, "")
    }

    /// That what gives nothing back is done.
    pub(super) fn done(&self) -> Answer<()> {
        self.with((), 204, "")
    }

    pub(super) fn to_execute(&self) -> Answer<String> {
        let value = self.value.as_ref().map_or("null", |value| value.text());
        self.with(value.to_owned(), 200, value)
    }

    pub(super) fn to_find_by_phone(&self, asked: &PhoneQuery<'_>) -> Answer<PhoneMatch> {
        if self.found == Some(Found::NoNumber) {
            return no_number();
        }
        let mut tables = asked.searches.iter().map(|search| search.entity_set.as_str());
        let named = self.table.as_deref().and_then(|name| tables.position(|table| table == name));
        let search = self.search.or(named).unwrap_or(0);
        let answer = self.to_query();
        let found = self.found.unwrap_or(match answer.value.count() {
            0 => Found::Nobody,
            1 => Found::One,
            _ => Found::Several,
        });
        answer.map(|records| match found {
            Found::NoNumber | Found::Nobody => PhoneMatch::Nobody,
            Found::One => PhoneMatch::One { search, records },
            Found::Several => PhoneMatch::Several { search, records },
        })
    }

    fn with<T>(&self, value: T, status: u16, body: impl Into<Arc<str>>) -> Answer<T> {
        let body = self.body.clone().unwrap_or_else(|| body.into());
        let age = self.age_ms.map(Duration::from_millis);
        let answer = Answer::fresh(value, self.status.unwrap_or(status), body);
        Answer { age, stale: self.stale, ..answer }
    }

    fn set(&self) -> RecordSet {
        RecordSet::new(self.records.iter().map(|record| record.raw()).collect(), self.more)
    }

    /// The record that a write gives back, where it was asked for.
    fn row(&self, write: &WriteOptions) -> Option<RecordSet> {
        let asked_for = write.returning.is_some() && !self.records.is_empty();
        asked_for.then(|| RecordSet::new(self.records.iter().map(|r| r.raw()).collect(), false))
    }
}

/// What is answered where a text holds no number: nobody is asked.
pub(super) fn no_number() -> Answer<PhoneMatch> {
    let none = Answer::fresh(PhoneMatch::NoNumber, 200, "");
    Answer { status: None, requests: 0, ..none }
}
