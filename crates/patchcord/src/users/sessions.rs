//! Who is signed in.
//!
//! A session is known by a random secret that only the browser has; the store has its hash. It ends when it was idle too
//! long or is too old, when its user signs out, is removed or gets another password. It is looked at with every request and
//! nothing is remembered in between: what another process does to a user is in force at once. What reaches calls are API
//! tokens, which are not read from the store each time (`tokens.rs`).

use jiff::{SignedDuration, Timestamp};
use patchcord_store::{Batch, Document, Expect, StoreError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::directory::Kept;
use super::{User, Users, name};
use crate::Error;
use crate::secret::{digest, random, same};

const SESSIONS: &str = "sessions";
/// How exactly it is known when a session was last used: a request must not cost a write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// A session as it lies in the store, under the hash of its secret.
#[derive(Clone, Serialize, Deserialize)]
struct Signed {
    /// Key of the user's name.
    user: String,
    generation: Uuid,
    began_at: Timestamp,
    seen_at: Timestamp,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who it is, as of now.
    pub user: User,
    /// What the browser shows with each request.
    pub secret: SecretString,
}

impl Session {
    /// What a page of ours sends along with each change, and no other site can know. It is made of the secret, and does not
    /// give it away.
    pub fn csrf_token(&self) -> String {
        digest(&format!("csrf {}", self.secret.expose_secret()))
    }

    /// Whether it is this one's.
    pub fn is_csrf_token(&self, token: &str) -> bool {
        same(&self.csrf_token(), token)
    }
}

impl Users {
    /// Who is signed in with this secret, if anybody; it counts as a use of the session.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session(&self, secret: &SecretString) -> Result<Option<Session>, Error> {
        let key = digest(secret.expose_secret());
        let Some(found) = self.store.get::<Signed>(SESSIONS, &key).await? else { return Ok(None) };
        let now = Timestamp::now();
        let signed = &found.value;
        let idle = signed.seen_at + span(self.settings.session_idle) < now;
        let old = signed.began_at + span(self.settings.session_longest) < now;
        let user = self.people().await?.remove(&signed.user);
        let user = user.filter(|kept| kept.generation == signed.generation && !idle && !old);
        let Some(Kept { user, .. }) = user else {
            self.end(&key).await?;
            return Ok(None);
        };
        self.note(found, now).await?;
        Ok(Some(Session { user, secret: secret.clone() }))
    }

    /// Ends a session; one that is none is no error.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sign_out(&self, secret: &SecretString) -> Result<(), Error> {
        self.end(&digest(secret.expose_secret())).await
    }

    /// Begins a session, with a secret that nobody has seen before.
    pub(super) async fn begin(&self, kept: Kept) -> Result<Session, Error> {
        let secret = random();
        let now = Timestamp::now();
        let (user, generation) = (name::key(&kept.user.name), kept.generation);
        let signed = Signed { user, generation, began_at: now, seen_at: now };
        let mut batch = Batch::new();
        batch.put(SESSIONS, &digest(&secret), &signed)?;
        // What was not written since is idle.
        batch.prune(SESSIONS, now - span(self.settings.session_idle) - NOTED_EVERY);
        self.store.write(batch).await?;
        Ok(Session { user: kept.user, secret: secret.into() })
    }

    async fn end(&self, key: &str) -> Result<(), Error> {
        let mut batch = Batch::new();
        batch.delete(SESSIONS, key);
        Ok(self.store.write(batch).await?)
    }

    /// Notes a use. A session that has ended or was noted meanwhile is left as it is.
    async fn note(&self, found: Document<Signed>, now: Timestamp) -> Result<(), Error> {
        let exactly = NOTED_EVERY.min(span(self.settings.session_idle) / 4);
        if now < found.value.seen_at + exactly {
            return Ok(());
        }
        let mut batch = Batch::new();
        let signed = Signed { seen_at: now, ..found.value };
        batch.put_if(SESSIONS, &found.key, Expect::Revision(found.revision), &signed)?;
        match self.store.write(batch).await {
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A setting as a span of time; one that no clock could hold is as long as any.
fn span(setting: std::time::Duration) -> SignedDuration {
    const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 365);
    SignedDuration::try_from(setting).unwrap_or(LONGEST).min(LONGEST)
}
