//! The portal: the steps of an integration guide by hand, and what the endpoints then answer.

use crate::kit::browser::{Browser, text};
use crate::kit::portal::Admin;
use crate::kit::{CALLBACK, aadsts, client, emulator, parameter};
use patchcord_emulator::{Emulator, EmulatorConfig};

/// The value beside a heading of a table of facts.
fn fact(page: &str, heading: &str) -> String {
    let (_, rest) = page.split_once(&format!(">{heading}</th>")).expect(heading);
    text(&rest[..rest.find("</td>").unwrap()], "code")
}

#[tokio::test]
async fn the_steps_of_an_integration_guide_lead_to_a_token() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let admin = Admin::new(&emulator);

    // Register the app with its redirect URI, and copy its ids and endpoints.
    let new = "/portal/apps/new";
    let form = [
        ("name", "Contact centre"),
        ("tenant", setup.tenant.as_str()),
        ("platform", "web"),
        ("uri", CALLBACK),
    ];
    let page = admin.post(new, new, &form).await;
    let client_id = fact(&page, "Application (client) ID");
    assert_eq!(fact(&page, "Directory (tenant) ID"), setup.tenant);
    let app = format!("/portal/apps/{client_id}");
    let page = admin.get(&format!("{app}/endpoints")).await;
    let authorize = fact(&page, "OAuth 2.0 authorization endpoint (v1)");
    let token_url = fact(&page, "OAuth 2.0 token endpoint (v1)");

    // Make a secret; its value is shown once.
    let credentials = format!("{app}/credentials");
    let secret_form = [("description", "first"), ("days", "180")];
    let page = admin.post(&credentials, &format!("{credentials}/secret"), &secret_form).await;
    let secret = text(&page, "div.done code");
    assert!(secret.starts_with("emu8Q~") && secret.len() > 30, "{secret}");
    assert!(!admin.get(&credentials).await.contains(&secret));

    // Add a user, who signs in before the permission is there.
    let user = [
        ("name", "casey"),
        ("tenant", setup.tenant.as_str()),
        ("given", "Casey"),
        ("family", "Caller"),
        ("password", setup.password.as_str()),
        ("role", "Salesperson"),
    ];
    admin.post("/portal/users/new", "/portal/users/new", &user).await;
    let resource = format!("{}/", setup.http_url);
    let query: Vec<(String, String)> = [
        ("client_id", client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("resource", &resource),
        ("state", "s"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let browser = Browser::new(&emulator);
    let early = browser.open(&authorize, &query).await.redirect();
    assert!(parameter(&early, "error_description").unwrap().starts_with("AADSTS650057"), "{early}");

    // Add the permission, and consent.
    let permissions = format!("{app}/permissions");
    let wanted = [("permission", "Dynamics CRM/user_impersonation")];
    admin.post(&permissions, &format!("{permissions}/add"), &wanted).await;
    let page = browser.open(&authorize, &query).await.page();
    let page = browser.sign_in(&page, "casey@emulator.example").await.page();
    assert!(page.contains("Contact centre") && page.contains("Dynamics 365"));
    let code = parameter(&browser.decide(&page, "accept").await.redirect(), "code").unwrap();
    let more =
        [("client_id", client_id.as_str()), ("client_secret", &secret), ("resource", &resource)];
    let answer =
        crate::kit::token(&client(), &token_url, &crate::kit::code_form(&emulator, &code, &more))
            .await;
    assert_eq!(
        crate::kit::claims(&answer["access_token"])["upn"],
        "casey@emulator.example",
        "{answer}"
    );

    // A deleted secret is refused at once.
    let page = admin.get(&credentials).await;
    let (_, rest) = page.split_once("name=\"secret\" value=\"").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    admin.post(&credentials, &format!("{credentials}/delete"), &[("secret", &id)]).await;
    let token = answer["refresh_token"].as_str().unwrap();
    let again = [more[0], more[1], ("grant_type", "refresh_token"), ("refresh_token", token)];
    let answer =
        crate::kit::token(&client(), &token_url, &crate::kit::code_form(&emulator, "", &again))
            .await;
    assert_eq!(aadsts(&answer).1, 7_000_215);
}

#[tokio::test]
async fn a_certificate_is_uploaded_in_any_of_its_forms_and_a_key_is_not() {
    let emulator = emulator(0).await;
    let admin = Admin::new(&emulator);
    let page = format!("/portal/apps/{}/credentials", emulator.setup().client_id);
    let path = format!("{page}/certificate");
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    let shown = admin.upload(&page, &path, "file", certificate.der()).await;
    let thumbprint: String = {
        use sha1::Digest;
        sha1::Sha1::digest(certificate.der()).iter().map(|byte| format!("{byte:02X}")).collect()
    };
    assert!(shown.contains(&thumbprint), "{shown}");
    let twice = admin.upload(&page, &path, "pem", certificate.pem().as_bytes()).await;
    assert!(twice.contains("registered already"));
    let private = admin.upload(&page, &path, "pem", key.serialize_pem().as_bytes()).await;
    assert!(private.contains("private key") && !private.contains("BEGIN PRIVATE"));
    assert!(admin.upload(&page, &path, "pem", b"nonsense").await.contains("no X.509 certificate"));
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let emulator = emulator(0).await;
    let admin = Admin::new(&emulator);
    let forged = [("name", "Forged"), ("csrf", "guessed")];
    assert_eq!(admin.send("/portal/apps/new", &forged).await.status(), 403);
    let url = format!("{}/portal/apps", emulator.setup().http_url);
    let request = client().get(url).header("Host", "attacker.example");
    assert_eq!(request.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn every_page_answers_and_every_field_has_a_label() {
    let emulator = emulator(0).await;
    let admin = Admin::new(&emulator);
    let app = format!("/portal/apps/{}", emulator.setup().client_id);
    let user = "/portal/users/7b0e6b0c-52d5-4a0e-8f0a-6a3d1f9c2b01";
    let tabs = ["", "/endpoints", "/authentication", "/credentials", "/permissions"];
    let mut paths: Vec<String> = tabs.iter().map(|tab| format!("{app}{tab}")).collect();
    let others = [
        "/",
        "/portal/apps",
        "/portal/apps/new",
        "/portal/users",
        "/portal/users/new",
        user,
        "/portal/tenants",
    ];
    paths.extend(others.map(str::to_owned));
    for path in paths {
        let page = scraper::Html::parse_document(&admin.get(&path).await);
        let all = |selector: &str| {
            let selector = scraper::Selector::parse(selector).unwrap();
            page.select(&selector).map(|found| found.value().clone()).collect::<Vec<_>>()
        };
        let labelled: Vec<String> =
            all("label[for]").iter().map(|label| label.attr("for").unwrap().to_owned()).collect();
        for field in
            all("input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea")
        {
            let id = field.attr("id").unwrap_or_default().to_owned();
            assert!(labelled.contains(&id), "{path}: {field:?}");
        }
        let ids: Vec<String> =
            all("[id]").iter().map(|found| found.attr("id").unwrap().to_owned()).collect();
        let once: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), once.len(), "{path}: an id is there twice");
    }
}

#[tokio::test]
async fn what_is_changed_is_kept_in_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = EmulatorConfig {
        http: "127.0.0.1:0".parse().ok(),
        https: None,
        data: Some(folder.path().to_owned()),
        seed: 0,
        ..EmulatorConfig::default()
    };
    let first = Emulator::start(config.clone()).await.unwrap();
    let file = folder.path().join("directory.toml");
    assert!(std::fs::read_to_string(&file).unwrap().contains("# --- Users"));
    let tenant = first.setup().tenant.clone();
    let form = [("name", "Kept"), ("tenant", tenant.as_str())];
    Admin::new(&first).post("/portal/apps/new", "/portal/apps/new", &form).await;
    first.stop().await;
    let second = Emulator::start(config).await.unwrap();
    assert!(Admin::new(&second).get("/portal/apps").await.contains("Kept"));
}
