//! The operations of the Web API on one account, each one request.
//!
//! Records pass through as the bytes that Dataverse sent. What is a record, a column or a filter is Dataverse's to
//! judge; what is refused here is only what could not be sent as meant.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderValue, Method};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use url::Url;
use uuid::Uuid;

use crate::account::{AccountSettings, Operation};
use crate::dataverse_error::DUPLICATE_RECORD;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Call, Exchange, Failure};
use crate::query_options::{encode_query_options, encode_record_options};
use crate::resource_path::{check_entity_set, parse_id};
use crate::telemetry;
use crate::token_source::TokenSource;

/// Longest URL that Dataverse accepts outside a batch ("Compose HTTP requests and handle errors").
const MAX_URL_CHARS: usize = 32_768;

/// What Dynamics 365 answered: the value read from it, and the answer itself.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// HTTP status.
    pub status: u16,
    /// Body as received; empty where there was none.
    pub body: Arc<str>,
}

/// One page of records.
#[derive(Debug, Clone)]
pub struct Page {
    /// The records as Dataverse sent them.
    pub records: Vec<Box<RawValue>>,
    /// Whether more records match (there was an `@odata.nextLink`).
    pub more: bool,
    /// `@odata.count`, where `$count=true` asked for it; Dataverse never counts past 5,000.
    pub count: Option<u64>,
}

/// Answer of the function `WhoAmI`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WhoAmI {
    /// System user as whom every call is made.
    pub user_id: Uuid,
    /// The user's business unit.
    pub business_unit_id: Uuid,
    /// The Dataverse organisation.
    pub organization_id: Uuid,
}

/// The client of one integration account. Cheap to use from many tasks at once; made by [`crate::Pool`].
pub struct Client {
    settings: AccountSettings,
    base: String,
    exchange: Exchange,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(settings: AccountSettings, exchange: Exchange) -> Self {
        let base = settings.api_url.as_str().trim_end_matches('/').to_owned();
        Self { settings, base, exchange }
    }

    /// The settings that this client works with.
    pub fn settings(&self) -> &AccountSettings {
        &self.settings
    }

    /// Counts as use: the client fetches its token and opens its connections now, and keeps them ready for an hour.
    pub fn activate(&self) {
        self.exchange.tokens.usage.begin();
    }

    /// When the access token in use expires; none where there is none.
    pub fn access_token_expires(&self) -> Option<jiff::Timestamp> {
        self.exchange.tokens.expires()
    }

    pub(crate) fn tokens(&self) -> &Arc<TokenSource> {
        &self.exchange.tokens
    }

    /// Reads the first page of the records that match `options` (see [`crate::encode_query_options`]).
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Conflict`.
    pub async fn query(
        &self,
        entity_set: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        self.allow(Operation::Query, entity_set)?;
        let url = self.url(entity_set, &encode_query_options(options)?)?;
        let call = read("query", url);
        let answer = self.perform(&call, deadline).await?;
        answer.try_map(|body| {
            let list: List =
                serde_json::from_str(body).map_err(|_| unreadable("a list of records"))?;
            Ok(Page { records: list.value, more: list.next_link.is_some(), count: list.count })
        })
    }

    /// Reads the record `id` (a GUID, with or without braces). Of `options` only `$select` and `$expand` make
    /// sense.
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Conflict`.
    pub async fn retrieve(
        &self,
        entity_set: &str,
        id: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<Box<RawValue>>, Error> {
        self.allow(Operation::Retrieve, entity_set)?;
        let path = format!("{entity_set}({})", parse_id(id)?);
        let call = read("retrieve", self.url(&path, &encode_record_options(options)?)?);
        let answer = self.perform(&call, deadline).await?;
        answer.try_map(|body| {
            let record: Box<RawValue> =
                serde_json::from_str(body).map_err(|_| unreadable("a record"))?;
            if record.get().starts_with('{') { Ok(record) } else { Err(unreadable("a record")) }
        })
    }

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
        deadline: Instant,
    ) -> Result<Answer<Uuid>, Error> {
        self.allow(Operation::Create, entity_set)?;
        let url = self.url(&format!("{entity_set}({row})"), "")?;
        let call = write("create", url, Some((IF_NONE_MATCH, "*")), columns)?;
        match self.try_perform(&call, deadline).await {
            Ok(answer) => Ok(answer.with(row)),
            Err(failure) if is_made_already(&failure.error) => Ok(done(row)),
            Err(failure) => Err(failure.error),
        }
    }

    /// Changes the columns named in `columns` (a JSON object) of the record `id`. Never makes one.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the change may have been made.
    pub async fn update(
        &self,
        entity_set: &str,
        id: &str,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, Error> {
        self.allow(Operation::Update, entity_set)?;
        let url = self.url(&format!("{entity_set}({})", parse_id(id)?), "")?;
        let call = write("update", url, Some((IF_MATCH, "*")), columns)?;
        Ok(self.perform(&call, deadline).await?.with(()))
    }

    /// Removes the record `id`. Where an answer was lost and the record is gone afterwards, it counts as removed,
    /// with status 204.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; after `Timeout` and `Unavailable` the record may have been removed.
    pub async fn delete(
        &self,
        entity_set: &str,
        id: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, Error> {
        self.allow(Operation::Delete, entity_set)?;
        let url = self.url(&format!("{entity_set}({})", parse_id(id)?), "")?;
        let call =
            Call { operation: "delete", method: Method::DELETE, url, condition: None, body: None };
        match self.try_perform(&call, deadline).await {
            Ok(answer) => Ok(answer.with(())),
            Err(failure) if failure.maybe_done && failure.error.kind == ErrorKind::NotFound => {
                Ok(done(()))
            }
            Err(failure) => Err(failure.error),
        }
    }

    /// Asks who is calling: the proof that account, consent and connection work. No policy forbids it.
    ///
    /// # Errors
    /// `ConsentRequired`, `Forbidden`, `Throttled`, `Timeout`, `Unavailable`.
    pub async fn who_am_i(&self, deadline: Instant) -> Result<Answer<WhoAmI>, Error> {
        let call = read("who-am-i", self.url("WhoAmI", "")?);
        let answer = self.perform(&call, deadline).await?;
        answer.try_map(|body| {
            serde_json::from_str(body).map_err(|_| unreadable("the answer of WhoAmI"))
        })
    }

    /// Reads what is no business of the account's policy.
    pub(crate) async fn read_text(
        &self,
        operation: &'static str,
        path: &str,
        query: &str,
        deadline: Instant,
    ) -> Result<Arc<str>, Error> {
        let call = read(operation, self.url(path, query)?);
        self.perform(&call, deadline).await.map(|answer| answer.body)
    }

    fn allow(&self, operation: Operation, entity_set: &str) -> Result<(), Error> {
        check_entity_set(entity_set)?;
        if self.settings.policy.allows(operation, entity_set) {
            return Ok(());
        }
        let name = operation.name();
        Err(Error::local(
            ErrorKind::PolicyDenied,
            format!("the account's policy does not allow the operation {name} on {entity_set}"),
        ))
    }

    fn url(&self, path: &str, query: &str) -> Result<Url, Error> {
        let separator = if query.is_empty() { "" } else { "?" };
        let text = format!("{}/{path}{separator}{query}", self.base);
        if text.len() > MAX_URL_CHARS {
            return Err(Error::local(
                ErrorKind::InvalidRequest,
                format!("the query is too long: {} characters of {MAX_URL_CHARS}", text.len()),
            ));
        }
        Url::parse(&text)
            .map_err(|_| Error::local(ErrorKind::InvalidRequest, "the account's API URL is no URL"))
    }

    async fn perform(&self, call: &Call, deadline: Instant) -> Result<Answer<()>, Error> {
        self.try_perform(call, deadline).await.map_err(|failure| failure.error)
    }

    async fn try_perform(&self, call: &Call, deadline: Instant) -> Result<Answer<()>, Failure> {
        let begun = Instant::now();
        let result = self.exchange.perform(call, deadline.into()).await;
        let outcome = result.as_ref().map_or_else(|failure| failure.error.kind.name(), |_| "ok");
        telemetry::call_ended(call.operation, outcome, begun.elapsed());
        let answer = result?.answer;
        Ok(Answer { value: (), status: answer.status.as_u16(), body: answer.text() })
    }
}

#[derive(Deserialize)]
struct List {
    value: Vec<Box<RawValue>>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<IgnoredAny>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
}

impl Answer<()> {
    fn with<T>(self, value: T) -> Answer<T> {
        Answer { value, status: self.status, body: self.body }
    }

    fn try_map<T>(self, read: impl FnOnce(&str) -> Result<T, Error>) -> Result<Answer<T>, Error> {
        match read(&self.body) {
            Ok(value) => Ok(self.with(value)),
            Err(error) => Err(Error { status: Some(self.status), body: Some(self.body), ..error }),
        }
    }
}

/// An answer to what an earlier attempt, whose own answer was lost, has done.
fn done<T>(value: T) -> Answer<T> {
    Answer { value, status: 204, body: Arc::from("") }
}

fn is_made_already(error: &Error) -> bool {
    let is_duplicate =
        error.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(DUPLICATE_RECORD));
    error.status == Some(412) && is_duplicate
}

fn read(operation: &'static str, url: Url) -> Call {
    Call { operation, method: Method::GET, url, condition: None, body: None }
}

fn write(
    operation: &'static str,
    url: Url,
    condition: Option<(HeaderName, &'static str)>,
    columns: &str,
) -> Result<Call, Error> {
    let is_object = columns.trim_start().starts_with('{');
    if !is_object || serde_json::from_str::<IgnoredAny>(columns).is_err() {
        return Err(Error::local(
            ErrorKind::InvalidRequest,
            "the columns are no JSON object, such as {\"lastname\": \"Miller\"}",
        ));
    }
    Ok(Call {
        operation,
        method: Method::PATCH,
        url,
        condition: condition.map(|(name, value)| (name, HeaderValue::from_static(value))),
        body: Some(Bytes::copy_from_slice(columns.as_bytes())),
    })
}

fn unreadable(expected: &str) -> Error {
    Error::local(
        ErrorKind::Unavailable,
        format!(
            "Dynamics 365 answered with something that is not {expected}; check the account's API URL"
        ),
    )
}
