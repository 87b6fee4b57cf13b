//! Signing in: the code flow through the HTML forms, v1 and v2, and its errors.

use crate::kit::{CALLBACK, authorize_query, client, code, consent, context, emulator, parameter};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn claims(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn aadsts(answer: &Value) -> (String, u64) {
    let code = answer["error_codes"][0].as_u64().unwrap_or_default();
    let description = answer["error_description"].as_str().unwrap_or_default();
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{answer}");
    for member in ["timestamp", "trace_id", "correlation_id"] {
        assert!(answer[member].is_string(), "{member} in {answer}");
    }
    (answer["error"].as_str().unwrap_or_default().to_owned(), code)
}

#[tokio::test]
async fn v2_code_flow_with_pkce_reaches_who_am_i() {
    let emulator = emulator(5).await;
    let http = client();
    let verifier = "v".repeat(50);
    let challenge = base64url(&Sha256::digest(&verifier));
    let more = [
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("nonce", "n-1"),
    ];
    let url = emulator.setup().authorization_url.clone();
    let target =
        consent(&http, &emulator, &url, &authorize_query(&emulator, &more), "accept").await;
    assert!(target.as_str().starts_with(CALLBACK), "{target}");
    assert_eq!(parameter(&target, "state").as_deref(), Some("s&1"));
    let code = parameter(&target, "code").unwrap();

    let answer = crate::kit::redeem(&http, &emulator, &code, &[("code_verifier", &verifier)]).await;
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], json!(3599));
    assert!(answer["refresh_token"].is_string());
    let id_token = claims(answer["id_token"].as_str().unwrap());
    assert_eq!(id_token["nonce"], "n-1");
    assert_eq!(id_token["aud"], json!(emulator.setup().client_id));

    let who = http
        .get(format!("{}/WhoAmI", emulator.setup().api_url))
        .bearer_auth(answer["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(who.status(), 200);
    let who: Value = who.json().await.unwrap();
    assert_eq!(who["UserId"].as_str().unwrap().len(), 36);

    let again = crate::kit::redeem(&http, &emulator, &code, &[("code_verifier", &verifier)]).await;
    assert_eq!(aadsts(&again), ("invalid_grant".into(), 54005));
}

#[tokio::test]
async fn v1_answers_strings_and_names_the_resource() {
    let emulator = emulator(0).await;
    let http = client();
    let setup = emulator.setup().clone();
    let resource = format!("{}/", setup.http_url);
    let query: Vec<_> = authorize_query(&emulator, &[("resource", &resource)])
        .into_iter()
        .filter(|(name, _)| name != "scope")
        .collect();
    let target = consent(&http, &emulator, &setup.authorization_url_v1, &query, "accept").await;
    let code = parameter(&target, "code").unwrap();
    let form = crate::kit::code_form(&emulator, &code, &[("resource", &resource)]);
    let answer = crate::kit::token(&http, &setup.token_url_v1, &form).await;
    assert_eq!(answer["expires_in"], "3599");
    assert!(answer["expires_on"].is_string() && answer["not_before"].is_string());
    assert_eq!(answer["resource"], json!(resource));
    assert_eq!(answer["scope"], "user_impersonation");
    assert!(answer["refresh_token"].is_string() && answer["id_token"].is_string());
    assert_eq!(claims(answer["access_token"].as_str().unwrap())["aud"], json!(resource));
}

#[tokio::test]
async fn consent_is_remembered_unless_asked_for_again_and_can_be_declined() {
    let emulator = emulator(0).await;
    let http = client();
    let url = emulator.setup().authorization_url.clone();
    let declined =
        consent(&http, &emulator, &url, &authorize_query(&emulator, &[]), "cancel").await;
    assert_eq!(parameter(&declined, "error").as_deref(), Some("access_denied"));
    assert!(parameter(&declined, "error_description").unwrap().starts_with("AADSTS65004"));
    assert_eq!(parameter(&declined, "state").as_deref(), Some("s&1"));

    code(&http, &emulator, &[]).await;
    let sign_in = async |prompt: &str| {
        let query = authorize_query(&emulator, &[("prompt", prompt)]);
        let page = http.get(&url).query(&query).send().await.unwrap().text().await.unwrap();
        let setup = emulator.setup();
        let ctx = context(&page);
        let form = [("ctx", &*ctx), ("login", &setup.user), ("passwd", &setup.password)];
        crate::kit::post(&http, &emulator, "login", &form).await.status().as_u16()
    };
    assert_eq!(sign_in("select_account").await, 302);
    assert_eq!(sign_in("consent").await, 200);
}

#[tokio::test]
async fn a_wrong_password_is_told_on_the_page_and_can_be_corrected() {
    let emulator = emulator(0).await;
    let http = client();
    let setup = emulator.setup();
    let query = authorize_query(&emulator, &[("login_hint", "a\"b")]);
    let page = http.get(&setup.authorization_url).query(&query).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("<label for=\"login\">") && page.contains("value=\"a&quot;b\""));
    let ctx = context(&page);
    let form = [("ctx", &*ctx), ("login", &setup.user), ("passwd", "wrong")];
    let page = crate::kit::post(&http, &emulator, "login", &form).await.text().await.unwrap();
    assert!(page.contains("AADSTS50126") && page.contains("role=\"alert\""));
    let form = [("ctx", &*ctx), ("login", &setup.user), ("passwd", &setup.password)];
    let page = crate::kit::post(&http, &emulator, "login", &form).await.text().await.unwrap();
    assert!(page.contains("Accept"));
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_never_followed() {
    let emulator = emulator(0).await;
    let http = client();
    let url = &emulator.setup().authorization_url;
    for (more, code) in [
        (("redirect_uri", "http://evil.example/"), "AADSTS50011"),
        (("client_id", "nobody"), "AADSTS700016"),
    ] {
        let answer =
            http.get(url).query(&authorize_query(&emulator, &[more])).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert!(answer.headers().get("location").is_none());
        assert!(answer.text().await.unwrap().contains(code));
    }
    let other = url.replace(&emulator.setup().tenant, "nowhere.example");
    let answer = http.get(other).query(&authorize_query(&emulator, &[])).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("AADSTS90002"));
}

#[tokio::test]
async fn other_faults_of_the_request_come_back_to_the_app() {
    let emulator = emulator(0).await;
    let http = client();
    for (more, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("prompt", "none"), "login_required"),
        (("scope", "https://org.example/user_impersonation"), "invalid_resource"),
        (("scope", "nonsense"), "invalid_scope"),
    ] {
        let query = authorize_query(&emulator, &[more]);
        let url = &emulator.setup().authorization_url;
        let answer = http.get(url).query(&query).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{more:?}");
        let target: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        assert_eq!(parameter(&target, "error").as_deref(), Some(error));
        assert_eq!(parameter(&target, "state").as_deref(), Some("s&1"));
    }
}

#[tokio::test]
async fn response_modes_fragment_and_form_post() {
    let emulator = emulator(0).await;
    let http = client();
    let url = emulator.setup().authorization_url.clone();
    let query = authorize_query(&emulator, &[("response_mode", "fragment")]);
    let target = consent(&http, &emulator, &url, &query, "accept").await;
    assert!(target.query().is_none() && target.fragment().unwrap().starts_with("code="));

    let query = authorize_query(&emulator, &[("response_mode", "form_post")]);
    let page = http.get(&url).query(&query).send().await.unwrap().text().await.unwrap();
    let setup = emulator.setup();
    let ctx = context(&page);
    let form = [("ctx", &*ctx), ("login", &setup.user), ("passwd", &setup.password)];
    let page = crate::kit::post(&http, &emulator, "login", &form).await.text().await.unwrap();
    assert!(page.contains(CALLBACK) && page.contains("name=\"code\""));
}

#[tokio::test]
async fn token_errors_have_their_codes() {
    let emulator = emulator(0).await;
    let http = client();
    let code =
        code(&http, &emulator, &[("code_challenge", "abc"), ("code_challenge_method", "S256")])
            .await;
    type Change<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Change<'_>, &str, u64); 9] = [
        (&[("client_secret", "wrong")], "invalid_client", 7_000_215),
        (&[("client_secret", "emulator~expired.client-secret_0")], "invalid_client", 7_000_222),
        (&[("client_secret", "")], "invalid_client", 7_000_218),
        (&[("client_id", "nobody")], "unauthorized_client", 700_016),
        (&[("grant_type", "made_up")], "unsupported_grant_type", 70003),
        (&[("code", "0.unknown")], "invalid_grant", 9_002_313),
        (&[("code_verifier", "other")], "invalid_grant", 501_481),
        (&[("redirect_uri", "http://127.0.0.1:9/")], "invalid_grant", 500_112),
        (&[("code", "")], "invalid_request", 900_144),
    ];
    for (more, error, number) in cases {
        let answer = crate::kit::redeem(&http, &emulator, &code, more).await;
        assert_eq!(aadsts(&answer), (error.to_owned(), number), "{more:?}");
    }
}

#[tokio::test]
async fn a_secret_full_of_signs_works_in_the_body_and_in_basic() {
    let emulator = emulator(0).await;
    let http = client();
    let secret = "a+b&c%d=e/f g?h#i\"j'k~ü";
    let posted = code(&http, &emulator, &[]).await;
    let answer = crate::kit::redeem(&http, &emulator, &posted, &[("client_secret", secret)]).await;
    assert!(answer["access_token"].is_string(), "{answer}");

    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for secret in [encode(secret), secret.to_owned()] {
        let code = code(&http, &emulator, &[]).await;
        let form: Vec<_> = crate::kit::code_form(&emulator, &code, &[])
            .into_iter()
            .filter(|(name, _)| !name.starts_with("client_"))
            .collect();
        let setup = emulator.setup();
        let request = http.post(&setup.token_url).form(&form);
        let answer: Value = request
            .basic_auth(&setup.client_id, Some(secret))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert!(answer["access_token"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn refresh_gives_a_new_token_and_leaves_the_old_one_good_unless_strict() {
    let emulator = emulator(0).await;
    let http = client();
    let code = code(&http, &emulator, &[]).await;
    let first = crate::kit::redeem(&http, &emulator, &code, &[]).await;
    let old = first["refresh_token"].as_str().unwrap();
    let second = crate::kit::refresh(&http, &emulator, old).await;
    let new = second["refresh_token"].as_str().unwrap();
    assert_ne!(old, new);
    assert!(crate::kit::refresh(&http, &emulator, old).await["access_token"].is_string());

    emulator.set_strict_refresh_rotation(true);
    assert_eq!(
        aadsts(&crate::kit::refresh(&http, &emulator, old).await),
        ("invalid_grant".into(), 50173)
    );
    // Using a spent token ends everything that came from the same sign-in.
    assert_eq!(aadsts(&crate::kit::refresh(&http, &emulator, new).await).1, 50173);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let emulator = emulator(0).await;
    let http = client();
    let scope = format!("{}/.default", emulator.setup().http_url);
    let code = code(&http, &emulator, &[("scope", &scope)]).await;
    let answer = crate::kit::redeem(&http, &emulator, &code, &[]).await;
    assert!(answer["access_token"].is_string());
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());
}

#[tokio::test]
async fn discovery_and_keys_fit_the_tokens() {
    let kit = crate::kit::signed_in(0).await;
    let setup = kit.emulator.setup();
    let url = format!("{}/{}/v2.0/.well-known/openid-configuration", setup.http_url, setup.tenant);
    let document: Value = kit.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["token_endpoint"], json!(setup.token_url));
    // Tokens for Dataverse are v1.0 tokens, whichever endpoint gave them:
    // learn.microsoft.com/entra/identity-platform/access-tokens, "Token formats".
    let v1 = format!("{}/{}/.well-known/openid-configuration", setup.http_url, setup.tenant);
    let v1: Value = kit.http.get(v1).send().await.unwrap().json().await.unwrap();
    assert_eq!(v1["issuer"], claims(&kit.token)["iss"]);
    let keys = document["jwks_uri"].as_str().unwrap();
    let keys: jsonwebtoken::jwk::JwkSet =
        kit.http.get(keys).send().await.unwrap().json().await.unwrap();
    let header = jsonwebtoken::decode_header(&kit.token).unwrap();
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[&setup.http_url]);
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    assert!(jsonwebtoken::decode::<Value>(&kit.token, &key, &validation).is_ok());
    // The port of the resource is free, a request without a token is told where to get one.
    let response = kit.http.get(format!("{}/WhoAmI", setup.api_url)).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer authorization_uri=http://"), "{challenge}");
    assert!(challenge.contains("/oauth2/authorize, resource_id=http://"), "{challenge}");
    let forged = format!("{}x", kit.token);
    let response = kit.http.request(Method::GET, format!("{}/WhoAmI", setup.api_url));
    let response = response.bearer_auth(forged).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(response.headers()["www-authenticate"].to_str().unwrap().contains("invalid_token"));
}
