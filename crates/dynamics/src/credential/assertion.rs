//! The JWT with which a client that has a certificate proves itself (RFC 7523, 2.2).
//!
//! Header and claims are those of Microsoft's page "Microsoft identity platform application authentication certificate
//! credentials": `PS256`, `x5t#S256`, the token endpoint as audience, and an id that is used once.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, encode};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::Certificate;

/// `client_assertion_type` of every assertion (RFC 7523, 2.2).
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good; Microsoft's page recommends five to ten minutes.
const LIFE_SECONDS: i64 = 600;

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: Uuid,
    nbf: i64,
    iat: i64,
    exp: i64,
}

/// A new assertion for the token endpoint `audience`; none if the key cannot sign, which was tried when it was read.
pub(crate) fn client_assertion(
    certificate: &Certificate,
    client_id: &str,
    audience: &Url,
) -> Option<String> {
    let mut header = Header::new(Algorithm::PS256);
    header.x5t_s256 = Some(certificate.x5t_s256());
    let now = Timestamp::now().as_second();
    let claims = Claims {
        aud: audience.as_str(),
        iss: client_id,
        sub: client_id,
        jti: Uuid::new_v4(),
        nbf: now,
        iat: now,
        exp: now + LIFE_SECONDS,
    };
    encode(&header, &claims, certificate.signing_key()).ok()
}
