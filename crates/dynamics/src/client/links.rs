//! Links between records, made and removed through collection-valued navigation properties.
//!
//! "Associate and disassociate table rows using the Web API" of Microsoft's documentation. A lookup is a column: it is
//! set with an update.

use std::time::Instant;

use bytes::Bytes;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::Answer;
use crate::client::record_key::RecordKey;
use crate::client::write::{done_before, is_duplicate};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Call, Failure};
use crate::resource_path::check_relationship;

/// A record and the entity set that it is in.
type Record<'a> = (&'a str, &'a RecordKey);

impl Client {
    /// Links the record `to` to `from` through the collection-valued navigation property `relationship` of `from`.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the link may have been made.
    pub async fn associate(
        &self,
        from: Record<'_>,
        relationship: &str,
        to: Record<'_>,
        deadline: Instant,
    ) -> Result<Answer<()>, Error> {
        let (source, target) = self.ends(from, relationship, to)?;
        let _forgetting = [from.0, to.0].map(|table| self.forgetting(table));
        let address = format!("{source}/{relationship}/$ref");
        let mut call = Call::new("associate", Method::POST, address);
        let body = json!({ "@odata.id": target }).to_string();
        call.body = Some(Bytes::from(body));
        let linked = |failure: &Failure| is_duplicate(&failure.error);
        done_before(self.core.try_perform(&call, deadline).await, linked)
    }

    /// Removes the link between `from` and `to`; both records stay.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the link may have been removed.
    pub async fn disassociate(
        &self,
        from: Record<'_>,
        relationship: &str,
        to: Record<'_>,
        deadline: Instant,
    ) -> Result<Answer<()>, Error> {
        let (source, target) = self.ends(from, relationship, to)?;
        let _forgetting = [from.0, to.0].map(|table| self.forgetting(table));
        let address = match to.1 {
            RecordKey::Id(id) => format!("{source}/{relationship}({id})/$ref"),
            RecordKey::Alternate(_) => {
                let id = utf8_percent_encode(&target, NON_ALPHANUMERIC);
                format!("{source}/{relationship}/$ref?$id={id}")
            }
        };
        let call = Call::new("disassociate", Method::DELETE, address);
        let gone = |failure: &Failure| failure.error.kind == ErrorKind::NotFound;
        done_before(self.core.try_perform(&call, deadline).await, gone)
    }

    /// The addresses of both records.
    fn ends(
        &self,
        from: Record<'_>,
        relationship: &str,
        to: Record<'_>,
    ) -> Result<(String, String), Error> {
        self.core.allow(Operation::Associate, from.0)?;
        self.core.allow(Operation::Associate, to.0)?;
        check_relationship(relationship)?;
        let address = |(table, key): Record<'_>| self.core.record_address(table, key, "");
        Ok((address(from), address(to)))
    }
}
