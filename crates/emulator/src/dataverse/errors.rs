//! Dataverse's errors: the documented body with the documented codes and statuses.
//!
//! Codes and names follow Microsoft's "Web service error codes"; texts follow the samples on
//! "Compose HTTP requests and handle errors" and the Web API troubleshooting page.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::resource::Key;

/// An answer that is not a success.
#[derive(Debug)]
pub(crate) struct DataverseError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    challenge: Option<String>,
}

impl DataverseError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), challenge: None }
    }

    /// An OData fault of the request: 400 `0x80060888`.
    pub(crate) fn odata(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "0x80060888", message)
    }

    /// A part of the Web API that Dataverse has and this emulator has not.
    pub(crate) fn not_implemented(what: &str) -> Self {
        let message = format!("The emulator does not support {what}.");
        Self::new(StatusCode::NOT_IMPLEMENTED, "0x80060888", message)
    }

    pub(crate) fn no_property(property: &str, table: &str) -> Self {
        let message = format!(
            "Could not find a property named '{property}' on type 'Microsoft.Dynamics.CRM.{table}'."
        );
        Self::odata(message)
    }

    pub(crate) fn no_segment(segment: &str) -> Self {
        let message = format!("Resource not found for the segment '{segment}'.");
        Self::new(StatusCode::NOT_FOUND, "0x8006088a", message)
    }

    pub(crate) fn no_row(table: &str, id: &str) -> Self {
        let message = format!("{table} With Id = {id} Does Not Exist");
        Self::new(StatusCode::NOT_FOUND, "0x80040217", message)
    }

    /// A table that the organisation has not.
    pub(crate) fn no_table(name: &str) -> Self {
        let message =
            format!("The entity with a name = '{name}' was not found in the MetadataCache.");
        Self::new(StatusCode::BAD_REQUEST, "0x80041102", message)
    }

    /// A missing row in the words that go with how it was named.
    pub(crate) fn no_row_by(table: &str, key: &Key) -> Self {
        match key {
            Key::Id(id) => Self::no_row(table, id),
            Key::Alternate(_) => {
                let message = format!(
                    "A record with the specified key values does not exist in {table} entity"
                );
                Self::new(StatusCode::NOT_FOUND, "0x80060891", message)
            }
        }
    }

    /// An alternate key that another row has.
    pub(crate) fn duplicate_alternate_key(key: &str, columns: &str) -> Self {
        let message = format!(
            "Entity Key {key} violated. A record with the same value for {columns} already exists. A \
             duplicate record cannot be created. Select one or more unique values and try again."
        );
        Self::new(StatusCode::PRECONDITION_FAILED, "0x80060892", message)
    }

    /// A fault of the body: 400 `0x80048d19`.
    pub(crate) fn payload(set: &str, reason: &str) -> Self {
        let message = format!(
            "Error identified in Payload provided by the user for Entity :'{set}', For more \
             information on this error please follow this help link \
             https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : {reason}"
        );
        Self::new(StatusCode::BAD_REQUEST, "0x80048d19", message)
    }

    /// The verb does not go with the address; the code is empty, as documented.
    pub(crate) fn wrong_verb(path: &str) -> Self {
        let message = format!("No HTTP resource was found that matches the request URI '{path}'.");
        Self::new(StatusCode::NOT_FOUND, "", message)
    }

    pub(crate) fn duplicate_key() -> Self {
        let message = "A record with matching key values already exists.";
        Self::new(StatusCode::PRECONDITION_FAILED, "0x80040237", message)
    }

    pub(crate) fn version_mismatch() -> Self {
        let message =
            "The version of the existing record doesn't match the RowVersion property provided.";
        Self::new(StatusCode::PRECONDITION_FAILED, "0x80060882", message)
    }

    /// 401 with the challenge that tells a client where to get a token.
    pub(crate) fn unauthorized(challenge: String) -> Self {
        let message = "The requested resource requires authentication.";
        let error = Self::new(StatusCode::UNAUTHORIZED, "0x8005f101", message);
        Self { challenge: Some(challenge), ..error }
    }

    /// What a fault on demand answers, in the words of the status.
    pub(crate) fn fault(status: StatusCode) -> Self {
        match status.as_u16() {
            429 => Self::new(
                status,
                "0x80072322",
                "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
            ),
            503 => Self::new(status, "0x80044150", "The service is unavailable."),
            403 => Self::new(status, "0x80040220", "Principal user is missing a privilege."),
            _ => Self::new(status, "0x80040216", "An unexpected error occurred."),
        }
    }
}

impl From<sqlx::Error> for DataverseError {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the emulator's database failed");
        let message = "A database error of the emulator; its log says more.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "0x80044150", message)
    }
}

impl IntoResponse for DataverseError {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert("odata-version", HeaderValue::from_static("4.0"));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; odata.metadata=minimal"),
        );
        if let Some(value) = self.challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}
