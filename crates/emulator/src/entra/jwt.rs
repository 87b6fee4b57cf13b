//! The key that signs tokens, and reading back the access tokens that it signed.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde::{Deserialize, Serialize};

use super::scope::is_dataverse;
use crate::EmulatorError;

/// How far a token's `nbf` may lie ahead.
const TOLERANCE_SECONDS: i64 = 300;

pub(crate) struct SigningKey {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    jwk: Jwk,
}

/// The claims of an access token that the Web API reads.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Bearer {
    /// Object id of the user, or of the app's service principal.
    pub(crate) oid: String,
    /// The client that the token was issued to.
    pub(crate) appid: String,
    /// `app` in a token that speaks for the app itself, without a user.
    pub(crate) idtyp: Option<String>,
    aud: String,
    exp: i64,
    nbf: i64,
    /// See `Entra::expire_access_tokens`.
    #[serde(rename = "xms_emulator_generation")]
    pub(crate) generation: u64,
}

/// Why a bearer token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Invalid,
    Expired,
    WrongAudience,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, EmulatorError> {
        let pem = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?.serialize_pem();
        let encoding = EncodingKey::from_rsa_pem(pem.as_bytes())?;
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::RS256)?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        jwk.common.key_id = Some(id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { id, encoding, decoding: DecodingKey::from_jwk(&jwk)?, jwk })
    }

    pub(crate) fn sign(&self, claims: &serde_json::Value) -> jsonwebtoken::errors::Result<String> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.clone());
        // v1.0 access tokens name the key in `x5t` too, by the same value.
        header.x5t = Some(self.id.clone());
        encode(&header, claims, &self.encoding)
    }

    /// Reads a token by the emulator's clock. No tolerance at its end: issuer and verifier are one machine, and a test
    /// that sets a lifetime wants it kept.
    pub(crate) fn verify(&self, token: &str, now: i64) -> Result<Bearer, Refused> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_aud = false;
        validation.validate_exp = false;
        let read = decode::<Bearer>(token, &self.decoding, &validation);
        let bearer = read.map_err(|_| Refused::Invalid)?.claims;
        if bearer.exp <= now {
            return Err(Refused::Expired);
        }
        if bearer.nbf > now + TOLERANCE_SECONDS {
            return Err(Refused::Invalid);
        }
        if is_dataverse(&bearer.aud) { Ok(bearer) } else { Err(Refused::WrongAudience) }
    }

    /// Whether an id token is one of ours, and whose: what `id_token_hint` is read for, so its age does not matter.
    pub(crate) fn subject_of(&self, token: &str) -> Option<String> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_aud = false;
        validation.validate_exp = false;
        let read = decode::<serde_json::Value>(token, &self.decoding, &validation).ok()?;
        Some(read.claims.get("oid")?.as_str()?.to_owned())
    }

    pub(crate) fn jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.jwk.clone()] }
    }
}
