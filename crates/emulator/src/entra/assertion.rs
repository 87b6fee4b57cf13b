//! The certificate credential: a JWT that the client signed with the key of a registered certificate.
//!
//! Today's form is PS256 with `x5t#S256`, the older one RS256 with `x5t`; both are taken. A certificate in `x5c` is read
//! by nobody: only the registered ones count. `jti` may be used again, as nothing documents a check.
//!
//! Source: learn.microsoft.com/entra/identity-platform/certificate-credentials

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde::Deserialize;

use super::errors::EntraError;
use super::registry::{App, Parsed, Tenant};
use crate::control::is_loopback;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far the client's clock may be off.
const TOLERANCE_SECONDS: f64 = 300.0;

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    /// Seconds, which may have a fraction (RFC 7519 section 2, NumericDate); MSAL for Python sends one.
    exp: f64,
    nbf: Option<f64>,
}

pub(crate) fn check_type(kind: Option<&str>) -> Result<(), EntraError> {
    match kind {
        Some(TYPE) => Ok(()),
        None => Err(EntraError::missing("client_assertion_type")),
        Some(other) => {
            let message =
                format!("The value '{other}' of 'client_assertion_type' is not supported.");
            Err(EntraError::new("invalid_request", 90023, message))
        }
    }
}

/// The client id that an assertion claims, unproven; a request may leave `client_id` out.
pub(crate) fn claimed_client(assertion: &str) -> Option<String> {
    jsonwebtoken::dangerous::insecure_decode_claims::<Claims>(assertion)
        .ok()
        .map(|claims| claims.sub)
}

pub(crate) fn verify(
    app: &App,
    assertion: &str,
    tenant: Option<&Tenant>,
    now: Timestamp,
) -> Result<(), EntraError> {
    let refused = |code, message: &str| Err(EntraError::new("invalid_client", code, message));
    let Ok(header) = decode_header(assertion) else {
        return refused(50027, "JWT token is invalid or malformed.");
    };
    let claims = signed_claims(app, assertion, &header)?;
    if !claims.iss.eq_ignore_ascii_case(&app.client_id)
        || !claims.sub.eq_ignore_ascii_case(&app.client_id)
    {
        return refused(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        );
    }
    if !is_audience(&claims.aud, tenant) {
        return refused(700_023, "Client assertion audience claim does not match Realm issuer.");
    }
    let now = now.as_second() as f64;
    let begins = claims.nbf.unwrap_or(now);
    if claims.exp + TOLERANCE_SECONDS <= now || begins - TOLERANCE_SECONDS > now {
        return refused(700_024, "Client assertion is not within its valid time range.");
    }
    Ok(())
}

/// The claims, once the signature is that of a registered certificate.
fn signed_claims(app: &App, assertion: &str, header: &Header) -> Result<Claims, EntraError> {
    let refused = |detail: &str| {
        let message = format!("Client assertion failed signature validation. {detail}");
        Err(EntraError::new("invalid_client", 700_027, message))
    };
    if ![Algorithm::PS256, Algorithm::RS256].contains(&header.alg) {
        return refused("The algorithm must be PS256 or RS256.");
    }
    if header.x5t.is_none() && header.x5t_s256.is_none() {
        return refused("The header names no certificate ('x5t#S256' or 'x5t').");
    }
    let mut registered = app.certificates.iter().filter_map(|known| known.parsed().ok());
    let Some(certificate) = registered.find(|known| is_named(known, header)) else {
        return refused(
            "The key was not found. No certificate with the thumbprint of the header is \
             registered for the app.",
        );
    };
    let mut validation = Validation::new(header.alg);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    match decode::<Claims>(assertion, &certificate.decoding_key(), &validation) {
        Ok(read) => Ok(read.claims),
        Err(error) => match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => Err(EntraError::new(
                "invalid_client",
                50027,
                "JWT token is invalid or malformed: 'aud', 'iss', 'sub' and 'exp' are needed.",
            )),
            _ => refused("The signature is not that of the certificate's key."),
        },
    }
}

fn is_named(certificate: &Parsed, header: &Header) -> bool {
    match (&header.x5t_s256, &header.x5t) {
        (Some(x5t), _) => certificate.is_x5t_s256(x5t),
        (None, Some(x5t)) => certificate.is_x5t(x5t),
        (None, None) => false,
    }
}

/// The token endpoint in any of its documented forms, or the tenant's issuer; the port is not compared.
fn is_audience(audience: &str, tenant: Option<&Tenant>) -> bool {
    let Ok(url) = url::Url::parse(audience) else {
        return false;
    };
    let path = url.path().trim_matches('/');
    let (named, rest) = path.split_once('/').unwrap_or((path, ""));
    let common = ["common", "organizations"].contains(&named);
    let of_tenant = common || tenant.is_none_or(|tenant| tenant.is_named(named));
    is_loopback(&url)
        && of_tenant
        && ["oauth2/v2.0/token", "oauth2/token", "v2.0", ""].contains(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_is_the_token_endpoint_in_a_documented_form() {
        for right in [
            "http://127.0.0.1:8470/common/oauth2/v2.0/token",
            "https://localhost:8471/5c6f1a2e-0d7b-4b7e-9a54-0f6f3f2c8d11/oauth2/token",
            "https://localhost/emulator.example/v2.0",
        ] {
            assert!(is_audience(right, None), "{right}");
        }
        for wrong in
            ["https://login.example/t/oauth2/v2.0/token", "nothing", "http://localhost/t/x"]
        {
            assert!(!is_audience(wrong, None), "{wrong}");
        }
    }
}
