//! Cookies of an account that asks for them, so that its requests keep to one web server.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Uri};
use url::Url;

#[derive(Default)]
pub(super) struct Cookies(Mutex<CookieStore>);

impl Cookies {
    /// Adds those that belong to a request.
    pub(super) fn put(&self, uri: &Uri, headers: &mut HeaderMap) {
        let Some(url) = url(uri) else { return };
        let cookies: Vec<_> = self
            .store()
            .get_request_values(&url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if cookies.is_empty() {
            return;
        }
        if let Ok(mut cookies) = HeaderValue::try_from(cookies.join("; ")) {
            cookies.set_sensitive(true);
            headers.insert(COOKIE, cookies);
        }
    }

    /// Keeps those of an answer.
    pub(super) fn keep(&self, uri: &Uri, headers: &HeaderMap) {
        let Some(url) = url(uri) else { return };
        let told = headers.get_all(SET_COOKIE).iter();
        let told = told.filter_map(|told| RawCookie::parse(told.to_str().ok()?.to_owned()).ok());
        self.store().store_response_cookies(told, &url);
    }

    fn store(&self) -> MutexGuard<'_, CookieStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn url(uri: &Uri) -> Option<Url> {
    Url::parse(&uri.to_string()).ok()
}
