//! The emulated Entra ID: one directory, its sign-in pages, its token endpoints, its keys.
//!
//! What was granted lives in memory and the signing key is made at every start, so a restart ends
//! all sign-ins, as a revocation would.

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod errors;
pub(crate) mod grants;
pub(crate) mod jwt;
pub(crate) mod metadata;
pub(crate) mod registry;
pub(crate) mod scope;
pub(crate) mod token;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use axum::Router;
use axum::routing::{get, post};

use crate::EmulatorError;
use crate::state::State;
use grants::Grants;
use jwt::{Bearer, SigningKey};
use registry::{Directory, User};

/// Which generation of endpoints a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

pub(crate) struct Entra {
    pub(crate) directory: Directory,
    pub(crate) grants: Grants,
    pub(crate) key: SigningKey,
    lifetime: AtomicU32,
    /// Counted up to expire what was issued before; every access token carries its own.
    generation: AtomicU64,
}

impl Entra {
    pub(crate) fn new() -> Result<Self, EmulatorError> {
        Ok(Self {
            directory: Directory::built_in()?,
            grants: Grants::default(),
            key: SigningKey::generate()?,
            lifetime: AtomicU32::new(3599),
            generation: AtomicU64::new(0),
        })
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.directory.tenants.iter().flat_map(|tenant| &tenant.users)
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
        let bearer = self.key.verify(token)?;
        if bearer.generation == self.generation() { Ok(bearer) } else { Err(jwt::Refused::Expired) }
    }
}

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/{tenant}/oauth2/authorize", get(authorize::v1))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::v2))
        .route("/{tenant}/login", post(authorize::sign_in))
        .route("/{tenant}/consent", post(authorize::consent))
        .route("/{tenant}/oauth2/token", post(token::v1))
        .route("/{tenant}/oauth2/v2.0/token", post(token::v2))
        .route("/{tenant}/.well-known/openid-configuration", get(metadata::discovery_v1))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(metadata::discovery_v2))
        .route("/{tenant}/discovery/keys", get(metadata::keys))
        .route("/{tenant}/discovery/v2.0/keys", get(metadata::keys))
}
