//! Functions that write text in another form: encodings, hashes, escapes, JSON.

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::text_at;
use crate::parameter::Parameter;

/// Many who send Base64 leave the `=` at its end out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn base64_encode(arguments: &[Value]) -> Result<Value, String> {
    Ok(STANDARD.encode(text_at(arguments, 0)?).into())
}

pub(super) fn base64_decode(arguments: &[Value]) -> Result<Value, String> {
    let bytes = LENIENT.decode(text_at(arguments, 0)?);
    let bytes = bytes.map_err(|_| "the text is no Base64")?;
    let text = String::from_utf8(bytes);
    text.map(Value::String).map_err(|_| "what is encoded is no text in UTF-8".to_owned())
}

#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

impl Algorithm {
    fn parse(name: &str) -> Result<Self, String> {
        match name.to_ascii_uppercase().as_str() {
            "MD5" => Ok(Self::Md5),
            "SHA-1" | "SHA1" => Ok(Self::Sha1),
            "SHA-256" | "SHA256" => Ok(Self::Sha256),
            _ => Err(format!("`{name}` is no hash function; there are MD5, SHA-1 and SHA-256")),
        }
    }

    fn hash(self, text: &str) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
        }
    }

    fn hmac(self, key: &str, text: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::Md5 => authenticated::<Hmac<Md5>>(key, text),
            Self::Sha1 => authenticated::<Hmac<Sha1>>(key, text),
            Self::Sha256 => authenticated::<Hmac<Sha256>>(key, text),
        }
    }
}

fn authenticated<M: Mac + KeyInit>(key: &str, text: &str) -> Result<Vec<u8>, String> {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes())
        .map_err(|_| "the key cannot be used".to_owned())?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

pub(super) fn hmac(arguments: &[Value]) -> Result<Value, String> {
    let algorithm = Algorithm::parse(text_at(arguments, 0)?)?;
    let code = algorithm.hmac(text_at(arguments, 1)?, text_at(arguments, 2)?)?;
    Ok(STANDARD.encode(code).into())
}

pub(super) fn hash(arguments: &[Value]) -> Result<Value, String> {
    let hash = Algorithm::parse(text_at(arguments, 0)?)?.hash(text_at(arguments, 1)?);
    let format = if arguments.len() > 2 { text_at(arguments, 2)? } else { "base64" };
    match format {
        "base64" => Ok(STANDARD.encode(hash).into()),
        "hex" => {
            let hex = hash.iter().map(|byte| format!("{byte:02x}"));
            Ok(hex.collect::<String>().into())
        }
        other => Err(format!("`{other}` is no format of a hash; there are base64 and hex")),
    }
}

pub(super) fn escape_json(arguments: &[Value]) -> Result<Value, String> {
    Ok(Parameter::Json.apply(text_at(arguments, 0)?).into())
}

pub(super) fn escape_url(arguments: &[Value]) -> Result<Value, String> {
    Ok(Parameter::Url.apply(text_at(arguments, 0)?).into())
}

pub(super) fn escape_odata(arguments: &[Value]) -> Result<Value, String> {
    Ok(Parameter::OData.apply(text_at(arguments, 0)?).into())
}

pub(super) fn parse_json(arguments: &[Value]) -> Result<Value, String> {
    let parsed = serde_json::from_str(text_at(arguments, 0)?);
    parsed.map_err(|error| format!("the text is no JSON: {error}"))
}

pub(super) fn to_json(arguments: &[Value]) -> Result<Value, String> {
    Ok(arguments[0].to_string().into())
}

pub(super) fn check_algorithm(fixed: &[Option<&str>]) -> Result<(), (usize, String)> {
    match fixed.first() {
        Some(Some(name)) => Algorithm::parse(name).map(drop).map_err(|problem| (0, problem)),
        _ => Ok(()),
    }
}
