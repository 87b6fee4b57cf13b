//! The gate before a route: who asks, whether they may, and what is written down of it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use secrecy::SecretString;

use super::record::{self, Deed};
use super::{Caller, Needs};
use crate::problem::Problem;
use crate::server::Shared;

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// What stands before a route.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) shared: Shared,
    pub(crate) needs: Needs,
    /// What it is called in the audit log, where it is written down there.
    pub(crate) recorded: Option<&'static str>,
}

/// Lets a request pass whose caller has what the route needs.
pub(crate) async fn enter(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let shared = &gate.shared;
    let from = shared.access.proxies.from(request.extensions(), request.headers());
    request.extensions_mut().insert(from);
    let deed = match gate.recorded {
        Some(what) => Some(Deed::of(shared, what, from, &mut request).await),
        None => None,
    };
    let caller = match gate.asked_by(request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let let_in = gate.lets_in(caller.as_ref(), &request);
    if let Err(problem) = let_in {
        let response = problem.into_response();
        return match deed {
            Some(deed) => deed.record(caller.as_ref(), response).await,
            None => response,
        };
    }
    let browser = matches!(caller, Some(Caller::User(_)));
    if let Some(caller) = &caller {
        request.extensions_mut().insert(caller.clone());
    }
    let mut response = match deed {
        None => next.run(request).await,
        Some(deed) => record::to_the_end(deed, caller, next.run(request)).await,
    };
    if browser {
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(no_store);
    }
    response
}

impl Gate {
    /// Who asks. A token counts before a session: a program that sends one means it.
    async fn asked_by(&self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        if self.needs == Needs::Nobody {
            return Ok(None);
        }
        if let Some(token) = bearer(headers) {
            let bearer = self.shared.patchcord.verify_token(&token).await?;
            let unknown = || unauthorized("this API token is unknown or revoked");
            return bearer.map(Caller::Token).map(Some).ok_or_else(unknown);
        }
        if let Some(secret) = self.shared.access.cookies.session(headers)
            && let Some(session) = self.shared.patchcord.users().session(&secret).await?
        {
            return Ok(Some(Caller::User(session)));
        }
        let problem = unauthorized(
            "sign in, or send `Authorization: Bearer <API token>`; `patchcord token create` makes one",
        );
        let is_session = self.needs == Needs::Session;
        Err(match is_session && self.shared.patchcord.users().nobody_yet().await? {
            true => problem.with_set_up(),
            false => problem,
        })
    }

    fn lets_in(&self, caller: Option<&Caller>, request: &Request) -> Result<(), Problem> {
        let (headers, is_safe) = (request.headers(), request.method().is_safe());
        let session = caller.and_then(Caller::session);
        if !is_safe && (caller.is_none() || session.is_some()) {
            self.shared.access.origins.check(headers, request.uri())?;
        }
        if let Some(session) = session.filter(|_| !is_safe) {
            let token = headers.get(CSRF_TOKEN).and_then(|value| value.to_str().ok());
            if !token.is_some_and(|token| session.is_csrf_token(token)) {
                let detail =
                    "send the header `X-CSRF-Token` with the `csrf` that `GET /v1/session` tells";
                let title = "The request does not show that it comes from the console";
                return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", title, detail));
            }
        }
        caller.map_or(Ok(()), |caller| caller.must_have(self.needs))
    }
}

fn unauthorized(detail: &str) -> Problem {
    let title = "A sign-in or an API token is needed";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", title, detail)
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| SecretString::from(token.trim()))
}
