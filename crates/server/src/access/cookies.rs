//! What browsers keep for us.
//!
//! The session is in a cookie that no script can read and no other site can make a browser send. Under https it is bound to
//! this host (`__Host-`) and never goes out unencrypted. Cookies know no ports: where the address has one it is in the name,
//! so that two servers on one machine do not sign each other's people out.
//!
//! A consent begun in a browser comes back from Entra ID, which is another site, so a cookie of its own tells that it is
//! the same browser: `Lax`, for ten minutes, and good for nothing else.

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// As long as a consent that was begun is waited for.
const CONSENT: cookie::time::Duration = cookie::time::Duration::minutes(10);

/// How the cookies of this server are called and kept.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    session: String,
    consent: String,
    secure: bool,
}

impl Cookies {
    /// Those of the server that browsers reach under this address.
    pub(crate) fn of(public_url: &Url) -> Self {
        let secure = public_url.scheme() == "https";
        let prefix = if secure { "__Host-" } else { "" };
        let port = public_url.port().map(|port| format!("-{port}")).unwrap_or_default();
        let name = |what: &str| format!("{prefix}patchcord-{what}{port}");
        Self { session: name("session"), consent: name("consent"), secure }
    }

    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<SecretString> {
        read(headers, &self.session)
    }

    pub(crate) fn set_session(&self, secret: &SecretString) -> Option<HeaderValue> {
        self.written(&self.session, secret.expose_secret(), SameSite::Strict, None)
    }

    pub(crate) fn end_session(&self) -> Option<HeaderValue> {
        self.written(&self.session, "", SameSite::Strict, Some(cookie::time::Duration::ZERO))
    }

    pub(crate) fn consent(&self, headers: &HeaderMap) -> Option<SecretString> {
        read(headers, &self.consent)
    }

    pub(crate) fn set_consent(&self, secret: &SecretString) -> Option<HeaderValue> {
        self.written(&self.consent, secret.expose_secret(), SameSite::Lax, Some(CONSENT))
    }

    /// None where the value is no value of a header, which none that is made here is.
    fn written(
        &self,
        name: &str,
        value: &str,
        same_site: SameSite,
        life: Option<cookie::time::Duration>,
    ) -> Option<HeaderValue> {
        let cookie = Cookie::build((name, value)).path("/").http_only(true).same_site(same_site);
        let cookie = if self.secure { cookie.secure(true) } else { cookie };
        let cookie = match life {
            Some(life) => cookie.max_age(life),
            None => cookie,
        };
        let mut value = HeaderValue::try_from(cookie.build().to_string()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

fn read(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let found =
        lines.flat_map(Cookie::split_parse).filter_map(Result::ok).find(|c| c.name() == name);
    found.map(|cookie| SecretString::from(cookie.value()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(url: &str) -> Cookies {
        Cookies::of(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_session_is_kept_from_scripts_other_sites_and_open_networks() {
        let set = cookies("https://patchcord.example/x/").set_session(&"abc".into()).unwrap();
        let wanted = "__Host-patchcord-session=abc; HttpOnly; SameSite=Strict; Secure; Path=/";
        assert_eq!(set, wanted);
        let set = cookies("http://127.0.0.1:8460").set_session(&"abc".into()).unwrap();
        assert_eq!(set, "patchcord-session-8460=abc; HttpOnly; SameSite=Strict; Path=/");
        let set = cookies("https://patchcord.example").end_session().unwrap();
        assert!(set.to_str().unwrap().contains("Max-Age=0"), "{set:?}");
    }

    #[test]
    fn the_right_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; patchcord-session-8461=x"));
        headers.append(header::COOKIE, HeaderValue::from_static("patchcord-session-8460=mine; c"));
        let found = cookies("http://localhost:8460").session(&headers).unwrap();
        assert_eq!(found.expose_secret(), "mine");
        assert!(cookies("http://localhost:1").session(&headers).is_none());
    }
}
