//! What a client asks for: v2 `scope` and v1 `resource`, resolved to one API.
//!
//! The only API here is the emulated Dataverse, which goes by the emulator's own loopback
//! addresses. Their port is not compared, so that a client may come through a proxy of a test.

use super::Version;
use super::errors::EntraError;
use crate::control::is_loopback;

/// The audience of a token that was asked for without an API: Microsoft Graph's app id.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// One API, and the OpenID parts of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requested {
    /// The API, as the client wrote it: an origin, or Graph's id where none was named.
    pub(crate) resource: String,
    /// The API's scopes in full, as they go back in the answer.
    pub(crate) api_scopes: Vec<String>,
    pub(crate) openid: bool,
    pub(crate) offline: bool,
}

impl Requested {
    /// v1: a `resource`; it always brings an id token and a refresh token.
    pub(crate) fn from_resource(resource: &str) -> Result<Self, EntraError> {
        known(resource)?;
        Ok(Self {
            resource: resource.to_owned(),
            api_scopes: vec!["user_impersonation".to_owned()],
            openid: true,
            offline: true,
        })
    }

    /// v2: a `scope` list that may name one API.
    pub(crate) fn from_scope(scope: &str) -> Result<Self, EntraError> {
        let mut requested =
            Self { resource: GRAPH.to_owned(), api_scopes: vec![], openid: false, offline: false };
        for item in scope.split_whitespace() {
            match item {
                "openid" => requested.openid = true,
                "offline_access" => requested.offline = true,
                "profile" | "email" => {}
                item => requested.add_api_scope(scope, item)?,
            }
        }
        Ok(requested)
    }

    fn add_api_scope(&mut self, scope: &str, item: &str) -> Result<(), EntraError> {
        let invalid = || {
            let message = format!(
                "The provided request must include a 'scope' input parameter. The provided value \
                 for the input parameter 'scope' is not valid. The scope '{scope}' is not valid."
            );
            EntraError::new("invalid_scope", 70011, message)
        };
        let (resource, permission) = item.rsplit_once('/').ok_or_else(invalid)?;
        if permission != "user_impersonation" && permission != ".default" {
            return Err(invalid());
        }
        known(resource)?;
        let other = !self.api_scopes.is_empty() && self.resource != resource;
        if other {
            return Err(invalid());
        }
        self.resource = resource.to_owned();
        self.api_scopes.push(item.to_owned());
        Ok(())
    }

    /// The `scope` of an answer.
    pub(crate) fn answer(&self, version: Version) -> String {
        let mut scopes = self.api_scopes.clone();
        if version == Version::V2 && self.openid {
            scopes.extend(["openid".to_owned(), "profile".to_owned()]);
        }
        scopes.join(" ")
    }
}

/// Whether `resource` names the emulated Dataverse.
pub(crate) fn is_dataverse(resource: &str) -> bool {
    url::Url::parse(resource)
        .is_ok_and(|url| is_loopback(&url) && url.path().trim_matches('/').is_empty())
}

fn known(resource: &str) -> Result<(), EntraError> {
    if is_dataverse(resource) {
        return Ok(());
    }
    let message = format!(
        "The resource principal named {resource} was not found in the tenant. It may be that no \
         administrator of the tenant has installed it, or that it is misspelt."
    );
    Err(EntraError::new("invalid_resource", 500_011, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_api_and_the_openid_words() {
        let scope = "http://127.0.0.1:8470/user_impersonation offline_access openid profile";
        let requested = Requested::from_scope(scope).unwrap();
        assert_eq!(requested.resource, "http://127.0.0.1:8470");
        assert!(requested.openid && requested.offline);
        assert_eq!(
            Requested::from_scope("https://localhost:1//.default").unwrap().resource,
            "https://localhost:1/"
        );
    }

    #[test]
    fn other_apis_and_permissions_are_refused_by_code() {
        let code = |scope: &str| Requested::from_scope(scope).unwrap_err().code;
        assert_eq!(code("https://org.example/user_impersonation"), 500_011);
        assert_eq!(code("http://127.0.0.1:8470/Mail.Read"), 70011);
        assert_eq!(code("nonsense"), 70011);
        assert_eq!(Requested::from_resource("https://org.example/").unwrap_err().code, 500_011);
    }
}
