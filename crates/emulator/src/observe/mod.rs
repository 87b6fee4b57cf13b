//! What happens around every request: size, counting, service protection, faults, the log.
//!
//! Bodies are buffered whole: this is an emulator's traffic, and both the log and a cut after the
//! commit need the finished answer. A dropped connection can not be said in HTTP, so it is a mark
//! on the response that `server` turns into a connection error.

mod limited;
mod size;
mod who;
pub(crate) mod witness;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as AxumState};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};

use crate::control::problem::Problem;
use crate::faults::answer::{Place, instead};
use crate::faults::body::changed;
use crate::faults::queue::Seen;
use crate::faults::{self, FaultKind, Route};
use crate::log::LogEntry;
use crate::log::body::masked_body;
use crate::log::mask::{masked_form, masked_headers, masked_pairs, masked_url, without_tokens};
use crate::server::Origin;
use crate::state::State;

/// Marks a response in whose place the connection is dropped.
#[derive(Clone)]
pub(crate) struct CutConnection;

/// A request that came in whole, and what is to be done with it.
struct Exchange {
    state: Arc<State>,
    route: Option<Route>,
    origin: String,
    fault: Option<FaultKind>,
    started: Instant,
    entry: LogEntry,
}

/// The emulator's own: neither counted nor logged, and no fault meets it.
const OWN_PAGES: [&str; 3] = ["/_emulator/", "/assets/", "/favicon.ico"];

pub(crate) async fn observe(
    AxumState(state): AxumState<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if OWN_PAGES.iter().any(|own| request.uri().path().starts_with(own)) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let route = route_of(&parts.method, parts.uri.path());
    let origin = parts.extensions.get::<Origin>().map(|origin| origin.0.clone());
    let origin = origin.unwrap_or_default();
    let mut exchange = Exchange {
        entry: arrived(&parts, &origin),
        state,
        route,
        origin,
        fault: None,
        started: Instant::now(),
    };
    let body = match size::read(route, &exchange.origin, &parts, body).await {
        Ok(body) => body,
        Err(too_large) => return exchange.finish(*too_large).await,
    };
    exchange.started = Instant::now();
    exchange.read(&parts, &body);
    exchange.fault = match exchange.choose_fault(&parts, &body) {
        Ok(fault) => fault,
        Err(problem) => return exchange.finish(problem.into_response()).await,
    };
    let request = Request::from_parts(parts, Body::from(body.clone()));
    // What has come in whole is carried out, also when its client goes away: so does Dataverse, and a database in
    // memory would not outlive a transaction that is dropped halfway.
    let carried_out = tokio::spawn(async move {
        let response = exchange.answer(request, body, next).await;
        exchange.finish(response).await
    });
    carried_out.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn arrived(parts: &Parts, origin: &str) -> LogEntry {
    let query = parts.uri.query().unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    LogEntry {
        time: jiff::Timestamp::now().to_string(),
        method: parts.method.to_string(),
        path: without_tokens(parts.uri.path()),
        query: masked_form(query),
        options: masked_pairs(query),
        url: masked_url(&format!("{origin}{target}")),
        request_headers: masked_headers(&parts.headers),
        ..LogEntry::default()
    }
}

impl Exchange {
    fn read(&mut self, parts: &Parts, body: &Bytes) {
        self.entry.request_bytes = body.len();
        self.entry.request_body = masked_body(content_type(&parts.headers), body);
        self.entry.who = who::who(parts, body);
        if self.route == Some(Route::Token) {
            self.state.witness.saw_request(body);
        }
        count(&self.state, self.route, &parts.method, body);
    }

    /// The fault that the request brings, or else the one that waits for it.
    fn choose_fault(&self, parts: &Parts, body: &Bytes) -> Result<Option<FaultKind>, Problem> {
        let Some(header) = parts.headers.get(faults::HEADER) else {
            let refreshes = self.route == Some(Route::Token)
                && form_value(body, "grant_type").is_some_and(|grant| grant == "refresh_token");
            let (method, path) = (&parts.method, parts.uri.path());
            let seen = Seen { route: self.route, method, path, refreshes };
            return Ok(self.state.faults.take(&seen));
        };
        let kind = faults::kind_alone(header.as_bytes()).map_err(|wrong| {
            Problem::from(wrong).about(format!("the header {} is wrong", faults::HEADER))
        })?;
        match self.route {
            Some(route) if !kind.fits(route) => {
                let detail =
                    format!("the fault of the header {} does not fit here", faults::HEADER);
                Err(Problem::new(StatusCode::BAD_REQUEST, detail))
            }
            _ => Ok(Some(kind)),
        }
    }

    async fn answer(&self, request: Request, body: Bytes, next: Next) -> Response {
        let admitted =
            limited::enter(&self.state, self.route, request.headers(), &body, request.uri());
        let entered = match admitted {
            Ok(entered) => entered,
            Err(refused) => return *refused,
        };
        let mut response = self.carry_out(request, next).await;
        if let Some(entered) = entered {
            entered.leave(&self.state, response.headers_mut());
        }
        response
    }

    async fn carry_out(&self, request: Request, next: Next) -> Response {
        let tenant = &self.state.setup.tenant;
        let place = Place { route: self.route, origin: &self.origin, tenant };
        match &self.fault {
            None => {}
            Some(FaultKind::CutBefore) => return cut(),
            Some(FaultKind::Latency { ms }) => wait(*ms).await,
            Some(FaultKind::LatencyBetween { min_ms, max_ms }) => {
                wait(rand::random_range(*min_ms..=*max_ms.max(min_ms))).await;
            }
            Some(FaultKind::ClockSkew { seconds }) => self.state.entra.set_clock_offset(*seconds),
            Some(kind) => {
                if let Some(response) = instead(kind, &place) {
                    return response;
                }
            }
        }
        let response = next.run(request).await;
        if self.fault == Some(FaultKind::CutAfter) { cut() } else { response }
    }

    /// Writes the log, and lets the answer out as the fault wants it.
    async fn finish(mut self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        if self.route == Some(Route::Token) {
            self.state.witness.saw_answer(&body);
        }
        let mut entry = std::mem::take(&mut self.entry);
        if parts.extensions.get::<CutConnection>().is_none() {
            entry.status = parts.status.as_u16();
            entry.response_headers = masked_headers(&parts.headers);
            entry.response_bytes = body.len();
            entry.response_body = masked_body(content_type(&parts.headers), &body);
        }
        entry.ms = self.started.elapsed().as_secs_f64() * 1000.0;
        entry.fault = self.fault.as_ref().map(|kind| kind.name().to_owned());
        self.state.log.push(entry);
        match &self.fault {
            Some(kind) => changed(kind, parts, body),
            None => Response::from_parts(parts, Body::from(body)),
        }
    }
}

async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CutConnection);
    response
}

fn route_of(method: &Method, path: &str) -> Option<Route> {
    let ends = |word: &str| {
        path.ends_with(&format!("/oauth2/{word}"))
            || path.ends_with(&format!("/oauth2/v2.0/{word}"))
    };
    if path.starts_with("/api/data/") {
        Some(Route::Api)
    } else if method == Method::POST && ends("token") {
        Some(Route::Token)
    } else if ends("authorize") {
        Some(Route::Authorize)
    } else {
        None
    }
}

fn count(state: &State, route: Option<Route>, method: &Method, body: &Bytes) {
    match route {
        Some(Route::Api) => state.counters.count_api(method.as_str()),
        Some(Route::Token) => {
            let known = ["authorization_code", "refresh_token", "client_credentials"];
            let grant_type = form_value(body, "grant_type");
            let grant_type = grant_type.filter(|value| known.contains(&value.as_str()));
            state.counters.count_token(grant_type.as_deref().unwrap_or("other"));
        }
        Some(Route::Authorize) | None => {}
    }
}

fn form_value(body: &[u8], name: &str) -> Option<String> {
    let found = url::form_urlencoded::parse(body).find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
