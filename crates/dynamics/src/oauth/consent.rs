//! The consent of a user: the URL to send a browser to, and what is done with the code that comes back.
//!
//! Authorization-code flow with PKCE (S256) and a one-time state, always. Who may begin and who comes back is
//! for the web side to tie to a session; nothing is kept here between the two steps.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant};

use oauth2::{CsrfToken, PkceCodeChallenge, RedirectUrl};
use secrecy::SecretString;
use url::Url;

use super::errors::TokenError;
use super::{Audience, entra_client};
use crate::about::About;
use crate::account::{AccountSettings, EndpointVersion};
use crate::account_cause::AccountCause;
use crate::client::{Client, WhoAmI};
use crate::error::{Error, ErrorKind};

/// How long the administrator waits for names, which nothing depends on.
const NAMES_TAKE: Duration = Duration::from_secs(10);

/// For whom consent is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConsentFor {
    /// For the user who signs in.
    #[default]
    User,
    /// For everybody of the organisation; an Entra ID administrator must sign in.
    Organisation,
}

/// A consent that was begun. Keep it with the administrator's session, use it once.
#[derive(Clone)]
pub struct PendingConsent {
    /// Where to send the browser.
    pub authorize_url: Url,
    /// What the callback must bring back unchanged.
    pub state: String,
    /// PKCE code verifier.
    pub verifier: SecretString,
    /// The redirect URI used, which the exchange must repeat.
    pub redirect_uri: Url,
}

impl fmt::Debug for PendingConsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingConsent")
            .field("redirect_uri", &self.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}

impl PendingConsent {
    /// The same consent, with the claims that a refusal or a challenge demanded of it.
    #[must_use]
    pub fn demanding(mut self, claims: &str) -> Self {
        self.authorize_url.query_pairs_mut().append_pair("claims", claims);
        self
    }
}

/// Begins the consent for an account. Asks nobody anything.
pub fn begin_consent(
    settings: &AccountSettings,
    redirect_uri: &Url,
    consent_for: ConsentFor,
) -> PendingConsent {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let client = entra_client(settings);
    let mut request = client
        .authorize_url(CsrfToken::new_random)
        .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect_uri.clone())))
        .set_pkce_challenge(challenge)
        .add_extra_param("response_mode", "query")
        .add_extra_param("prompt", prompt(settings.endpoint_version(), consent_for));
    match Audience::of(settings) {
        Audience::Resource(resource) => request = request.add_extra_param("resource", resource),
        Audience::Scopes(scopes) => request = request.add_scopes(scopes),
    }
    let (authorize_url, state) = request.url();
    PendingConsent {
        authorize_url,
        state: state.into_secret(),
        verifier: SecretString::from(verifier.into_secret()),
        redirect_uri: redirect_uri.clone(),
    }
}

/// v2 offers an administrator the whole organisation on its ordinary consent page; v1 has a prompt for it.
fn prompt(version: EndpointVersion, consent_for: ConsentFor) -> &'static str {
    match (consent_for, version) {
        (ConsentFor::User, _) => "select_account",
        (ConsentFor::Organisation, EndpointVersion::V1) => "admin_consent",
        (ConsentFor::Organisation, EndpointVersion::V2) => "consent",
    }
}

/// What is known after a consent that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consented {
    /// Who the Web API says is calling.
    pub who_am_i: WhoAmI,
    /// Sign-in name of the user, where Entra ID or Dynamics 365 gave one.
    pub user_name: Option<String>,
    /// Names, as far as the user may read them.
    pub about: About,
    /// Scopes granted, separated by spaces, where Entra ID named them.
    pub scope: Option<String>,
}

/// Exchanges the `code` of the callback, saves the refresh token in the vault, and proves the access token
/// by a `WhoAmI`. The refresh token is durable before the access token is used.
///
/// # Errors
/// Those of [`Client::who_am_i`]; [`crate::ErrorKind::ConsentRequired`] where Entra ID refuses the code, which leaves
/// an earlier consent as it was. If only the `WhoAmI` failed, the new consent is kept.
pub async fn finish_consent(
    client: &Client,
    pending: PendingConsent,
    code: SecretString,
    deadline: Instant,
) -> Result<Consented, Error> {
    let granted = client.tokens().accept_consent(pending, code, deadline.into()).await?;
    client.forget_answers();
    let who_am_i = client.who_am_i(deadline).await?.value;
    let about = client.about(&who_am_i, deadline.min(Instant::now() + NAMES_TAKE)).await;
    let user_name = granted.user_name.or_else(|| about.sign_in_name.clone());
    Ok(Consented { who_am_i, user_name, about, scope: granted.scope })
}

/// The error for the administrator when the callback brings `error` instead of a code. Of the `description` that comes
/// with it only the code is read with which Entra ID begins it: a callback has no other place for it.
pub fn refused_consent(error: &str, description: Option<&str>) -> Error {
    let code = description.and_then(code_of);
    if error == "access_denied" && code.and_then(AccountCause::of_aadsts).is_none() {
        // Entra ID sends this where the user pressed Cancel and where an administrator must approve.
        return Error::local(
            ErrorKind::ConsentRequired,
            "the consent was declined, or an Entra ID administrator must approve the app; press Request token again",
        );
    }
    TokenError::from_callback(error, code).to_error()
}

/// The number of `AADSTS65004: User declined …`.
fn code_of(description: &str) -> Option<u32> {
    let rest = description.trim_start().strip_prefix("AADSTS")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Policy;
    use secrecy::ExposeSecret;
    use std::collections::HashMap;
    use uuid::Uuid;

    fn settings(version: &str) -> AccountSettings {
        AccountSettings {
            id: Uuid::nil(),
            name: "Sales".to_owned(),
            default: true,
            client_id: "client".to_owned(),
            authorization_url: Url::parse(&format!("https://login/t/oauth2/{version}authorize"))
                .unwrap(),
            token_url: Url::parse(&format!("https://login/t/oauth2/{version}token")).unwrap(),
            api_url: Url::parse("https://org.crm4.dynamics.com/api/data/v9.2").unwrap(),
            phone_region: None,
            credential_expires: None,
            policy: Policy::default(),
        }
    }

    fn parameters(pending: &PendingConsent) -> HashMap<String, String> {
        pending.authorize_url.query_pairs().into_owned().collect()
    }

    fn redirect() -> Url {
        Url::parse("http://127.0.0.1:8460/admin/msdynamicscallback.html").unwrap()
    }

    #[test]
    fn v2_asks_for_scopes_with_pkce() {
        let pending = begin_consent(&settings("v2.0/"), &redirect(), ConsentFor::User);
        let sent = parameters(&pending);
        assert_eq!(
            sent["scope"],
            "https://org.crm4.dynamics.com/user_impersonation offline_access openid profile"
        );
        assert!(!sent.contains_key("resource"));
        assert_eq!(sent["code_challenge_method"], "S256");
        assert_eq!(sent["response_type"], "code");
        assert_eq!(sent["state"], pending.state);
        assert_eq!(sent["redirect_uri"], redirect().as_str());
        assert_ne!(sent["code_challenge"], pending.verifier.expose_secret());
    }

    #[test]
    fn v1_asks_for_the_resource() {
        let pending = begin_consent(&settings(""), &redirect(), ConsentFor::Organisation);
        let sent = parameters(&pending);
        assert_eq!(sent["resource"], "https://org.crm4.dynamics.com/");
        assert!(!sent.contains_key("scope"));
        assert_eq!(sent["prompt"], "admin_consent");
    }

    #[test]
    fn every_consent_has_its_own_state_and_verifier() {
        let one = begin_consent(&settings(""), &redirect(), ConsentFor::User);
        let two = begin_consent(&settings(""), &redirect(), ConsentFor::User);
        assert_ne!(one.state, two.state);
        assert_ne!(one.verifier.expose_secret(), two.verifier.expose_secret());
        assert!(!format!("{one:?}").contains(&one.state));
    }

    #[test]
    fn a_callback_without_code_is_explained() {
        let refused = |error: &str| refused_consent(error, None);
        assert!(refused("access_denied").message.contains("declined"));
        assert_eq!(refused("server_error").kind, ErrorKind::Unavailable);
        let odd = refused_consent("<script>", Some("AADSTS<b>"));
        assert!(!odd.message.contains('<'), "{}", odd.message);
        let told =
            refused_consent("access_denied", Some("AADSTS90094: The grant requires an admin."));
        assert_eq!(AccountCause::of(&told), Some(AccountCause::AdminApprovalRequired));
        assert!(!told.message.contains("The grant"), "{}", told.message);
    }
}
