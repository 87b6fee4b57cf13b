//! An integration account as the sandbox sees it: the runtime's [`Crm`] on top of the Dynamics client. Only names change
//! on the way; every decision is made on one of the two sides.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use dynamics::RecordKey;
use patchcord_dynamics as dynamics;
use patchcord_runtime::{
    Answer, Attempt, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, HttpMethod,
    Link, PhoneMatch, PhoneQuery, PhoneSearch, Query, QueryText, ReadOptions, RecordSet, Reference,
    Retrieve, Spent, Upserted, WriteOptions, wait_us,
};
use serde_json::value::RawValue;

type Answered<T> = Result<Answer<T>, CrmError>;

/// A bound account.
pub(crate) struct AccountCrm {
    client: Arc<dynamics::Client>,
}

impl AccountCrm {
    pub(super) fn new(client: Arc<dynamics::Client>) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Crm for AccountCrm {
    async fn query(&self, asked: &Query<'_>, deadline: Instant) -> Answered<RecordSet> {
        let text = match asked.text {
            QueryText::OData(text) => dynamics::Query::OData(text),
            QueryText::FetchXml(text) => dynamics::Query::FetchXml(text),
        };
        let read = read(&asked.read);
        let answer = self.client.query(asked.entity_set, text, &read, deadline).await;
        Ok(with(answer.map_err(error)?, records))
    }

    async fn count(&self, entity_set: &str, filter: &str, deadline: Instant) -> Answered<u64> {
        let answer = self.client.count(entity_set, filter, deadline).await;
        Ok(with(answer.map_err(error)?, |count| count))
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, deadline: Instant) -> Answered<RecordSet> {
        let (table, read) = (asked.record.entity_set, read(&asked.read));
        let key = key(asked.record)?;
        let answer = self.client.retrieve(table, &key, asked.options, &read, deadline).await;
        Ok(with(answer.map_err(error)?, one))
    }

    async fn create(&self, asked: &Create<'_>, deadline: Instant) -> Answered<Created> {
        let Create { entity_set, row, columns, .. } = *asked;
        let write = write(&asked.write);
        let answer = self.client.create(entity_set, row, columns, &write, deadline).await;
        Ok(with(answer.map_err(error)?, |made| Created {
            id: made.id.to_string(),
            row: made.row.map(one),
        }))
    }

    async fn upsert(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Upserted> {
        let (table, write) = (asked.record.entity_set, write(&asked.write));
        let key = key(asked.record)?;
        let answer = self.client.upsert(table, &key, asked.columns, &write, deadline).await;
        Ok(with(answer.map_err(error)?, |done| Upserted {
            id: done.id.map(|id| id.to_string()),
            created: done.created,
            row: done.row.map(one),
        }))
    }

    async fn update(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Option<RecordSet>> {
        let (table, write) = (asked.record.entity_set, write(&asked.write));
        let key = key(asked.record)?;
        let answer = self.client.update(table, &key, asked.columns, &write, deadline).await;
        Ok(with(answer.map_err(error)?, |row| row.map(one)))
    }

    async fn delete(
        &self,
        record: Reference<'_>,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Answered<()> {
        let key = key(record)?;
        let answer = self.client.delete(record.entity_set, &key, etag, deadline).await;
        Ok(with(answer.map_err(error)?, |()| ()))
    }

    async fn link(&self, asked: &Link<'_>, deadline: Instant) -> Answered<()> {
        let (from_key, to_key) = (key(asked.record)?, key(asked.to)?);
        let from = (asked.record.entity_set, &from_key);
        let to = (asked.to.entity_set, &to_key);
        let relationship = asked.relationship;
        let answer = match asked.tie {
            true => self.client.associate(from, relationship, to, deadline).await,
            false => self.client.disassociate(from, relationship, to, deadline).await,
        };
        Ok(with(answer.map_err(error)?, |()| ()))
    }

    async fn execute(&self, asked: &Execute<'_>, deadline: Instant) -> Answered<String> {
        let bound_key = asked.bound_to.map(key).transpose()?;
        let bound = asked.bound_to.zip(bound_key.as_ref()).map(|(to, key)| (to.entity_set, key));
        let answer = self.client.execute(bound, asked.action, asked.parameters, deadline).await;
        Ok(with(answer.map_err(error)?, |value| value.get().to_owned()))
    }

    async fn find_by_phone(
        &self,
        asked: &PhoneQuery<'_>,
        deadline: Instant,
    ) -> Answered<PhoneMatch> {
        let searches: Vec<_> = asked.searches.iter().map(search).collect();
        let (number, read) = (asked.number, read(&asked.read));
        let answer = self.client.find_by_phone(number, &searches, asked.top, &read, deadline).await;
        let answer = answer.map_err(error)?;
        let was_asked = !matches!(answer.value, dynamics::PhoneMatch::NoNumber);
        let answer = with(answer, found);
        Ok(Answer { status: answer.status.filter(|_| was_asked), ..answer })
    }
}

fn key(record: Reference<'_>) -> Result<RecordKey, CrmError> {
    RecordKey::parse(record.key).map_err(error)
}

fn read(read: &ReadOptions) -> dynamics::ReadOptions {
    let ReadOptions { max_records, page_size, annotations, share, max_age, stale_for } = *read;
    dynamics::ReadOptions { max_records, page_size, annotations, share, max_age, stale_for }
}

fn write(write: &WriteOptions) -> dynamics::WriteOptions {
    let WriteOptions { etag, returning, detect_duplicates } = write.clone();
    dynamics::WriteOptions { etag, returning, detect_duplicates }
}

fn search(search: &PhoneSearch) -> dynamics::PhoneSearch {
    let PhoneSearch { entity_set, columns, select, active_only } = search.clone();
    dynamics::PhoneSearch { entity_set, columns, select, active_only }
}

fn found(found: dynamics::PhoneMatch) -> PhoneMatch {
    match found {
        dynamics::PhoneMatch::NoNumber => PhoneMatch::NoNumber,
        dynamics::PhoneMatch::Nobody => PhoneMatch::Nobody,
        dynamics::PhoneMatch::One { search, page } => {
            PhoneMatch::One { search, records: records(page) }
        }
        dynamics::PhoneMatch::Several { search, page } => {
            PhoneMatch::Several { search, records: records(page) }
        }
    }
}

fn records(page: dynamics::Page) -> RecordSet {
    RecordSet::new(page.records, page.more)
}

fn one(record: Box<RawValue>) -> RecordSet {
    RecordSet::new(vec![record], false)
}

fn with<A, B>(answer: dynamics::Answer<A>, map: impl FnOnce(A) -> B) -> Answer<B> {
    let dynamics::Answer { value, status, body, requests, spent, age, stale } = answer;
    let (status, spent) = (Some(status), self::spent(&spent));
    Answer { value: map(value), status, body, requests, spent, age, stale }
}

fn spent(spent: &dynamics::Spent) -> Spent {
    let attempt = |attempt: dynamics::Attempt| {
        let dynamics::Attempt { began, took, status, error, pause } = attempt;
        Attempt { began, took, status, error, pause }
    };
    let attempts: Box<[_]> = spent.attempts().into_iter().map(attempt).collect();
    Spent {
        method: spent.method().and_then(|name| method(name.as_str())),
        gate_us: wait_us(spent.gate()),
        token_us: wait_us(spent.token()),
        attempts: (!attempts.is_empty()).then_some(attempts),
    }
}

fn method(name: &str) -> Option<HttpMethod> {
    Some(match name {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PATCH" => HttpMethod::Patch,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => return None,
    })
}

fn error(error: dynamics::Error) -> CrmError {
    use dynamics::ErrorKind;
    let kind = match error.kind {
        ErrorKind::InvalidRequest => CrmErrorKind::InvalidRequest,
        ErrorKind::ConsentRequired => CrmErrorKind::ConsentRequired,
        ErrorKind::Forbidden => CrmErrorKind::Forbidden,
        ErrorKind::NotFound => CrmErrorKind::NotFound,
        ErrorKind::Conflict => CrmErrorKind::Conflict,
        ErrorKind::Throttled(ms) => CrmErrorKind::Throttled(ms),
        ErrorKind::Timeout => CrmErrorKind::Timeout,
        ErrorKind::Unavailable => CrmErrorKind::Unavailable,
        ErrorKind::PolicyDenied => CrmErrorKind::PolicyDenied,
    };
    CrmError {
        kind,
        status: error.status,
        code: error.code,
        message: error.message,
        body: error.body,
        requests: error.requests,
        spent: spent(&error.spent),
    }
}
