//! What will soon stand in an account's way: said from 30 days before, in the view, once a day in the log, and as a
//! metric.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::state::{CredentialKind, CredentialView, TokenFacts};

/// Warnings begin so many days before.
const DAYS_AHEAD: i32 = 30;

/// Something to be done before a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Which it is, for programs.
    pub cause: WarningCause,
    /// What is the matter, and what to do.
    pub message: String,
}

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCause {
    /// The client secret expires soon.
    SecretExpires,
    /// The last day of the client secret is over.
    SecretExpired,
    /// The certificate expires soon.
    CertificateExpires,
    /// The certificate is over.
    CertificateExpired,
    /// The refresh token expires soon for lack of use.
    ConsentExpires,
}

impl WarningCause {
    pub(super) const ALL: [Self; 5] = [
        Self::SecretExpires,
        Self::SecretExpired,
        Self::CertificateExpires,
        Self::CertificateExpired,
        Self::ConsentExpires,
    ];

    /// The name on which programs may rely.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecretExpires => "secret_expires",
            Self::SecretExpired => "secret_expired",
            Self::CertificateExpires => "certificate_expires",
            Self::CertificateExpired => "certificate_expired",
            Self::ConsentExpires => "consent_expires",
        }
    }
}

/// The warnings of an account as of `now`.
pub(super) fn warnings(
    credential: &CredentialView,
    token: Option<&TokenFacts>,
    now: Timestamp,
) -> Vec<Warning> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let credential = credential.kind.zip(credential.expires);
    let mut warnings = Vec::new();
    warnings.extend(credential.and_then(|(kind, last)| of_credential(kind, last, today)));
    warnings.extend(token.and_then(|token| of_token(token, today)));
    warnings
}

fn of_credential(kind: CredentialKind, last: Date, today: Date) -> Option<Warning> {
    let left = days_left(last, today).filter(|left| *left <= DAYS_AHEAD)?;
    let (what, expires, expired, remedy) = match kind {
        CredentialKind::ClientSecret => (
            "the client secret",
            WarningCause::SecretExpires,
            WarningCause::SecretExpired,
            "make a new one in Entra ID (Certificates & secrets) and enter its value and its last day",
        ),
        CredentialKind::Certificate => (
            "the certificate",
            WarningCause::CertificateExpires,
            WarningCause::CertificateExpired,
            "make a new one, upload it to the app registration and enter it with its private key",
        ),
    };
    Some(match left {
        ..0 => {
            Warning { cause: expired, message: format!("{what} has expired on {last}; {remedy}") }
        }
        _ => Warning {
            cause: expires,
            message: format!("{what} expires {} ({last}); {remedy}", in_days(left)),
        },
    })
}

fn of_token(token: &TokenFacts, today: Date) -> Option<Warning> {
    let last = token.likely_until().to_zoned(TimeZone::UTC).date();
    let left = days_left(last, today).filter(|left| *left <= DAYS_AHEAD)?;
    let when = if left < 0 { "by now".to_owned() } else { in_days(left) };
    let message = format!(
        "the sign-in behind this account has not been renewed for long and is likely to expire {when}; press Test \
         connection, and Request token if that fails"
    );
    Some(Warning { cause: WarningCause::ConsentExpires, message })
}

fn days_left(last: Date, today: Date) -> Option<i32> {
    today.until(last).ok().map(|span| span.get_days())
}

fn in_days(left: i32) -> String {
    match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-25T12:00:00Z";

    fn told(kind: CredentialKind, last: &str) -> Vec<Warning> {
        let expires = Some(last.parse().unwrap());
        let view = CredentialView {
            kind: Some(kind),
            set: true,
            expires,
            subject: None,
            thumbprint: None,
        };
        warnings(&view, None, NOW.parse().unwrap())
    }

    #[test]
    fn a_secret_is_warned_of_from_thirty_days_before() {
        let causes = |last| -> Vec<WarningCause> {
            told(CredentialKind::ClientSecret, last).iter().map(|warning| warning.cause).collect()
        };
        assert!(causes("2026-12-26").is_empty());
        assert_eq!(causes("2026-12-25"), [WarningCause::SecretExpires]);
        assert_eq!(causes("2026-11-25"), [WarningCause::SecretExpires]);
        assert_eq!(causes("2026-11-24"), [WarningCause::SecretExpired]);
        let tomorrow = &told(CredentialKind::ClientSecret, "2026-11-26")[0].message;
        assert!(
            tomorrow.starts_with("the client secret expires tomorrow (2026-11-26); make"),
            "{tomorrow}"
        );
    }

    #[test]
    fn a_certificate_has_its_own_words() {
        let warning = &told(CredentialKind::Certificate, "2026-12-01")[0];
        assert_eq!(warning.cause, WarningCause::CertificateExpires);
        assert!(warning.message.contains("in 6 days") && warning.message.contains("upload"));
    }

    #[test]
    fn a_token_that_was_not_renewed_for_two_months_is_told() {
        let view = CredentialView {
            kind: None,
            set: false,
            expires: None,
            subject: None,
            thumbprint: None,
        };
        let of = |obtained: &str| {
            let facts = TokenFacts { obtained_at: obtained.parse().unwrap(), scope: None };
            warnings(&view, Some(&facts), NOW.parse().unwrap())
        };
        assert!(of("2026-10-01T00:00:00Z").is_empty());
        assert_eq!(of("2026-09-01T00:00:00Z")[0].cause, WarningCause::ConsentExpires);
        assert!(of("2026-01-01T00:00:00Z")[0].message.contains("by now"));
    }
}
