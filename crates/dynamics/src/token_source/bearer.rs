//! One access token with the two moments that matter: when to fetch the next, and when to stop using it.
//!
//! Both are measured from the moment of its arrival, so that the clocks of this machine and of Entra ID may differ.

use std::time::Duration;

use http::HeaderValue;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// How long before its expiry a token is renewed while it is still used.
const RENEW_AHEAD: Duration = Duration::from_secs(300);
/// How long before its expiry a token is no longer used: clocks differ and requests take time.
const SKEW: Duration = Duration::from_secs(30);
/// No token is taken to live longer; those of continuous access evaluation live up to 28 hours.
const LONGEST_LIFETIME: Duration = Duration::from_secs(48 * 60 * 60);

/// An access token and when to stop using it.
pub(crate) struct Bearer {
    token: SecretString,
    /// Made once: a token is long, and every request bears it. None where it holds what no header can.
    header: Option<HeaderValue>,
    pub(super) arrived: Instant,
    /// From when on a new one is fetched while this one is still used.
    pub(super) renew_at: Instant,
    /// From when on it is not used.
    pub(super) expires_at: Instant,
    /// When it expires, for people to read.
    pub(super) expires: Timestamp,
}

impl Bearer {
    pub(super) fn new(token: SecretString, lifetime: Duration) -> Self {
        let now = Instant::now();
        let lifetime = lifetime.min(LONGEST_LIFETIME);
        Self {
            header: header(&token),
            token,
            arrived: now,
            renew_at: now + lifetime.saturating_sub(RENEW_AHEAD.min(lifetime / 5)),
            expires_at: now + lifetime.saturating_sub(SKEW.min(lifetime / 10)),
            expires: Timestamp::now().saturating_add(lifetime).unwrap_or(Timestamp::MAX),
        }
    }

    pub(crate) fn expose(&self) -> &str {
        self.token.expose_secret()
    }

    /// The value of `Authorization`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        self.header.clone()
    }
}

fn header(token: &SecretString) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(seconds: u64) -> Bearer {
        Bearer::new(SecretString::from("t"), Duration::from_secs(seconds))
    }

    #[test]
    fn an_hour_is_renewed_minutes_ahead() {
        let hour = bearer(3_600);
        assert_eq!(hour.expires_at - hour.renew_at, RENEW_AHEAD - SKEW);
        assert!(hour.renew_at > Instant::now());
    }

    #[test]
    fn short_and_absurd_lifetimes_are_no_obstacle() {
        let short = bearer(10);
        assert_eq!(short.expires_at - short.renew_at, Duration::from_secs(1));
        assert!(bearer(0).expires_at <= Instant::now());
        assert!(bearer(u64::MAX).expires_at > Instant::now());
    }
}
