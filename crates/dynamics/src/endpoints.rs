//! The three URLs of an account from two things that an administrator has at hand: the tenant, and the address at which
//! people open Dynamics 365.
//!
//! Nobody is asked: the environment's host tells the cloud, and the cloud where to sign in ("National clouds" of the
//! Microsoft identity platform; "Microsoft Dataverse and Dynamics 365 for US Government and China" for the hosts).

use serde::Serialize;
use url::{Host, Url};
use uuid::Uuid;

use crate::account::EndpointVersion;
use crate::account_check::{FieldError, is_loopback};

/// Version of the Web API where the pasted address names none.
const API_VERSION: &str = "v9.2";

/// Hosts of environments with the host at which their users sign in. GCC (`crm9.dynamics.com`) signs in where the rest
/// of the world does.
const CLOUDS: [(&str, &str); 4] = [
    (".dynamics.com", "login.microsoftonline.com"),
    (".microsoftdynamics.us", "login.microsoftonline.us"),
    (".appsplatform.us", "login.microsoftonline.us"),
    (".dynamics.cn", "login.partner.microsoftonline.cn"),
];

/// Hosts whose URLs begin with the tenant: Entra ID's own, in the forms in which its pages show them.
const SIGN_IN_HOSTS: [&str; 7] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
];

/// Whether `url` leads to Entra ID itself, where client IDs are GUIDs.
pub(crate) fn is_entra_id(url: &Url) -> bool {
    url.host_str().is_some_and(|host| SIGN_IN_HOSTS.contains(&host))
}

/// The URLs of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    /// OAuth 2.0 authorization endpoint.
    pub authorization_url: Url,
    /// OAuth 2.0 token endpoint.
    pub token_url: Url,
    /// Root of the Web API.
    pub api_url: Url,
}

impl Endpoints {
    /// The URLs for a tenant (its ID, one of its domains, or any URL of its endpoints) and an environment (its address,
    /// with or without scheme and path).
    ///
    /// # Errors
    /// What is wrong with `tenant` and `environment_url`, both at once.
    pub fn fill_in(
        tenant: &str,
        environment: &str,
        version: EndpointVersion,
    ) -> Result<Self, Vec<FieldError>> {
        let fault = |field: &str, message: &str| FieldError {
            field: field.into(),
            message: message.into(),
        };
        let environment = Environment::read(environment).map_err(|m| fault("environment_url", m));
        let tenant = Tenant::read(tenant).map_err(|m| fault("tenant", m));
        match (tenant, environment) {
            (Ok(tenant), Ok(environment)) => build(&tenant, &environment, version)
                .ok_or_else(|| vec![fault("tenant", "cannot stand in a URL; enter the tenant ID")]),
            (tenant, environment) => {
                Err(tenant.err().into_iter().chain(environment.err()).collect())
            }
        }
    }
}

fn build(
    tenant: &Tenant,
    environment: &Environment,
    version: EndpointVersion,
) -> Option<Endpoints> {
    let authority = match &tenant.loopback {
        Some(origin) => origin.clone(),
        None => environment.authority.clone(),
    };
    let family = match version {
        EndpointVersion::V1 => "oauth2",
        EndpointVersion::V2 => "oauth2/v2.0",
    };
    let of = |last: &str| Url::parse(&format!("{authority}/{}/{family}/{last}", tenant.name)).ok();
    let api = format!("{}/api/data/{}", environment.origin, environment.version);
    Some(Endpoints {
        authorization_url: of("authorize")?,
        token_url: of("token")?,
        api_url: Url::parse(&api).ok()?,
    })
}

struct Tenant {
    name: String,
    /// Where an emulator signs people in.
    loopback: Option<String>,
}

impl Tenant {
    fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim().trim_matches('/');
        let (name, loopback) = match Url::parse(text) {
            Ok(url) if url.has_host() => {
                (tenant_of_url(&url)?, is_loopback(&url).then(|| origin(&url)))
            }
            _ => (text.to_owned(), None),
        };
        if ["common", "organizations", "consumers"].contains(&name.to_lowercase().as_str()) {
            return Err(
                "stands for any tenant; enter the Directory (tenant) ID of yours, from the app registration's overview",
            );
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let is_domain = name.contains('.') && name.chars().all(is_name);
        let is_id = Uuid::try_parse(&name).is_ok();
        // An emulator's tenant may have any name.
        let is_plain = loopback.is_some() && !name.is_empty() && name.chars().all(is_name);
        match is_id || is_domain || is_plain {
            true => Ok(Self { name, loopback }),
            false => Err(
                "is neither a tenant ID nor a domain; copy the Directory (tenant) ID from the app registration's \
                 overview in Entra ID",
            ),
        }
    }
}

fn tenant_of_url(url: &Url) -> Result<String, &'static str> {
    if !is_entra_id(url) && !is_loopback(url) {
        return Err(
            "is an address that names no tenant, such as one of the portal; copy the Directory (tenant) ID from the app \
             registration's overview, or one of the URLs under Endpoints",
        );
    }
    let first = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    Ok(first.to_owned())
}

struct Environment {
    origin: String,
    authority: String,
    version: String,
}

impl Environment {
    fn read(text: &str) -> Result<Self, &'static str> {
        let url = with_scheme(text.trim()).ok_or(NO_ENVIRONMENT)?;
        let version = version(&url);
        if is_loopback(&url) {
            return Ok(Self { authority: origin(&url), origin: origin(&url), version });
        }
        let Some(Host::Domain(host)) = url.host() else { return Err(NO_ENVIRONMENT) };
        if url.scheme() != "https" {
            return Err(
                "uses plain http, which would send tokens in the clear; change it to https",
            );
        }
        let cloud = CLOUDS.into_iter().find_map(|(suffix, sign_in)| {
            host.strip_suffix(suffix).map(|name| (name, suffix, sign_in))
        });
        let (name, suffix, sign_in) = cloud.ok_or(NO_ENVIRONMENT)?;
        // Developer resources show `org.api.crm4`; tokens are issued for the address without it.
        let labels: Vec<&str> = name.split('.').filter(|label| *label != "api").collect();
        match labels.as_slice() {
            [organisation, region] if region.starts_with("crm") && !organisation.is_empty() => {
                let origin = format!("https://{organisation}.{region}{suffix}");
                Ok(Self { origin, authority: format!("https://{sign_in}"), version })
            }
            _ => Err(NO_ENVIRONMENT),
        }
    }
}

const NO_ENVIRONMENT: &str = "is no address of a Dynamics 365 environment; it looks like https://ORG.crm4.dynamics.com: copy \
                              the Environment URL from the Power Platform admin center, or enter the three URLs \
                              yourself";

fn with_scheme(text: &str) -> Option<Url> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    if text.contains("://") {
        return Url::parse(text).ok().filter(Url::has_host);
    }
    let secure = Url::parse(&format!("https://{text}")).ok().filter(Url::has_host)?;
    match is_loopback(&secure) {
        true => Url::parse(&format!("http://{text}")).ok(),
        false => Some(secure),
    }
}

/// `v9.1` where the path is that of the Web API in this version.
fn version(url: &Url) -> String {
    let mut segments = url.path_segments().into_iter().flatten();
    let named = segments.find(|segment| {
        let minor = segment.strip_prefix("v9.").unwrap_or_default();
        !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
    });
    named.unwrap_or(API_VERSION).to_owned()
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    fn filled(tenant: &str, environment: &str) -> [String; 3] {
        let filled = Endpoints::fill_in(tenant, environment, EndpointVersion::V2).unwrap();
        [filled.authorization_url, filled.token_url, filled.api_url].map(String::from)
    }

    fn faults(tenant: &str, environment: &str) -> Vec<String> {
        let faults = Endpoints::fill_in(tenant, environment, EndpointVersion::V2).err();
        faults.unwrap_or_default().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn every_form_of_the_environment_gives_the_same_urls() {
        for environment in [
            "https://org.crm4.dynamics.com",
            "https://org.crm4.dynamics.com/",
            "https://org.crm4.dynamics.com/main.aspx?appid=1#x",
            "https://org.api.crm4.dynamics.com/api/data/v9.2/",
            " org.crm4.dynamics.com ",
            "ORG.crm4.dynamics.com/apps",
        ] {
            let base = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0");
            let expected = [
                format!("{base}/authorize"),
                format!("{base}/token"),
                "https://org.crm4.dynamics.com/api/data/v9.2".to_owned(),
            ];
            assert_eq!(filled(TENANT, environment), expected, "{environment}");
        }
        let [.., api] = filled(TENANT, "https://org.crm.dynamics.com/api/data/v9.1");
        assert_eq!(api, "https://org.crm.dynamics.com/api/data/v9.1");
    }

    #[test]
    fn every_form_of_the_tenant_is_understood() {
        for (tenant, name) in [
            (TENANT, TENANT),
            ("contoso.onmicrosoft.com", "contoso.onmicrosoft.com"),
            (
                "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token",
                TENANT,
            ),
            ("https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/", TENANT),
            (
                "https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration",
                "contoso.com",
            ),
        ] {
            let [authorize, ..] = filled(tenant, "org.crm.dynamics.com");
            assert_eq!(
                authorize,
                format!("https://login.microsoftonline.com/{name}/oauth2/v2.0/authorize")
            );
        }
    }

    #[test]
    fn national_clouds_are_known_by_the_environment() {
        for (environment, host) in [
            ("gov.crm9.dynamics.com", "login.microsoftonline.com"),
            ("gov.crm.microsoftdynamics.us", "login.microsoftonline.us"),
            ("dod.crm.appsplatform.us", "login.microsoftonline.us"),
            ("org.crm.dynamics.cn", "login.partner.microsoftonline.cn"),
        ] {
            let [_, token, api] = filled(TENANT, environment);
            assert!(token.starts_with(&format!("https://{host}/{TENANT}/")), "{token}");
            assert_eq!(api, format!("https://{environment}/api/data/v9.2"));
        }
    }

    #[test]
    fn an_emulator_signs_in_where_it_is() {
        let expected = [
            format!("http://127.0.0.1:8470/{TENANT}/oauth2/v2.0/authorize"),
            format!("http://127.0.0.1:8470/{TENANT}/oauth2/v2.0/token"),
            "http://127.0.0.1:8470/api/data/v9.2".to_owned(),
        ];
        assert_eq!(filled(TENANT, "http://127.0.0.1:8470"), expected);
        assert_eq!(filled(TENANT, "127.0.0.1:8470"), expected);
        let [_, token, _] = filled("https://localhost:8471/tenant/oauth2/token", "127.0.0.1:8470");
        assert_eq!(token, "https://localhost:8471/tenant/oauth2/v2.0/token");
    }

    #[test]
    fn v1_has_its_own_urls_and_all_that_is_filled_in_passes_the_checks() {
        let filled =
            Endpoints::fill_in(TENANT, "org.crm.dynamics.com", EndpointVersion::V1).unwrap();
        assert!(filled.token_url.path().ends_with("/oauth2/token"));
        assert_eq!(EndpointVersion::of(&filled.token_url, "token"), Some(EndpointVersion::V1));
    }

    #[test]
    fn what_is_no_tenant_or_environment_is_refused() {
        for tenant in [
            "",
            "common",
            "organizations",
            "contoso",
            "a b.com",
            "a/../b.com",
            "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade",
            "https://entra.microsoft.com/",
            "https://login.microsoftonline.com/common/oauth2/token",
            "https://login.microsoftonline.com.evil.example/x.com/",
        ] {
            assert_eq!(faults(tenant, "org.crm.dynamics.com"), ["tenant"], "{tenant}");
        }
        for environment in [
            "",
            "https://make.powerapps.com/environments/1",
            "https://dynamics.com",
            "crm.dynamics.com",
            "https://org.crm4.dynamics.com.evil.example",
            "http://org.crm4.dynamics.com",
            "10.0.0.1",
            "ftp://org.crm4.dynamics.com",
            "https://a.b.crm4.dynamics.com",
            "two words.crm.dynamics.com",
        ] {
            assert_eq!(faults(TENANT, environment), ["environment_url"], "{environment}");
        }
        assert_eq!(faults("", ""), ["tenant", "environment_url"]);
    }
}
