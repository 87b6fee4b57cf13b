//! The checks of an account's settings: every fault at once, each with what to do about it.
//!
//! Only what can be known without asking anyone is checked here; whether the endpoints answer is learnt
//! from the consent and its `WhoAmI`.

use serde::Serialize;
use url::{Host, Url};
use uuid::Uuid;

use crate::account::{AccountSettings, EndpointVersion, Policy};
use crate::endpoints::is_entra_id;

/// ISO 3166-1 alpha-2, and XK, under which Kosovo's numbers are known.
const REGIONS: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
                       CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
                       FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
                       JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
                       MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
                       PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
                       TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK";

/// A field of an account that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// Path of the field in the JSON form of the settings, such as `policy.max_concurrent`.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl AccountSettings {
    /// Checks every field.
    ///
    /// # Errors
    /// All faults found, in the order of the fields.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut faults = Faults::default();
        if self.name.trim().is_empty() {
            faults.add("name", "is empty; give the account a name that designers will recognise");
        }
        if self.client_id.trim().is_empty() || self.client_id.contains(char::is_whitespace) {
            faults.add(
                "client_id",
                "is empty or contains spaces; copy the Application (client) ID from the app \
                 registration's overview page in Entra ID",
            );
        }
        if is_entra_id(&self.token_url) && Uuid::try_parse(&self.client_id).is_err() {
            faults.add(
                "client_id",
                "is no GUID, as Entra ID's are; copy the Application (client) ID from the app registration's overview \
                 page, not its name",
            );
        }
        check_origin(&mut faults, "authorization_url", &self.authorization_url);
        check_origin(&mut faults, "token_url", &self.token_url);
        check_endpoints(&mut faults, &self.authorization_url, &self.token_url);
        check_origin(&mut faults, "api_url", &self.api_url);
        check_api_path(&mut faults, &self.api_url);
        check_phone_region(&mut faults, self.phone_region.as_deref());
        check_policy(&mut faults, &self.policy);
        faults.into_result()
    }
}

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    fn into_result(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

fn check_origin(faults: &mut Faults, field: &str, url: &Url) {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => faults.add(
            field,
            "uses plain http, which would send tokens in the clear; change it to https (http is \
             accepted only for localhost)",
        ),
        other => faults.add(field, format!("starts with {other}:; use an https URL")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        faults.add(field, "contains a user name or password; remove it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        faults.add(field, "contains a ? or # part; remove everything from there on");
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn check_endpoints(faults: &mut Faults, authorization: &Url, token: &Url) {
    let authorize_version = EndpointVersion::of(authorization, "authorize");
    let token_version = EndpointVersion::of(token, "token");
    if authorize_version.is_none() {
        faults.add(
            "authorization_url",
            "does not look like an Entra ID endpoint; it must end in /{tenant}/oauth2/v2.0/authorize \
             (or /{tenant}/oauth2/authorize), as shown under Endpoints of the app registration",
        );
    }
    if token_version.is_none() {
        faults.add(
            "token_url",
            "does not look like an Entra ID endpoint; it must end in /{tenant}/oauth2/v2.0/token \
             (or /{tenant}/oauth2/token), as shown under Endpoints of the app registration",
        );
    }
    if let (Some(one), Some(other)) = (authorize_version, token_version)
        && one != other
    {
        faults.add(
            "token_url",
            "is of another version than the authorization URL; use the v2.0 endpoints for both, or \
             the v1 endpoints for both",
        );
    }
}

fn check_api_path(faults: &mut Faults, url: &Url) {
    let path = url.path().strip_suffix('/').unwrap_or(url.path());
    let minor = path.strip_prefix("/api/data/v9.");
    if !minor.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    {
        faults.add(
            "api_url",
            "must end in /api/data/v9.x; copy the Web API endpoint from Developer resources of the \
             environment, such as https://org.crm.dynamics.com/api/data/v9.2",
        );
    }
}

fn check_phone_region(faults: &mut Faults, region: Option<&str>) {
    let Some(region) = region else { return };
    if region == "UK" {
        faults.add("phone_region", "is no country code of ISO 3166-1; the United Kingdom is GB");
    } else if !REGIONS.split_whitespace().any(|known| known == region) {
        faults.add(
            "phone_region",
            "is no country code; write the two capital letters of ISO 3166-1, such as US or DE, or leave it out",
        );
    }
}

/// Whether it is a logical name, with or without an entity set name before it.
fn is_column(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    text.split('.').count() <= 2 && text.split('.').all(is_name)
}

fn check_policy(faults: &mut Faults, policy: &Policy) {
    if !(1..=1_000).contains(&policy.max_concurrent) {
        faults.add("policy.max_concurrent", "must be between 1 and 1000; 52 is Dataverse's limit");
    }
    if !(100..=120_000).contains(&policy.request_timeout_ms) {
        faults.add(
            "policy.request_timeout_ms",
            "must be between 100 and 120000 milliseconds; Dataverse itself gives up after two minutes",
        );
    }
    if !(1_000..=60_000).contains(&policy.token_timeout_ms) {
        faults.add(
            "policy.token_timeout_ms",
            "must be between 1000 and 60000 milliseconds; 15000 is usual",
        );
    }
    if !(100..=30_000).contains(&policy.connect_timeout_ms) {
        faults.add(
            "policy.connect_timeout_ms",
            "must be between 100 and 30000 milliseconds; 5000 is usual",
        );
    }
    for column in policy.sensitive_columns.iter().filter(|column| !is_column(column)) {
        faults.add(
            "policy.sensitive_columns",
            format!("holds `{column}`, which is no column; write birthdate, or contacts.birthdate"),
        );
    }
    let tables = policy.tables.iter().flatten();
    for table in tables.filter(|table| crate::resource_path::check_entity_set(table).is_err()) {
        faults.add(
            "policy.tables",
            format!(
                "'{}' is no entity set name; write names such as contacts",
                table.escape_debug()
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> AccountSettings {
        AccountSettings {
            id: Uuid::from_u128(1),
            name: "Sales".to_owned(),
            default: true,
            client_id: "6f1f…".to_owned(),
            authorization_url: Url::parse("https://login.example/t/oauth2/v2.0/authorize").unwrap(),
            token_url: Url::parse("https://login.example/t/oauth2/v2.0/token").unwrap(),
            api_url: Url::parse("https://org.example/api/data/v9.2/").unwrap(),
            phone_region: None,
            credential_expires: None,
            policy: Policy::default(),
        }
    }

    fn fields(settings: &AccountSettings) -> Vec<String> {
        settings.check().err().unwrap_or_default().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn good_settings_pass() {
        assert_eq!(good().check(), Ok(()));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        let with = |url: &str| AccountSettings { api_url: Url::parse(url).unwrap(), ..good() };
        for loopback in ["localhost", "127.0.0.1:8470", "[::1]:1"] {
            assert!(fields(&with(&format!("http://{loopback}/api/data/v9.2"))).is_empty());
        }
        for other in ["org.example", "localhost.example", "10.0.0.1", "[fe80::1]"] {
            assert_eq!(fields(&with(&format!("http://{other}/api/data/v9.2"))), ["api_url"]);
        }
    }

    #[test]
    fn every_fault_is_reported_with_its_field() {
        let mut settings = good();
        settings.name = " ".to_owned();
        settings.client_id = String::new();
        settings.authorization_url = Url::parse("https://login.example/authorize").unwrap();
        settings.api_url = Url::parse("https://u:p@org.example/api/data/v8.2?x=1").unwrap();
        settings.policy.max_concurrent = 0;
        settings.policy.tables = Some(vec!["con tacts".to_owned()]);
        assert_eq!(
            fields(&settings),
            [
                "name",
                "client_id",
                "authorization_url",
                "api_url",
                "api_url",
                "api_url",
                "policy.max_concurrent",
                "policy.tables",
            ]
        );
    }

    #[test]
    fn a_client_id_is_a_guid_where_entra_id_signs_in() {
        let at = |host: &str, client_id: &str| {
            let url = |last: &str| Url::parse(&format!("https://{host}/t/oauth2/{last}")).unwrap();
            let (authorization_url, token_url) = (url("authorize"), url("token"));
            fields(&AccountSettings {
                client_id: client_id.to_owned(),
                authorization_url,
                token_url,
                ..good()
            })
        };
        assert_eq!(at("login.microsoftonline.com", "Patchcord"), ["client_id"]);
        assert!(at("login.microsoftonline.us", &Uuid::nil().to_string()).is_empty());
        assert!(at("login.example", "Patchcord").is_empty());
    }

    #[test]
    fn regions_are_those_of_iso_3166() {
        let with =
            |region: &str| AccountSettings { phone_region: Some(region.to_owned()), ..good() };
        for right in ["US", "DE", "GB", "XK"] {
            assert!(fields(&with(right)).is_empty());
        }
        for wrong in ["", "us", "UK", "USA", "XX", "U "] {
            assert_eq!(fields(&with(wrong)), ["phone_region"], "{wrong}");
        }
    }

    #[test]
    fn endpoints_of_different_versions_are_refused() {
        let mut settings = good();
        settings.token_url = Url::parse("https://login.example/t/oauth2/token").unwrap();
        assert_eq!(fields(&settings), ["token_url"]);
    }
}
