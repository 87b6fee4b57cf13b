//! The cookie of the sign-in session: HttpOnly, and sent along where a user is led here from another site.
//!
//! Without `Secure`, because the emulator is also reached over http; it holds nothing that is worth stealing.

use axum::response::Response;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

const NAME: &str = "patchcord_emulator_session";

pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == NAME).map(|cookie| cookie.value().to_owned())
}

pub(super) fn set(mut response: Response, session: &str) -> Response {
    let cookie = Cookie::build((NAME, session)).path("/").http_only(true).same_site(SameSite::Lax);
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
