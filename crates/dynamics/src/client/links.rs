//! Links between records, made and removed through collection-valued navigation properties.
//!
//! "Associate and disassociate table rows using the Web API" of Microsoft's documentation. A lookup is a column: it is
//! set with an update.

use std::time::Instant;

use bytes::Bytes;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use url::Url;

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
        let url = below(&source, &format!("{relationship}/$ref"))?;
        let mut call = Call::new("associate", Method::POST, url);
        let body = json!({ "@odata.id": target.as_str() }).to_string();
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
        let url = match to.1 {
            RecordKey::Id(id) => below(&source, &format!("{relationship}({id})/$ref"))?,
            RecordKey::Alternate(_) => {
                let mut url = below(&source, &format!("{relationship}/$ref"))?;
                let id = utf8_percent_encode(target.as_str(), NON_ALPHANUMERIC);
                url.set_query(Some(&format!("$id={id}")));
                url
            }
        };
        let call = Call::new("disassociate", Method::DELETE, url);
        let gone = |failure: &Failure| failure.error.kind == ErrorKind::NotFound;
        done_before(self.core.try_perform(call, deadline).await, gone)
    }

    /// The addresses of both records.
    fn ends(
        &self,
        from: Record<'_>,
        relationship: &str,
        to: Record<'_>,
    ) -> Result<(Url, Url), Error> {
        self.core.allow(Operation::Associate, from.0)?;
        self.core.allow(Operation::Associate, to.0)?;
        check_relationship(relationship)?;
        let source = self.core.record_url(from.0, from.1, "")?;
        Ok((source, self.core.record_url(to.0, to.1, "")?))
    }
}

/// The address of what is called `path` below a record.
fn below(record: &Url, path: &str) -> Result<Url, Error> {
    Url::parse(&format!("{record}/{path}"))
        .map_err(|_| Error::invalid("the account's API URL is no URL"))
}
