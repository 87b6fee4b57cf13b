//! API tokens: shown once, kept as a hash, revocable.
//!
//! A token is random and long, so that a fast hash is enough; guessing is not a way in. What was verified is remembered
//! for a few seconds, so that a call does not wait for the disk and a revocation is still soon in force everywhere.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use jiff::Timestamp;
use patchcord_dynamics::FieldError;
use patchcord_store::{Batch, Store};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Error;
use crate::secret::{digest, random, same};

const TOKENS: &str = "api_tokens";
const LONGEST_NAME: usize = 100;
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

/// What is known of an API token: everything but the token.
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
}

/// An API token as it lies in the store.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    token: ApiToken,
    /// SHA-256 of the token's secret part, base64.
    hash: String,
}

/// A new token: the only time that it is shown.
#[derive(Debug)]
pub struct IssuedToken {
    /// Its id, by which it is revoked.
    pub id: Uuid,
    /// The token.
    pub token: SecretString,
}

/// Who bears a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// What the token is for.
    pub name: String,
    /// What its bearer may do.
    pub scope: Scope,
}

/// The API tokens of a store.
pub struct Tokens {
    store: Store,
    verified: DashMap<String, Verified>,
    /// Counts the revocations of this process: what was verified before the last one is worth nothing.
    revocations: AtomicU64,
}

/// What was found out about a token, and when.
struct Verified {
    bearer: Bearer,
    since: Instant,
    revocations: u64,
}

impl Tokens {
    /// The API tokens kept in `store`.
    pub fn new(store: Store) -> Self {
        Self { store, verified: DashMap::new(), revocations: AtomicU64::new(0) }
    }

    /// Issues a token.
    ///
    /// # Errors
    /// Its name is none, or the store failed.
    pub async fn issue(&self, name: &str, scope: Scope) -> Result<IssuedToken, Error> {
        check(name)?;
        let id = Uuid::new_v4();
        let secret = random();
        let token = ApiToken { id, name: name.to_owned(), scope, created_at: Timestamp::now() };
        let kept = Kept { token, hash: digest(&secret) };
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
        let documents = self.store.list::<Kept>(TOKENS).await?;
        Ok(documents.into_iter().map(|document| document.value.token).collect())
    }

    /// Revokes a token: in force at once here, within five seconds in other processes.
    ///
    /// # Errors
    /// There is no such token, or the store failed.
    pub async fn revoke(&self, id: Uuid) -> Result<(), Error> {
        if self.store.get::<Kept>(TOKENS, &id.to_string()).await?.is_none() {
            return Err(Error::NotFound { what: "API token", name: id.to_string() });
        }
        let mut batch = Batch::new();
        batch.delete(TOKENS, &id.to_string());
        self.store.write(batch).await?;
        self.revocations.fetch_add(1, Ordering::SeqCst);
        self.verified.clear();
        Ok(())
    }

    /// Who bears `token`; none where it is no token of this store.
    ///
    /// # Errors
    /// The store failed.
    pub async fn verify(&self, token: &SecretString) -> Result<Option<Bearer>, Error> {
        let whole = digest(token.expose_secret());
        // Read before the store is: a token that is revoked in between is not remembered.
        let revocations = self.revocations.load(Ordering::SeqCst);
        if let Some(known) = self.verified.get(&whole)
            && known.revocations == revocations
            && known.since.elapsed() < REMEMBERED
        {
            return Ok(Some(known.bearer.clone()));
        }
        let Some((id, secret)) = split(token.expose_secret()) else { return Ok(None) };
        let kept = self.store.get::<Kept>(TOKENS, &id.to_string()).await?;
        let kept = kept.filter(|kept| same(&kept.value.hash, &digest(secret)));
        let bearer = kept.map(|kept| {
            let ApiToken { name, scope, .. } = kept.value.token;
            Bearer { name, scope }
        });
        match &bearer {
            Some(bearer) => {
                let bearer = bearer.clone();
                let verified = Verified { bearer, since: Instant::now(), revocations };
                self.verified.insert(whole, verified);
            }
            None => drop(self.verified.remove(&whole)),
        }
        Ok(bearer)
    }
}

/// A name must be there, and fit into a line of a list.
fn check(name: &str) -> Result<(), Error> {
    let message = match name.trim().chars().count() {
        0 => "is missing; say what the token is for",
        1..=LONGEST_NAME if !name.chars().any(char::is_control) => return Ok(()),
        1..=LONGEST_NAME => "has a character that cannot be shown",
        _ => "is longer than 100 characters",
    };
    let fault = FieldError { field: "name".into(), message: message.into() };
    Err(Error::Refused { what: "API token", faults: vec![fault] })
}

fn split(token: &str) -> Option<(Uuid, &str)> {
    let mut parts = token.splitn(3, '_');
    let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    (prefix == PREFIX).then_some((Uuid::try_parse(id).ok()?, secret))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use patchcord_store::{KeySource, StoreConfig};

    use super::*;

    #[test]
    fn a_token_is_split_where_it_was_joined() {
        let id = Uuid::from_u128(7);
        let split = |token: &str| super::split(token).map(|(id, secret)| (id, secret.to_owned()));
        assert_eq!(split(&format!("pc_{}_a_b", id.simple())), Some((id, "a_b".to_owned())));
        for wrong in
            ["", "pc", "pc_x_y", &format!("xx_{}_a", id.simple()), &id.simple().to_string()]
        {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_is_worth_nothing_once_its_revocation_has_returned() {
        let folder = tempfile::TempDir::new().unwrap();
        let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
        let tokens = Arc::new(Tokens::new(Store::open(&config).await.unwrap()));
        for _ in 0..20 {
            let IssuedToken { id, token } = tokens.issue("t", Scope::Run).await.unwrap();
            let askers: Vec<_> = (0..8)
                .map(|_| {
                    let (tokens, token) = (Arc::clone(&tokens), token.clone());
                    tokio::spawn(async move { tokens.verify(&token).await.unwrap() })
                })
                .collect();
            tokens.revoke(id).await.unwrap();
            assert_eq!(tokens.verify(&token).await.unwrap(), None);
            for asker in askers {
                asker.await.unwrap();
            }
            assert_eq!(tokens.verify(&token).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn only_the_whole_token_counts() {
        let folder = tempfile::TempDir::new().unwrap();
        let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
        let tokens = Tokens::new(Store::open(&config).await.unwrap());
        let issued = tokens.issue("t", Scope::Design).await.unwrap();
        let whole = issued.token.expose_secret();
        let bearer = Bearer { name: "t".into(), scope: Scope::Design };
        assert_eq!(tokens.verify(&issued.token).await.unwrap(), Some(bearer));
        for wrong in [&whole[..whole.len() - 1], &format!("{whole}x"), ""] {
            assert_eq!(tokens.verify(&wrong.into()).await.unwrap(), None, "{wrong}");
        }
    }
}
