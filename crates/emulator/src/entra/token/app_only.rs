//! The grant `client_credentials`: a token for the app itself.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{TokenRequest, sign};
use crate::entra::Version;
use crate::entra::errors::EntraError;
use crate::entra::metadata::issuer;
use crate::entra::scope::Requested;

pub(super) fn no_credential() -> EntraError {
    let message = "'client_assertion' or 'client_secret' is required for the 'client_credentials' \
                   grant type.";
    EntraError::new("invalid_client", 7_000_216, message)
}

impl TokenRequest<'_> {
    pub(super) fn app_only(&self) -> Result<Response, EntraError> {
        let requested = self.requested(None)?;
        let whole = requested.scopes.len() == 1 && requested.scopes[0].permission == ".default";
        if !whole {
            let message = "The provided value for scope is not valid. Client credential flows must \
                           have a scope value with /.default suffixed to the resource identifier \
                           (application ID URI).";
            return Err(EntraError::new("invalid_scope", 1_002_012, message));
        }
        let tenant = self
            .tenant
            .ok_or_else(|| EntraError::not_multi_tenant(self.at.tenant, &self.app.client_id))?;
        let token = sign(self.at.state, &self.app_claims(&tenant.id, &requested))?;
        let lifetime = self.at.state.entra.access_token_lifetime();
        let mut answer = json!({"token_type": "Bearer", "access_token": token});
        self.add_life(&mut answer, lifetime, requested.resource());
        Ok(Json(answer).into_response())
    }

    fn app_claims(&self, tenant: &str, requested: &Requested) -> serde_json::Value {
        let (now, entra) = (self.now.as_second(), &self.at.state.entra);
        let oid = self.app.service_principal(tenant);
        let issuer = issuer(Version::V1, self.at.origin, tenant);
        json!({
            "aud": requested.resource(),
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + i64::from(entra.access_token_lifetime()),
            "appid": self.app.client_id,
            "appidacr": self.proof.appidacr(),
            "app_displayname": self.app.name,
            "idp": issuer,
            "idtyp": "app",
            "oid": oid,
            "sub": oid,
            "tid": tenant,
            "uti": uuid::Uuid::new_v4().simple().to_string(),
            "ver": "1.0",
            "xms_emulator_generation": entra.generation(),
        })
    }
}
