//! Whether a browser was sent here by a page of ours.
//!
//! Browsers say from which page a request comes: `Sec-Fetch-Site` and, with changes, `Origin`. What other programs send has
//! neither, and needs none: nobody can make them send what they do not want to.

use http::uri::Authority;
use http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use url::Url;

use crate::problem::Problem;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origin that is ours.
#[derive(Debug, Clone)]
pub(crate) struct Origins(String);

impl Origins {
    pub(crate) fn of(public_url: &Url) -> Self {
        Self(public_url.origin().ascii_serialization())
    }

    /// Refuses what a page of another site has a browser send. Ours is under the public address, or wherever the browser
    /// says that it found this server: in the header `Host`, and over HTTP/2, which has none, in the address itself.
    pub(super) fn check(&self, headers: &HeaderMap, address: &Uri) -> Result<(), Problem> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let same_site = text(SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
        let found = text(header::HOST).or(address.authority().map(Authority::as_str));
        let ours = text(header::ORIGIN).is_none_or(|origin| {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == self.0 || (host.is_some() && host == found)
        });
        if same_site && ours {
            return Ok(());
        }
        let detail = format!(
            "the browser says that another site sent this; open the console under {} or name its address with \
             `serve --public-url`",
            self.0
        );
        let title = "Another site sent this";
        Err(Problem::new(StatusCode::FORBIDDEN, "other-site", title, detail))
    }
}

/// The page from which a browser says that it comes, if it says so.
pub(crate) fn sent_from(headers: &HeaderMap) -> Option<Url> {
    Url::parse(headers.get(header::ORIGIN)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_another_site_sends_is_refused() {
        let ours = Origins::of(&Url::parse("https://patchcord.example/x/").unwrap());
        let check = |headers: &[(HeaderName, &'static str)]| {
            let pairs = headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v)));
            ours.check(&pairs.collect(), &Uri::from_static("/v1/session")).is_ok()
        };
        assert!(check(&[]), "no browser");
        assert!(check(&[(SITE, "same-origin"), (header::ORIGIN, "https://patchcord.example")]));
        let local = (header::HOST, "localhost:8460");
        assert!(check(&[(header::ORIGIN, "http://localhost:8460"), local.clone()]));
        for other in ["https://evil.example", "null", "http://patchcord.example", "localhost:8460"]
        {
            assert!(!check(&[(header::ORIGIN, other), local.clone()]), "{other}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(!check(&[(SITE, site)]), "{site}");
        }
        let over_http_2 = Uri::from_static("https://localhost:8460/v1/session");
        for (origin, good) in [("https://localhost:8460", true), ("https://evil.example", false)] {
            let headers =
                HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
            assert_eq!(ours.check(&headers, &over_http_2).is_ok(), good, "{origin}");
        }
    }
}
