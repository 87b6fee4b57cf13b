//! OAuth 2.0 with Entra ID: the authorization URL, the exchange of a code, the refresh. The protocol is the
//! `oauth2` crate's; what is here is Entra ID's dialect of it.
//!
//! This asks once and reports; when to ask, how often, and what becomes of the tokens is decided elsewhere.

pub(crate) mod claims;
pub(crate) mod consent;
pub(crate) mod errors;
pub(crate) mod http_adapter;
pub(crate) mod token_response;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use oauth2::basic::{BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::account::{AccountSettings, EndpointVersion};
use crate::credential::assertion::{ASSERTION_TYPE, client_assertion};
use crate::credential::{Certificate, ClientCredential};
use crate::telemetry;
use crate::transport::Transport;
use errors::{EntraError, TokenError};
use http_adapter::OAuthHttp;
use token_response::{EntraTokenResponse, Grant};

/// The crate's client with both endpoints set, speaking Entra ID's answers.
pub(crate) type EntraClient = oauth2::Client<
    EntraError,
    EntraTokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What is asked for: v1 endpoints know resources, v2 endpoints know scopes.
#[derive(Clone)]
pub(crate) enum Audience {
    Resource(String),
    Scopes(Vec<Scope>),
}

impl Audience {
    pub(crate) fn of(settings: &AccountSettings) -> Self {
        let origin = settings.api_origin();
        match settings.endpoint_version() {
            EndpointVersion::V1 => Self::Resource(format!("{origin}/")),
            EndpointVersion::V2 => {
                let api = format!("{origin}/user_impersonation");
                let names = [api.as_str(), "offline_access", "openid", "profile"];
                Self::Scopes(names.into_iter().map(|name| Scope::new(name.to_owned())).collect())
            }
        }
    }

    fn joined_scopes(&self) -> Option<String> {
        match self {
            Self::Resource(_) => None,
            Self::Scopes(scopes) => {
                Some(scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "))
            }
        }
    }
}

/// The `oauth2` client of an account, its credential not yet set.
pub(crate) fn entra_client(settings: &AccountSettings) -> EntraClient {
    oauth2::Client::new(ClientId::new(settings.client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(settings.authorization_url.clone()))
        .set_token_uri(TokenUrl::from_url(settings.token_url.clone()))
        // In the body the secret is encoded once and by one rule; Basic needs it encoded before Base64,
        // which servers are known to read in different ways.
        .set_auth_type(AuthType::RequestBody)
}

/// Asks the token endpoint of one account.
pub(crate) struct OAuth {
    client: EntraClient,
    /// What the client proves itself with in place of a secret.
    certificate: Option<Arc<Certificate>>,
    audience: Audience,
    http: OAuthHttp,
}

impl OAuth {
    pub(crate) fn new(
        settings: &AccountSettings,
        credential: &ClientCredential,
        transport: Transport,
        timeout: Duration,
    ) -> Self {
        let client = entra_client(settings);
        let (client, certificate) = match credential {
            ClientCredential::Secret(secret) => {
                let secret = ClientSecret::new(secret.expose_secret().to_owned());
                (client.set_client_secret(secret), None)
            }
            ClientCredential::Certificate(certificate) => (client, Some(Arc::clone(certificate))),
        };
        Self {
            client,
            certificate,
            audience: Audience::of(settings),
            http: OAuthHttp::new(transport, timeout),
        }
    }

    pub(crate) async fn exchange_code(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        redirect_uri: &Url,
    ) -> Result<Grant, TokenError> {
        let redirect_uri = RedirectUrl::from_url(redirect_uri.clone());
        let mut request = self
            .client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_redirect_uri(Cow::Owned(redirect_uri))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        if let Audience::Resource(resource) = &self.audience {
            request = request.add_extra_param("resource", resource.as_str());
        }
        if let Some(scopes) = self.audience.joined_scopes() {
            request = request.add_extra_param("scope", scopes);
        }
        for (name, value) in self.proof()? {
            request = request.add_extra_param(name, value);
        }
        counted("code", request.request_async(&self.http).await)
    }

    /// `claims` are those that a challenge demanded.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &SecretString,
        claims: Option<&str>,
    ) -> Result<Grant, TokenError> {
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let mut request = self.client.exchange_refresh_token(&token);
        match &self.audience {
            Audience::Resource(resource) => {
                request = request.add_extra_param("resource", resource.as_str());
            }
            Audience::Scopes(scopes) => request = request.add_scopes(scopes.iter().cloned()),
        }
        if let Some(claims) = claims {
            request = request.add_extra_param("claims", claims.to_owned());
        }
        for (name, value) in self.proof()? {
            request = request.add_extra_param(name, value);
        }
        counted("refresh", request.request_async(&self.http).await)
    }

    /// The fields with which a certificate stands in for a secret; none for a secret. Each request has its own.
    fn proof(&self) -> Result<Vec<(&'static str, String)>, TokenError> {
        let Some(certificate) = &self.certificate else { return Ok(Vec::new()) };
        let assertion =
            client_assertion(certificate, self.client.client_id(), self.client.token_uri().url())
                .ok_or(TokenError::NoAssertion)?;
        Ok(vec![
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", assertion),
        ])
    }
}

type Answer =
    Result<EntraTokenResponse, RequestTokenError<crate::transport::TransportError, EntraError>>;

fn counted(grant: &'static str, answer: Answer) -> Result<Grant, TokenError> {
    let result = answer.map_err(TokenError::from).and_then(EntraTokenResponse::into_grant);
    telemetry::token_requested(grant, result.as_ref().map_or_else(TokenError::outcome, |_| "ok"));
    result
}
