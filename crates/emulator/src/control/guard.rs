//! Who may use the control API: programs and pages of this machine, by this machine's own name.
//!
//! A `Host` that is not a loopback name is refused, so that no page elsewhere gets here by a name that
//! resolves to this machine. What changes something is refused to a page of another origin, which a
//! browser tells by `Sec-Fetch-Site` and `Origin`; a program sends neither.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::problem::Problem;
use crate::server::Origin;

/// What the control API's pages may do: show themselves and post their forms here.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

pub(super) async fn guard(request: Request, next: Next) -> Response {
    let origin = request.extensions().get::<Origin>().map(|origin| origin.0.clone());
    let url = origin.as_ref().and_then(|origin| url::Url::parse(origin).ok());
    if !url.as_ref().is_some_and(is_loopback) {
        let detail = "the control API answers to loopback names only";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if !reads && is_foreign(request.headers(), &origin.unwrap_or_default()) {
        let detail = "a page of another origin may not change anything here";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let mut response = next.run(request).await;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether the host of `url` is this machine by name.
pub(crate) fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn is_foreign(headers: &HeaderMap, own: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let foreign_site = site.is_some_and(|site| ![b"same-origin" as &[u8], b"none"].contains(&site));
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    foreign_site || origin.is_some_and(|origin| !origin.eq_ignore_ascii_case(own.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_origin_is_foreign() {
        let foreign = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            is_foreign(&headers, "http://127.0.0.1:8470")
        };
        assert!(!is_foreign(&HeaderMap::new(), "http://127.0.0.1:8470"));
        assert!(!foreign("origin", "http://127.0.0.1:8470"));
        assert!(!foreign("sec-fetch-site", "same-origin") && !foreign("sec-fetch-site", "none"));
        assert!(foreign("origin", "http://127.0.0.1:3000") && foreign("origin", "null"));
        assert!(foreign("origin", "https://attacker.example"));
        assert!(foreign("sec-fetch-site", "cross-site") && foreign("sec-fetch-site", "same-site"));
    }
}
