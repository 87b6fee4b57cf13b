//! Entra ID's errors: the JSON body of the token endpoint with its AADSTS code.
//!
//! Codes and their `error` values follow Microsoft's "Microsoft Entra authentication and
//! authorization error codes".

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct EntraError {
    status: StatusCode,
    /// The OAuth 2.0 `error`.
    pub(crate) error: &'static str,
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    message: String,
    suberror: Option<&'static str>,
    /// A claims challenge, which the client is to send along with its next sign-in.
    claims: Option<String>,
}

impl EntraError {
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, error, code, message: message.into(), suberror: None, claims: None }
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
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and \
             are signing into the correct cloud."
        );
        Self::new("invalid_request", 90002, message)
    }

    /// A single-tenant app that came by `common` or `organizations`.
    pub(crate) fn not_multi_tenant(tenant: &str, client_id: &str) -> Self {
        let message = format!(
            "Application '{client_id}' is not configured as a multi-tenant application. Usage of \
             the /{tenant} endpoint is not supported for such applications. Use a tenant-specific \
             endpoint or configure the application to be multi-tenant."
        );
        Self::new("invalid_request", 50194, message)
    }

    pub(crate) fn no_app(client_id: &str) -> Self {
        let message =
            format!("Application with identifier '{client_id}' was not found in the directory.");
        Self::new("unauthorized_client", 700_016, message)
    }

    pub(crate) fn blocked() -> Self {
        Self::invalid_grant(50057, "The user account is disabled.")
    }

    pub(crate) fn no_user(name: &str, tenant: &str) -> Self {
        let message = format!(
            "The user account {name} does not exist in the {tenant} directory. To sign into this \
             application, the account must be added to the directory."
        );
        Self::invalid_grant(50034, message)
    }

    pub(crate) fn wrong_password() -> Self {
        Self::invalid_grant(
            50126,
            "Error validating credentials due to invalid username or password.",
        )
    }

    pub(crate) fn not_assigned(app: &str) -> Self {
        let message = format!(
            "Your administrator has configured the application '{app}' to block users unless they \
             are specifically granted ('assigned') access to the application. The signed in user \
             is blocked because they are not a direct member of a group with access, nor had \
             access directly assigned by an administrator."
        );
        Self::invalid_grant(50105, message)
    }

    pub(crate) fn conditional_access() -> Self {
        let message = "Access has been blocked by Conditional Access policies. The access policy \
                       does not allow token issuance.";
        Self::invalid_grant(53003, message).with_suberror("message_only")
    }

    pub(crate) fn mfa_needed(resource: &str) -> Self {
        let message = format!(
            "Due to a configuration change made by your administrator, or because you moved to a \
             new location, you must use multi-factor authentication to access '{resource}'."
        );
        let mut error = Self::invalid_grant(50076, message).with_suberror("basic_action");
        let claims = json!({"access_token": {"capolids": {
            "essential": true, "values": ["9e1ae8e9-7d14-4c35-9a5b-6f1f2c3d4e5f"]
        }}});
        error.claims = Some(claims.to_string());
        error
    }

    pub(crate) fn no_consent(client_id: &str, app: &str) -> Self {
        let message = format!(
            "The user or administrator has not consented to use the application with ID \
             '{client_id}' named '{app}'. Send an interactive authorization request for this user \
             and resource."
        );
        Self::invalid_grant(65001, message).with_suberror("consent_required")
    }

    pub(crate) fn admin_approval(app: &str) -> Self {
        let message = format!(
            "Admin consent is required for the permissions requested by the application '{app}'. \
             An administrator of the organization must approve it."
        );
        Self::new("access_denied", 90094, message)
    }

    pub(crate) fn declined() -> Self {
        Self::new("access_denied", 65004, "User declined to consent to access the app.")
    }

    /// What a fault on demand answers: Entra's word for a passing failure.
    pub(crate) fn fault(status: StatusCode) -> Self {
        let message = "A transient error has occurred. Please try again.";
        Self { status, ..Self::new("temporarily_unavailable", 90033, message) }
    }

    /// The same under another `error`: the authorization endpoint has words of its own for some codes.
    pub(crate) fn called(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    pub(crate) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    /// `AADSTS<code>: <message>`, without the trace that an `error_description` ends in.
    pub(crate) fn summary(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.message)
    }

    /// The answer, with the ids by which support would find it: the correlation id is the client's own where it sent one.
    pub(crate) fn answer(&self, headers: &HeaderMap, time: jiff::Timestamp) -> Response {
        let trace = Uuid::new_v4();
        let correlation = correlation(headers).unwrap_or_else(Uuid::new_v4);
        let time = time.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
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
        if let Some(suberror) = self.suberror {
            body["suberror"] = json!(suberror);
        }
        if let Some(claims) = &self.claims {
            body["claims"] = json!(claims);
        }
        let mut response = (self.status, Json(body)).into_response();
        mark(&mut response, headers, trace);
        response
    }
}

impl IntoResponse for EntraError {
    fn into_response(self) -> Response {
        self.answer(&HeaderMap::new(), jiff::Timestamp::now())
    }
}

/// The `client-request-id` of a request, if it has a good one.
fn correlation(headers: &HeaderMap) -> Option<Uuid> {
    let sent = headers.get("client-request-id")?.to_str().ok()?;
    Uuid::try_parse(sent).ok()
}

/// The headers that every answer of the token endpoint has.
pub(crate) fn mark(response: &mut Response, request: &HeaderMap, trace: Uuid) {
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("no-store, no-cache"));
    headers.insert("pragma", HeaderValue::from_static("no-cache"));
    let id = HeaderName::from_static("x-ms-request-id");
    if let Ok(trace) = HeaderValue::from_str(&trace.to_string()) {
        headers.insert(id, trace);
    }
    let wanted = request.get("return-client-request-id").is_some_and(|value| value == "true");
    if let Some(sent) = request.get("client-request-id").filter(|_| wanted) {
        headers.insert("client-request-id", sent.clone());
    }
}
