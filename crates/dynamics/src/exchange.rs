//! One call to the Web API from its first attempt to its answer: place, token, time limit, repetition.
//!
//! A call says how it may be repeated: always, as reads and writes that name their record may; or only while
//! Dynamics 365 cannot have acted on it. The rest is decided by what went wrong. What an answer means is for the
//! caller.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::{Builder, Uuid};

use crate::batch;
use crate::dataverse_error::{read_error, retry_after, throttled_by, throttled_for};
use crate::error::{Error, ErrorKind};
use crate::gate::Gate;
use crate::limits::Limits;
use crate::oauth::claims;
use crate::sent::{Attempt, Sent};
use crate::telemetry::{self, CallMeters};
use crate::token_source::{Bearer, TokenSource};
use crate::transport::{RawAnswer, Transport, TransportError, host};

/// Attempts that end without a usable answer before a call gives up.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A wait asked for is never taken to be shorter, lest `Retry-After: 0` becomes a busy loop.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
/// With less time left than this, nothing is sent: no answer of another machine is faster, and a write whose answer
/// nobody hears is in doubt.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(5);

const ODATA_MAX_VERSION: HeaderName = HeaderName::from_static("odata-maxversion");
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
/// About how many a request has, those of the transport included.
const HEADERS: usize = 12;

/// When a call may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Carrying it out twice comes to the same as once.
    Always,
    /// Not once it may have been carried out.
    OnlyIfUnsent,
}

/// A request, its repetitions included.
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// The whole of it; its parts have been checked or encoded.
    pub(crate) address: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Bytes>,
    pub(crate) repeat: Repeat,
    /// The answer is that of the only part of a batch.
    pub(crate) is_batch: bool,
    pub(crate) sent: Sent,
}

impl Call {
    /// A request without headers of its own or a body, that may always be repeated.
    pub(crate) fn new(operation: &'static str, method: Method, address: String) -> Self {
        Self {
            operation,
            method,
            address,
            headers: Vec::new(),
            body: None,
            repeat: Repeat::Always,
            is_batch: false,
            sent: Sent::default(),
        }
    }

    fn uri(&self) -> Result<Uri, Error> {
        let uri = Uri::try_from(self.address.as_str());
        uri.map_err(|_| Error::invalid("no address can be made of the request"))
    }
}

/// A success, and whether an earlier attempt may have done the work already.
pub(crate) struct Reply {
    pub(crate) answer: RawAnswer,
    pub(crate) maybe_done: bool,
}

/// A failure, and whether an earlier attempt, or this one, may have done the work all the same.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) maybe_done: bool,
}

/// Sends calls on behalf of one account.
pub(crate) struct Exchange {
    pub(crate) account: Uuid,
    pub(crate) transport: Transport,
    pub(crate) tokens: Arc<TokenSource>,
    pub(crate) gate: Gate,
    pub(crate) limits: Limits,
    pub(crate) meters: CallMeters,
    pub(crate) request_timeout: Duration,
}

/// What has happened to a call so far.
struct Progress<'a> {
    call: &'a Call,
    /// Place of the last request among those that were sent.
    last: usize,
    failures: u32,
    maybe_done: bool,
    token_renewed: bool,
    client_request_id: Uuid,
}

/// What to do after an attempt.
enum Next {
    Done(RawAnswer),
    /// Repeat; the error is for when there is no time left for it.
    Repeat {
        cause: &'static str,
        pause: Duration,
        error: Error,
    },
    /// Repeat as soon as the gate lets anybody through.
    AtOnce {
        cause: &'static str,
    },
    Fail(Error),
}

impl Exchange {
    /// The request that [`Self::perform`] would send first, without what tells who asks and which request it is. Whether
    /// there is a token is found out all the same.
    pub(crate) async fn prepare(
        &self,
        call: &Call,
        deadline: Instant,
    ) -> Result<Request<Bytes>, Error> {
        self.tokens.bearer(deadline).await?;
        bare_request(call)
    }

    /// Returns by `deadline`.
    pub(crate) async fn perform(&self, call: &Call, deadline: Instant) -> Result<Reply, Failure> {
        let mut progress = Progress {
            call,
            last: 0,
            failures: 0,
            maybe_done: false,
            token_renewed: false,
            // Only to be found again by, so that no call of the kernel is due for it.
            client_request_id: Builder::from_random_bytes(rand::random()).into_uuid(),
        };
        loop {
            let next = match self.attempt(&mut progress, deadline).await {
                Ok(next) => next,
                Err(error) => Next::Fail(error),
            };
            let (cause, pause) = match next {
                Next::Done(answer) => {
                    return Ok(Reply { answer, maybe_done: progress.maybe_done });
                }
                Next::Fail(error) => return Err(progress.failed(error)),
                Next::Repeat { pause, error, .. }
                    if Instant::now() + pause + SHORTEST_ATTEMPT > deadline =>
                {
                    return Err(progress.failed(error));
                }
                Next::Repeat { cause, pause, .. } => (cause, pause),
                Next::AtOnce { cause } => (cause, Duration::ZERO),
            };
            telemetry::request_repeated(call.operation, cause);
            call.sent.paused(progress.last, pause);
            sleep(pause).await;
        }
    }

    /// One request, its place in the queue and its token included. An error ends the call.
    async fn attempt(&self, progress: &mut Progress<'_>, deadline: Instant) -> Result<Next, Error> {
        let call = progress.call;
        let mut now = Instant::now();
        // Place and token are mostly there, and the clock need not be asked for each.
        let _place = match self.gate.enter_at_once(now) {
            Some(place) => place,
            None => {
                let place = self.gate.enter(deadline).await;
                let asked = mem::replace(&mut now, Instant::now());
                call.sent.waited_at_gate(now - asked);
                place?
            }
        };
        let bearer = match self.tokens.bearer_at_once(now) {
            Ok(bearer) => bearer,
            Err(flight) => {
                let bearer = self.tokens.bearer_of(flight, deadline).await;
                let asked = mem::replace(&mut now, Instant::now());
                call.sent.waited_for_token(now - asked);
                bearer?
            }
        };
        if now + SHORTEST_ATTEMPT > deadline {
            return Err(Error::timeout("waiting to send the request"));
        }
        let request = request(call, &bearer, progress.client_request_id)?;
        let until = deadline.min(now + self.request_timeout);
        self.meters.request_sent(call.operation);
        call.sent.add(&call.method);
        let answered = timeout_at(until, self.transport.send(request)).await;
        let answered = answered.map(|answered| self.receive(call, answered?));
        progress.last = call.sent.ended(attempt(now, answered.as_ref().ok()));
        match answered {
            Ok(Ok(answer)) => Ok(self.judge(answer, &bearer, deadline, progress)),
            Ok(Err(error)) => Ok(judge_lost(&error, progress)),
            Err(_) if until == deadline => {
                progress.maybe_done = true;
                Err(progress.in_doubt(Error::timeout("waiting for the answer of Dynamics 365")))
            }
            Err(_) => {
                let host = host(&call.uri()?);
                let seconds = self.request_timeout.as_secs();
                Ok(judge_lost(&TransportError::TooSlow { host, seconds }, progress))
            }
        }
    }

    fn receive(&self, call: &Call, answer: RawAnswer) -> Result<RawAnswer, TransportError> {
        self.limits.note(self.account, &answer.headers);
        if call.is_batch { batch::unpack(answer) } else { Ok(answer) }
    }

    fn judge(
        &self,
        answer: RawAnswer,
        bearer: &Arc<Bearer>,
        deadline: Instant,
        progress: &mut Progress<'_>,
    ) -> Next {
        let status = answer.status;
        if status.is_success() {
            return Next::Done(answer);
        }
        tracing::debug!(status = status.as_u16(), "Dynamics 365 refused a request");
        match status {
            StatusCode::UNAUTHORIZED => {
                let claims = claims::demanded(&answer.headers);
                if progress.token_renewed {
                    let error = read_error(&answer, bearer.expose());
                    return Next::Fail(self.tokens.refused_again(claims, error));
                }
                progress.token_renewed = true;
                self.tokens.reject(bearer, claims);
                Next::AtOnce { cause: "unauthorized" }
            }
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = throttled_for(&answer).max(SHORTEST_WAIT);
                self.limits.met(throttled_by(&answer));
                self.gate.park(wait);
                if Instant::now() + wait >= deadline {
                    return Next::Fail(read_error(&answer, bearer.expose()));
                }
                Next::AtOnce { cause: "throttled" }
            }
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                progress.maybe_done = true;
                let error = read_error(&answer, bearer.expose());
                let asked = retry_after(&answer).unwrap_or_default();
                progress.again("unavailable", asked, error)
            }
            _ => {
                progress.maybe_done |= status.is_server_error();
                Next::Fail(read_error(&answer, bearer.expose()))
            }
        }
    }
}

/// What is told of a request that was sent at `began`.
fn attempt(began: Instant, answered: Option<&Result<RawAnswer, TransportError>>) -> Attempt {
    let (status, error) = match answered {
        Some(Ok(answer)) => (Some(answer.status.as_u16()), None),
        Some(Err(error)) => (error.status(), Some(error.to_string())),
        None => (None, Some("no answer by the end of its time".to_owned())),
    };
    let (took, pause) = (began.elapsed(), Duration::ZERO);
    Attempt { began: began.into_std(), took, status, error, pause }
}

/// What to do when there was no answer that could be read.
fn judge_lost(error: &TransportError, progress: &mut Progress<'_>) -> Next {
    let kind = match error {
        TransportError::TooLarge { .. } => ErrorKind::InvalidRequest,
        _ => ErrorKind::Unavailable,
    };
    match error {
        TransportError::TooLarge { .. } => {
            let text = format!("{error}; ask for fewer records ($top) or columns ($select)");
            Next::Fail(Error::local(kind, text))
        }
        TransportError::Redirected { .. }
        | TransportError::Failed { .. }
        | TransportError::Unreadable { .. } => Next::Fail(Error::local(kind, error.to_string())),
        TransportError::NotConnected { .. } => {
            progress.again("lost", Duration::ZERO, Error::local(kind, error.to_string()))
        }
        TransportError::Lost { .. } | TransportError::TooSlow { .. } => {
            progress.maybe_done = true;
            progress.again("lost", Duration::ZERO, Error::local(kind, error.to_string()))
        }
    }
}

impl Progress<'_> {
    fn again(&mut self, cause: &'static str, at_least: Duration, error: Error) -> Next {
        self.failures += 1;
        if self.maybe_done && self.call.repeat == Repeat::OnlyIfUnsent {
            return Next::Fail(self.in_doubt(error));
        }
        if self.failures >= ATTEMPTS {
            return Next::Fail(error);
        }
        let longest = FIRST_PAUSE.saturating_mul(1 << (self.failures - 1)).min(LONGEST_PAUSE);
        // Half fixed, half by chance, so that callers who failed together do not return together.
        let pause = longest.mul_f64(rand::random_range(0.5..=1.0)).max(at_least);
        Next::Repeat { cause, pause, error }
    }

    /// Adds what must be known about a request that is not sent again.
    fn in_doubt(&self, mut error: Error) -> Error {
        if self.call.repeat == Repeat::OnlyIfUnsent {
            error.message.push_str(
                "; it is not known whether Dynamics 365 has carried it out, so it was not sent again",
            );
        }
        error
    }

    fn failed(&self, mut error: Error) -> Failure {
        (error.requests, error.spent) = (self.call.sent.count(), self.call.sent.spent());
        if error.request_id.is_none() {
            error.request_id = Some(self.client_request_id.to_string());
        }
        Failure { error, maybe_done: self.maybe_done }
    }
}

fn request(call: &Call, bearer: &Bearer, id: Uuid) -> Result<Request<Bytes>, Error> {
    let unusable = || Error::local(ErrorKind::Unavailable, "Entra ID granted no usable token");
    let authorization = bearer.header().ok_or_else(unusable)?;
    let mut request = bare_request(call)?;
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, authorization);
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(CLIENT_REQUEST_ID, id);
    }
    Ok(request)
}

/// The request of a call, without a token and an id.
fn bare_request(call: &Call) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(call.body.clone().unwrap_or_default());
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = call.uri()?;
    let headers = request.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ODATA_MAX_VERSION, HeaderValue::from_static("4.0"));
    headers.insert(ODATA_VERSION, HeaderValue::from_static("4.0"));
    if call.method == Method::GET {
        // Microsoft's pages put it on every GET: it defeats caches and is no condition.
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("null"));
    }
    if call.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in &call.headers {
        headers.insert(name, value.clone());
    }
    Ok(request)
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
