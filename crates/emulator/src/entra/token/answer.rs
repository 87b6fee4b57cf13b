//! The answer to a grant: an access token, and what comes with it.
//!
//! Access tokens have the form that their API takes, which for Dataverse and Graph is v1.0 whatever endpoint was asked;
//! id tokens have the form of the endpoint.
//!
//! Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference and id-token-claims-reference

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::TokenRequest;
use super::subject::Subject;
use crate::entra::Version;
use crate::entra::errors::EntraError;
use crate::entra::grants::Refreshable;
use crate::entra::metadata::issuer;
use crate::entra::registry::{Platform, Tenant, User};
use crate::entra::scope::Requested;
use crate::state::State;

/// What an answer takes from its grant.
#[derive(Default)]
pub(super) struct Answer<'a> {
    pub(super) nonce: Option<&'a str>,
    /// The refresh token that was used.
    pub(super) previous: Option<&'a str>,
}

/// What an id token says, and to whom.
pub(crate) struct IdToken<'a> {
    pub(crate) version: Version,
    pub(crate) origin: &'a str,
    pub(crate) tenant: &'a Tenant,
    pub(crate) user: &'a User,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) email: bool,
    pub(crate) methods: Vec<&'static str>,
}

impl TokenRequest<'_> {
    pub(super) fn tokens(
        &self,
        subject: &Subject<'_>,
        requested: &Requested,
        platform: Option<Platform>,
        from: &Answer<'_>,
    ) -> Result<Response, EntraError> {
        let (state, entra) = (self.at.state, &self.at.state.entra);
        let mut answer = json!({
            "token_type": "Bearer",
            "scope": requested.answer(self.at.version, self.app)?,
            "access_token": sign(state, &self.access_claims(subject, requested)?)?,
        });
        self.add_life(&mut answer, entra.access_token_lifetime(), requested.resource());
        if requested.offline {
            let what = Refreshable {
                tenant: &subject.tenant.id,
                client_id: &self.app.client_id,
                platform,
                account: &subject.account,
                requested,
            };
            let token = entra.grants.issue_refresh(&what, from.previous, self.now);
            answer["refresh_token"] = json!(token);
        }
        if requested.openid {
            let token = IdToken {
                version: self.at.version,
                origin: self.at.origin,
                tenant: subject.tenant,
                user: subject.user,
                client_id: &self.app.client_id,
                nonce: from.nonce,
                email: requested.email,
                methods: subject.account.methods(),
            };
            answer["id_token"] = json!(id_token(state, &token, None)?);
        }
        if self.form.get("client_info").is_some_and(|value| value == "1") {
            answer["client_info"] = json!(client_info(subject.user, subject.tenant));
        }
        Ok(Json(answer).into_response())
    }

    /// How long a token lives; v1 says it in strings, and more of it.
    pub(super) fn add_life(&self, answer: &mut Value, lifetime: u32, resource: &str) {
        match self.at.version {
            Version::V2 => {
                answer["expires_in"] = json!(lifetime);
                answer["ext_expires_in"] = json!(lifetime);
            }
            Version::V1 => {
                let now = self.now.as_second();
                answer["expires_in"] = json!(lifetime.to_string());
                answer["ext_expires_in"] = json!(lifetime.to_string());
                answer["expires_on"] = json!((now + i64::from(lifetime)).to_string());
                answer["not_before"] = json!(now.to_string());
                answer["resource"] = json!(resource);
            }
        }
    }

    fn access_claims(&self, subject: &Subject<'_>, asked: &Requested) -> Result<Value, EntraError> {
        let (now, entra) = (self.now.as_second(), &self.at.state.entra);
        let (tenant, user) = (subject.tenant, subject.user);
        Ok(json!({
            "aud": asked.resource(),
            "iss": issuer(Version::V1, self.at.origin, &tenant.id),
            "iat": now,
            "nbf": now,
            "exp": now + i64::from(entra.access_token_lifetime()),
            "acr": "1",
            "amr": subject.account.methods(),
            "appid": self.app.client_id,
            "appidacr": self.proof.appidacr(),
            "family_name": user.family_name,
            "given_name": user.given_name,
            "ipaddr": "127.0.0.1",
            "name": user.display_name(),
            "oid": user.id,
            "scp": asked.names(self.app)?.join(" "),
            "sub": pairwise(user, asked.api().app_id()),
            "tid": tenant.id,
            "unique_name": user.name,
            "upn": user.name,
            "uti": uuid::Uuid::new_v4().simple().to_string(),
            "ver": "1.0",
            "xms_emulator_generation": entra.generation(),
        }))
    }
}

/// An id token; beside a code it binds that by `c_hash`.
pub(crate) fn id_token(
    state: &State,
    token: &IdToken<'_>,
    code: Option<&str>,
) -> Result<String, EntraError> {
    let (now, user) = (state.entra.now().as_second(), token.user);
    let mut claims = json!({
        "aud": token.client_id,
        "iss": issuer(token.version, token.origin, &token.tenant.id),
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "name": user.display_name(),
        "oid": user.id,
        "preferred_username": user.name,
        "sub": pairwise(user, token.client_id),
        "tid": token.tenant.id,
        "uti": uuid::Uuid::new_v4().simple().to_string(),
    });
    match token.version {
        Version::V1 => {
            claims["ver"] = json!("1.0");
            claims["amr"] = json!(token.methods);
            claims["family_name"] = json!(user.family_name);
            claims["given_name"] = json!(user.given_name);
            claims["unique_name"] = json!(user.name);
            claims["upn"] = json!(user.name);
        }
        Version::V2 => claims["ver"] = json!("2.0"),
    }
    if token.email {
        claims["email"] = json!(user.name);
    }
    if let Some(nonce) = token.nonce {
        claims["nonce"] = json!(nonce);
    }
    if let Some(code) = code {
        // OpenID Connect Core 3.3.2.11: the left half of the hash.
        claims["c_hash"] = json!(URL_SAFE_NO_PAD.encode(&Sha256::digest(code)[..16]));
    }
    sign(state, &claims)
}

/// `sub`: a user as one app or API knows them, which no other can compare.
fn pairwise(user: &User, sector: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{sector}:{}", user.id)))
}

/// What MSAL identifies an account by.
pub(crate) fn client_info(user: &User, tenant: &Tenant) -> String {
    URL_SAFE_NO_PAD.encode(json!({"uid": user.id, "utid": tenant.id}).to_string())
}

pub(crate) fn sign(state: &State, claims: &Value) -> Result<String, EntraError> {
    state.entra.key.sign(claims).map_err(|error| {
        tracing::error!(%error, "the emulator could not sign a token");
        EntraError::fault(StatusCode::SERVICE_UNAVAILABLE)
    })
}
