//! Somebody at the portal's pages, who posts their forms with the token that they carry.

use patchcord_emulator::Emulator;
use reqwest::{Client, Response};

pub(crate) struct Admin {
    http: Client,
    origin: String,
}

impl Admin {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self { http: super::client(), origin: emulator.setup().http_url.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        let response = self.http.get(format!("{}{path}", self.origin)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    /// The hidden token of a page's forms.
    pub(crate) async fn token(&self, page: &str) -> String {
        let page = self.get(page).await;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form with a token");
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// Posts a form of `page` to `path` and returns the page that this leads to.
    pub(crate) async fn post(&self, page: &str, path: &str, form: &[(&str, &str)]) -> String {
        let token = self.token(page).await;
        let form = [form, &[("csrf", token.as_str())]].concat();
        self.follow(self.send(path, &form).await).await
    }

    pub(crate) async fn send(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.http.post(format!("{}{path}", self.origin)).form(form).send().await.unwrap()
    }

    /// Posts a multipart form, as a page with a file does.
    pub(crate) async fn upload(&self, page: &str, path: &str, name: &str, file: &[u8]) -> String {
        let token = self.token(page).await;
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"{name}\"; filename=\"c.cer\"\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--b--\r\n"].concat();
        let request = self.http.post(format!("{}{path}", self.origin)).body(body);
        let request = request.header("Content-Type", "multipart/form-data; boundary=b");
        self.follow(request.send().await.unwrap()).await
    }

    pub(crate) async fn follow(&self, response: Response) -> String {
        let status = response.status();
        let Some(place) = response.headers().get("location") else {
            panic!("{status} in place of a redirect: {}", response.text().await.unwrap());
        };
        assert_eq!(status, 303);
        self.get(place.to_str().unwrap()).await
    }
}
