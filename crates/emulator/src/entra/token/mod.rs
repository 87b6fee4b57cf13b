//! The token endpoints, v1 and v2: reading a request, authenticating its client, and choosing the grant.
//!
//! v1 and v2 differ in how the API is named (`resource`, `scope`) and in the types of the answer.

mod answer;
mod app_only;
mod code;
mod device;
mod password;
mod refresh;
mod subject;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State as AxumState};
use axum::response::Response;
use http::HeaderMap;
use jiff::Timestamp;

use super::Version;
use super::client::{Form, Proof, authenticate, presented};
use super::errors::{EntraError, mark};
use super::registry::{App, Directory, Platform, Tenant};
use super::scope::Requested;
use crate::server::Origin;
use crate::state::State;

use answer::sign;
pub(crate) use answer::{IdToken, client_info, id_token};
pub(crate) use device::{device_code_v1, device_code_v2};

type Shared = AxumState<Arc<State>>;

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(crate) async fn v1(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&state, Version::V1, &tenant, &origin.0.0, &headers, &body)
}

pub(crate) async fn v2(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&state, Version::V2, &tenant, &origin.0.0, &headers, &body)
}

fn respond(
    state: &State,
    version: Version,
    tenant: &str,
    origin: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let directory = state.entra.directory.read();
    let at = Endpoint { state, directory: &directory, version, tenant, origin };
    let answer = at.request(headers, body).and_then(|request| request.answer(headers));
    finish(state, headers, answer)
}

/// What every answer of these endpoints gets.
pub(super) fn finish(
    state: &State,
    headers: &HeaderMap,
    answer: Result<Response, EntraError>,
) -> Response {
    match answer {
        Ok(mut response) => {
            mark(&mut response, headers, uuid::Uuid::new_v4());
            response
        }
        Err(error) => error.answer(headers, state.entra.now()),
    }
}

/// The endpoint that was asked.
#[derive(Clone, Copy)]
pub(super) struct Endpoint<'d> {
    pub(super) state: &'d State,
    pub(super) directory: &'d Directory,
    pub(super) version: Version,
    /// The tenant as the address names it.
    pub(super) tenant: &'d str,
    pub(super) origin: &'d str,
}

/// A token request whose client has proven itself.
struct TokenRequest<'d> {
    at: Endpoint<'d>,
    /// `None` for `common` and `organizations`: then it is the user's.
    tenant: Option<&'d Tenant>,
    form: Form,
    app: &'d App,
    proof: Proof,
    now: Timestamp,
}

impl<'d> Endpoint<'d> {
    /// The tenant, unless any is meant, and the app as seen from there.
    pub(super) fn client(
        &self,
        client_id: &str,
    ) -> Result<(Option<&'d Tenant>, &'d App), EntraError> {
        if is_any_tenant(self.tenant) {
            let found = self.directory.app_anywhere(client_id);
            let (_, app) = found.ok_or_else(|| EntraError::no_app(client_id))?;
            if !app.multi_tenant {
                return Err(EntraError::not_multi_tenant(self.tenant, client_id));
            }
            return Ok((None, app));
        }
        let tenant = self.directory.tenant(self.tenant);
        let tenant = tenant.ok_or_else(|| EntraError::no_tenant(self.tenant))?;
        let app = self.directory.app_in(tenant, client_id);
        Ok((Some(tenant), app.ok_or_else(|| EntraError::no_app(client_id))?))
    }

    /// Reads the form and authenticates the client, before anything of a grant is told.
    fn request(self, headers: &HeaderMap, body: &[u8]) -> Result<TokenRequest<'d>, EntraError> {
        if !is_any_tenant(self.tenant) && self.directory.tenant(self.tenant).is_none() {
            return Err(EntraError::no_tenant(self.tenant));
        }
        let form = form(body);
        let grant_type = form.get("grant_type").ok_or_else(|| EntraError::missing("grant_type"))?;
        let (client_id, credential) = presented(headers, &form)?;
        let (tenant, app) = self.client(&client_id)?;
        let now = self.state.entra.now();
        let platform = self.platform(grant_type, &form, now);
        if grant_type == "client_credentials"
            && matches!(credential, super::client::Credential::None)
        {
            return Err(app_only::no_credential());
        }
        let proof = authenticate(app, &credential, platform, tenant, now)?;
        Ok(TokenRequest { at: self, tenant, form, app, proof, now })
    }

    /// The kind of app that the grant was given to.
    fn platform(&self, grant_type: &str, form: &Form, now: Timestamp) -> Option<Platform> {
        let grants = &self.state.entra.grants;
        match grant_type {
            "authorization_code" => {
                let authorization = grants.look_at_code(form.get("code")?, now).ok()?;
                authorization.platform()
            }
            "refresh_token" => grants.platform_of_refresh(form.get("refresh_token")?),
            _ => None,
        }
    }
}

impl TokenRequest<'_> {
    fn answer(&self, headers: &HeaderMap) -> Result<Response, EntraError> {
        match self.need("grant_type")? {
            "authorization_code" => self.redeem_code(headers),
            "refresh_token" => self.refresh(),
            "client_credentials" => self.app_only(),
            "password" => self.password(),
            "device_code" | DEVICE_GRANT => self.device(),
            other => {
                let message = format!("The app requested an unsupported grant type '{other}'.");
                Err(EntraError::new("unsupported_grant_type", 70003, message))
            }
        }
    }

    fn need(&self, name: &str) -> Result<&str, EntraError> {
        self.form.get(name).map(String::as_str).ok_or_else(|| EntraError::missing(name))
    }

    /// A grant is good for the client that it was given to, in the tenant that gave it.
    fn check_bound(&self, tenant: &str, client_id: &str) -> Result<(), EntraError> {
        let same_tenant = self.tenant.is_none_or(|own| own.id == tenant);
        if same_tenant && client_id == self.app.client_id {
            return Ok(());
        }
        let message = "The provided grant was issued to another client or by another tenant.";
        Err(EntraError::invalid_grant(700_005, message))
    }

    /// What this request asks for: its own `resource` or `scope`, else what was granted.
    fn requested(&self, granted: Option<&Requested>) -> Result<Requested, EntraError> {
        let own = match self.at.version {
            Version::V1 => self.form.get("resource").map(|text| Requested::from_resource(text)),
            Version::V2 => self
                .form
                .get("scope")
                .map(|text| Requested::from_scope(text).and_then(Requested::one_resource)),
        };
        match (own.transpose()?, granted) {
            // A scope of OpenID words only keeps the API that was granted.
            (Some(own), Some(granted)) if own.scopes.is_empty() => {
                Ok(Requested { openid: own.openid || granted.openid, ..granted.first_resource() })
            }
            (Some(own), _) => Ok(own),
            (None, Some(granted)) => Ok(granted.first_resource()),
            (None, None) => Err(EntraError::missing(match self.at.version {
                Version::V1 => "resource",
                Version::V2 => "scope",
            })),
        }
    }
}

/// Names that stand for whatever tenant the user is of.
pub(super) fn is_any_tenant(name: &str) -> bool {
    ["common", "organizations", "consumers"].contains(&name.to_lowercase().as_str())
}

/// A form's fields; an empty one is not there.
pub(super) fn form(body: &[u8]) -> Form {
    let mut form: Form = url::form_urlencoded::parse(body).into_owned().collect();
    form.retain(|_, value| !value.is_empty());
    form
}
