//! The emulated Entra ID: a directory, its sign-in pages, its token endpoints, its keys.
//!
//! What was granted lives in memory and the signing key is made at every start, so a restart ends
//! all sign-ins, as a revocation would.

pub(crate) mod assertion;
pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod errors;
pub(crate) mod grants;
pub(crate) mod jwt;
pub(crate) mod metadata;
pub(crate) mod pages;
pub(crate) mod registry;
pub(crate) mod scope;
pub(crate) mod token;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use axum::Router;
use axum::routing::{get, post};
use http::{Method, header};
use jiff::Timestamp;
use tower_http::cors::{Any, CorsLayer};

use crate::EmulatorError;
use crate::state::State;
use clock::Clock;
use grants::Grants;
use jwt::{Bearer, SigningKey};
use registry::{ChangeError, DirectoryStore, Permission, Principal, User};

/// Which generation of endpoints a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

pub(crate) struct Entra {
    pub(crate) directory: DirectoryStore,
    pub(crate) grants: Grants,
    pub(crate) key: SigningKey,
    clock: Clock,
    lifetime: AtomicU32,
    /// Counted up to expire what was issued before; every access token carries its own.
    generation: AtomicU64,
}

impl Entra {
    /// Takes the directory from the file `directory`, else from the folder `data`, else the built-in one.
    pub(crate) fn open(
        directory: Option<&Path>,
        data: Option<&Path>,
    ) -> Result<Self, EmulatorError> {
        Ok(Self {
            directory: DirectoryStore::open(directory, data)?,
            grants: Grants::default(),
            key: SigningKey::generate()?,
            clock: Clock::default(),
            lifetime: AtomicU32::new(3599),
            generation: AtomicU64::new(0),
        })
    }

    /// The time that everything issued and checked here goes by.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Puts the clock ahead by so many seconds, or back.
    pub(crate) fn set_clock_offset(&self, seconds: i64) {
        self.clock.set_offset(seconds);
    }

    /// The users of all tenants, as they are now.
    pub(crate) fn users(&self) -> Vec<User> {
        self.directory.read().tenants.iter().flat_map(|tenant| tenant.users.clone()).collect()
    }

    /// Who an object id stands for: a user, or the service principal of an app.
    pub(crate) fn principal(&self, oid: &str) -> Option<Principal> {
        self.directory.read().principal(oid)
    }

    /// Grants permissions to an app for the whole organisation; one that is not registered yet is then.
    pub(crate) fn grant_for_all(
        &self,
        client_id: &str,
        granted: &[Permission],
    ) -> Result<(), ChangeError> {
        self.directory.change(|directory| {
            let mut tenants = directory.tenants.iter_mut();
            let app = tenants.find_map(|tenant| tenant.app_mut(client_id));
            let app = app.ok_or_else(|| format!("there is no app {client_id}"))?;
            for permission in granted {
                let mut known = app.permissions.iter_mut();
                match known.find(|known| known.is(permission.api, &permission.name)) {
                    Some(known) => known.admin_consent = true,
                    None => app
                        .permissions
                        .push(Permission { admin_consent: true, ..permission.clone() }),
                }
            }
            Ok(())
        })
    }

    pub(crate) fn access_token_lifetime(&self) -> u32 {
        self.lifetime.load(Ordering::Relaxed)
    }

    pub(crate) fn set_access_token_lifetime(&self, seconds: u32) {
        self.lifetime.store(seconds, Ordering::Relaxed);
    }

    pub(crate) fn expire_access_tokens(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Who a bearer token speaks for, if it is one of ours, for this API, and still good.
    pub(crate) fn bearer(&self, token: &str) -> Result<Bearer, jwt::Refused> {
        let bearer = self.key.verify(token, self.now().as_second())?;
        if bearer.generation == self.generation() { Ok(bearer) } else { Err(jwt::Refused::Expired) }
    }
}

pub(crate) fn routes() -> Router<Arc<State>> {
    authorize::routes().merge(for_scripts())
}

/// What scripts of single-page apps may ask from their own origins, as in Entra ID.
fn for_scripts() -> Router<Arc<State>> {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(Any)
        .expose_headers([header::HeaderName::from_static("x-ms-request-id")]);
    Router::new()
        .route("/{tenant}/oauth2/token", post(token::v1))
        .route("/{tenant}/oauth2/v2.0/token", post(token::v2))
        .route("/{tenant}/oauth2/devicecode", post(token::device_code_v1))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(token::device_code_v2))
        .route("/{tenant}/.well-known/openid-configuration", get(metadata::discovery_v1))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(metadata::discovery_v2))
        .route("/{tenant}/discovery/keys", get(metadata::keys))
        .route("/{tenant}/discovery/v2.0/keys", get(metadata::keys))
        .route("/{tenant}/discovery/instance", get(metadata::instances))
        .route("/{tenant}/userrealm/{user}", get(metadata::user_realm))
        .layer(cors)
}
