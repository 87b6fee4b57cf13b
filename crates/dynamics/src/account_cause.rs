//! Why an integration account cannot be used: one list of causes, each with the name that programs rely on and the
//! sentence that tells an administrator what to do.
//!
//! The table [`AADSTS_CAUSES`] says which of Entra ID's codes mean which cause. A code that is in neither table is
//! judged by the `error` that came with it. Source: "Microsoft Entra authentication and authorization error codes".

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Why an account cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountCause {
    /// No token has been requested yet.
    NotConsentedYet,
    /// Settings were changed to another app, tenant or organisation.
    SettingsChanged,
    /// Nobody has consented to what the app asks for.
    ConsentMissing,
    /// The user pressed Cancel.
    ConsentDeclined,
    /// An administrator must approve the app.
    AdminApprovalRequired,
    /// The refresh token was not used for too long.
    ConsentExpired,
    /// Sign-in frequency, a Conditional Access control, ended the session.
    SignInFrequency,
    /// The grant was revoked.
    ConsentRevoked,
    /// The user's password was changed or has expired.
    PasswordChanged,
    /// Another factor is demanded.
    MfaRequired,
    /// The Web API demands a token with claims that a refresh does not bring.
    ClaimsRequired,
    /// Conditional Access blocks the sign-in.
    BlockedByPolicy,
    /// The consenting user is disabled, locked or gone.
    UserDisabled,
    /// The consenting user is not assigned to the app.
    UserNotAssigned,
    /// The client secret is wrong.
    SecretInvalid,
    /// The client secret has expired.
    SecretExpired,
    /// No credential reached Entra ID.
    CredentialMissing,
    /// The credential was refused, it is not said why.
    CredentialRefused,
    /// The certificate is not registered with the app.
    CertificateUnknown,
    /// The assertion's times are refused.
    ClockWrong,
    /// The app is registered as a public client.
    AppIsPublic,
    /// The app is not in the tenant.
    AppUnknown,
    /// The app is disabled.
    AppDisabled,
    /// The tenant of the URLs is wrong.
    WrongTenant,
    /// The user is of another tenant.
    WrongUserTenant,
    /// The app lacks the permission to call Dynamics 365.
    PermissionMissing,
    /// The tenant does not know the environment.
    EnvironmentUnknown,
    /// The redirect URI is not the registered one.
    RedirectMismatch,
    /// The redirect URI is registered for another kind of application.
    RedirectPlatform,
    /// The code was used before, or is too old.
    CodeUsed,
    /// The code belongs to another sign-in.
    CodeElsewhere,
    /// Entra ID does not understand the request.
    RequestInvalid,
    /// No refresh token was granted.
    NoRefreshToken,
    /// The user must sign in again, it is not said why.
    SignInRequired,
    /// Access is denied, it is not said why.
    AccessDenied,
    /// It is not known why.
    #[default]
    #[serde(other)]
    Unknown,
}

use AccountCause as Cause;

/// The codes of Entra ID that a person must act on, with what they mean.
pub const AADSTS_CAUSES: &[(u32, AccountCause)] = &[
    (50_011, Cause::RedirectMismatch),
    (50_020, Cause::WrongUserTenant),
    (50_034, Cause::UserDisabled),
    (50_053, Cause::UserDisabled),
    (50_055, Cause::PasswordChanged),
    (50_057, Cause::UserDisabled),
    (50_072, Cause::MfaRequired),
    (50_074, Cause::MfaRequired),
    (50_076, Cause::MfaRequired),
    (50_078, Cause::MfaRequired),
    (50_079, Cause::MfaRequired),
    (50_105, Cause::UserNotAssigned),
    (50_132, Cause::PasswordChanged),
    (50_133, Cause::PasswordChanged),
    (50_158, Cause::MfaRequired),
    (50_173, Cause::ConsentRevoked),
    (50_194, Cause::WrongTenant),
    (53_000, Cause::BlockedByPolicy),
    (53_001, Cause::BlockedByPolicy),
    (53_002, Cause::BlockedByPolicy),
    (53_003, Cause::BlockedByPolicy),
    (53_004, Cause::BlockedByPolicy),
    (54_005, Cause::CodeUsed),
    (65_001, Cause::ConsentMissing),
    (65_004, Cause::ConsentDeclined),
    (65_005, Cause::PermissionMissing),
    (70_000, Cause::SignInRequired),
    (70_003, Cause::RequestInvalid),
    (70_008, Cause::ConsentExpired),
    (70_011, Cause::EnvironmentUnknown),
    (70_043, Cause::SignInFrequency),
    (90_002, Cause::WrongTenant),
    (90_094, Cause::AdminApprovalRequired),
    (90_095, Cause::AdminApprovalRequired),
    (500_011, Cause::EnvironmentUnknown),
    (500_112, Cause::RedirectMismatch),
    (500_113, Cause::RedirectMismatch),
    (501_481, Cause::CodeElsewhere),
    (650_052, Cause::EnvironmentUnknown),
    (650_056, Cause::PermissionMissing),
    (650_057, Cause::PermissionMissing),
    (700_003, Cause::BlockedByPolicy),
    (700_005, Cause::WrongTenant),
    (700_016, Cause::AppUnknown),
    (700_021, Cause::CertificateUnknown),
    (700_023, Cause::WrongTenant),
    (700_024, Cause::ClockWrong),
    (700_025, Cause::AppIsPublic),
    (700_027, Cause::CertificateUnknown),
    (700_082, Cause::ConsentExpired),
    (700_084, Cause::ConsentExpired),
    (900_144, Cause::RequestInvalid),
    (7_000_112, Cause::AppDisabled),
    (7_000_215, Cause::SecretInvalid),
    (7_000_218, Cause::CredentialMissing),
    (7_000_222, Cause::SecretExpired),
    (9_002_313, Cause::RequestInvalid),
    (9_002_325, Cause::RedirectPlatform),
    (9_002_326, Cause::RedirectPlatform),
    (9_002_327, Cause::RedirectPlatform),
];

/// The codes of Entra ID that pass: the same request may succeed in a moment.
pub const AADSTS_TRANSIENT: &[u32] = &[50_196, 90_033];

impl AccountCause {
    /// What a code of Entra ID means; none where it is not known, or passes.
    pub fn of_aadsts(code: u32) -> Option<Self> {
        AADSTS_CAUSES.iter().find(|(known, _)| *known == code).map(|(_, cause)| *cause)
    }

    /// What the `error` of an answer means (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6); none where it is not known,
    /// or passes.
    pub(crate) fn of_name(error: &str) -> Option<Self> {
        Some(match error {
            "invalid_grant" | "interaction_required" | "login_required" => Self::SignInRequired,
            "consent_required" => Self::ConsentMissing,
            "access_denied" => Self::AccessDenied,
            "invalid_client" => Self::CredentialRefused,
            "unauthorized_client" => Self::AppUnknown,
            "invalid_resource" | "invalid_scope" | "invalid_target" => Self::EnvironmentUnknown,
            "invalid_request" | "unsupported_grant_type" => Self::RequestInvalid,
            _ => return None,
        })
    }

    /// Why Entra ID refused, where `error` is such a refusal.
    pub fn of(error: &Error) -> Option<Self> {
        let code = error.code.as_deref()?;
        match code.strip_prefix("AADSTS") {
            Some(digits) => Self::of_aadsts(digits.parse().ok()?).or(Some(Self::Unknown)),
            None => Self::of_name(code),
        }
    }

    /// The name on which programs may rely; that of the JSON form.
    pub fn name(self) -> &'static str {
        self.told().0
    }

    /// What is the matter and what to do about it.
    pub fn sentence(self) -> &'static str {
        self.told().1
    }

    /// Whether another client secret or certificate mends it, without a new consent.
    pub fn is_about_credential(self) -> bool {
        matches!(
            self,
            Self::SecretInvalid
                | Self::SecretExpired
                | Self::CredentialMissing
                | Self::CredentialRefused
                | Self::CertificateUnknown
                | Self::ClockWrong
                | Self::AppIsPublic
        )
    }

    /// Name and sentence, side by side so that they can be read as a table.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::NotConsentedYet => (
                "not_consented_yet",
                "no token has been requested yet; press Request token and sign in",
            ),
            Self::SettingsChanged => (
                "settings_changed",
                "client ID, token URL or API URL has changed; press Request token and sign in",
            ),
            Self::ConsentMissing => (
                "consent_missing",
                "nobody has consented to the app for this account; press Request token and accept",
            ),
            Self::ConsentDeclined => {
                ("consent_declined", "the consent was declined; press Request token and accept")
            }
            Self::AdminApprovalRequired => (
                "admin_approval_required",
                "an Entra ID administrator must approve the app; request the token for the organisation",
            ),
            Self::ConsentExpired => (
                "consent_expired",
                "the sign-in behind this account has expired; press Request token and sign in again",
            ),
            Self::SignInFrequency => (
                "sign_in_frequency",
                "the organisation's sign-in frequency policy ended the session; press Request token and sign in \
                 again, and ask the Entra ID administrator to exempt this app",
            ),
            Self::ConsentRevoked => (
                "consent_revoked",
                "the consent was revoked, for instance by a password reset; press Request token and sign in again",
            ),
            Self::PasswordChanged => (
                "password_changed",
                "the password of the user who consented was changed or has expired; press Request token and sign in \
                 again",
            ),
            Self::MfaRequired => (
                "mfa_required",
                "the organisation now demands another factor at sign-in; press Request token and sign in again",
            ),
            Self::ClaimsRequired => (
                "claims_required",
                "Dynamics 365 demands a sign-in under a Conditional Access policy; press Request token and sign in \
                 again",
            ),
            Self::BlockedByPolicy => (
                "blocked_by_policy",
                "a Conditional Access policy blocks the sign-in; ask the Entra ID administrator to allow this app",
            ),
            Self::UserDisabled => (
                "user_disabled",
                "the user who consented is disabled, locked or gone; press Request token and sign in as another user",
            ),
            Self::UserNotAssigned => (
                "user_not_assigned",
                "the user who consented is not assigned to the app; assign the user under Enterprise applications",
            ),
            Self::SecretInvalid => (
                "secret_invalid",
                "the client secret is wrong; enter the secret's value, which is not its ID",
            ),
            Self::SecretExpired => (
                "secret_expired",
                "the client secret has expired; make a new one in Entra ID and enter its value",
            ),
            Self::CredentialMissing => (
                "credential_missing",
                "Entra ID saw no credential; enter the client secret's value, or a certificate",
            ),
            Self::CredentialRefused => (
                "credential_refused",
                "Entra ID refuses the client secret or certificate; enter one that is valid",
            ),
            Self::CertificateUnknown => (
                "certificate_unknown",
                "Entra ID does not know the certificate; upload it to the app registration",
            ),
            Self::ClockWrong => (
                "clock_wrong",
                "Entra ID refuses the time of the certificate's assertion; set the clock of this machine",
            ),
            Self::AppIsPublic => (
                "app_is_public",
                "the app is a public client; switch off \"Allow public client flows\" and register the redirect URI \
                 under the platform Web",
            ),
            Self::AppUnknown => (
                "app_unknown",
                "the app is not registered in this tenant; check client ID and tenant in the URLs",
            ),
            Self::AppDisabled => (
                "app_disabled",
                "the app is disabled in this tenant; enable it under Enterprise applications",
            ),
            Self::WrongTenant => (
                "wrong_tenant",
                "the tenant in the account's URLs is wrong; copy the endpoints from the app registration",
            ),
            Self::WrongUserTenant => (
                "wrong_user_tenant",
                "the user who signed in belongs to another tenant; sign in as a user of the account's tenant",
            ),
            Self::PermissionMissing => (
                "permission_missing",
                "the app may not call Dynamics CRM; add its user_impersonation permission in the app registration",
            ),
            Self::EnvironmentUnknown => (
                "environment_unknown",
                "the tenant does not know this Dynamics 365 environment; check the account's API URL",
            ),
            Self::RedirectMismatch => (
                "redirect_mismatch",
                "the redirect URI is not registered; add the one that the account shows to the app registration, \
                 platform Web",
            ),
            Self::RedirectPlatform => (
                "redirect_platform",
                "the redirect URI is registered for a single-page application; register it under the platform Web",
            ),
            Self::CodeUsed => {
                ("code_used", "the sign-in was used already; press Request token again")
            }
            Self::CodeElsewhere => {
                ("code_elsewhere", "the sign-in was begun elsewhere; press Request token again")
            }
            Self::RequestInvalid => (
                "request_invalid",
                "Entra ID does not understand the request; check the account's URLs and client ID",
            ),
            Self::NoRefreshToken => (
                "no_refresh_token",
                "Entra ID granted no refresh token; allow the app offline_access and request the token again",
            ),
            Self::SignInRequired => (
                "sign_in_required",
                "Entra ID no longer accepts the sign-in behind this account; press Request token and sign in again",
            ),
            Self::AccessDenied => (
                "access_denied",
                "Entra ID denies access to this account; ask the Entra ID administrator",
            ),
            Self::Unknown => (
                "unknown",
                "the state of the account is not known; press Request token and sign in",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_json_form() {
        let all = AADSTS_CAUSES.iter().map(|(_, cause)| *cause);
        for cause in all.chain([Cause::NotConsentedYet, Cause::ClaimsRequired, Cause::Unknown]) {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.name());
            let sentence = cause.sentence();
            assert!(sentence.contains("; ") && !sentence.ends_with('.'), "{sentence}");
        }
    }

    #[test]
    fn a_cause_of_a_later_version_is_read_as_unknown() {
        let cause: Cause = serde_json::from_str("\"moon_in_the_wrong_phase\"").unwrap();
        assert_eq!(cause, Cause::Unknown);
    }

    #[test]
    fn the_page_for_administrators_has_a_row_for_every_code() {
        let page = include_str!("../../../docs/accounts.md");
        for (code, cause) in AADSTS_CAUSES {
            let row = format!("| `{}` |", cause.name());
            let row = page.lines().find(|line| line.starts_with(&row)).unwrap_or_default();
            let (what, to_do) = cause.sentence().split_once("; ").unwrap();
            assert!(row.contains(&code.to_string()), "{code} {}", cause.name());
            assert!(row.ends_with(&format!("| {what} | {to_do} |")), "{row}");
        }
    }

    #[test]
    fn every_code_stands_once_and_in_order() {
        assert!(AADSTS_CAUSES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(AADSTS_TRANSIENT.iter().all(|code| Cause::of_aadsts(*code).is_none()));
    }
}
