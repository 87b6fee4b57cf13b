//! The page on which a user enters the code that a device shows.

use axum::extract::{Extension, Form, Path, RawQuery, State as AxumState};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::Shared;
use super::flow::Flow;
use super::request::Parameters;
use crate::entra::grants::{Authorization, Destination, Prompt};
use crate::entra::pages;
use crate::server::Origin;

pub(super) async fn page(tenant: Path<String>, query: RawQuery) -> Response {
    let query = query.0.unwrap_or_default();
    let code = Parameters::parse(&query).owned("otc").unwrap_or_default();
    pages::device_code(&tenant, &code, None).into_response()
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    otc: String,
}

pub(super) async fn entered(
    AxumState(state): Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> Response {
    let directory = state.entra.directory.read();
    let flow = Flow::new(&state, &directory, &headers);
    let Some(request) = state.entra.grants.device_request(&form.otc, flow.now) else {
        let message = "That code didn't work. Check the code and try again.";
        return pages::device_code(&tenant, &form.otc, Some(message)).into_response();
    };
    flow.begin(Authorization {
        version: request.version,
        asked_tenant: request.tenant,
        client_id: request.client_id,
        destination: Destination::Device { user_code: form.otc.trim().to_uppercase() },
        state: None,
        requested: Some(request.requested),
        nonce: None,
        challenge: None,
        // Somebody else may have sent the code: it is never taken without a look at who signs in.
        prompt: Prompt::SelectAccount,
        login_hint: None,
        client_info: false,
        origin: origin.0.0,
        account: None,
    })
}
