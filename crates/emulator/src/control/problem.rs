//! The problem documents (RFC 9457) of the control API.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::members::Misread;

/// Why a request to the control API is not done.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    /// The place in the document that is wrong, as a JSON pointer.
    pointer: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), pointer: None }
    }

    /// The same, with what it is about in front.
    pub(crate) fn about(self, what: String) -> Self {
        Self { detail: format!("{what}: {}", self.detail), ..self }
    }
}

impl From<Misread> for Problem {
    fn from(wrong: Misread) -> Self {
        let detail = wrong.to_string();
        Self { status: StatusCode::BAD_REQUEST, detail, pointer: Some(wrong.place) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Some(pointer) = self.pointer {
            body["pointer"] = json!(pointer);
        }
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, content_type, body.to_string()).into_response()
    }
}
