//! The grant `authorization_code`.

use axum::response::Response;
use http::{HeaderMap, header};

use super::TokenRequest;
use super::answer::Answer;
use crate::entra::Version;
use crate::entra::client::check_verifier;
use crate::entra::errors::EntraError;
use crate::entra::grants::Destination;
use crate::entra::registry::Platform;
use crate::entra::scope::Requested;

impl TokenRequest<'_> {
    pub(super) fn redeem_code(&self, headers: &HeaderMap) -> Result<Response, EntraError> {
        let code = self.need("code")?;
        let grants = &self.at.state.entra.grants;
        let authorization = grants.look_at_code(code, self.now)?;
        let account = authorization.account.clone().ok_or_else(|| EntraError::missing("code"))?;
        let subject = self.subject(account)?;
        self.check_bound(&subject.tenant.id, &authorization.client_id)?;
        let Destination::App { redirect_uri, platform, .. } = &authorization.destination else {
            return Err(EntraError::missing("redirect_uri"));
        };
        if self.need("redirect_uri")? != redirect_uri {
            let message = "The reply address does not match the reply address provided when \
                           requesting the authorization code.";
            return Err(EntraError::invalid_grant(500_112, message));
        }
        check_origin(*platform, headers)?;
        let verifier = self.form.get("code_verifier").map(String::as_str);
        check_verifier(authorization.challenge.as_ref(), verifier)?;
        let granted = authorization.requested.as_ref();
        let requested = self.requested(granted)?;
        self.check_resource(&requested, granted)?;
        self.check_subject(&subject, subject.account.since)?;
        self.check_access(&subject, &requested)?;
        let also = |part: fn(&Requested) -> bool| granted.is_some_and(part) || part(&requested);
        let requested = Requested {
            offline: also(|asked| asked.offline),
            openid: also(|asked| asked.openid),
            profile: also(|asked| asked.profile),
            email: also(|asked| asked.email),
            ..requested.clone()
        };
        grants.redeem(code)?;
        let answer = Answer { nonce: authorization.nonce.as_deref(), ..Answer::default() };
        self.tokens(&subject, &requested, Some(*platform), &answer)
    }

    /// v1: the `resource` of both requests must be the same.
    fn check_resource(
        &self,
        own: &Requested,
        granted: Option<&Requested>,
    ) -> Result<(), EntraError> {
        let bare = |requested: &Requested| requested.resource().trim_end_matches('/').to_owned();
        let other = granted.is_some_and(|granted| bare(granted) != bare(own));
        if self.at.version == Version::V2 || !other {
            return Ok(());
        }
        let message = "The resource in the request does not match the resource in the provided \
                       authorization code.";
        Err(EntraError::invalid_grant(70000, message))
    }
}

/// A browser sends `Origin` with a request to another site, and nothing else does.
pub(super) fn check_origin(platform: Platform, headers: &HeaderMap) -> Result<(), EntraError> {
    let (code, message) = match (platform, headers.contains_key(header::ORIGIN)) {
        (Platform::Spa, false) => (
            9_002_327,
            "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via \
             cross-origin requests.",
        ),
        (Platform::Web | Platform::PublicClient, true) => (
            9_002_326,
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' \
             client-type.",
        ),
        _ => return Ok(()),
    };
    Err(EntraError::new("invalid_request", code, message))
}
