//! One record by its key.

use std::time::Instant;

use http::HeaderValue;
use serde_json::value::RawValue;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::{Answer, Page};
use crate::client::core::{Core, unreadable};
use crate::client::list::{PREFER, prefer_annotations};
use crate::client::options::ReadOptions;
use crate::client::reads::Reading;
use crate::client::record_key::RecordKey;
use crate::error::Error;
use crate::query_options::encode_record_options;
use crate::sent::Sent;

/// A record to be read.
#[derive(Debug, Clone)]
pub(crate) struct RecordRequest {
    entity_set: String,
    key: RecordKey,
    options: String,
    prefer: Option<HeaderValue>,
}

impl RecordRequest {
    pub(crate) fn table(&self) -> &str {
        &self.entity_set
    }

    /// What tells this read from others of the account.
    pub(crate) fn identity(&self) -> String {
        let prefer = self.prefer.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        format!("{}({})?{}\n{prefer}", self.entity_set, self.key.in_address(), self.options)
    }
}

impl Core {
    pub(crate) async fn record(
        &self,
        request: &RecordRequest,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        let mut call = self.get("retrieve", &request.entity_set, &request.key, &request.options);
        call.headers.extend(request.prefer.clone().map(|value| (PREFER, value)));
        call.sent = sent.clone();
        let answer = self.perform(&call, deadline).await?.answer;
        answer
            .try_map(|(), body| Ok(Page { records: vec![record(body)?], more: false, count: None }))
    }
}

impl Client {
    /// Reads the record `key`. Of `options` only `$select` and `$expand` make sense; of `read`, the number of records
    /// means nothing.
    ///
    /// # Errors
    /// Any [`crate::ErrorKind`] but `Conflict`.
    pub async fn retrieve(
        &self,
        entity_set: &str,
        key: &RecordKey,
        options: &str,
        read: &ReadOptions,
        deadline: Instant,
    ) -> Result<Answer<Box<RawValue>>, Error> {
        self.core.allow(Operation::Retrieve, entity_set)?;
        let request = RecordRequest {
            entity_set: entity_set.to_owned(),
            key: key.clone(),
            options: encode_record_options(options)?,
            prefer: prefer_annotations(read.annotations)?,
        };
        let answer = self.read(&Reading::Record(request), read, deadline).await?;
        answer.try_map(|mut page, _| page.records.pop().ok_or_else(|| unreadable("a record")))
    }
}

/// Reads a body that is one record.
pub(crate) fn record(body: &str) -> Result<Box<RawValue>, Error> {
    let record: Box<RawValue> = serde_json::from_str(body).map_err(|_| unreadable("a record"))?;
    if record.get().starts_with('{') { Ok(record) } else { Err(unreadable("a record")) }
}
