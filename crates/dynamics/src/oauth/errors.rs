//! Entra ID's refusals, told apart by code and made into a sentence for the administrator.
//!
//! Branches look at `error`, `error_codes` and `suberror` only. The description is dropped unread: it is meant for
//! people, changes without notice, and could repeat what was sent. What a code means is said in [`AccountCause`].

use std::fmt;

use oauth2::{ErrorResponse, RequestTokenError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::claims;
use crate::account_cause::{AADSTS_TRANSIENT, AccountCause};
use crate::error::{Error, ErrorKind};
use crate::transport::TransportError;
use crate::vault::ConsentLost;

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
    /// What the next sign-in must show, as JSON text ("Claims challenges, claims requests, and client capabilities").
    #[serde(default)]
    claims: Option<String>,
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

/// A no that only a person can change.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    cause: AccountCause,
    error: EntraError,
}

/// Why no token was granted.
#[derive(Debug, Clone)]
pub(crate) enum TokenError {
    /// Entra ID said no.
    Refused(Box<Refused>),
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

impl Refused {
    /// The error for whoever waited for the token.
    pub(crate) fn to_error(&self) -> Error {
        Error {
            message: format!("{} ({})", self.cause.sentence(), self.error),
            ..with_ids(ErrorKind::ConsentRequired, &self.error)
        }
    }

    /// What the vault is told.
    pub(crate) fn lost(&self) -> ConsentLost {
        ConsentLost {
            cause: self.cause,
            reason: self.to_error().message,
            claims: self.error.claims.as_deref().and_then(claims::checked),
        }
    }
}

impl TokenError {
    /// From what a callback brings: the name of an error, and the code where the description begins with one.
    pub(crate) fn from_callback(error: &str, code: Option<u32>) -> Self {
        let error_codes = code.into_iter().collect();
        Self::from_answer(EntraError {
            error: error.to_owned(),
            error_codes,
            ..EntraError::default()
        })
    }

    fn from_answer(error: EntraError) -> Self {
        let codes = &error.error_codes;
        let known = codes.iter().find_map(|code| AccountCause::of_aadsts(*code));
        let passes = codes.iter().any(|code| AADSTS_TRANSIENT.contains(code));
        let wants_consent = error.suberror.as_deref() == Some("consent_required");
        let cause = known
            .or_else(|| wants_consent.then_some(AccountCause::ConsentMissing))
            .or_else(|| AccountCause::of_name(&error.error));
        match cause {
            Some(cause) if !passes => Self::Refused(Box::new(Refused { cause, error })),
            _ => Self::Transient(error),
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
            Self::Refused(_) | Self::Unreadable | Self::NoAssertion => false,
        }
    }

    /// The outcome as it is counted: for a refusal its cause.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.cause.name(),
            Self::Transient(_) | Self::NoAnswer(_) => "unavailable",
            Self::Unreadable => "unreadable",
            Self::NoAssertion => "no_assertion",
        }
    }

    /// The error for whoever waited for the token.
    pub(crate) fn to_error(&self) -> Error {
        match self {
            Self::Refused(refused) => refused.to_error(),
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

    #[test]
    fn every_listed_code_has_its_own_cause_whatever_the_error_is_called() {
        for (code, cause) in crate::account_cause::AADSTS_CAUSES {
            for name in ["invalid_grant", "invalid_client", "interaction_required", "odd"] {
                let error = read(&format!(r#"{{"error":"{name}","error_codes":[{code}]}}"#));
                let TokenError::Refused(refused) = &error else { panic!("{code}: {error:?}") };
                assert_eq!(refused.lost().cause, *cause);
                let told = error.to_error();
                assert_eq!(told.message, format!("{} (AADSTS{code})", cause.sentence()));
                assert_eq!(AccountCause::of(&told), Some(*cause));
                assert_eq!(error.outcome(), cause.name());
                assert!(!error.is_worth_repeating());
            }
        }
    }

    #[test]
    fn demanded_claims_are_passed_on_where_they_are_claims() {
        let lost = |claims: &str| {
            let json = serde_json::json!({"error": "invalid_grant", "error_codes": [50076], "claims": claims});
            match read(&json.to_string()) {
                TokenError::Refused(refused) => refused.lost().claims,
                other => panic!("{other:?}"),
            }
        };
        let claims = r#"{"access_token":{"capolids":{"essential":true,"values":["x"]}}}"#;
        assert_eq!(lost(claims).as_deref(), Some(claims));
        assert_eq!(lost("no claims"), None);
    }
}
