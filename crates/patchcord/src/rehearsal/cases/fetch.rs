//! What a web server is made to answer Fetch URL, and what it is to be asked.

use patchcord_scenario::{FailureKind, FetchError, FetchRequest, Fetched, plain};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::rehearsal::difference::{Parts, Want};
use crate::rehearsal::expected;

/// What a web server answers to one request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchAnswer {
    /// The method that it answers. Left out: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Text that the address holds, its parameters included. Left out: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Answers every request that it fits, not only one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
    /// HTTP status [default: 200].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body: text, or any JSON.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
    /// Why there is no answer at all: `timeout`, `unavailable` or `policy_denied`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<FetchFailure>,
}

/// Why a web server gives no answer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchFailure {
    /// The cause, by the name of its exit.
    #[schemars(schema_with = "expected::failure_kinds")]
    pub kind: FailureKind,
    /// What it says.
    #[serde(default)]
    pub message: String,
}

/// A request to a web server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFetch {
    /// HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Text that the address holds, its parameters included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The body: text, or any JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A request that a scenario made.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// HTTP method.
    pub method: String,
    /// The address with its parameters.
    pub url: String,
    /// The body, as JSON where it is JSON.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

impl FetchAnswer {
    /// Whether it answers this request.
    pub(super) fn fits(&self, asked: &Asked) -> bool {
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&asked.method))
            && self.url.as_ref().is_none_or(|url| asked.url.contains(url))
    }

    /// The answer.
    pub(super) fn answer(&self) -> Result<Fetched, FetchError> {
        if let Some(FetchFailure { kind, message }) = &self.error {
            return Err(FetchError { kind: *kind, message: message.clone() });
        }
        let body = plain(&self.body);
        Ok(Fetched { status: self.status.unwrap_or(200), body })
    }
}

impl ExpectedFetch {
    /// What the case says of it, part by part.
    pub(super) fn wants(&self) -> Vec<(&'static str, Want)> {
        let parts = [
            ("method", self.method.as_ref().map(|method| Want::Is(json!(method)))),
            ("url", self.url.clone().map(Want::Holds)),
            ("body", self.body.clone().map(Want::Is)),
        ];
        parts.into_iter().filter_map(|(part, want)| Some((part, want?))).collect()
    }
}

impl Asked {
    /// The request as it is sent: a host would refuse an address that is none, and a case sees it as it is.
    pub(super) fn of(request: &FetchRequest) -> Self {
        let url = Url::parse(&request.url).map(|mut url| {
            if !request.parameters.is_empty() {
                url.query_pairs_mut().extend_pairs(&request.parameters);
            }
            url.to_string()
        });
        let json = |text: &String| {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
        };
        Self {
            method: request.method.clone(),
            url: url.unwrap_or_else(|_| request.url.clone()),
            body: request.body.as_ref().map_or(Value::Null, json),
        }
    }

    /// What there is to say of it, part by part.
    pub(super) fn parts(&self) -> Parts {
        let mut parts = Parts::from_iter([
            ("method".to_owned(), json!(self.method)),
            ("url".to_owned(), json!(self.url)),
        ]);
        if !self.body.is_null() {
            parts.insert("body".to_owned(), self.body.clone());
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_request_is_shown_as_it_is_sent() {
        let request = FetchRequest {
            method: "POST".to_owned(),
            url: "https://crm.example/a?b=1".to_owned(),
            parameters: vec![("number".to_owned(), "+1 & 2".to_owned())],
            headers: vec![("authorization".to_owned(), "secret".to_owned())],
            body: Some("{\"n\": 1}".to_owned()),
            deadline: Instant::now(),
        };
        let asked = Asked::of(&request);
        let parts = Value::Object(asked.parts());
        let url = "https://crm.example/a?b=1&number=%2B1+%26+2";
        assert_eq!(parts, json!({ "method": "POST", "url": url, "body": { "n": 1 } }));
        let other = |method: &str, url: &str| FetchAnswer {
            method: Some(method.to_owned()),
            url: Some(url.to_owned()),
            ..FetchAnswer::default()
        };
        assert!(other("post", "number=%2B1").fits(&asked));
        assert!(!other("GET", "").fits(&asked) && !other("POST", "c=1").fits(&asked));
    }

    #[test]
    fn an_answer_is_text_json_or_a_failure() {
        let read = |json: Value| serde_json::from_value::<FetchAnswer>(json).unwrap().answer();
        let body = |json: Value| read(json).unwrap().body;
        assert_eq!(body(json!({ "body": "text" })), "text");
        assert_eq!(body(json!({ "body": { "a": [1] } })), "{\"a\":[1]}");
        assert_eq!(body(json!({})), "");
        assert_eq!(read(json!({ "status": 204 })).unwrap().status, 204);
        let failed =
            read(json!({ "error": { "kind": "timeout", "message": "late" } })).unwrap_err();
        assert_eq!((failed.kind, failed.message.as_str()), (FailureKind::Timeout, "late"));
    }
}
