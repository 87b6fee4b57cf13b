//! Service protection around a Web API request: counted in, counted out, or refused.

use axum::response::Response;
use http::{HeaderMap, Uri};

use super::{content_type, who::authorization};
use crate::faults::Route;
use crate::limits::Entered;
use crate::limits::answer::{label, too_many};
use crate::log::multipart;
use crate::state::State;

/// A request that was let in, of a user who is counted.
pub(super) struct Admitted {
    user: String,
    entered: Entered,
}

/// Lets a request in, if its user still may; who has no good token is not counted.
pub(super) fn enter(
    state: &State,
    route: Option<Route>,
    headers: &HeaderMap,
    body: &[u8],
    uri: &Uri,
) -> Result<Option<Admitted>, Box<Response>> {
    if route != Some(Route::Api) || !state.limits.is_on() {
        return Ok(None);
    }
    let Some(user) = user(state, headers) else {
        return Ok(None);
    };
    match state.limits.enter(&user, operations(uri, headers, body)) {
        Ok(entered) => Ok(entered.map(|entered| Admitted { user, entered })),
        Err((refusal, values)) => Err(Box::new(too_many(refusal, &values))),
    }
}

impl Admitted {
    /// Counts the request out and says in `headers` what is left.
    pub(super) fn leave(self, state: &State, headers: &mut HeaderMap) {
        if let Some((remaining, values)) = state.limits.leave(&self.user, &self.entered) {
            label(headers, remaining, &values);
        }
    }
}

fn user(state: &State, headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = authorization(headers)?;
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    bearer.then(|| state.entra.bearer(token).ok().map(|bearer| bearer.oid)).flatten()
}

fn operations(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> u64 {
    if !uri.path().ends_with("/$batch") && !uri.path().ends_with("/%24batch") {
        return 1;
    }
    let parts = multipart::parse(content_type(headers), &String::from_utf8_lossy(body));
    parts.map_or(1, |parts| multipart::operations(&parts)).max(1)
}
