//! The forms in which OpenSSL writes a certificate and its key, and what is said where one cannot be used.

use super::*;

const CERTIFICATE: &[u8] = include_bytes!("../../tests/certificates/certificate.pem");
const DER: &[u8] = include_bytes!("../../tests/certificates/certificate.cer");
const PKCS8: &[u8] = include_bytes!("../../tests/certificates/key.pem");
const PKCS1: &[u8] = include_bytes!("../../tests/certificates/key-pkcs1.pem");
const OTHER_KEY: &[u8] = include_bytes!("../../tests/certificates/other-key.pem");
const ENCRYPTED: &[u8] = include_bytes!("../../tests/certificates/key-encrypted.pem");
const ENCRYPTED_PKCS1: &[u8] = include_bytes!("../../tests/certificates/key-encrypted-pkcs1.pem");
const EC: &[u8] = include_bytes!("../../tests/certificates/ec.pem");
const MODERN: &[u8] = include_bytes!("../../tests/certificates/modern.pfx");
const LEGACY: &[u8] = include_bytes!("../../tests/certificates/legacy.pfx");
const NO_PASSWORD: &[u8] = include_bytes!("../../tests/certificates/no-password.pfx");
const NO_KEY: &[u8] = include_bytes!("../../tests/certificates/no-key.pfx");

fn two(file: &[u8], key: &[u8]) -> Result<Certificate, CertificateError> {
    CertificateFiles { file, key: Some(key), password: None }.read()
}

fn one(file: &[u8]) -> Result<Certificate, CertificateError> {
    CertificateFiles { file, ..CertificateFiles::default() }.read()
}

fn pfx(file: &[u8], password: &str) -> Result<Certificate, CertificateError> {
    let password = SecretString::from(password);
    CertificateFiles { file, key: None, password: Some(&password) }.read()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// What `openssl x509 -fingerprint` says of it.
fn assert_is_the_pair(read: Result<Certificate, CertificateError>) {
    let read = read.unwrap();
    assert_eq!(read.thumbprints().sha1, "CD5BE77D720DB974524EB292EE1CBC11B9103A4A");
    assert_eq!(
        read.thumbprints().sha256,
        "692EF34516F143A47E537C9B8B819FB30481828281".to_owned() + "01D1A618DAF3B462F447D9"
    );
    assert_eq!(read.not_after().to_string(), "2126-11-01T06:40:09Z");
    assert_eq!(read.subject(), "CN=patchcord test");
}

#[test]
fn every_form_of_the_pair_is_read() {
    assert_is_the_pair(one(&joined(&[PKCS8, CERTIFICATE])));
    assert_is_the_pair(one(&joined(&[b"Bag Attributes\n", CERTIFICATE, PKCS1])));
    for key in [PKCS8, PKCS1] {
        assert_is_the_pair(two(CERTIFICATE, key));
        assert_is_the_pair(two(DER, key));
        let der = pem::parse(key).unwrap().into_contents();
        assert_is_the_pair(two(DER, &der));
    }
    assert_is_the_pair(pfx(MODERN, "pä ss+&"));
    assert_is_the_pair(pfx(LEGACY, "canary"));
    assert_is_the_pair(pfx(NO_PASSWORD, ""));
    assert_is_the_pair(one(NO_PASSWORD));
}

#[test]
fn of_a_chain_the_certificate_of_the_key_is_taken() {
    let ec = pem::encode(&pem::parse_many(EC).unwrap()[1]);
    assert_is_the_pair(one(&joined(&[ec.as_bytes(), CERTIFICATE, PKCS8])));
}

#[test]
fn what_cannot_be_used_is_told_apart() {
    use CertificateError::*;
    for (read, fault) in [
        (one(CERTIFICATE), NoKey),
        (one(DER), NoKey),
        (pfx(NO_KEY, "canary"), NoKey),
        (one(PKCS8), NoCertificate),
        (one(b""), Unreadable),
        (one(b"4a8b2a52-1e2b-4d5c-8a2b-000000000000"), Unreadable),
        (one(&MODERN[..200]), Unreadable),
        (one(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), NoKey),
        (
            two(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", PKCS8),
            UnreadableCertificate,
        ),
        (
            two(CERTIFICATE, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            UnreadableKey,
        ),
        (two(CERTIFICATE, ENCRYPTED), EncryptedKey),
        (two(CERTIFICATE, ENCRYPTED_PKCS1), EncryptedKey),
        (two(CERTIFICATE, OTHER_KEY), OtherKey),
        (one(EC), NotRsa),
        (one(MODERN), PasswordNeeded),
        (pfx(MODERN, "wrong"), WrongPassword),
        (pfx(LEGACY, ""), WrongPassword),
    ] {
        let error = read.unwrap_err();
        assert_eq!(error, fault, "{error}");
    }
}

#[test]
fn the_sealed_form_is_read_back_and_nothing_else_shows_the_key() {
    let read = pfx(LEGACY, "canary").unwrap();
    let sealed = read.to_secret_text();
    assert_is_the_pair(Certificate::from_secret_text(&sealed));
    let shown = format!("{read:?} {sealed:?}");
    assert!(shown.contains("patchcord test") && !shown.contains("KEY-----"), "{shown}");
}

#[test]
fn the_assertion_is_what_microsofts_page_asks_for() {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
    let certificate = two(CERTIFICATE, PKCS8).unwrap();
    let audience = url::Url::parse("https://login.example/t/oauth2/v2.0/token").unwrap();
    let make = || crate::credential::assertion::client_assertion(&certificate, "app", &audience);
    let assertion = make().unwrap();
    let header = decode_header(&assertion).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::PS256, Some("JWT")));
    assert_eq!(header.x5t_s256.as_deref(), Some("aS7zRRbxQ6R-U3ybi4GfswSBgoKBAdGmGNrztGL0R9k"));
    let mut validation = Validation::new(Algorithm::PS256);
    validation.set_audience(&[audience.as_str()]);
    validation.set_issuer(&["app"]);
    validation.validate_nbf = true;
    let (_, public) = X509Certificate::from_der(DER).unwrap();
    let key = DecodingKey::from_rsa_der(&public.public_key().subject_public_key.data);
    let claims = decode::<serde_json::Value>(&assertion, &key, &validation).unwrap().claims;
    assert_eq!(claims["sub"], "app");
    let life = claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap();
    assert!((300..=600).contains(&life), "{life}");
    let again = decode::<serde_json::Value>(make().unwrap(), &key, &validation).unwrap().claims;
    assert_ne!(claims["jti"], again["jti"]);
}
