//! API tokens: shown once, kept as a hash, revocable.
//!
//! A token is random and long, so that a fast hash is enough; guessing is not a way in. What was verified is remembered
//! for a few seconds, so that a call does not wait for the disk and a revocation is still soon in force everywhere.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dashmap::DashMap;
use jiff::Timestamp;
use patchcord_store::{Batch, Store};
use rand::TryRngCore;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::Error;

const TOKENS: &str = "api_tokens";
const PREFIX: &str = "pc";
const REMEMBERED: Duration = Duration::from_secs(5);

/// What the bearer of a token may do; each scope includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Run scenarios and read their traces.
    Run,
    /// Publish scenarios and try blocks.
    Design,
    /// Change integration accounts and install blocks.
    Administer,
}

/// An API token as it is kept: without the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its id, a part of the token.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// What its bearer may do.
    pub scope: Scope,
    /// When it was issued.
    pub created_at: Timestamp,
    /// SHA-256 of the token's secret part, base64.
    #[serde(rename = "hash")]
    digest: String,
}

/// A new token: the only time that it is shown.
#[derive(Debug)]
pub struct IssuedToken {
    /// Its id, by which it is revoked.
    pub id: Uuid,
    /// The token.
    pub token: SecretString,
}

/// The API tokens of a store.
pub struct Tokens {
    store: Store,
    verified: DashMap<String, (Scope, Instant)>,
}

impl Tokens {
    /// The API tokens kept in `store`.
    pub fn new(store: Store) -> Self {
        Self { store, verified: DashMap::new() }
    }

    /// Issues a token.
    ///
    /// # Errors
    /// The store failed.
    pub async fn issue(&self, name: &str, scope: Scope) -> Result<IssuedToken, Error> {
        let id = Uuid::new_v4();
        let secret = BASE64_URL_SAFE_NO_PAD.encode(random());
        let digest = digest(&secret);
        let created_at = Timestamp::now();
        let kept = ApiToken { id, name: name.to_owned(), scope, created_at, digest };
        let mut batch = Batch::new();
        batch.put(TOKENS, &id.to_string(), &kept)?;
        self.store.write(batch).await?;
        let token = SecretString::from(format!("{PREFIX}_{}_{secret}", id.simple()));
        Ok(IssuedToken { id, token })
    }

    /// Every token, without the tokens.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self) -> Result<Vec<ApiToken>, Error> {
        let documents = self.store.list::<ApiToken>(TOKENS).await?;
        Ok(documents.into_iter().map(|document| document.value).collect())
    }

    /// Revokes a token: in force at once here, within five seconds in other processes.
    ///
    /// # Errors
    /// There is no such token, or the store failed.
    pub async fn revoke(&self, id: Uuid) -> Result<(), Error> {
        if self.store.get::<ApiToken>(TOKENS, &id.to_string()).await?.is_none() {
            return Err(Error::NotFound { what: "API token", name: id.to_string() });
        }
        let mut batch = Batch::new();
        batch.delete(TOKENS, &id.to_string());
        self.store.write(batch).await?;
        self.verified.clear();
        Ok(())
    }

    /// What the bearer of `token` may do; none where it is no token of this host.
    /// What the bearer of `token` may do; none where it is no token of this store.
    ///
    /// # Errors
    /// The store failed.
    pub async fn verify(&self, token: &SecretString) -> Result<Option<Scope>, Error> {
        let whole = digest(token.expose_secret());
        if let Some(known) = self.verified.get(&whole) {
            let (scope, since) = *known;
            if since.elapsed() < REMEMBERED {
                return Ok(Some(scope));
            }
        }
        let Some((id, secret)) = split(token.expose_secret()) else { return Ok(None) };
        let kept = self.store.get::<ApiToken>(TOKENS, &id.to_string()).await?;
        let scope = kept.filter(|kept| same(&kept.value.digest, &digest(secret))).map(|kept| kept.value.scope);
        match scope {
            Some(scope) => drop(self.verified.insert(whole, (scope, Instant::now()))),
            None => drop(self.verified.remove(&whole)),
        }
        Ok(scope)
    }
}

fn split(token: &str) -> Option<(Uuid, &str)> {
    let mut parts = token.splitn(3, '_');
    let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    (prefix == PREFIX).then_some((Uuid::try_parse(id).ok()?, secret))
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    // Without random numbers of the operating system no secret can be made: there is nothing to go on with.
    rand::rngs::OsRng.unwrap_err().try_fill_bytes(&mut bytes).unwrap_or_else(|never| match never {});
    bytes
}

fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
