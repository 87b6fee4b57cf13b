//! The key that signs tokens, and reading back the access tokens that it signed.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde::{Deserialize, Serialize};

use super::scope::is_dataverse;
use crate::EmulatorError;

pub(crate) struct SigningKey {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    jwk: Jwk,
}

/// The claims of an access token that the Web API reads.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Bearer {
    /// The user's object id.
    pub(crate) oid: String,
    aud: String,
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
        encode(&header, claims, &self.encoding)
    }

    /// No clock tolerance: issuer and verifier are one machine, and a test that sets a lifetime
    /// wants it kept.
    pub(crate) fn verify(&self, token: &str) -> Result<Bearer, Refused> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_aud = false;
        validation.leeway = 0;
        let read = decode::<Bearer>(token, &self.decoding, &validation);
        let bearer = read.map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::ExpiredSignature => Refused::Expired,
            _ => Refused::Invalid,
        })?;
        if is_dataverse(&bearer.claims.aud) {
            Ok(bearer.claims)
        } else {
            Err(Refused::WrongAudience)
        }
    }

    pub(crate) fn jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.jwk.clone()] }
    }
}
