//! What every operation stands on: addresses below the account's API URL, its policy, and the exchange.

use std::sync::Arc;
use std::time::Instant;

use http::Method;
use url::Url;

use crate::account::{AccountSettings, Operation};
use crate::batch;
use crate::client::answer::Answer;
use crate::client::record_key::RecordKey;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Call, Exchange, Failure};
use crate::rehearsal::{ShowRequest, ShownRequest, would_answer};
use crate::resource_path::check_entity_set;
use crate::telemetry;
use crate::transport::RawAnswer;

/// Longest address that Dataverse accepts, alone and in a batch ("Compose HTTP requests and handle errors").
const MAX_URL_CHARS: usize = 32_768;
const MAX_BATCHED_URL_CHARS: usize = 65_536;

/// The part of a client that requests which outlive their caller hold on to.
pub(crate) struct Core {
    pub(crate) settings: AccountSettings,
    pub(crate) exchange: Arc<Exchange>,
    /// Who is shown writes, which are not sent then.
    shows: Option<ShowRequest>,
    /// The API URL without a slash at its end.
    base: String,
}

/// A success as it came.
pub(crate) struct Received {
    pub(crate) raw: RawAnswer,
    pub(crate) answer: Answer<()>,
    /// An earlier attempt may have done the work already.
    pub(crate) maybe_done: bool,
}

impl Core {
    pub(crate) fn new(settings: AccountSettings, exchange: Exchange) -> Self {
        let base = settings.api_url.as_str().trim_end_matches('/').to_owned();
        Self { settings, exchange: Arc::new(exchange), shows: None, base }
    }

    /// The same, but nothing that writes leaves it: it is shown.
    pub(crate) fn rehearsing(&self, show: ShowRequest) -> Self {
        let (settings, exchange) = (self.settings.clone(), Arc::clone(&self.exchange));
        Self { settings, exchange, shows: Some(show), base: self.base.clone() }
    }

    /// Whether writes are shown and not sent.
    pub(crate) fn rehearses(&self) -> bool {
        self.shows.is_some()
    }

    /// Whether `name` can be a table's and the policy allows `operation` on it.
    pub(crate) fn allow(&self, operation: Operation, name: &str) -> Result<(), Error> {
        check_entity_set(name)?;
        if self.settings.policy.allows(operation, name) {
            return Ok(());
        }
        let operation = operation.name();
        Err(Error::local(
            ErrorKind::PolicyDenied,
            format!("the account's policy does not allow the operation {operation} on {name}"),
        ))
    }

    /// The address of `path`, whose parts have been checked or encoded, with an encoded query.
    pub(crate) fn address(&self, path: &str, query: &str) -> String {
        let separator = if query.is_empty() { "" } else { "?" };
        [self.base.as_str(), "/", path, separator, query].concat()
    }

    /// The address of one record.
    pub(crate) fn record_address(&self, entity_set: &str, key: &RecordKey, query: &str) -> String {
        self.address(&format!("{entity_set}({})", key.in_address()), query)
    }

    /// A read of one record.
    pub(crate) fn get(
        &self,
        operation: &'static str,
        entity_set: &str,
        key: &RecordKey,
        query: &str,
    ) -> Call {
        Call::new(operation, Method::GET, self.record_address(entity_set, key, query))
    }

    /// The address behind a link in the answer of `asked`, which must lead to the same API. Dataverse writes whole
    /// addresses; OData allows those that are relative to the request's.
    pub(crate) fn linked(&self, link: &str, asked: &str) -> Result<String, Error> {
        let url = Url::parse(asked).and_then(|asked| asked.join(link)).ok();
        let root = format!("{}/", self.settings.api_url.path().trim_end_matches('/'));
        let stays = |url: &Url| {
            url.origin() == self.settings.api_url.origin()
                && url.path().starts_with(&root)
                && url.username().is_empty()
                && url.password().is_none()
        };
        url.filter(stays).map(String::from).ok_or_else(|| {
            Error::local(
                ErrorKind::Unavailable,
                "Dynamics 365 answered with a link to a next page that leaves the account's API URL; it was not \
                 followed, check the API URL",
            )
        })
    }

    pub(crate) async fn perform(&self, call: &Call, deadline: Instant) -> Result<Received, Error> {
        self.try_perform(call, deadline).await.map_err(|failure| failure.error)
    }

    pub(crate) async fn try_perform(
        &self,
        call: &Call,
        deadline: Instant,
    ) -> Result<Received, Failure> {
        // Everything goes through here, so that no write can be forgotten. A read may become a batch, which is posted.
        if let Some(show) = self.shows.as_ref().filter(|_| call.method != Method::GET) {
            let shown = Box::pin(self.show(call, show, deadline)).await;
            return shown.map_err(|error| Failure { error, maybe_done: false });
        }
        let begun = Instant::now();
        let result = match self.packed(call) {
            Ok(packed) => {
                let call = packed.as_deref().unwrap_or(call);
                self.exchange.perform(call, deadline.into()).await
            }
            Err(error) => Err(Failure { error, maybe_done: false }),
        };
        let outcome =
            result.as_ref().map_or_else(|failure| failure.error.kind.name(), |_| telemetry::OK);
        self.exchange.meters.call_ended(call.operation, outcome, begun.elapsed());
        let reply = result?;
        let status = reply.answer.status.as_u16();
        let answer = Answer::fresh((), status, reply.answer.text(), &call.sent);
        Ok(Received { raw: reply.answer, answer, maybe_done: reply.maybe_done })
    }

    async fn show(
        &self,
        call: &Call,
        show: &ShowRequest,
        deadline: Instant,
    ) -> Result<Received, Error> {
        let packed = self.packed(call)?;
        let call = packed.as_deref().unwrap_or(call);
        let request = self.exchange.prepare(call, deadline.into()).await?;
        let (uri, headers) = (request.uri().to_string(), request.headers());
        show(ShownRequest::new(request.method(), uri, headers, call.body.as_deref()));
        let raw = would_answer(call);
        let answer = Answer::fresh((), raw.status.as_u16(), raw.text(), &call.sent);
        // Whether an upsert would have made its record is not known.
        Ok(Received { raw, answer, maybe_done: true })
    }

    /// The batch in which a read is sent whose address is too long; none for any other call.
    fn packed(&self, call: &Call) -> Result<Option<Box<Call>>, Error> {
        let length = call.address.len();
        if length <= MAX_URL_CHARS {
            return Ok(None);
        }
        if call.method != Method::GET || length > MAX_BATCHED_URL_CHARS {
            return Err(Error::invalid(format!(
                "the request's address has {length} characters, of which {MAX_BATCHED_URL_CHARS} are allowed; ask for \
                 fewer columns or compare with fewer values"
            )));
        }
        Ok(Some(Box::new(batch::pack(call, self.address("$batch", "")))))
    }
}

/// A success that is not what its operation answers.
pub(crate) fn unreadable(expected: &str) -> Error {
    Error::local(
        ErrorKind::Unavailable,
        format!(
            "Dynamics 365 answered with something that is not {expected}; check the account's API URL"
        ),
    )
}
