//! Links between records, made and removed through collection-valued navigation properties.
//!
//! "Associate and disassociate table rows using the Web API" of Microsoft's documentation. A lookup is a column: it is
//! set with an update.

use std::time::Instant;

use bytes::Bytes;
use http::{Method, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::Answer;
use crate::client::core::address;
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
        let uri = below(&source, &format!("{relationship}/$ref"))?;
        let mut call = Call::new("associate", Method::POST, uri);
        let body = json!({ "@odata.id": target.to_string() }).to_string();
        call.body = Some(Bytes::from(body));
        let linked = |failure: &Failure| is_duplicate(&failure.error);
        done_before(self.core.try_perform(call, deadline).await, linked)
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
        let uri = match to.1 {
            RecordKey::Id(id) => below(&source, &format!("{relationship}({id})/$ref"))?,
            RecordKey::Alternate(_) => {
                let target = target.to_string();
                let id = utf8_percent_encode(&target, NON_ALPHANUMERIC);
                below(&source, &format!("{relationship}/$ref?$id={id}"))?
            }
        };
        let call = Call::new("disassociate", Method::DELETE, uri);
        let gone = |failure: &Failure| failure.error.kind == ErrorKind::NotFound;
        done_before(self.core.try_perform(call, deadline).await, gone)
    }

    /// The addresses of both records.
    fn ends(
        &self,
        from: Record<'_>,
        relationship: &str,
        to: Record<'_>,
    ) -> Result<(Uri, Uri), Error> {
        self.core.allow(Operation::Associate, from.0)?;
        self.core.allow(Operation::Associate, to.0)?;
        check_relationship(relationship)?;
        let source = self.core.record_uri(from.0, from.1, "")?;
        Ok((source, self.core.record_uri(to.0, to.1, "")?))
    }
}

/// The address of what is called `path` below a record.
fn below(record: &Uri, path: &str) -> Result<Uri, Error> {
    address(format!("{record}/{path}"))
}
