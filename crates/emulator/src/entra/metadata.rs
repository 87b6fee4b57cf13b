//! OpenID discovery, the key set, and what MSAL asks before it signs anybody in; all with the origin that was asked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, State as AxumState};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Version;
use super::errors::EntraError;
use super::token::is_any_tenant;
use crate::server::Origin;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(crate) async fn discovery_v1(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
) -> Result<Response, EntraError> {
    discovery(&state, Version::V1, &tenant, &origin.0.0)
}

pub(crate) async fn discovery_v2(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
) -> Result<Response, EntraError> {
    discovery(&state, Version::V2, &tenant, &origin.0.0)
}

pub(crate) async fn keys(AxumState(state): Shared) -> Response {
    Json(state.entra.key.jwks()).into_response()
}

/// Instance discovery: this origin is an authority of its own and has no other names.
pub(crate) async fn instances(Extension(Origin(origin)): Extension<Origin>) -> Response {
    let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
    let document = json!({
        "tenant_discovery_endpoint": format!("{origin}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    });
    Json(document).into_response()
}

/// Whether a user's password is checked here, which it always is, or by a federated provider.
pub(crate) async fn user_realm(
    AxumState(state): Shared,
    Path((_, user)): Path<(String, String)>,
) -> Response {
    let domain = user.rsplit_once('@').map_or("", |(_, domain)| domain);
    let directory = state.entra.directory.read();
    let kind = if directory.tenant(domain).is_some() { "Managed" } else { "Unknown" };
    let document = json!({
        "ver": "1.0",
        "account_type": kind,
        "domain_name": domain,
        "cloud_instance_name": "emulator",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    });
    Json(document).into_response()
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
    let directory = state.entra.directory.read();
    // For `common` the issuer is a template, which the tenant of a token fills in.
    let (named, issued_by) = match directory.tenant(tenant) {
        Some(tenant) => (tenant.id.clone(), tenant.id.clone()),
        None if is_any_tenant(tenant) => (tenant.to_owned(), "{tenantid}".to_owned()),
        None => return Err(EntraError::no_tenant(tenant)),
    };
    let base = format!("{origin}/{named}");
    let infix = match version {
        Version::V1 => "",
        Version::V2 => "v2.0/",
    };
    let document = json!({
        "issuer": issuer(version, origin, &issued_by),
        "authorization_endpoint": format!("{base}/oauth2/{infix}authorize"),
        "token_endpoint": format!("{base}/oauth2/{infix}token"),
        "device_authorization_endpoint": format!("{base}/oauth2/{infix}devicecode"),
        "end_session_endpoint": format!("{base}/oauth2/{infix}logout"),
        "jwks_uri": format!("{base}/discovery/{infix}keys"),
        "token_endpoint_auth_methods_supported": [
            "client_secret_post", "private_key_jwt", "client_secret_basic"
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["PS256", "RS256"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code", "id_token", "code id_token"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials", "password",
            "urn:ietf:params:oauth:grant-type:device_code"
        ],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "request_uri_parameter_supported": false,
        "http_logout_supported": true,
        "frontchannel_logout_supported": false,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "acr", "amr", "nonce", "preferred_username",
            "name", "email", "tid", "oid", "uti", "ver", "c_hash"
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": "emulator",
    });
    Ok(Json(document).into_response())
}
