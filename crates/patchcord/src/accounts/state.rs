//! What is known of an account besides its settings: whether it can be used, who consented, and what the tokens may do.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use patchcord_dynamics::{
    AccountCause, AccountSettings, ClientCredential, ConsentLost, StoredToken, Thumbprints,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::warnings::Warning;

/// How long Entra ID lets a refresh token live that is not used ("Refresh tokens in the Microsoft identity platform").
const REFRESH_TOKEN_DAYS: i64 = 90;

/// Whether an account can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AccountState {
    /// A token is there and has not been refused.
    Valid {
        /// Since when.
        since: Timestamp,
        /// Who consented; none until Dynamics 365 has said so.
        identity: Option<Identity>,
    },
    /// Somebody must press Request token.
    ConsentRequired {
        /// Since when.
        since: Timestamp,
        /// Why, for programs.
        #[serde(default)]
        cause: AccountCause,
        /// Why, and what to do.
        reason: String,
        /// What the next sign-in must show, as Entra ID or Dynamics 365 demanded it; Request token sends it along.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims: Option<String>,
    },
}

impl AccountState {
    /// Consent is required for a cause that is known here.
    pub(super) fn required(cause: AccountCause) -> Self {
        let reason = cause.sentence().to_owned();
        Self::ConsentRequired { since: Timestamp::now(), cause, reason, claims: None }
    }

    /// What was demanded of the next sign-in.
    pub(super) fn claims(&self) -> Option<&str> {
        match self {
            Self::Valid { .. } => None,
            Self::ConsentRequired { claims, .. } => claims.as_deref(),
        }
    }
}

impl From<&ConsentLost> for AccountState {
    fn from(lost: &ConsentLost) -> Self {
        Self::ConsentRequired {
            since: Timestamp::now(),
            cause: lost.cause,
            reason: lost.reason.clone(),
            claims: lost.claims.clone(),
        }
    }
}

/// Who consented, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Id of the user in Dynamics 365 (`systemuserid`).
    pub user_id: Uuid,
    /// Name with which the user signs in, where it could be read.
    pub user_name: Option<String>,
    /// Full name of the user, where it could be read.
    #[serde(default)]
    pub full_name: Option<String>,
    /// Id of the organisation.
    pub organization_id: Uuid,
    /// Name of the organisation, where it could be read.
    #[serde(default)]
    pub organization_name: Option<String>,
}

/// What an app registration's credential is, without the credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialView {
    /// Which kind; none where none is stored.
    pub kind: Option<CredentialKind>,
    /// Whether one is stored.
    pub set: bool,
    /// Last day: of a certificate what it says, of a client secret what an administrator noted.
    pub expires: Option<Date>,
    /// Whose certificate it is.
    pub subject: Option<String>,
    /// What tells the certificate from others.
    pub thumbprint: Option<Thumbprints>,
}

/// The kind of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A client secret.
    ClientSecret,
    /// A certificate with its private key.
    Certificate,
}

impl CredentialView {
    pub(super) fn of(settings: &AccountSettings, credential: Option<&ClientCredential>) -> Self {
        let mut view = Self {
            kind: None,
            set: credential.is_some(),
            expires: None,
            subject: None,
            thumbprint: None,
        };
        match credential {
            Some(ClientCredential::Certificate(certificate)) => {
                view.kind = Some(CredentialKind::Certificate);
                let last = certificate.not_after().to_zoned(jiff::tz::TimeZone::UTC);
                view.expires = Some(last.date());
                view.subject = Some(certificate.subject().to_owned());
                view.thumbprint = Some(certificate.thumbprints().clone());
            }
            Some(_) => {
                view.kind = Some(CredentialKind::ClientSecret);
                view.expires = settings.credential_expires;
            }
            None => {}
        }
        view
    }
}

/// The tokens of an account, without the tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenView {
    /// When Entra ID issued the refresh token in use; each renewal brings a new one.
    pub obtained_at: Timestamp,
    /// Until when it lives if it is not used: 90 days, unless the organisation has other rules.
    pub likely_until: Timestamp,
    /// What the tokens may do on behalf of the user (delegated scopes), where Entra ID said so.
    pub scopes: Vec<String>,
    /// Until when the access token lives that is in use now; none where there is none at the moment.
    pub access_token_until: Option<Timestamp>,
}

/// What is kept in memory of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenFacts {
    pub(super) obtained_at: Timestamp,
    pub(super) scope: Option<String>,
}

impl From<&StoredToken> for TokenFacts {
    fn from(token: &StoredToken) -> Self {
        Self { obtained_at: token.obtained_at, scope: token.scope.clone() }
    }
}

impl TokenFacts {
    pub(super) fn likely_until(&self) -> Timestamp {
        let life = (REFRESH_TOKEN_DAYS * 24).hours();
        self.obtained_at.saturating_add(life).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn view(&self, access_token_until: Option<Timestamp>) -> TokenView {
        let scopes = self.scope.as_deref().unwrap_or_default();
        TokenView {
            obtained_at: self.obtained_at,
            likely_until: self.likely_until(),
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            access_token_until,
        }
    }
}

/// An integration account as an administrator sees it. Holds no secret.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// Its settings.
    #[serde(flatten)]
    pub settings: AccountSettings,
    /// What it proves itself with.
    pub credential: CredentialView,
    /// Whether it can be used.
    #[serde(flatten)]
    pub state: AccountState,
    /// Its tokens; none where nobody has consented.
    pub token: Option<TokenView>,
    /// What will soon stand in its way.
    pub warnings: Vec<Warning>,
}
