//! Reading records: lists, numbers of records, single records.

use std::time::Instant;

use http::Method;
use serde_json::value::RawValue;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::{Answer, Page};
use crate::client::core::unreadable;
use crate::client::list::{ListRequest, PREFER, prefer_annotations};
use crate::client::options::{Query, ReadOptions};
use crate::client::record_key::RecordKey;
use crate::error::Error;
use crate::exchange::{Call, Sent};
use crate::query_options::{encode_query_options, encode_record_options};

impl Client {
    /// Reads the records that match `query`: the first page, or as many as `read` asks for.
    ///
    /// # Errors
    /// Any [`crate::ErrorKind`] but `Conflict`.
    pub async fn query(
        &self,
        entity_set: &str,
        query: Query<'_>,
        read: &ReadOptions,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        self.core.allow(Operation::Query, entity_set)?;
        let request = ListRequest::new(entity_set, query, read)?;
        self.core.list(request, &Sent::default(), deadline).await
    }

    /// Counts the records that match the OData filter `filter`, or all where it is empty. Dataverse never counts past
    /// 5,000.
    ///
    /// # Errors
    /// Any [`crate::ErrorKind`] but `Conflict`.
    pub async fn count(
        &self,
        entity_set: &str,
        filter: &str,
        deadline: Instant,
    ) -> Result<Answer<u64>, Error> {
        self.core.allow(Operation::Query, entity_set)?;
        let options = match filter.trim() {
            "" => String::new(),
            filter => encode_query_options(&format!("$filter={filter}"))?,
        };
        let url = self.core.url(&format!("{entity_set}/$count"), &options)?;
        let received = self.core.perform(Call::new("count", Method::GET, url), deadline).await?;
        // The number follows a byte order mark, which the text has lost already.
        let number = |(), body: &str| body.trim().parse().map_err(|_| unreadable("a number"));
        received.answer.try_map(number)
    }

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
        let url = self.core.record_url(entity_set, key, &encode_record_options(options)?)?;
        let mut call = Call::new("retrieve", Method::GET, url);
        call.headers.extend(prefer_annotations(read.annotations)?.map(|value| (PREFER, value)));
        let received = self.core.perform(call, deadline).await?;
        received.answer.try_map(|(), body| record(body))
    }
}

/// Reads a body that is one record.
pub(crate) fn record(body: &str) -> Result<Box<RawValue>, Error> {
    let record: Box<RawValue> = serde_json::from_str(body).map_err(|_| unreadable("a record"))?;
    if record.get().starts_with('{') { Ok(record) } else { Err(unreadable("a record")) }
}
