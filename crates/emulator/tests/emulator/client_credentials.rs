//! An app on its own: `client_credentials`, by secret and by certificate.

use crate::kit::{aadsts, claims, client, emulator, emulator_of};
use patchcord_emulator::Emulator;
use serde_json::{Value, json};

/// A certificate with its key, both in PEM.
struct Credential {
    certificate: String,
    der: Vec<u8>,
    key: String,
}

fn credential() -> Credential {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    Credential {
        certificate: certificate.pem(),
        der: certificate.der().to_vec(),
        key: key.serialize_pem(),
    }
}

/// The built-in directory with a certificate for its first app.
async fn emulator_trusting(credential: &Credential) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("directory.toml");
    let text = include_str!("../../src/data/directory.toml").replacen(
        "# certificates = ",
        &format!(
            "certificates = [{{ certificate = \"\"\"\n{}\"\"\" }}]\n# ",
            credential.certificate
        ),
        1,
    );
    std::fs::write(&file, text).unwrap();
    emulator_of(&file).await
}

fn form(emulator: &Emulator, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let setup = emulator.setup();
    let mut form = vec![
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("client_id".to_owned(), setup.client_id.clone()),
        ("scope".to_owned(), format!("{}/.default", setup.http_url)),
    ];
    for (name, value) in more {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form
}

// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
#[tokio::test]
async fn a_secret_gets_a_token_for_the_app_itself() {
    let emulator = emulator(0).await;
    let (http, setup) = (client(), emulator.setup());
    let secret = [("client_secret", setup.client_secret.as_str())];
    let answer = crate::kit::token(&http, &setup.token_url, &form(&emulator, &secret)).await;
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], json!(3599));
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());
    let token = claims(&answer["access_token"]);
    assert_eq!(token["idtyp"], "app");
    assert_eq!(token["appid"], json!(setup.client_id));
    assert_eq!(token["appidacr"], "1");
    assert_eq!(token["sub"], token["oid"]);
    assert!(token.get("scp").is_none() && token.get("upn").is_none());

    let resource = format!("{}/", setup.http_url);
    let v1 = form(&emulator, &[secret[0], ("scope", ""), ("resource", &resource)]);
    let answer = crate::kit::token(&http, &setup.token_url_v1, &v1).await;
    assert_eq!(answer["resource"], json!(resource));
    assert_eq!(answer["expires_in"], "3599");
}

#[tokio::test]
async fn what_is_wrong_has_its_code() {
    let emulator = emulator(0).await;
    let (http, setup) = (client(), emulator.setup().clone());
    let named = format!("{}/user_impersonation", setup.http_url);
    let secret = setup.client_secret.as_str();
    type Change<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Change<'_>, &str, u64); 4] = [
        (&[], "invalid_client", 7_000_216),
        (&[("client_secret", "x")], "invalid_client", 7_000_215),
        (&[("client_secret", secret), ("scope", &named)], "invalid_scope", 1_002_012),
        (
            &[("client_secret", secret), ("scope", "https://org.example/.default")],
            "invalid_resource",
            500_011,
        ),
    ];
    for (more, error, code) in cases {
        let answer = crate::kit::token(&http, &setup.token_url, &form(&emulator, more)).await;
        assert_eq!(aadsts(&answer), (error.to_owned(), code), "{more:?}");
    }
    let common = setup.token_url.replace(&setup.tenant, "common");
    let answer =
        crate::kit::token(&http, &common, &form(&emulator, &[("client_secret", secret)])).await;
    assert_eq!(aadsts(&answer).1, 50194);
}

#[tokio::test]
async fn a_correlation_id_comes_back() {
    let emulator = emulator(0).await;
    let id = "11111111-2222-3333-4444-555555555555";
    let request = client().post(&emulator.setup().token_url).form(&form(&emulator, &[]));
    let request =
        request.header("client-request-id", id).header("return-client-request-id", "true");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["client-request-id"], id);
    let trace = answer.headers()["x-ms-request-id"].to_str().unwrap().to_owned();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["correlation_id"], id);
    assert_eq!(answer["trace_id"], json!(trace));
    assert!(
        answer["error_description"].as_str().unwrap().contains(&format!("Correlation ID: {id}"))
    );
}

/// How an assertion is made; the defaults make a good one.
struct Assertion<'a> {
    algorithm: jsonwebtoken::Algorithm,
    claims: Value,
    key: &'a str,
    x5t: Option<String>,
    x5t_s256: Option<String>,
}

impl<'a> Assertion<'a> {
    fn new(emulator: &Emulator, credential: &'a Credential) -> Self {
        let (setup, now) = (emulator.setup(), jiff::Timestamp::now().as_second());
        Self {
            algorithm: jsonwebtoken::Algorithm::PS256,
            claims: json!({
                "aud": setup.token_url, "iss": setup.client_id, "sub": setup.client_id,
                "jti": "1", "nbf": now, "exp": now + 600,
            }),
            key: &credential.key,
            x5t: None,
            x5t_s256: Some(base64url(&sha2_of(&credential.der))),
        }
    }

    fn sign(&self) -> String {
        let mut header = jsonwebtoken::Header::new(self.algorithm);
        header.x5t.clone_from(&self.x5t);
        header.x5t_s256.clone_from(&self.x5t_s256);
        let key = jsonwebtoken::EncodingKey::from_rsa_pem(self.key.as_bytes()).unwrap();
        jsonwebtoken::encode(&header, &self.claims, &key).unwrap()
    }
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn sha2_of(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

fn sha1_of(bytes: &[u8]) -> Vec<u8> {
    use sha1::Digest;
    sha1::Sha1::digest(bytes).to_vec()
}

async fn present(emulator: &Emulator, assertion: &str) -> Value {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let more = [("client_assertion", assertion), ("client_assertion_type", kind)];
    crate::kit::token(&client(), &emulator.setup().token_url, &form(emulator, &more)).await
}

// Source: learn.microsoft.com/entra/identity-platform/certificate-credentials
#[tokio::test]
async fn a_certificate_proves_the_app_in_both_forms() {
    let credential = credential();
    let emulator = emulator_trusting(&credential).await;
    let today = Assertion::new(&emulator, &credential);
    let answer = present(&emulator, &today.sign()).await;
    assert_eq!(claims(&answer["access_token"])["appidacr"], "2", "{answer}");

    let older = Assertion {
        algorithm: jsonwebtoken::Algorithm::RS256,
        x5t: Some(base64url(&sha1_of(&credential.der))),
        x5t_s256: None,
        ..Assertion::new(&emulator, &credential)
    };
    assert!(present(&emulator, &older.sign()).await["access_token"].is_string());

    let setup = emulator.setup();
    for audience in [
        &setup.token_url_v1,
        &format!("{}/{}/v2.0", setup.http_url, setup.tenant),
        &setup.token_url.replace(&setup.tenant, "emulator.example"),
    ] {
        let mut other = Assertion::new(&emulator, &credential);
        other.claims["aud"] = json!(audience);
        assert!(present(&emulator, &other.sign()).await["access_token"].is_string(), "{audience}");
    }
    // The client's clock may be off by five minutes.
    let mut skewed = Assertion::new(&emulator, &credential);
    let now = jiff::Timestamp::now().as_second();
    skewed.claims["nbf"] = json!(now as f64 + 240.5);
    assert!(present(&emulator, &skewed.sign()).await["access_token"].is_string());
}

#[tokio::test]
async fn a_wrong_assertion_is_told_by_its_code() {
    let (credential, stranger) = (credential(), self::credential());
    let emulator = emulator_trusting(&credential).await;
    let now = jiff::Timestamp::now().as_second();
    let changed = |name: &str, value: Value| {
        let mut assertion = Assertion::new(&emulator, &credential);
        assertion.claims[name] = value;
        assertion.sign()
    };
    let forged = Assertion { key: &stranger.key, ..Assertion::new(&emulator, &credential) };
    let unknown = Assertion::new(&emulator, &stranger);
    for (assertion, code) in [
        (unknown.sign(), 700_027),
        (forged.sign(), 700_027),
        (changed("exp", json!(now - 301)), 700_024),
        (changed("nbf", json!(now + 360)), 700_024),
        (changed("aud", json!("https://login.example/x/oauth2/v2.0/token")), 700_023),
        (changed("iss", json!("somebody")), 700_021),
        ("not.a.jwt".to_owned(), 50027),
    ] {
        let answer = present(&emulator, &assertion).await;
        assert_eq!(aadsts(&answer), ("invalid_client".to_owned(), code), "{assertion}");
    }
}
