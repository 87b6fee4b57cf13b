//! The admin consent endpoint: an administrator grants an app its permissions for the whole organisation.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-admin-consent

use axum::extract::{Extension, Path, RawQuery};
use axum::response::Response;
use http::HeaderMap;

use super::flow::Flow;
use super::request::{Parameters, client, redirect_uri};
use super::{Shared, answer};
use crate::entra::Version;
use crate::entra::errors::EntraError;
use crate::entra::grants::{Authorization, Destination, Prompt};
use crate::entra::registry::Directory;
use crate::entra::scope::Requested;
use crate::server::Origin;
use crate::state::State;

pub(super) async fn v1(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    begin(&state, Version::V1, &tenant, &origin.0.0, &headers, &query.0.unwrap_or_default())
}

pub(super) async fn v2(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    begin(&state, Version::V2, &tenant, &origin.0.0, &headers, &query.0.unwrap_or_default())
}

fn begin(
    state: &State,
    version: Version,
    tenant: &str,
    origin: &str,
    headers: &HeaderMap,
    query: &str,
) -> Response {
    let directory = state.entra.directory.read();
    match read(&directory, version, tenant, origin, &Parameters::parse(query)) {
        Ok(authorization) => Flow::new(state, &directory, headers).begin(authorization),
        Err(error) => answer::error_page(&error),
    }
}

fn read(
    directory: &Directory,
    version: Version,
    tenant: &str,
    origin: &str,
    parameters: &Parameters<'_>,
) -> Result<Authorization, EntraError> {
    let app = client(directory, tenant, parameters)?;
    let (redirect_uri, _) = redirect_uri(app, parameters)?;
    let requested = match version {
        Version::V1 => None,
        Version::V2 => parameters.get("scope").map(Requested::from_scope).transpose()?,
    };
    if let Some(requested) = &requested {
        requested.permissions(app)?;
    }
    Ok(Authorization {
        version,
        asked_tenant: tenant.to_owned(),
        client_id: app.client_id.clone(),
        destination: Destination::AdminConsent { redirect_uri },
        state: parameters.owned("state"),
        requested,
        nonce: None,
        challenge: None,
        prompt: Prompt::AsNeeded,
        login_hint: parameters.owned("login_hint"),
        client_info: false,
        origin: origin.to_owned(),
        account: None,
    })
}
