//! Errors as problem documents (RFC 9457), with a pointer to each wrong place where there is one.

mod sign_in;

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use patchcord::scenario::Severity;
use patchcord::store::StoreError;
use patchcord::{CallError, Error, KeyError, RegistryError};
use serde::Serialize;

use crate::api::blocks::not_granted;

/// A problem document.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// `urn:patchcord:problem:` and a word that programs can rely on.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Place>,
    /// Whether the first user is to be made before anybody can sign in.
    #[serde(skip_serializing_if = "is_false")]
    set_up: bool,
    /// After how long to come back.
    #[serde(skip)]
    retry_after: Option<Duration>,
}

/// An extension of an answer that is a problem document: the kind of problem.
#[derive(Debug, Clone)]
pub(crate) struct Kind(String);

const KINDS: &str = "urn:patchcord:problem:";

impl Kind {
    pub(crate) fn of(problem: &Problem) -> Self {
        Self(problem.kind.clone())
    }

    pub(crate) fn word(&self) -> &str {
        self.0.strip_prefix(KINDS).unwrap_or(&self.0)
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The detail of a problem that lies in the places that it lists.
const FAULTS: &str = "`problems` names each wrong place; nothing was stored or run";

/// One wrong place.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    /// JSON pointer into what was sent.
    pub(crate) pointer: String,
    pub(crate) severity: Severity,
    pub(crate) message: String,
}

impl Place {
    pub(crate) fn error(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), severity: Severity::Error, message: message.into() }
    }
}

fn places(problems: Vec<patchcord::scenario::Problem>) -> Vec<Place> {
    use patchcord::scenario::Problem as Fault;
    let place = |Fault { pointer, severity, message }| Place { pointer, severity, message };
    problems.into_iter().map(place).collect()
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        kind: &str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let kind = format!("{KINDS}{kind}");
        let (problems, set_up, retry_after) = (Vec::new(), false, None);
        Self { kind, title, status, detail: detail.into(), problems, set_up, retry_after }
    }

    pub(crate) fn at(mut self, problems: Vec<Place>) -> Self {
        self.problems = problems;
        self
    }

    /// Says that the first user is to be made before anybody can sign in.
    pub(crate) fn with_set_up(mut self) -> Self {
        self.set_up = true;
        self
    }

    pub(crate) fn invalid(detail: impl Into<String>, problems: Vec<Place>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "invalid", "What was sent is wrong", detail).at(problems)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// For a person who sees nothing else of it.
    pub(crate) fn reason(&self) -> String {
        match self.problems.as_slice() {
            [] => self.detail.clone(),
            places => {
                let place = |place: &Place| {
                    format!("{} {}", place.pointer.trim_start_matches('/'), place.message)
                };
                places.iter().map(place).collect::<Vec<_>>().join("; ")
            }
        }
    }

    fn not_found(detail: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    fn of_key(error: KeyError, detail: String) -> Self {
        let (status, kind, title) = match error {
            KeyError::Malformed => {
                (StatusCode::BAD_REQUEST, "no-key", "The idempotency key is no key")
            }
            KeyError::Reused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "key-reused",
                "The idempotency key belongs to another request",
            ),
            KeyError::UnderWay => (StatusCode::CONFLICT, "under-way", "The run is under way"),
        };
        Self::new(status, kind, title, detail)
    }

    /// An error of this side: told in the log, and to the client only that there was one.
    fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %chain(error), "a request failed");
        Self::host_failed()
    }

    /// An error of this side that the log tells more about.
    pub(crate) fn host_failed() -> Self {
        let detail = "the host failed; its log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The host failed", detail)
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        if self.status == StatusCode::UNAUTHORIZED {
            let name: HeaderName = header::WWW_AUTHENTICATE;
            response.headers_mut().insert(name, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(Kind(self.kind));
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => Self::not_found(detail),
            Error::Taken { .. } => {
                Self::new(StatusCode::CONFLICT, "taken", "The name is taken", detail)
            }
            Error::Fields(fields) | Error::Refused { faults: fields, .. } => {
                let place = |f: patchcord::dynamics::FieldError| {
                    Place::error(format!("/{}", f.field.replace('.', "/")), f.message)
                };
                Self::invalid(FAULTS, fields.into_iter().map(place).collect())
            }
            Error::Problems(problems) => Self::invalid(FAULTS, places(problems)),
            Error::Block(_) => Self::invalid(detail, Vec::new()),
            Error::VersionTaken { .. } => {
                let title = "The version is taken";
                Self::new(StatusCode::CONFLICT, "version-taken", title, detail)
            }
            Error::NotGranted { missing, .. } => {
                let title = "The block asks for more than it has been granted";
                Self::new(StatusCode::CONFLICT, "capabilities-not-granted", title, detail)
                    .at(not_granted(&missing))
            }
            Error::Limit(error) => {
                let place = Place::error(format!("/{}", error.field()), detail);
                Self::invalid(FAULTS, vec![place])
            }
            Error::BlockInUse { .. } => {
                let title = "The block is in use";
                Self::new(StatusCode::CONFLICT, "block-in-use", title, detail)
            }
            Error::Stale { unseen: true, .. } => {
                let status = StatusCode::PRECONDITION_REQUIRED;
                let title = "It is there already";
                Self::new(status, "precondition-required", title, detail)
            }
            Error::Stale { .. } | Error::Gone { .. } => {
                let status = StatusCode::PRECONDITION_FAILED;
                Self::new(status, "changed-meanwhile", "Somebody else changed it", detail)
            }
            Error::PublishedMeanwhile { .. } => {
                let title = "Another version was published meanwhile";
                Self::new(StatusCode::CONFLICT, "published-meanwhile", title, detail)
            }
            Error::ScenarioInUse { .. } => {
                let title = "The scenario is in use";
                Self::new(StatusCode::CONFLICT, "scenario-in-use", title, detail)
            }
            Error::LastAdministrator(_) => {
                let title = "Somebody must administer";
                Self::new(StatusCode::CONFLICT, "last-administrator", title, detail)
            }
            Error::SetupCode => {
                let title = "The set-up link is not good";
                Self::new(StatusCode::FORBIDDEN, "set-up", title, detail)
            }
            Error::MayNotInstall { .. } => {
                let title = "This is for administrators";
                Self::new(StatusCode::FORBIDDEN, "forbidden", title, detail)
            }
            Error::Bundle(_) => Self::invalid(detail, Vec::new()),
            Error::Signature(_) => {
                let title = "The signature does not let the block pass";
                Self::new(StatusCode::FORBIDDEN, "signature", title, detail)
            }
            Error::Registry(RegistryError::Address { .. }) => Self::invalid(detail, Vec::new()),
            Error::Registry(RegistryError::NoBlock { .. } | RegistryError::Refused { .. }) => {
                let title = "The registry did not give the block";
                Self::new(StatusCode::BAD_GATEWAY, "registry", title, detail)
            }
            Error::RunEnded(_) => {
                Self::new(StatusCode::CONFLICT, "run-ended", "The run has ended", detail)
            }
            Error::UnknownConsent => {
                Self::new(StatusCode::GONE, "unknown-consent", "The sign-in is not known", detail)
            }
            Error::ConsentRefused(_) => {
                let status = StatusCode::FORBIDDEN;
                Self::new(status, "consent-refused", "The consent was refused", detail)
            }
            Error::Dynamics(error) => {
                use patchcord::dynamics::ErrorKind;
                let title = "Dynamics 365 or Entra ID did not do what was asked";
                let status = match error.kind {
                    ErrorKind::ConsentRequired => StatusCode::CONFLICT,
                    ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
                    ErrorKind::PolicyDenied => StatusCode::FORBIDDEN,
                    _ => StatusCode::BAD_GATEWAY,
                };
                Self::new(status, error.kind.name(), title, detail)
            }
            Error::Store(StoreError::Conflict { .. }) => {
                let title = "Somebody else changed it at the same time";
                let detail = "it was changed meanwhile: look at it again and repeat the change";
                Self::new(StatusCode::CONFLICT, "changed-meanwhile", title, detail)
            }
            error @ (Error::Registry(RegistryError::Auth { .. })
            | Error::TrustedKeys(_)
            | Error::FetchHost { .. }
            | Error::Runtime(_)
            | Error::Store(_)) => Self::internal(&error),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let detail = error.to_string();
        match error {
            CallError::UnknownScenario(_) => Self::not_found(detail),
            CallError::NoRoute(_) => {
                let title = "No route takes this call";
                Self::new(StatusCode::NOT_FOUND, "no-route", title, detail)
            }
            CallError::Invalid { at, problem } => {
                Self::invalid(FAULTS, vec![Place::error(at, problem)])
            }
            CallError::Broken { problems, .. } => {
                let (status, title) = (StatusCode::SERVICE_UNAVAILABLE, "The scenario cannot run");
                Self::new(status, "broken-scenario", title, detail).at(places(problems))
            }
            CallError::Key(error) => Self::of_key(error, detail),
            error @ CallError::Store(_) => Self::internal(&error),
            CallError::Interrupted => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::new(status, "interrupted", "The host is shutting down", detail)
            }
        }
    }
}
