//! What the integration tests share: an emulator of their own, its forms posted as a browser
//! would, and a client that is signed in.

pub(crate) mod browser;
pub(crate) mod people;
pub(crate) mod portal;

use patchcord_emulator::{Emulator, EmulatorConfig};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

pub(crate) const CALLBACK: &str = "http://127.0.0.1:9/admin/msdynamicscallback.html";

pub(crate) struct Kit {
    pub(crate) emulator: Emulator,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// An emulator on free ports, in memory, http only.
pub(crate) async fn emulator(seed: u32) -> Emulator {
    emulator_with(config(seed)).await
}

pub(crate) fn config(seed: u32) -> EmulatorConfig {
    let http = "127.0.0.1:0".parse().ok();
    EmulatorConfig { http, https: None, seed, ..EmulatorConfig::default() }
}

pub(crate) async fn emulator_with(config: EmulatorConfig) -> Emulator {
    Emulator::start(config).await.unwrap()
}

/// The same, with a user signed in.
pub(crate) async fn signed_in(seed: u32) -> Kit {
    sign_in(emulator(seed).await).await
}

pub(crate) async fn sign_in(emulator: Emulator) -> Kit {
    let http = client();
    let code = code(&http, &emulator, &[]).await;
    let answer = redeem(&http, &emulator, &code, &[]).await;
    let token = answer["access_token"].as_str().unwrap().to_owned();
    Kit { emulator, http, token }
}

pub(crate) fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// The v2 scope of the emulator's Web API with everything asked for.
pub(crate) fn scope(emulator: &Emulator) -> String {
    format!("{}/user_impersonation offline_access openid profile", emulator.setup().http_url)
}

/// The parameters of a v2 authorization request; later ones of the same name replace earlier.
pub(crate) fn authorize_query(emulator: &Emulator, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut query: Vec<(String, String)> = vec![
        ("client_id".into(), emulator.setup().client_id.clone()),
        ("response_type".into(), "code".into()),
        ("redirect_uri".into(), CALLBACK.into()),
        ("scope".into(), scope(emulator)),
        ("state".into(), "s&1".into()),
    ];
    for (name, value) in more {
        query.retain(|(known, _)| known != name);
        query.push(((*name).into(), (*value).into()));
    }
    query
}

/// The value of a form's hidden `ctx` field.
pub(crate) fn context(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"ctx\" value=\"").expect("a form with a context");
    rest.split_once('"').unwrap().0.to_owned()
}

/// Posts a form of the sign-in pages.
pub(crate) async fn post(
    http: &Client,
    emulator: &Emulator,
    path: &str,
    form: &[(&str, &str)],
) -> Response {
    let setup = emulator.setup();
    let url = format!("{}/{}/{path}", setup.http_url, setup.tenant);
    http.post(url).form(form).send().await.unwrap()
}

/// Signs the demo user in at `url`, answers the consent page if there is one, and returns where
/// the browser is sent.
pub(crate) async fn consent(
    http: &Client,
    emulator: &Emulator,
    url: &str,
    query: &[(String, String)],
    decision: &str,
) -> url::Url {
    let page = http.get(url).query(query).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let ctx = context(&page.text().await.unwrap());
    let setup = emulator.setup();
    let form = [("ctx", &*ctx), ("login", &setup.user), ("passwd", &setup.password)];
    let mut answer = post(http, emulator, "login", &form).await;
    if answer.status() == 200 {
        let page = answer.text().await.unwrap();
        assert!(page.contains("Accept") && page.contains("Dynamics 365"), "{page}");
        let form = [("ctx", &*context(&page)), ("decision", decision)];
        answer = post(http, emulator, "consent", &form).await;
    }
    assert_eq!(answer.status(), 302);
    answer.headers()["location"].to_str().unwrap().parse().unwrap()
}

pub(crate) fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A code from the v2 endpoint.
pub(crate) async fn code(http: &Client, emulator: &Emulator, more: &[(&str, &str)]) -> String {
    let url = &emulator.setup().authorization_url;
    let target = consent(http, emulator, url, &authorize_query(emulator, more), "accept").await;
    parameter(&target, "code").expect("a code")
}

/// The form of a v2 token request for a code; later fields replace earlier.
pub(crate) fn code_form(
    emulator: &Emulator,
    code: &str,
    more: &[(&str, &str)],
) -> Vec<(String, String)> {
    let setup = emulator.setup();
    let mut form: Vec<(String, String)> = vec![
        ("grant_type".into(), "authorization_code".into()),
        ("client_id".into(), setup.client_id.clone()),
        ("client_secret".into(), setup.client_secret.clone()),
        ("code".into(), code.into()),
        ("redirect_uri".into(), CALLBACK.into()),
    ];
    for (name, value) in more {
        form.retain(|(known, _)| known != name);
        form.push(((*name).into(), (*value).into()));
    }
    form
}

pub(crate) async fn redeem(
    http: &Client,
    emulator: &Emulator,
    code: &str,
    more: &[(&str, &str)],
) -> Value {
    token(http, &emulator.setup().token_url, &code_form(emulator, code, more)).await
}

pub(crate) async fn refresh(http: &Client, emulator: &Emulator, token_value: &str) -> Value {
    let form =
        code_form(emulator, "", &[("grant_type", "refresh_token"), ("refresh_token", token_value)]);
    token(http, &emulator.setup().token_url, &form).await
}

pub(crate) async fn token(http: &Client, url: &str, form: &[(String, String)]) -> Value {
    http.post(url).form(form).send().await.unwrap().json().await.unwrap()
}

impl Kit {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.emulator.setup().api_url);
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The status and the error code of a GET that fails.
    pub(crate) async fn failure(&self, path: &str) -> (u16, String, String) {
        failure(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// Creates a row and returns its id.
    pub(crate) async fn create(&self, set: &str, body: Value) -> String {
        created(self.request(Method::POST, set).json(&body).send().await.unwrap()).await
    }

    /// Calls an action, and returns its answer; nothing where it answers nothing.
    pub(crate) async fn act(&self, path: &str, body: Value) -> Value {
        let response = self.request(Method::POST, path).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        assert_eq!(status == 204, text.is_empty(), "{path}: {status} {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    /// The status, the code and the message of an action that fails.
    pub(crate) async fn refusal(&self, path: &str, body: Value) -> (u16, String, String) {
        failure(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn change(&self, path: &str, body: Value) -> u16 {
        let request = self.request(Method::PATCH, path).header("If-Match", "*").json(&body);
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> u16 {
        let url = format!("{}/_emulator/{path}", self.emulator.setup().http_url);
        self.http.post(url).json(&body).send().await.unwrap().status().as_u16()
    }
}

/// The id of a row that was created.
pub(crate) async fn created(response: Response) -> String {
    let status = response.status();
    let id = response.headers().get("odata-entityid").map(|id| id.to_str().unwrap().to_owned());
    assert_eq!(status, 204, "{}", response.text().await.unwrap());
    let id = id.unwrap();
    let start = id.rfind('(').unwrap();
    id[start + 1..id.len() - 1].to_owned()
}

pub(crate) async fn failure(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    (status, text("code"), text("message"))
}

/// The error and the AADSTS code of a token endpoint's answer.
pub(crate) fn aadsts(answer: &Value) -> (String, u64) {
    let code = answer["error_codes"][0].as_u64().unwrap_or_default();
    let description = answer["error_description"].as_str().unwrap_or_default();
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{answer}");
    (answer["error"].as_str().unwrap_or_default().to_owned(), code)
}

/// The claims of a token, unchecked.
pub(crate) fn claims(token: &Value) -> Value {
    use base64::Engine;
    let part = token.as_str().expect("a token").split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// An emulator with a directory of its own, over http.
pub(crate) async fn emulator_of(directory: &std::path::Path) -> Emulator {
    let address = "127.0.0.1:0".parse().unwrap();
    let config = EmulatorConfig {
        http: Some(address),
        https: None,
        directory: Some(directory.to_owned()),
        seed: 0,
        ..EmulatorConfig::default()
    };
    Emulator::start(config).await.unwrap()
}
