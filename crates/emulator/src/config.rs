//! What the emulator is started with, and the set-up it then tells its users.
//!
//! The set-up's secret and password are public demo values: printing them is their purpose. They
//! open nothing but this emulator, which listens on loopback only.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

use crate::limits::Limits;

/// Told every so often how many of how many rows have been made.
pub type Progress = fn(done: u32, all: u32);

/// How an emulator is started.
#[derive(Debug, Clone)]
pub struct EmulatorConfig {
    /// Address for http; `None` for no http. Loopback only; port 0 takes a free one.
    pub http: Option<SocketAddr>,
    /// Address for https; `None` for no https. Loopback only; port 0 takes a free one.
    pub https: Option<SocketAddr>,
    /// Folder for the CA, the certificate and the database, which are made once and reused.
    /// `None` keeps the database in memory and the certificate in a temporary folder.
    pub data: Option<PathBuf>,
    /// The directory (tenants, users, app registrations), a TOML file that is only read. `None` takes `directory.toml` in
    /// the data folder, which is made at first start and kept in step with what is changed on the pages, or the built-in
    /// one.
    pub directory: Option<PathBuf>,
    /// How many contacts an empty database is filled with. The same number makes the same rows.
    pub seed: u32,
    /// An organisation's own CSDL document (`/api/data/v9.2/$metadata`, saved to a file) to take the
    /// tables from; `None` for the built-in standard tables.
    pub metadata: Option<PathBuf>,
    /// Told how far the filling of an empty database has come.
    pub progress: Option<Progress>,
    /// Service protection: how much one user may ask of the Web API.
    pub limits: Limits,
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            http: Some(SocketAddr::new(loopback, 8470)),
            https: Some(SocketAddr::new(loopback, 8471)),
            data: None,
            directory: None,
            seed: 1000,
            metadata: None,
            progress: None,
            limits: Limits::Off,
        }
    }
}

/// The addresses and demo credentials of a running emulator: what a client is configured with.
#[derive(Debug, Clone, Serialize)]
pub struct Setup {
    /// Origin of the http listener, or of https where there is no http; no trailing slash.
    pub http_url: String,
    /// Origin of the https listener, if there is one.
    pub https_url: Option<String>,
    /// The CA certificate (PEM) that signed the https certificate, if there is https.
    pub ca_file: Option<PathBuf>,
    /// Directory (tenant) id.
    pub tenant: String,
    /// Application (client) id of the registered app.
    pub client_id: String,
    /// Value of the app's client secret.
    pub client_secret: String,
    /// User name (UPN) of the demo user.
    pub user: String,
    /// Password of the demo user.
    pub password: String,
    /// v2 authorization endpoint (asks with `scope`).
    pub authorization_url: String,
    /// v2 token endpoint.
    pub token_url: String,
    /// v1 authorization endpoint (asks with `resource`).
    pub authorization_url_v1: String,
    /// v1 token endpoint.
    pub token_url_v1: String,
    /// Web API address of the organisation, `…/api/data/v9.2`.
    pub api_url: String,
    /// Registered redirect URIs; as in Entra ID the port of a loopback one is free.
    pub redirect_uris: Vec<String>,
}

/// A seeded contact: whom a test or a demonstration may let call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// `contactid`.
    pub contact_id: String,
    /// `firstname`.
    pub first_name: String,
    /// `lastname`.
    pub last_name: String,
    /// `fullname`, as Dataverse would put it together.
    pub full_name: String,
    /// The number as a network delivers it, E.164 with `+`.
    pub phone: String,
    /// The column that holds the number: `mobilephone` or `telephone1`.
    pub phone_column: &'static str,
    /// The number in the notation in which the contact's row holds it.
    pub phone_as_stored: String,
}
