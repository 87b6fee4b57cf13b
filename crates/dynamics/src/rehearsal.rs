//! Writes that are shown and not sent: what a designer sees of a scenario that is tried out.
//!
//! A request is made as it is for sending, account's policy, lookups and token included, and then handed to whoever
//! rehearses. The answer is what Dataverse would say, as far as that can be known here: the columns that were written are
//! those of the record.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::exchange::Call;
use crate::transport::RawAnswer;

/// A request as it would have been sent, without what tells who asks and which request it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRequest {
    /// HTTP method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// Who is shown requests.
pub type ShowRequest = Arc<dyn Fn(ShownRequest) + Send + Sync>;

impl ShownRequest {
    /// Of a request's parts.
    pub fn new(method: &Method, url: String, headers: &HeaderMap, body: Option<&[u8]>) -> Self {
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            method: method.to_string(),
            url,
            headers: headers.iter().map(header).collect(),
            body: body.map(|body| String::from_utf8_lossy(body).into_owned()),
        }
    }
}

/// What Dataverse would answer to a write that goes well.
pub(crate) fn would_answer(call: &Call) -> RawAnswer {
    let has = |name: http::HeaderName, value: &str| {
        call.headers.iter().any(|(n, v)| *n == name && v.as_bytes() == value.as_bytes())
    };
    let returns = has(http::HeaderName::from_static("prefer"), "return=representation");
    let makes = has(http::header::IF_NONE_MATCH, "*");
    let (status, body) = match (returns, makes) {
        (false, _) => (StatusCode::NO_CONTENT, Bytes::new()),
        (true, true) => (StatusCode::CREATED, call.body.clone().unwrap_or_default()),
        (true, false) => (StatusCode::OK, call.body.clone().unwrap_or_default()),
    };
    RawAnswer { status, headers: HeaderMap::new(), body }
}
