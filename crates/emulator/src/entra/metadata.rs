//! OpenID discovery and the key set, with the issuer of the origin that was asked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, State as AxumState};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Version;
use super::errors::EntraError;
use crate::server::Origin;
use crate::state::State;

pub(crate) async fn discovery_v1(
    state: AxumState<Arc<State>>,
    tenant: Path<String>,
    origin: Extension<Origin>,
) -> Result<Response, EntraError> {
    discovery(&state, Version::V1, &tenant, &origin.0.0)
}

pub(crate) async fn discovery_v2(
    state: AxumState<Arc<State>>,
    tenant: Path<String>,
    origin: Extension<Origin>,
) -> Result<Response, EntraError> {
    discovery(&state, Version::V2, &tenant, &origin.0.0)
}

pub(crate) async fn keys(AxumState(state): AxumState<Arc<State>>) -> Response {
    Json(state.entra.key.jwks()).into_response()
}

/// The `iss` of tokens of a tenant.
pub(crate) fn issuer(version: Version, origin: &str, tenant: &str) -> String {
    match version {
        Version::V1 => format!("{origin}/{tenant}/"),
        Version::V2 => format!("{origin}/{tenant}/v2.0"),
    }
}

fn discovery(
    state: &State,
    version: Version,
    tenant: &str,
    origin: &str,
) -> Result<Response, EntraError> {
    let found = state.entra.directory.tenant(tenant);
    let tenant = found.ok_or_else(|| EntraError::no_tenant(tenant))?;
    let base = format!("{origin}/{}", tenant.id);
    let infix = match version {
        Version::V1 => "",
        Version::V2 => "v2.0/",
    };
    let document = json!({
        "issuer": issuer(version, origin, &tenant.id),
        "authorization_endpoint": format!("{base}/oauth2/{infix}authorize"),
        "token_endpoint": format!("{base}/oauth2/{infix}token"),
        "jwks_uri": format!("{base}/discovery/{infix}keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid",
            "oid", "ver"
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": "emulator",
    });
    Ok(Json(document).into_response())
}
