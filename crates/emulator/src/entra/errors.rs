//! Entra ID's errors: the JSON body of the token endpoint with its AADSTS code.
//!
//! Codes and their `error` values follow Microsoft's "Microsoft Entra authentication and
//! authorization error codes".

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

#[derive(Debug)]
pub(crate) struct EntraError {
    status: StatusCode,
    /// The OAuth 2.0 `error`.
    pub(crate) error: &'static str,
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    message: String,
}

impl EntraError {
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, error, code, message: message.into() }
    }

    pub(crate) fn invalid_grant(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_grant", code, message)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        let message =
            format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new("invalid_request", 900_144, message)
    }

    pub(crate) fn no_tenant(tenant: &str) -> Self {
        if ["common", "organizations", "consumers"].contains(&tenant) {
            let message = format!(
                "The application is not configured as a multi-tenant application. Usage of the \
                 /{tenant} endpoint is not supported for such applications."
            );
            return Self::new("invalid_request", 50194, message);
        }
        let message = format!("Tenant '{tenant}' not found. Check that you have the correct one.");
        Self::new("invalid_request", 90002, message)
    }

    pub(crate) fn no_app(client_id: &str) -> Self {
        let message =
            format!("Application with identifier '{client_id}' was not found in the directory.");
        Self::new("unauthorized_client", 700_016, message)
    }

    /// What a fault on demand answers: Entra's word for a passing failure.
    pub(crate) fn fault(status: StatusCode) -> Self {
        let message = "A transient error has occurred. Please try again.".to_owned();
        Self { status, error: "temporarily_unavailable", code: 90033, message }
    }

    /// `AADSTS<code>: <message>`, without the trace that an `error_description` ends in.
    pub(crate) fn summary(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.message)
    }
}

impl IntoResponse for EntraError {
    fn into_response(self) -> Response {
        let trace = uuid::Uuid::new_v4();
        let correlation = uuid::Uuid::new_v4();
        let time = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let description = format!(
            "{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
            self.summary()
        );
        let mut body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        if self.code == 65001 {
            body["suberror"] = json!("consent_required");
        }
        (self.status, [("cache-control", "no-store, no-cache")], Json(body)).into_response()
    }
}
