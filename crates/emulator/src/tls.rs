//! The local CA and the certificate for 127.0.0.1 and localhost, made once and kept.
//!
//! Microsoft's own clients refuse http, so the emulator must speak https. The CA may sign for
//! loopback names only, so that trusting it can not be abused for any other site.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use axum_server::tls_rustls::RustlsConfig;
use jiff::ToSpan;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};

use crate::EmulatorError;

const CA_FILE: &str = "ca.pem";
const CA_KEY_FILE: &str = "ca-key.pem";
const CERTIFICATE_FILE: &str = "certificate.pem";
const KEY_FILE: &str = "key.pem";

/// The certificate with its key, and the file of the CA that signed it.
pub(crate) struct Identity {
    pub(crate) ca_file: PathBuf,
    pub(crate) rustls: RustlsConfig,
}

/// How long a certificate is good for; clients refuse one that lives longer than 825 days.
const CERTIFICATE_DAYS: i64 = 800;
/// At which age it is replaced by the next start.
const RENEWAL_DAYS: u64 = 600;

/// Takes the files in `folder`, making those that are missing or, of the certificate, too old.
pub(crate) async fn identity(folder: &Path) -> Result<Identity, EmulatorError> {
    let file = |name: &str| folder.join(name);
    if !(file(CA_FILE).is_file() && file(CA_KEY_FILE).is_file()) {
        make_authority(folder)?;
        make_certificate(folder)?;
    } else if !file(KEY_FILE).is_file() || !is_fresh(&file(CERTIFICATE_FILE)) {
        make_certificate(folder)?;
    }
    let read = |name: &str| fs::read(file(name)).map_err(at(&file(name)));
    let rustls = RustlsConfig::from_pem(read(CERTIFICATE_FILE)?, read(KEY_FILE)?)
        .await
        .map_err(at(&file(CERTIFICATE_FILE)))?;
    let ca_file = fs::canonicalize(file(CA_FILE)).map_err(at(&file(CA_FILE)))?;
    Ok(Identity { ca_file, rustls })
}

fn is_fresh(certificate: &Path) -> bool {
    let age = fs::metadata(certificate)
        .and_then(|metadata| metadata.modified())
        .map(|written| written.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age.as_secs() < RENEWAL_DAYS * 24 * 60 * 60)
}

fn make_authority(folder: &Path) -> Result<(), EmulatorError> {
    let key = KeyPair::generate()?;
    let certificate = authority().self_signed(&key)?;
    write(&folder.join(CA_FILE), &certificate.pem(), false)?;
    write(&folder.join(CA_KEY_FILE), &key.serialize_pem(), true)
}

fn make_certificate(folder: &Path) -> Result<(), EmulatorError> {
    let ca_key_file = folder.join(CA_KEY_FILE);
    let ca_key = fs::read_to_string(&ca_key_file).map_err(at(&ca_key_file))?;
    let issuer = Issuer::new(authority(), KeyPair::from_pem(&ca_key)?);
    let key = KeyPair::generate()?;
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Patchcord emulator");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let today = jiff::Zoned::now().date();
    let on = |date: Date| {
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        rcgen::date_time_ymd(date.year().into(), month, day)
    };
    params.not_before = on(today.saturating_sub(1.day()));
    params.not_after = on(today.saturating_add(CERTIFICATE_DAYS.days()));
    let certificate = params.signed_by(&key, &issuer)?;
    write(&folder.join(KEY_FILE), &key.serialize_pem(), true)?;
    write(&folder.join(CERTIFICATE_FILE), &certificate.pem(), false)
}

/// The CA's parameters, which must stay the same for a kept key to go on signing for it.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Patchcord emulator local CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".into()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(
                std::net::Ipv6Addr::LOCALHOST.octets(),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    params
}

fn write(path: &Path, text: &str, private: bool) -> Result<(), EmulatorError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if private { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = private;
    let mut file = options.open(path).map_err(at(path))?;
    file.write_all(text.as_bytes()).map_err(at(path))
}

pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> EmulatorError {
    let path = path.to_owned();
    move |source| EmulatorError::File { path: path.clone(), source }
}
