//! People of the built-in directory, signed in beside the demo user, each with a role of their own.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::Kit;
use super::browser::{Browser, Step};

/// Customer Service Representative.
pub(crate) const AGENT: &str = "agent@emulator.example";
/// Basic User.
pub(crate) const BASIC: &str = "reader@emulator.example";
/// Salesperson.
pub(crate) const SELLER: &str = "assigned@emulator.example";
/// Not a user of the organisation.
pub(crate) const OUTSIDER: &str = "outsider@emulator.example";

/// Somebody who is signed in.
pub(crate) struct Person<'a> {
    kit: &'a Kit,
    token: String,
}

impl<'a> Person<'a> {
    pub(crate) async fn sign_in(kit: &'a Kit, name: &str) -> Self {
        let emulator = &kit.emulator;
        let browser = Browser::new(emulator);
        let url = &emulator.setup().authorization_url;
        let page = browser.open(url, &super::authorize_query(emulator, &[])).await.page();
        let mut step = browser.sign_in(&page, name).await;
        if let Step::Page(page) = &step {
            step = browser.decide(page, "accept").await;
        }
        let code = super::parameter(&step.redirect(), "code").expect("a code");
        let answer = super::redeem(&kit.http, emulator, &code, &[]).await;
        Self { kit, token: answer["access_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.kit.emulator.setup().api_url);
        self.kit.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        self.request(method, path).json(body).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) async fn failure(&self, path: &str) -> (u16, String, String) {
        super::failure(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// Creates a row and returns its id.
    pub(crate) async fn create(&self, set: &str, body: &Value) -> String {
        super::created(self.send(Method::POST, set, body).await).await
    }

    pub(crate) async fn me(&self) -> String {
        self.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned()
    }
}
