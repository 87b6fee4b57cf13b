//! A browser in which somebody is signed in: it keeps its cookie and shows what the console shows.

use patchcord::Role;
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, World};

/// The password of everybody; looked for wherever it must not be.
pub(crate) const PASSWORD: &str = "canary horse staple";

/// Somebody who is signed in.
pub(crate) struct Browser {
    /// The cookie with its name.
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl World {
    /// Adds a user, and signs that user in.
    pub(crate) async fn signed_in(&self, name: &str, role: Role) -> Browser {
        self.patchcord.users().add(name, role, &PASSWORD.into()).await.unwrap();
        let answer = self.sign_in(name, PASSWORD).await;
        Browser::of(&answer)
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password });
        self.send(self.request(Method::POST, "/v1/session").json(&body)).await
    }

    /// Sends JSON as the console does.
    pub(crate) async fn by(
        &self,
        browser: &Browser,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let request = browser.shown(self.request(method, path));
        self.send(body.iter().fold(request, |request, body| request.json(body))).await
    }

    /// Whether this browser is signed in.
    pub(crate) async fn knows(&self, browser: &Browser) -> bool {
        let session = self.by(browser, Method::GET, "/v1/session", None).await;
        session.status == StatusCode::OK
    }
}

impl Browser {
    /// The one in which a session has just begun.
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { cookie, csrf: answer.json["csrf"].as_str().unwrap().to_owned() }
    }

    /// With its cookie.
    pub(crate) fn sent(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(header::COOKIE, &self.cookie)
    }

    /// With its cookie and all that a page of ours adds.
    pub(crate) fn shown(&self, request: RequestBuilder) -> RequestBuilder {
        self.sent(request)
            .header("x-csrf-token", &self.csrf)
            .header("sec-fetch-site", "same-origin")
    }
}
