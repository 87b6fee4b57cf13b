//! Somebody at a browser: keeps the session cookie, fills in forms by hand, and says where they lead.

use std::sync::Mutex;

use patchcord_emulator::Emulator;
use reqwest::{Client, Response};
use scraper::{Html, Selector};

/// The forms of the sign-in, one request at a time.
pub(crate) struct Browser<'a> {
    pub(crate) http: Client,
    emulator: &'a Emulator,
    cookie: Mutex<Option<String>>,
}

/// What came of a step.
pub(crate) enum Step {
    Page(String),
    Redirect(url::Url),
}

impl Step {
    #[track_caller]
    pub(crate) fn page(self) -> String {
        match self {
            Self::Page(page) => page,
            Self::Redirect(url) => panic!("a redirect to {url} in place of a page"),
        }
    }

    #[track_caller]
    pub(crate) fn redirect(self) -> url::Url {
        match self {
            Self::Redirect(url) => url,
            Self::Page(page) => panic!("a page in place of a redirect: {page}"),
        }
    }
}

impl<'a> Browser<'a> {
    pub(crate) fn new(emulator: &'a Emulator) -> Self {
        Self { http: super::client(), emulator, cookie: Mutex::default() }
    }

    pub(crate) async fn open(&self, url: &str, query: &[(String, String)]) -> Step {
        let request = self.with_cookie(self.http.get(url).query(query));
        self.step(request.send().await.unwrap()).await
    }

    /// Posts a form of the sign-in pages of the first tenant.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Step {
        let setup = self.emulator.setup();
        self.send(&format!("{}/{}/{path}", setup.http_url, setup.tenant), form).await
    }

    pub(crate) async fn send(&self, url: &str, form: &[(&str, &str)]) -> Step {
        let request = self.with_cookie(self.http.post(url).form(form));
        self.step(request.send().await.unwrap()).await
    }

    /// Fills in the sign-in page `page`.
    pub(crate) async fn sign_in(&self, page: &str, user: &str) -> Step {
        let context = super::context(page);
        let password = &self.emulator.setup().password;
        self.post("login", &[("ctx", &context), ("login", user), ("passwd", password)]).await
    }

    pub(crate) async fn decide(&self, page: &str, decision: &str) -> Step {
        self.post("consent", &[("ctx", &super::context(page)), ("decision", decision)]).await
    }

    fn with_cookie(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &*self.cookie.lock().unwrap() {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }

    async fn step(&self, response: Response) -> Step {
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            *self.cookie.lock().unwrap() = Some(cookie.split(';').next().unwrap().to_owned());
        }
        if response.status().is_redirection() {
            let target = response.headers()["location"].to_str().unwrap();
            return Step::Redirect(response.url().join(target).unwrap());
        }
        Step::Page(response.text().await.unwrap())
    }
}

/// The text of the first element that a CSS selector finds.
pub(crate) fn text(page: &str, selector: &str) -> String {
    let document = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    let found = document.select(&selector).next();
    found.map(|element| element.text().collect::<String>()).unwrap_or_default()
}
