//! Records that match a query, and how many do.

use std::time::Instant;

use http::Method;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::{Answer, Page};
use crate::client::core::unreadable;
use crate::client::list::ListRequest;
use crate::client::options::{Query, ReadOptions};
use crate::client::reads::Reading;
use crate::error::Error;
use crate::exchange::Call;
use crate::query_options::encode_query_options;

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
        self.read(&Reading::List(request), read, deadline).await
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
        let address = self.core.address(&format!("{entity_set}/$count"), &options);
        let call = Call::new("count", Method::GET, address);
        let received = self.core.perform(&call, deadline).await?;
        // The number follows a byte order mark, which the text has lost already.
        let number = |(), body: &str| body.trim().parse().map_err(|_| unreadable("a number"));
        received.answer.try_map(number)
    }
}
