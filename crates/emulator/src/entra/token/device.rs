//! The device code flow: the endpoint that gives out codes, and the grant that polls for what became of one.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde_json::json;

use super::answer::Answer;
use super::{Endpoint, Shared, TokenRequest, finish, form};
use crate::entra::Version;
use crate::entra::errors::EntraError;
use crate::entra::grants::{DEVICE_CODE_LIFE_SECONDS, DeviceRequest, DeviceState};
use crate::entra::scope::Requested;
use crate::server::Origin;

pub(crate) async fn device_code_v1(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = give_code(&state, Version::V1, &tenant, &origin.0.0, &body);
    finish(&state, &headers, answer)
}

pub(crate) async fn device_code_v2(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = give_code(&state, Version::V2, &tenant, &origin.0.0, &body);
    finish(&state, &headers, answer)
}

fn give_code(
    state: &crate::state::State,
    version: Version,
    tenant: &str,
    origin: &str,
    body: &[u8],
) -> Result<Response, EntraError> {
    let directory = state.entra.directory.read();
    let at = Endpoint { state, directory: &directory, version, tenant, origin };
    let form = form(body);
    let need = |name: &str| form.get(name).ok_or_else(|| EntraError::missing(name));
    let (_, app) = at.client(need("client_id")?)?;
    let requested = match version {
        Version::V1 => Requested::from_resource(need("resource")?)?,
        Version::V2 => Requested::from_scope(need("scope")?)?,
    };
    requested.permissions(app)?;
    let request = DeviceRequest {
        version,
        tenant: tenant.to_owned(),
        client_id: app.client_id.clone(),
        requested,
    };
    let (device_code, user_code) = state.entra.grants.issue_device_code(request, state.entra.now());
    let page = format!("{origin}/{tenant}/oauth2/deviceauth");
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {user_code} to \
         authenticate."
    );
    let (life, interval) = match version {
        Version::V1 => (json!(DEVICE_CODE_LIFE_SECONDS.to_string()), json!("5")),
        Version::V2 => (json!(DEVICE_CODE_LIFE_SECONDS), json!(5)),
    };
    let mut answer = json!({
        "user_code": user_code,
        "device_code": device_code,
        "expires_in": life,
        "interval": interval,
        "message": message,
    });
    let name = if version == Version::V1 { "verification_url" } else { "verification_uri" };
    answer[name] = json!(page);
    Ok(Json(answer).into_response())
}

impl TokenRequest<'_> {
    pub(super) fn device(&self) -> Result<Response, EntraError> {
        // v1 calls it `code`.
        let code = self.need("device_code").or_else(|_| self.need("code"));
        let code = code.map_err(|_| EntraError::missing("device_code"))?;
        let grants = &self.at.state.entra.grants;
        let (request, state) = grants.device(code, self.now).ok_or_else(unknown)?;
        let account = match state {
            DeviceState::SignedIn(account) => account,
            DeviceState::Pending => return Err(pending()),
            DeviceState::Declined => {
                return Err(EntraError::declined().called("authorization_declined"));
            }
            DeviceState::Expired => {
                let message = "The verification code has expired. Start the sign-in again.";
                return Err(EntraError::new("expired_token", 70019, message));
            }
        };
        let subject = self.subject(account)?;
        self.check_bound(&subject.tenant.id, &request.client_id)?;
        let requested = request.requested.first_resource();
        self.check_subject(&subject, subject.account.since)?;
        self.check_access(&subject, &requested)?;
        if !grants.redeem_device(code) {
            return Err(unknown());
        }
        self.tokens(&subject, &requested, None, &Answer::default())
    }
}

fn pending() -> EntraError {
    let message = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
    EntraError::new("authorization_pending", 70016, message)
}

fn unknown() -> EntraError {
    EntraError::new("bad_verification_code", 70018, "The device code is not known.")
}
