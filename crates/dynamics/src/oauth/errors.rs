//! Entra ID's refusals, told apart by code and made into a sentence for the administrator.
//!
//! Branches look at `error`, `error_codes` and `suberror` only. The description is dropped unread: it is
//! meant for people, changes without notice, and could repeat what was sent. Source: "Microsoft Entra
//! authentication and authorization error codes".

use std::fmt;

use oauth2::{ErrorResponse, RequestTokenError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, ErrorKind};
use crate::transport::TransportError;

/// The error body of the token endpoint.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(crate) struct EntraError {
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    suberror: Option<String>,
    #[serde(default)]
    trace_id: Option<Uuid>,
}

impl ErrorResponse for EntraError {}

impl fmt::Display for EntraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error_codes.first() {
            Some(code) => write!(f, "AADSTS{code}"),
            None if is_plain_name(&self.error) => f.write_str(&self.error),
            None => f.write_str("an error without a name"),
        }
    }
}

fn is_plain_name(name: &str) -> bool {
    (1..=60).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Why no token was granted.
#[derive(Debug, Clone)]
pub(crate) enum TokenError {
    /// Entra ID said no; only a person can change that. Holds the sentence and the error.
    Refused { sentence: &'static str, error: EntraError },
    /// Entra ID said no, but may say yes in a moment.
    Transient(EntraError),
    /// There was no usable answer.
    NoAnswer(TransportError),
    /// The answer is none of the token endpoint's.
    Unreadable,
    /// The certificate's key did not sign.
    NoAssertion,
}

impl From<RequestTokenError<TransportError, EntraError>> for TokenError {
    fn from(error: RequestTokenError<TransportError, EntraError>) -> Self {
        match error {
            RequestTokenError::ServerResponse(error) => Self::from_answer(error),
            RequestTokenError::Request(error) => Self::NoAnswer(error),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Self::Unreadable,
        }
    }
}

impl TokenError {
    /// From the bare name of an error, as a callback brings it.
    pub(crate) fn from_name(error: &str) -> Self {
        Self::from_answer(EntraError { error: error.to_owned(), ..EntraError::default() })
    }

    fn from_answer(error: EntraError) -> Self {
        let sentence = error
            .error_codes
            .iter()
            .find_map(|code| sentence_of_code(*code))
            .or_else(|| error.suberror.as_deref().and_then(sentence_of_suberror))
            .or_else(|| sentence_of_error(&error.error));
        match sentence {
            Some(Remedy::Person(sentence)) => Self::Refused { sentence, error },
            Some(Remedy::Patience) | None => Self::Transient(error),
        }
    }

    /// Whether the same request may succeed in a moment.
    pub(crate) fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Transient(_) => true,
            Self::NoAnswer(error) => !matches!(
                error,
                TransportError::Redirected { .. } | TransportError::TooLarge { .. }
            ),
            Self::Refused { .. } | Self::Unreadable | Self::NoAssertion => false,
        }
    }

    /// The outcome as it is counted.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Transient(_) | Self::NoAnswer(_) => "unavailable",
            Self::Unreadable => "unreadable",
            Self::NoAssertion => "no_assertion",
        }
    }

    /// The error for whoever waited for the token.
    pub(crate) fn to_error(&self) -> Error {
        match self {
            Self::Refused { sentence, error } => Error {
                message: format!("{sentence} ({error})"),
                ..with_ids(ErrorKind::ConsentRequired, error)
            },
            Self::Transient(error) => Error {
                message: format!("Entra ID cannot grant a token at the moment ({error})"),
                ..with_ids(ErrorKind::Unavailable, error)
            },
            Self::NoAnswer(error) => {
                Error::local(ErrorKind::Unavailable, format!("Entra ID gave no token: {error}"))
            }
            Self::Unreadable => Error::local(
                ErrorKind::Unavailable,
                "the token endpoint answered with something that is no token; check the account's token URL",
            ),
            Self::NoAssertion => Error::local(
                ErrorKind::Unavailable,
                "the account's certificate cannot sign; enter it again with its private key",
            ),
        }
    }
}

fn with_ids(kind: ErrorKind, error: &EntraError) -> Error {
    Error {
        code: Some(error.to_string()),
        request_id: error.trace_id.map(|id| id.to_string()),
        ..Error::local(kind, "")
    }
}

#[derive(Clone, Copy)]
enum Remedy {
    Person(&'static str),
    Patience,
}

fn sentence_of_code(code: u32) -> Option<Remedy> {
    let sentence = match code {
        90033 | 50196 => return Some(Remedy::Patience),
        65001 => "nobody has consented to the app for this account; press Request token and accept",
        65004 => "the consent was declined; press Request token and accept",
        90094 | 90095 => {
            "an Entra ID administrator must approve the app; request the token for the organisation"
        }
        70008 | 700_082 | 700_084 => {
            "the sign-in behind this account has expired; press Request token and sign in again"
        }
        70043 => {
            "the organisation's sign-in frequency policy ended the session; press Request token and sign in again"
        }
        50173 => {
            "the consent was revoked, for instance by a password reset; press Request token and sign in again"
        }
        50074 | 50076 | 50078 | 50079 => {
            "the organisation now demands another factor at sign-in; press Request token and sign in again"
        }
        53000 | 53003 => {
            "a Conditional Access policy blocks the sign-in; ask the Entra ID administrator to allow this app"
        }
        50057 => {
            "the user who consented is disabled; press Request token and sign in as another user"
        }
        54005 => "the sign-in was used already; press Request token again",
        501_481 => "the sign-in was begun elsewhere; press Request token again",
        7_000_215 => {
            "the client secret is wrong; enter the secret's value, which is not its ID, and request the token again"
        }
        7_000_222 => {
            "the client secret has expired; make a new one in Entra ID and enter its value"
        }
        7_000_218 => "Entra ID saw no client secret; enter the secret's value",
        700_027 => "Entra ID does not know the certificate; upload it to the app registration",
        700_016 => {
            "the app is not registered in this tenant; check client ID and tenant in the URLs"
        }
        700_005 | 90002 | 50194 => {
            "the tenant in the account's URLs is wrong; copy the endpoints from the app registration"
        }
        650_057 => {
            "the app may not call Dynamics CRM; add its user_impersonation permission in the app registration"
        }
        500_011 => {
            "the tenant does not know this Dynamics 365 environment; check the account's API URL"
        }
        _ => return None,
    };
    Some(Remedy::Person(sentence))
}

fn sentence_of_suberror(suberror: &str) -> Option<Remedy> {
    (suberror == "consent_required").then_some(Remedy::Person(
        "nobody has consented to the app for this account; press Request token and accept",
    ))
}

fn sentence_of_error(error: &str) -> Option<Remedy> {
    let sentence = match error {
        "temporarily_unavailable" | "server_error" => return Some(Remedy::Patience),
        "invalid_grant" => {
            "Entra ID no longer accepts the sign-in behind this account; press Request token and sign in again"
        }
        "interaction_required" | "login_required" => {
            "Entra ID wants the user to sign in again; press Request token"
        }
        "consent_required" => {
            "nobody has consented to the app for this account; press Request token and accept"
        }
        "access_denied" => "Entra ID denies access to this account; ask the Entra ID administrator",
        "invalid_client" => {
            "the client secret is wrong or has expired; enter a valid one and request the token again"
        }
        "unauthorized_client" => {
            "the app may not sign in this way; check client ID and tenant of the account"
        }
        "invalid_resource" | "invalid_scope" | "invalid_target" => {
            "Entra ID does not know what is asked for; check the account's API URL"
        }
        "invalid_request" | "unsupported_grant_type" => {
            "Entra ID does not understand the request; check the account's URLs and client ID"
        }
        _ => return None,
    };
    Some(Remedy::Person(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> TokenError {
        TokenError::from_answer(serde_json::from_str(json).unwrap())
    }

    fn kind(json: &str) -> ErrorKind {
        read(json).to_error().kind
    }

    #[test]
    fn codes_decide_before_the_error_name() {
        let json = r#"{"error":"invalid_grant","error_codes":[90033],"error_description":"x"}"#;
        assert_eq!(kind(json), ErrorKind::Unavailable);
        let expired = read(r#"{"error":"invalid_client","error_codes":[7000222]}"#).to_error();
        assert_eq!(expired.kind, ErrorKind::ConsentRequired);
        assert!(expired.message.contains("expired"), "{}", expired.message);
        assert_eq!(expired.code.as_deref(), Some("AADSTS7000222"));
    }

    #[test]
    fn names_decide_where_codes_do_not() {
        for (json, expected) in [
            (r#"{"error":"invalid_grant"}"#, ErrorKind::ConsentRequired),
            (r#"{"error":"invalid_grant","error_codes":[1]}"#, ErrorKind::ConsentRequired),
            (r#"{"error":"invalid_client"}"#, ErrorKind::ConsentRequired),
            (r#"{"error":"odd","suberror":"consent_required"}"#, ErrorKind::ConsentRequired),
            (r#"{"error":"temporarily_unavailable"}"#, ErrorKind::Unavailable),
            (r#"{"error":"something_new"}"#, ErrorKind::Unavailable),
        ] {
            assert_eq!(kind(json), expected, "{json}");
        }
    }

    #[test]
    fn a_description_that_repeats_the_secret_is_not_shown() {
        let json =
            r#"{"error":"canary one","error_description":"canary two","suberror":"canary three"}"#;
        let error = read(json);
        let shown = format!("{} {:?}", error.to_error(), error.to_error());
        assert!(!shown.contains("canary"), "{shown}");
    }
}
