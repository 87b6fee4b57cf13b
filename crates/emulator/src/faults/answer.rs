//! The answers that a fault gives in place of the service.
//!
//! A fault may say what the emulator itself never says, so the error bodies are made here from
//! their parts. They have the shapes of the services' own.

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::aadsts;
use super::kind::FaultKind;
use super::rule::Route;
use crate::dataverse::errors::DataverseError;
use crate::entra::errors::EntraError;
use crate::entra::pages;
use crate::limits::answer::too_many;
use crate::limits::gate::Refusal;
use crate::limits::settings::LimitValues;

/// Where the request came in.
pub(crate) struct Place<'a> {
    pub(crate) route: Option<Route>,
    /// Origin that the client asked.
    pub(crate) origin: &'a str,
    /// The organisation's tenant.
    pub(crate) tenant: &'a str,
}

const ODATA: [(HeaderName, &str); 2] = [
    (header::CONTENT_TYPE, "application/json; odata.metadata=minimal"),
    (HeaderName::from_static("odata-version"), "4.0"),
];

/// The answer of a fault that leaves the request undone; `None` for a fault of another sort.
pub(crate) fn instead(kind: &FaultKind, place: &Place<'_>) -> Option<Response> {
    Some(match kind {
        FaultKind::Status { code, retry_after } => failure(place.route, *code, *retry_after),
        FaultKind::Throttle { limit, retry_after } => {
            let refusal = Refusal { limit: *limit, retry_after: u64::from(*retry_after) };
            too_many(refusal, &LimitValues::default())
        }
        FaultKind::EntraError { code, error, suberror, claims, message } => {
            let known = aadsts::known(*code);
            let said = Said {
                error: error.as_deref().unwrap_or(known.error),
                suberror: suberror.as_deref().or(known.suberror),
                claims: claims.as_deref(),
                message: message.as_deref().unwrap_or(known.message),
            };
            said.answer(*code, place.route)
        }
        FaultKind::RevokedRefreshToken => {
            let known = aadsts::known(50173);
            let said =
                Said { error: known.error, suberror: None, claims: None, message: known.message };
            said.answer(known.code, place.route)
        }
        FaultKind::DataverseError { status, code, message } => dataverse(*status, code, message),
        FaultKind::Garbage => (ODATA, "{\"value\":[{\"<html>\u{1}").into_response(),
        FaultKind::Redirect { code, location } => redirect(*code, location),
        FaultKind::ExpiredToken => {
            challenge(place, "error=invalid_token, error_description=\"The token has expired\"")
        }
        // Source: learn.microsoft.com/entra/identity-platform/claims-challenge
        FaultKind::ClaimsChallenge { claims } => {
            let claims = STANDARD.encode(claims);
            challenge(place, &format!("error=\"insufficient_claims\", claims=\"{claims}\""))
        }
        _ => return None,
    })
}

fn failure(route: Option<Route>, code: u16, retry_after: Option<u32>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match route {
        Some(Route::Api) => DataverseError::fault(status).into_response(),
        Some(Route::Authorize) => page(status, &EntraError::fault(status).summary()),
        Some(Route::Token) | None => EntraError::fault(status).into_response(),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn page(status: StatusCode, message: &str) -> Response {
    let mut response = pages::error(message);
    *response.status_mut() = status;
    response
}

fn dataverse(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"error": {"code": code, "message": message}}).to_string();
    (status, ODATA, body).into_response()
}

fn redirect(code: u16, location: &str) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::FOUND);
    (status, [(header::LOCATION, location)]).into_response()
}

fn challenge(place: &Place<'_>, error: &str) -> Response {
    let Place { origin, tenant, .. } = place;
    let value = format!(
        "Bearer authorization_uri={origin}/{tenant}/oauth2/authorize, resource_id={origin}/, {error}"
    );
    let message = "The requested resource requires authentication.";
    let mut response = dataverse(401, "0x8005f101", message);
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// What Entra ID says beside the number.
struct Said<'a> {
    error: &'a str,
    suberror: Option<&'a str>,
    claims: Option<&'a str>,
    message: &'a str,
}

impl Said<'_> {
    fn answer(&self, code: u32, route: Option<Route>) -> Response {
        let summary = format!("AADSTS{code}: {}", self.message);
        let status = StatusCode::from_u16(aadsts::status(self.error));
        let status = status.unwrap_or(StatusCode::BAD_REQUEST);
        if route == Some(Route::Authorize) {
            return page(status, &summary);
        }
        let (trace, correlation) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let time = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let description =
            format!("{summary} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}");
        let mut body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        for (name, value) in [("suberror", self.suberror), ("claims", self.claims)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("cache-control", "no-store, no-cache"),
        ];
        (status, headers, body.to_string()).into_response()
    }
}
