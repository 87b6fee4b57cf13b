//! How an authorization ends: a redirect or a posting form to the app, or a page where there is nobody to tell.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::flow::Flow;
use crate::entra::errors::EntraError;
use crate::entra::grants::{Authorization, Destination, Prompt, ResponseMode};
use crate::entra::pages;
use crate::entra::registry::{Tenant, User};
use crate::entra::token::{IdToken, client_info, id_token};

type Fields = Vec<(&'static str, String)>;

pub(super) fn lost() -> Response {
    let message = "This sign-in is over or took too long. Go back to the app and start again.";
    (StatusCode::BAD_REQUEST, pages::error(message)).into_response()
}

pub(super) fn error_page(error: &EntraError) -> Response {
    (StatusCode::BAD_REQUEST, pages::error(&error.summary())).into_response()
}

/// A code, an id token, or both.
pub(super) fn with_success(
    flow: &Flow<'_>,
    authorization: &Authorization,
    tenant: &Tenant,
    user: &User,
) -> Response {
    let Destination::App { kind, .. } = &authorization.destination else {
        return lost();
    };
    let mut fields: Fields = Vec::new();
    if kind.code {
        let code = flow.state.entra.grants.issue_code(authorization.clone(), flow.now);
        fields.push(("code", code));
    }
    if kind.id_token {
        let code = fields.first().map(|(_, code)| code.as_str());
        match id_token(flow.state, &answered(authorization, tenant, user), code) {
            Ok(token) => fields.push(("id_token", token)),
            Err(error) => return with_error(authorization, &error),
        }
    }
    if authorization.client_info {
        fields.push(("client_info", client_info(user, tenant)));
    }
    if authorization.prompt == Prompt::AdminConsent {
        fields.push(("admin_consent", "True".to_owned()));
    }
    fields.push(("session_state", uuid::Uuid::new_v4().to_string()));
    send(authorization, fields)
}

fn answered<'a>(
    authorization: &'a Authorization,
    tenant: &'a Tenant,
    user: &'a User,
) -> IdToken<'a> {
    IdToken {
        version: authorization.version,
        origin: &authorization.origin,
        tenant,
        user,
        client_id: &authorization.client_id,
        nonce: authorization.nonce.as_deref(),
        email: authorization.requested.as_ref().is_some_and(|requested| requested.email),
        methods: authorization.account.as_ref().map(|a| a.methods()).unwrap_or_default(),
    }
}

/// Word to the app that an administrator consented for the organisation.
///
/// Source: learn.microsoft.com/entra/identity-platform/v2-admin-consent
pub(super) fn with_admin_consent(flow: &Flow<'_>, authorization: &Authorization) -> Response {
    let Some((tenant, _, app)) = flow.parties(authorization) else {
        return lost();
    };
    let mut fields: Fields =
        vec![("admin_consent", "True".to_owned()), ("tenant", tenant.id.clone())];
    let scope =
        authorization.requested.as_ref().map(|asked| asked.answer(authorization.version, app));
    if let Some(Ok(scope)) = scope {
        fields.push(("scope", scope));
    }
    send(authorization, fields)
}

pub(super) fn with_error(authorization: &Authorization, error: &EntraError) -> Response {
    let mut fields =
        vec![("error", error.error.to_owned()), ("error_description", error.summary())];
    match &authorization.destination {
        Destination::Device { .. } => return error_page(error),
        Destination::AdminConsent { .. } => {
            fields.push(("admin_consent", "True".to_owned()));
            fields.push(("tenant", authorization.asked_tenant.clone()));
        }
        Destination::App { .. } => {
            let page = format!("https://login.microsoftonline.com/error?code={}", error.code);
            fields.push(("error_uri", page));
        }
    }
    send(authorization, fields)
}

fn send(authorization: &Authorization, mut fields: Fields) -> Response {
    let (redirect_uri, mode) = match &authorization.destination {
        Destination::App { redirect_uri, mode, .. } => (redirect_uri, *mode),
        Destination::AdminConsent { redirect_uri } => (redirect_uri, ResponseMode::Query),
        Destination::Device { .. } => return lost(),
    };
    if let Some(state) = &authorization.state {
        fields.push(("state", state.clone()));
    }
    if mode == ResponseMode::FormPost {
        return pages::form_post(redirect_uri, &fields).into_response();
    }
    let Ok(mut target) = url::Url::parse(redirect_uri) else {
        return lost();
    };
    if mode == ResponseMode::Fragment {
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        target.set_fragment(Some(&encoded.extend_pairs(&fields).finish()));
    } else {
        target.query_pairs_mut().extend_pairs(&fields);
    }
    (StatusCode::FOUND, [(header::LOCATION, String::from(target))]).into_response()
}
