//! Writing records. Every write names its record, so that repeating it after a lost answer makes no second one;
//! where repeating could do harm all the same, it is not repeated.
//!
//! Sources: "Create a table row", "Update and delete table rows", "Perform conditional operations" and "Detect
//! duplicate data" of the Web API's documentation.

use std::time::Instant;

use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderValue, Method};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::{Answer, Upserted, Written};
use crate::client::columns::Columns;
use crate::client::core::Received;
use crate::client::list::PREFER;
use crate::client::options::WriteOptions;
use crate::client::record_key::RecordKey;
use crate::client::retrieve::record;
use crate::dataverse_error::DUPLICATE_RECORD;
use crate::error::{Error, ErrorKind, excerpt};
use crate::exchange::{Call, Failure, Repeat};
use crate::query_options::encode_record_options;
use crate::sent::Sent;

const ANY: HeaderValue = HeaderValue::from_static("*");
const SUPPRESS_DUPLICATE_DETECTION: HeaderName =
    HeaderName::from_static("mscrm.suppressduplicatedetection");

impl Client {
    /// Makes a record of `columns` (a JSON object) under the key `row`, unless there is one already.
    ///
    /// `row` must be the caller's own: a record found under it is taken to be the one made by an earlier attempt,
    /// and reported as made, with status 204. So repeating a create cannot make a second record.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the record may have been made.
    pub async fn create(
        &self,
        entity_set: &str,
        row: Uuid,
        columns: &str,
        write: &WriteOptions,
        deadline: Instant,
    ) -> Result<Answer<Written>, Error> {
        self.core.allow(Operation::Create, entity_set)?;
        refuse_etag(write, "a create")?;
        let _forgetting = self.forgetting(entity_set);
        let key = RecordKey::Id(row);
        let columns = Columns::read(columns)?;
        let mut call = self.write_call("create", entity_set, &key, write)?;
        call.headers.push((IF_NONE_MATCH, ANY));
        self.fill(&mut call, entity_set, columns, deadline).await?;
        let sent = call.sent.clone();
        match self.core.try_perform(&call, deadline).await {
            Ok(received) => {
                let row_of = |(), body: &str| returned(write, body);
                Ok(received.answer.try_map(row_of)?.map(|made| Written { id: row, row: made }))
            }
            Err(failure) if is_duplicate(&failure.error) => {
                self.made_already(entity_set, row, write, sent, deadline).await
            }
            Err(failure) => Err(failure.error),
        }
    }

    /// Answers a create whose record was made by an earlier attempt.
    async fn made_already(
        &self,
        entity_set: &str,
        row: Uuid,
        write: &WriteOptions,
        sent: Sent,
        deadline: Instant,
    ) -> Result<Answer<Written>, Error> {
        let Some(select) = &write.returning else {
            return Ok(
                Answer::fresh((), 204, "".into(), &sent).with(Written { id: row, row: None })
            );
        };
        let select = encode_record_options(&select_option(select))?;
        let mut call = self.core.get("retrieve", entity_set, &RecordKey::Id(row), &select);
        call.sent = sent;
        let answer = self.core.perform(&call, deadline).await?.answer;
        answer.try_map(|(), body| Ok(Written { id: row, row: Some(record(body)?) }))
    }

    /// Changes the record `key`, or makes it of `columns` (a JSON object) where there is none.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the record may have been made or changed.
    pub async fn upsert(
        &self,
        entity_set: &str,
        key: &RecordKey,
        columns: &str,
        write: &WriteOptions,
        deadline: Instant,
    ) -> Result<Answer<Upserted>, Error> {
        self.core.allow(Operation::Create, entity_set)?;
        self.core.allow(Operation::Update, entity_set)?;
        refuse_etag(write, "an upsert")?;
        let _forgetting = self.forgetting(entity_set);
        let columns = Columns::read(columns)?;
        let mut call = self.write_call("upsert", entity_set, key, write)?;
        self.fill(&mut call, entity_set, columns, deadline).await?;
        let received = self.core.perform(&call, deadline).await?;
        let created = match received.answer.status {
            _ if received.maybe_done => None,
            201 => Some(true),
            200 => Some(false),
            _ => None,
        };
        let id = match key {
            RecordKey::Id(id) => Some(*id),
            RecordKey::Alternate(_) => written_id(&received),
        };
        let row = |(), body: &str| returned(write, body);
        Ok(received.answer.try_map(row)?.map(|row| Upserted { id, created, row }))
    }

    /// Changes the columns named in `columns` (a JSON object) of the record `key`. Never makes one. Answers the record,
    /// where `write` asks for it.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the change may have been made.
    pub async fn update(
        &self,
        entity_set: &str,
        key: &RecordKey,
        columns: &str,
        write: &WriteOptions,
        deadline: Instant,
    ) -> Result<Answer<Option<Box<RawValue>>>, Error> {
        self.core.allow(Operation::Update, entity_set)?;
        let _forgetting = self.forgetting(entity_set);
        let columns = Columns::read(columns)?;
        let mut call = self.write_call("update", entity_set, key, write)?;
        let condition = write.etag.as_deref().map_or(Ok(ANY), etag_value)?;
        call.headers.push((IF_MATCH, condition));
        // A record that has a new etag, or a new key, is not found again by the old one.
        if write.etag.is_some() || columns.names().any(|name| key.has_column(name)) {
            call.repeat = Repeat::OnlyIfUnsent;
        }
        self.fill(&mut call, entity_set, columns, deadline).await?;
        let received = self.core.perform(&call, deadline).await?;
        received.answer.try_map(|(), body| returned(write, body))
    }

    /// Removes the record `key`, where `etag` is given only if it still has it. Where an answer was lost and the record
    /// is gone afterwards, it counts as removed, with status 204.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the record may have been removed.
    pub async fn delete(
        &self,
        entity_set: &str,
        key: &RecordKey,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Result<Answer<()>, Error> {
        self.core.allow(Operation::Delete, entity_set)?;
        let _forgetting = self.forgetting(entity_set);
        let address = self.core.record_address(entity_set, key, "");
        let mut call = Call::new("delete", Method::DELETE, address);
        if let Some(etag) = etag {
            call.headers.push((IF_MATCH, etag_value(etag)?));
        }
        // Another record may have the alternate key meanwhile.
        if etag.is_some() || matches!(key, RecordKey::Alternate(_)) {
            call.repeat = Repeat::OnlyIfUnsent;
        }
        let gone = |failure: &Failure| failure.error.kind == ErrorKind::NotFound;
        done_before(self.core.try_perform(&call, deadline).await, gone)
    }

    /// A `PATCH` of one record, its condition and body apart.
    fn write_call(
        &self,
        operation: &'static str,
        entity_set: &str,
        key: &RecordKey,
        write: &WriteOptions,
    ) -> Result<Call, Error> {
        let select = write.returning.as_deref().map(select_option).unwrap_or_default();
        let options = encode_record_options(&select)?;
        let address = self.core.record_address(entity_set, key, &options);
        let mut call = Call::new(operation, Method::PATCH, address);
        if write.returning.is_some() {
            call.headers.push((PREFER, HeaderValue::from_static("return=representation")));
        }
        if write.detect_duplicates {
            call.headers.push((SUPPRESS_DUPLICATE_DETECTION, HeaderValue::from_static("false")));
        }
        Ok(call)
    }

    /// Puts the columns into the call, lookups in the form that Dataverse takes. What must be asked for that counts with
    /// the call.
    async fn fill(
        &self,
        call: &mut Call,
        entity_set: &str,
        mut columns: Columns<'_>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let bound = self.bind(entity_set, &mut columns, &call.sent, deadline).await;
        bound.map_err(|error| Error {
            requests: call.sent.count(),
            spent: call.sent.spent(),
            ..error
        })?;
        call.body = Some(columns.into_bytes());
        Ok(())
    }
}

/// Takes a failure for a success where an earlier attempt has evidently done the work.
pub(crate) fn done_before(
    result: Result<Received, Failure>,
    shows_it: impl FnOnce(&Failure) -> bool,
) -> Result<Answer<()>, Error> {
    match result {
        Ok(received) => Ok(received.answer),
        Err(failure) if failure.maybe_done && shows_it(&failure) => Ok(Answer::done(failure.error)),
        Err(failure) => Err(failure.error),
    }
}

/// Whether Dataverse says that there is a record with this primary key already.
pub(crate) fn is_duplicate(error: &Error) -> bool {
    let has_code =
        error.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(DUPLICATE_RECORD));
    error.status == Some(412) && has_code
}

fn refuse_etag(write: &WriteOptions, what: &str) -> Result<(), Error> {
    match write.etag {
        None => Ok(()),
        Some(_) => Err(Error::invalid(format!("{what} takes no etag; use an update"))),
    }
}

/// An etag such as `W/"1234"`, or `*` for any.
fn etag_value(etag: &str) -> Result<HeaderValue, Error> {
    let etag = etag.trim();
    let quoted = etag.strip_prefix("W/").unwrap_or(etag);
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_etag = etag == "*"
        || inner.is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"'));
    is_etag.then(|| HeaderValue::try_from(etag).ok()).flatten().ok_or_else(|| {
        let shown = excerpt(etag);
        Error::invalid(format!(
            "'{shown}' is no etag; take the record's @odata.etag, such as W/\"1234\""
        ))
    })
}

/// `$select` as typed, with or without its name.
fn select_option(columns: &str) -> String {
    let columns = columns.trim();
    match columns {
        "" => String::new(),
        _ if columns.starts_with(['$', '?']) => columns.to_owned(),
        _ => format!("$select={columns}"),
    }
}

/// The record that came back, where one was asked for.
fn returned(write: &WriteOptions, body: &str) -> Result<Option<Box<RawValue>>, Error> {
    if write.returning.is_none() || body.trim().is_empty() {
        return Ok(None);
    }
    record(body).map(Some)
}

/// The key at the end of `OData-EntityId: …/contacts(00aa…)`.
fn written_id(received: &Received) -> Option<Uuid> {
    let url = received.raw.header("odata-entityid")?;
    let (_, key) = url.trim().strip_suffix(')')?.rsplit_once('(')?;
    Uuid::try_parse(key).ok()
}
