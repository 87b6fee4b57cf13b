//! What a client asks for: v2 `scope` and v1 `resource`, resolved to APIs and their permissions.
//!
//! There are two APIs: the emulated Dataverse, which goes by the emulator's own loopback addresses, and Microsoft Graph,
//! for which tokens are issued and nothing answers. The port of an address is not compared, so that a client may come
//! through a proxy of a test.

use super::Version;
use super::errors::EntraError;
use super::registry::{Api, App, Permission};
use crate::control::is_loopback;

/// The audience of a Graph token where the client named none.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// A permission of an API, as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The API's address or id as the client wrote it.
    pub(crate) resource: String,
    pub(crate) api: Api,
    /// `.default` for all that is registered.
    pub(crate) permission: String,
}

/// What is asked for: API scopes and the OpenID words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Requested {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) openid: bool,
    pub(crate) profile: bool,
    pub(crate) email: bool,
    pub(crate) offline: bool,
    /// Asked for by v1 `resource`, which stands for everything registered and always brings an id token and a refresh
    /// token.
    pub(crate) by_resource: bool,
}

impl Requested {
    /// v1: a `resource`.
    pub(crate) fn from_resource(resource: &str) -> Result<Self, EntraError> {
        let api = known(resource)?;
        let permission = ".default".to_owned();
        Ok(Self {
            scopes: vec![Scope { resource: resource.to_owned(), api, permission }],
            openid: true,
            profile: true,
            email: false,
            offline: true,
            by_resource: true,
        })
    }

    /// v2: a `scope` list.
    pub(crate) fn from_scope(scope: &str) -> Result<Self, EntraError> {
        let mut requested = Self::default();
        for item in scope.split_whitespace() {
            match item {
                "openid" => requested.openid = true,
                "offline_access" => requested.offline = true,
                "profile" => requested.profile = true,
                "email" => requested.email = true,
                item => requested.scopes.push(parsed(scope, item)?),
            }
        }
        Ok(requested)
    }

    /// Refuses more than one API, as the token endpoint does.
    pub(crate) fn one_resource(self) -> Result<Self, EntraError> {
        if self.scopes.iter().all(|scope| scope.api == self.api()) {
            return Ok(self);
        }
        let message = "Provided value for the input parameter scope is not valid because it \
                       contains more than one resource.";
        Err(EntraError::new("invalid_scope", 28000, message))
    }

    /// The API that a token is for: the first named, else Graph.
    pub(crate) fn api(&self) -> Api {
        self.scopes.first().map_or(Api::Graph, |scope| scope.api)
    }

    /// That API as the client wrote it: the token's audience.
    pub(crate) fn resource(&self) -> &str {
        self.scopes.first().map_or(GRAPH, |scope| &scope.resource)
    }

    /// Only what goes into one token: the scopes of the first API.
    pub(crate) fn first_resource(&self) -> Self {
        let api = self.api();
        let mut first = self.clone();
        first.scopes.retain(|scope| scope.api == api);
        first
    }

    /// Whether everything registered is meant, and so nothing that is not.
    fn is_static(&self) -> bool {
        self.scopes.iter().any(|scope| scope.permission == ".default")
    }

    /// The permissions that these scopes stand for with `app`: AADSTS650057 where a whole API is asked for of which
    /// nothing is registered.
    pub(crate) fn permissions(&self, app: &App) -> Result<Vec<Permission>, EntraError> {
        let mut wanted = Vec::new();
        for scope in &self.scopes {
            if scope.permission != ".default" {
                wanted.push(permission(scope.api, &scope.permission));
                continue;
            }
            let registered = app.permissions.iter().filter(|known| known.api == scope.api);
            let before = wanted.len();
            wanted.extend(registered.map(|known| permission(known.api, &known.name)));
            if wanted.len() == before {
                return Err(not_registered(app, scope));
            }
        }
        Ok(wanted)
    }

    /// All that a consent to this request covers: with `.default` and v1 the app's whole registration.
    pub(crate) fn consents(&self, app: &App) -> Result<Vec<Permission>, EntraError> {
        let mut wanted = self.permissions(app)?;
        if self.is_static() {
            wanted =
                app.permissions.iter().map(|known| permission(known.api, &known.name)).collect();
        }
        Ok(wanted)
    }

    /// Names of the permissions of the token's API, for `scp`.
    pub(crate) fn names(&self, app: &App) -> Result<Vec<String>, EntraError> {
        let api = self.api();
        let mut names: Vec<String> = Vec::new();
        for permission in self.permissions(app)?.into_iter().filter(|found| found.api == api) {
            if !names.contains(&permission.name) {
                names.push(permission.name);
            }
        }
        Ok(names)
    }

    /// The `scope` of an answer.
    pub(crate) fn answer(&self, version: Version, app: &App) -> Result<String, EntraError> {
        let mut words = self.names(app)?;
        if version == Version::V2 {
            if self.api() == Api::Dynamics {
                let resource = self.resource();
                words.iter_mut().for_each(|word| *word = format!("{resource}/{word}"));
                if self.is_static() {
                    words.push(format!("{resource}/.default"));
                }
            }
            let openid = [(self.openid, "openid"), (self.openid, "profile"), (self.email, "email")];
            words.extend(openid.iter().filter(|(asked, _)| *asked).map(|(_, word)| (*word).into()));
        }
        Ok(words.join(" "))
    }
}

fn permission(api: Api, name: &str) -> Permission {
    Permission { api, name: name.to_owned(), admin_consent: false }
}

fn parsed(scope: &str, item: &str) -> Result<Scope, EntraError> {
    let invalid = || {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for \
             the input parameter 'scope' is not valid. The scope '{scope}' is not valid."
        );
        EntraError::new("invalid_scope", 70011, message)
    };
    let (resource, name) = match item.rsplit_once('/') {
        Some((resource, name)) => (resource, name),
        None if permission(Api::Graph, item).exists() => (GRAPH, item),
        None => return Err(invalid()),
    };
    let api = known(resource)?;
    if name != ".default" && !permission(api, name).exists() {
        return Err(invalid());
    }
    Ok(Scope { resource: resource.to_owned(), api, permission: name.to_owned() })
}

fn not_registered(app: &App, scope: &Scope) -> EntraError {
    let listed: Vec<&str> = app.permissions.iter().map(|known| known.api.app_id()).collect();
    let message = format!(
        "Invalid resource. The client has requested access to a resource which is not listed in \
         the requested permissions in the client's application registration. Client app ID: {} \
         ({}). Resource value from request: {}. Resource app ID: {}. List of valid resources from \
         app registration: {}.",
        app.client_id,
        app.name,
        scope.resource,
        scope.api.app_id(),
        listed.join(", ")
    );
    EntraError::new("invalid_resource", 650_057, message)
}

/// Whether `resource` names the emulated Dataverse.
pub(crate) fn is_dataverse(resource: &str) -> bool {
    url::Url::parse(resource)
        .is_ok_and(|url| is_loopback(&url) && url.path().trim_matches('/').is_empty())
}

fn known(resource: &str) -> Result<Api, EntraError> {
    if is_dataverse(resource) {
        return Ok(Api::Dynamics);
    }
    if resource == GRAPH || resource.trim_end_matches('/') == "https://graph.microsoft.com" {
        return Ok(Api::Graph);
    }
    let message = format!(
        "The resource principal named {resource} was not found in the tenant. It may be that no \
         administrator of the tenant has installed it, or that it is misspelt."
    );
    Err(EntraError::new("invalid_resource", 500_011, message))
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
