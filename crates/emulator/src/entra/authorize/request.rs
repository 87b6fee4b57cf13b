//! Reading an authorization request.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and v2-protocols-oidc

use std::borrow::Cow;

use crate::entra::Version;
use crate::entra::errors::EntraError;
use crate::entra::grants::{
    Authorization, Challenge, Destination, Prompt, ResponseMode, ResponseType,
};
use crate::entra::registry::{App, Directory, Platform};
use crate::entra::scope::Requested;
use crate::entra::token::is_any_tenant;

/// The request's parameters; of a repeated one the first counts, an empty one is not there.
pub(super) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    pub(super) fn parse(query: &'a str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, EntraError> {
        self.get(name).ok_or_else(|| EntraError::missing(name))
    }
}

/// A request whose app and redirect URI belong together, and what else is wrong with it: that may be told to the app.
pub(super) struct Asked {
    pub(super) authorization: Authorization,
    pub(super) fault: Option<EntraError>,
}

pub(super) fn read(
    directory: &Directory,
    version: Version,
    tenant: &str,
    origin: &str,
    parameters: &Parameters<'_>,
) -> Result<Asked, EntraError> {
    let app = client(directory, tenant, parameters)?;
    let (redirect_uri, platform) = redirect_uri(app, parameters)?;
    let mut authorization = Authorization {
        version,
        asked_tenant: tenant.to_owned(),
        client_id: app.client_id.clone(),
        destination: Destination::App {
            redirect_uri,
            platform,
            mode: ResponseMode::Query,
            kind: ResponseType::default(),
        },
        state: parameters.owned("state"),
        requested: None,
        nonce: parameters.owned("nonce"),
        challenge: None,
        prompt: Prompt::AsNeeded,
        login_hint: parameters.owned("login_hint"),
        client_info: parameters.get("client_info") == Some("1"),
        origin: origin.to_owned(),
        account: None,
    };
    let fault = complete(&mut authorization, app, parameters).err();
    Ok(Asked { authorization, fault })
}

/// The app that asks, where it may ask at this tenant.
pub(super) fn client<'d>(
    directory: &'d Directory,
    tenant: &str,
    parameters: &Parameters<'_>,
) -> Result<&'d App, EntraError> {
    let known = directory.tenant(tenant);
    if known.is_none() && !is_any_tenant(tenant) {
        return Err(EntraError::no_tenant(tenant));
    }
    let client_id = parameters.need("client_id")?;
    let no_app = || EntraError::no_app(client_id);
    match known {
        Some(tenant) => directory.app_in(tenant, client_id).ok_or_else(no_app),
        None => {
            let (_, app) = directory.app_anywhere(client_id).ok_or_else(no_app)?;
            let refused = || EntraError::not_multi_tenant(tenant, client_id);
            app.multi_tenant.then_some(app).ok_or_else(refused)
        }
    }
}

/// The registered redirect URI of a request.
pub(super) fn redirect_uri(
    app: &App,
    parameters: &Parameters<'_>,
) -> Result<(String, Platform), EntraError> {
    let uri = parameters.need("redirect_uri")?;
    match app.redirect_uris.platform_of(uri) {
        Some(platform) => Ok((uri.to_owned(), platform)),
        None => {
            let message = format!(
                "The redirect URI '{uri}' specified in the request does not match the redirect \
                 URIs configured for the application '{}'.",
                app.client_id
            );
            Err(EntraError::new("invalid_request", 50011, message))
        }
    }
}

/// Checks what may be answered to the app by redirect.
fn complete(
    authorization: &mut Authorization,
    app: &App,
    parameters: &Parameters<'_>,
) -> Result<(), EntraError> {
    let asked = response_type(app, parameters);
    let wanted_mode = response_mode(parameters);
    if let Destination::App { mode, kind, .. } = &mut authorization.destination {
        // Faults, too, come back in the way that was asked for.
        *mode = wanted_mode.clone()?.unwrap_or(ResponseMode::Query);
        *kind = asked?;
        if kind.id_token {
            *mode = wanted_mode?.unwrap_or(ResponseMode::Fragment);
            if *mode == ResponseMode::Query {
                let message = "'response_mode' 'query' is not supported for 'id_token'.";
                *mode = ResponseMode::Fragment;
                return Err(EntraError::new("invalid_request", 70007, message));
            }
            parameters.need("nonce")?;
        }
    }
    authorization.prompt = prompt(parameters)?;
    authorization.challenge = challenge(parameters)?;
    if authorization.platform() == Some(Platform::Spa) && authorization.challenge.is_none() {
        let message = "Proof Key for Code Exchange is required for cross-origin authorization code \
                       redemption.";
        return Err(EntraError::new("invalid_request", 9_002_325, message));
    }
    authorization.requested = match authorization.version {
        Version::V1 => parameters.get("resource").map(Requested::from_resource).transpose()?,
        Version::V2 => Some(Requested::from_scope(parameters.need("scope")?)?),
    };
    if let Some(requested) = &authorization.requested {
        requested.permissions(app)?;
    }
    Ok(())
}

fn response_mode(parameters: &Parameters<'_>) -> Result<Option<ResponseMode>, EntraError> {
    match parameters.get("response_mode") {
        None => Ok(None),
        Some("query") => Ok(Some(ResponseMode::Query)),
        Some("fragment") => Ok(Some(ResponseMode::Fragment)),
        Some("form_post") => Ok(Some(ResponseMode::FormPost)),
        Some(other) => {
            let message = format!("The provided value '{other}' for 'response_mode' is not valid.");
            Err(EntraError::new("invalid_request", 70007, message))
        }
    }
}

fn response_type(app: &App, parameters: &Parameters<'_>) -> Result<ResponseType, EntraError> {
    let asked = parameters.need("response_type")?;
    let mut kind = ResponseType::default();
    for word in asked.split_whitespace() {
        match word {
            "code" => kind.code = true,
            "id_token" if app.id_tokens => kind.id_token = true,
            "id_token" => {
                let message =
                    "response_type 'id_token' is not enabled for the application.".to_owned();
                return Err(EntraError::new("unsupported_response_type", 700_054, message));
            }
            other => {
                let message =
                    format!("response_type '{other}' is not enabled for the application.");
                return Err(EntraError::new("unsupported_response_type", 700_051, message));
            }
        }
    }
    Ok(kind)
}

fn prompt(parameters: &Parameters<'_>) -> Result<Prompt, EntraError> {
    match parameters.get("prompt") {
        None => Ok(Prompt::AsNeeded),
        Some("none") => Ok(Prompt::None),
        Some("login") => Ok(Prompt::Login),
        Some("select_account") => Ok(Prompt::SelectAccount),
        Some("consent") => Ok(Prompt::Consent),
        Some("admin_consent") => Ok(Prompt::AdminConsent),
        Some(other) => {
            let message = format!("Unsupported 'prompt' value '{other}'.");
            Err(EntraError::new("invalid_request", 90023, message))
        }
    }
}

fn challenge(parameters: &Parameters<'_>) -> Result<Option<Challenge>, EntraError> {
    let Some(value) = parameters.owned("code_challenge") else {
        return Ok(None);
    };
    let s256 = match parameters.get("code_challenge_method") {
        Some("S256") => true,
        None | Some("plain") => false,
        Some(other) => {
            let message = format!("Transform algorithm '{other}' is not supported.");
            return Err(EntraError::new("invalid_request", 501_491, message));
        }
    };
    Ok(Some(Challenge { value, s256 }))
}
