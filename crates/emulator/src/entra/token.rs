//! The token endpoints, v1 and v2: a code or a refresh token against tokens.
//!
//! v1 and v2 differ in how the API is named (`resource`, `scope`) and in the types of the answer.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State as AxumState};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::Version;
use super::client::{authenticate, check_verifier, credentials};
use super::errors::EntraError;
use super::grants::Authorization;
use super::metadata::issuer;
use super::registry::{App, Tenant, User};
use super::scope::Requested;
use crate::server::Origin;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(crate) async fn v1(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, EntraError> {
    TokenRequest::read(&state, Version::V1, &tenant, origin.0.0, &headers, &body)?.answer()
}

pub(crate) async fn v2(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, EntraError> {
    TokenRequest::read(&state, Version::V2, &tenant, origin.0.0, &headers, &body)?.answer()
}

struct TokenRequest<'s> {
    state: &'s State,
    version: Version,
    tenant: &'s Tenant,
    origin: String,
    form: HashMap<String, String>,
    app: &'s App,
}

impl<'s> TokenRequest<'s> {
    /// Reads the form and authenticates the client, before anything of a grant is looked at.
    fn read(
        state: &'s State,
        version: Version,
        tenant: &str,
        origin: String,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, EntraError> {
        let found = state.entra.directory.tenant(tenant);
        let tenant = found.ok_or_else(|| EntraError::no_tenant(tenant))?;
        let mut form: HashMap<String, String> =
            url::form_urlencoded::parse(body).into_owned().collect();
        form.retain(|_, value| !value.is_empty());
        if !form.contains_key("grant_type") {
            return Err(EntraError::missing("grant_type"));
        }
        let (client_id, secrets) = credentials(headers, &form)?;
        let app = tenant.app(&client_id).ok_or_else(|| EntraError::no_app(&client_id))?;
        authenticate(app, &secrets)?;
        Ok(Self { state, version, tenant, origin, form, app })
    }

    fn answer(&self) -> Result<Response, EntraError> {
        match self.need("grant_type")? {
            "authorization_code" => self.redeem_code(),
            "refresh_token" => self.refresh(),
            other => {
                let message = format!("The app requested an unsupported grant type '{other}'.");
                Err(EntraError::new("unsupported_grant_type", 70003, message))
            }
        }
    }

    fn need(&self, name: &str) -> Result<&str, EntraError> {
        self.form.get(name).map(String::as_str).ok_or_else(|| EntraError::missing(name))
    }

    fn redeem_code(&self) -> Result<Response, EntraError> {
        let code = self.need("code")?;
        let authorization = self.state.entra.grants.look_at_code(code)?;
        self.check_bound(&authorization.tenant, &authorization.client_id)?;
        if self.need("redirect_uri")? != authorization.redirect_uri {
            let message = "The reply address does not match the reply address provided when \
                           requesting the authorization code.";
            return Err(EntraError::invalid_grant(500_112, message));
        }
        let verifier = self.form.get("code_verifier").map(String::as_str);
        check_verifier(authorization.challenge.as_ref(), verifier)?;
        let requested = self.requested(authorization.requested.as_ref())?;
        let user = self.user(authorization.user.as_deref().unwrap_or_default())?;
        let granted_offline = authorization.requested.as_ref().is_some_and(|asked| asked.offline);
        let requested = Requested {
            offline: requested.offline || granted_offline,
            openid: requested.openid
                || authorization.requested.as_ref().is_some_and(|asked| asked.openid),
            ..requested
        };
        self.state.entra.grants.redeem(code)?;
        self.tokens(user, &requested, Some(&authorization), None)
    }

    fn refresh(&self) -> Result<Response, EntraError> {
        let token = self.need("refresh_token")?;
        let grant = self.state.entra.grants.look_at_refresh(token)?;
        self.check_bound(&grant.tenant, &grant.client_id)?;
        let requested = self.requested(Some(&grant.requested))?;
        let user = self.user(&grant.user)?;
        // Entra ID goes on giving refresh tokens whether or not the scope names them again.
        let requested = Requested { offline: true, ..requested };
        self.tokens(user, &requested, None, Some(token))
    }

    fn check_bound(&self, tenant: &str, client_id: &str) -> Result<(), EntraError> {
        if tenant == self.tenant.id && client_id == self.app.client_id {
            return Ok(());
        }
        let message = "The provided grant was issued to another client or by another tenant.";
        Err(EntraError::invalid_grant(700_005, message))
    }

    fn user(&self, id: &str) -> Result<&'s User, EntraError> {
        let missing = || EntraError::invalid_grant(50034, "The user account does not exist.");
        self.tenant.user(id).ok_or_else(missing)
    }

    /// What this request asks for: its own `resource` or `scope`, else what was granted.
    fn requested(&self, granted: Option<&Requested>) -> Result<Requested, EntraError> {
        match self.version {
            Version::V1 => {
                let own = self.form.get("resource").map(|text| Requested::from_resource(text));
                let own = own.transpose()?;
                let same = |own: &Requested, granted: &Requested| {
                    own.resource.trim_end_matches('/') == granted.resource.trim_end_matches('/')
                };
                let by_code = self.form.contains_key("code");
                match (own, granted) {
                    (Some(own), Some(granted)) if by_code && !same(&own, granted) => {
                        let message = "The resource in the request does not match the resource \
                                       in the provided authorization code.";
                        Err(EntraError::invalid_grant(70000, message))
                    }
                    (Some(own), _) => Ok(own),
                    (None, Some(granted)) => Ok(granted.clone()),
                    (None, None) => Err(EntraError::missing("resource")),
                }
            }
            Version::V2 => match (self.form.get("scope"), granted) {
                (Some(scope), granted) => {
                    let own = Requested::from_scope(scope)?;
                    // A scope of OpenID words only keeps the API that was granted.
                    Ok(match granted {
                        Some(granted) if own.api_scopes.is_empty() => granted.clone(),
                        _ => own,
                    })
                }
                (None, Some(granted)) => Ok(granted.clone()),
                (None, None) => Err(EntraError::missing("scope")),
            },
        }
    }

    fn tokens(
        &self,
        user: &User,
        requested: &Requested,
        authorization: Option<&Authorization>,
        previous: Option<&str>,
    ) -> Result<Response, EntraError> {
        let entra = &self.state.entra;
        let lifetime = entra.access_token_lifetime();
        let now = jiff::Timestamp::now().as_second();
        let mut answer = json!({
            "token_type": "Bearer",
            "scope": requested.answer(self.version),
            "access_token": self.sign(&self.access_claims(user, requested, now, lifetime))?,
        });
        match self.version {
            Version::V2 => {
                answer["expires_in"] = json!(lifetime);
                answer["ext_expires_in"] = json!(lifetime);
            }
            Version::V1 => {
                answer["expires_in"] = json!(lifetime.to_string());
                answer["ext_expires_in"] = json!(lifetime.to_string());
                answer["expires_on"] = json!((now + i64::from(lifetime)).to_string());
                answer["not_before"] = json!(now.to_string());
                answer["resource"] = json!(requested.resource);
            }
        }
        if requested.offline {
            let (tenant, client) = (&self.tenant.id, &self.app.client_id);
            let token = entra.grants.issue_refresh(tenant, client, &user.id, requested, previous);
            answer["refresh_token"] = json!(token);
        }
        if requested.openid {
            let nonce = authorization.and_then(|authorization| authorization.nonce.as_deref());
            answer["id_token"] = json!(self.sign(&self.id_claims(user, nonce, now))?);
        }
        if self.form.get("client_info").is_some_and(|value| value == "1") {
            let info = json!({"uid": user.id, "utid": self.tenant.id}).to_string();
            answer["client_info"] = json!(URL_SAFE_NO_PAD.encode(info));
        }
        let headers = [("cache-control", "no-store, no-cache"), ("pragma", "no-cache")];
        Ok((StatusCode::OK, headers, Json(answer)).into_response())
    }

    fn access_claims(&self, user: &User, asked: &Requested, now: i64, lifetime: u32) -> Value {
        json!({
            "aud": asked.resource,
            "iss": issuer(self.version, &self.origin, &self.tenant.id),
            "iat": now,
            "nbf": now,
            "exp": now + i64::from(lifetime),
            "appid": self.app.client_id,
            "name": user.display_name(),
            "oid": user.id,
            "scp": "user_impersonation",
            "sub": user.id,
            "tid": self.tenant.id,
            "unique_name": user.name,
            "upn": user.name,
            "uti": uuid::Uuid::new_v4().simple().to_string(),
            "ver": "1.0",
            "xms_emulator_generation": self.state.entra.generation(),
        })
    }

    fn id_claims(&self, user: &User, nonce: Option<&str>, now: i64) -> Value {
        let mut claims = json!({
            "aud": self.app.client_id,
            "iss": issuer(self.version, &self.origin, &self.tenant.id),
            "iat": now,
            "nbf": now,
            "exp": now + 3599,
            "name": user.display_name(),
            "oid": user.id,
            "preferred_username": user.name,
            "sub": user.id,
            "tid": self.tenant.id,
            "ver": match self.version { Version::V1 => "1.0", Version::V2 => "2.0" },
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        claims
    }

    fn sign(&self, claims: &Value) -> Result<String, EntraError> {
        self.state.entra.key.sign(claims).map_err(|error| {
            tracing::error!(%error, "the emulator could not sign a token");
            EntraError::fault(StatusCode::SERVICE_UNAVAILABLE)
        })
    }
}
