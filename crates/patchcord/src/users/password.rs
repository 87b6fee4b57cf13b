//! Passwords: what may be one, and argon2id to know one again.
//!
//! Its parameters are those that OWASP names first ("Password Storage Cheat Sheet": 19 MiB, two passes, one lane), which are
//! the crate's own. That is work for some hundredth of a second, meant to be dear: a few are done at once and no more, on
//! threads of their own, so that no flood of sign-ins can take processors or memory away from calls.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use patchcord_dynamics::FieldError;
use patchcord_store::StoreError;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::Error;
use crate::secret::{random, random_bytes};

/// Fewest characters.
const SHORTEST: usize = 12;
/// Most bytes: what is longer is no password, and costs time.
const LONGEST_BYTES: usize = 256;
/// Passwords worked on at once.
const AT_ONCE: usize = 2;
/// Passwords that wait for their turn; more are turned away.
const WAITING: usize = 32;

/// What is wrong with a password, which is a field of this name; none where it is good.
pub(super) fn fault(field: &str, name: &str, password: &SecretString) -> Option<FieldError> {
    let password = password.expose_secret();
    let message = if password.chars().count() < SHORTEST {
        "has fewer than 12 characters"
    } else if password.len() > LONGEST_BYTES {
        "is longer than 256 bytes"
    } else if password.to_lowercase() == name.to_lowercase() {
        "is the name of the user"
    } else {
        return None;
    };
    Some(FieldError { field: field.into(), message: message.into() })
}

/// Who works on passwords.
pub(super) struct Hashing {
    turns: Semaphore,
    waiting: Semaphore,
    /// The hash of no password, for a name that nobody has: to look at it takes as long as at another.
    nobody: tokio::sync::OnceCell<String>,
}

/// Why a password was not looked at.
pub(super) enum NotVerified {
    /// Too many wait to be worked on.
    Busy,
    /// Something else stands in the way.
    Failed(Error),
}

impl From<Error> for NotVerified {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Hashing {
    pub(super) fn new() -> Self {
        let nobody = tokio::sync::OnceCell::new();
        Self { turns: Semaphore::new(AT_ONCE), waiting: Semaphore::new(WAITING), nobody }
    }

    /// The hash of a password, as a PHC string.
    pub(super) async fn hash(&self, password: &SecretString) -> Result<String, Error> {
        let password = password.clone();
        let _turn = self.turns.acquire().await.map_err(|_| interrupted())?;
        let hashed = spawn_blocking(move || {
            let salt = random_bytes::<16>();
            let password = password.expose_secret().as_bytes();
            Argon2::default().hash_password_with_salt(password, &salt).map(|hash| hash.to_string())
        });
        // The parameters are good and the lengths are bounded: there is nothing else to refuse.
        hashed.await.ok().and_then(Result::ok).ok_or_else(interrupted)
    }

    /// Whether `password` is the one of this hash. Without a hash it is not, and takes as long.
    pub(super) async fn verify(
        &self,
        password: &SecretString,
        hash: Option<String>,
    ) -> Result<bool, NotVerified> {
        let _waiting = self.waiting.try_acquire().map_err(|_| NotVerified::Busy)?;
        let somebody = hash.is_some();
        // Made whoever comes first, so that not even that tells a name.
        let made = async || self.hash(&SecretString::from(random())).await;
        let nobody = self.nobody.get_or_try_init(made).await?;
        let hash = hash.unwrap_or_else(|| nobody.clone());
        let password = password.clone();
        let _turn = self.turns.acquire().await.map_err(|_| interrupted())?;
        let verified = spawn_blocking(move || {
            let Ok(hash) = PasswordHash::new(&hash) else { return false };
            let password = password.expose_secret().as_bytes();
            // What is longer cannot have been set, and is not worth the time.
            let fits = password.len() <= LONGEST_BYTES;
            let password = if fits { password } else { b"" };
            Argon2::default().verify_password(password, &hash).is_ok() && fits
        });
        let same = verified.await.map_err(|_| interrupted())?;
        Ok(same && somebody)
    }
}

fn interrupted() -> Error {
    Error::Store(StoreError::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_short_too_long_or_the_name_is_no_password() {
        let fault = |name: &str, password: &str| super::fault("password", name, &password.into());
        assert!(fault("ann", "correct horse").is_none());
        assert!(fault("ann", "zwölf Zeichn").is_none(), "characters count, not bytes");
        for bad in ["", "elevenchars", &"x".repeat(257)] {
            assert!(fault("ann", bad).is_some(), "{bad}");
        }
        assert!(fault("Ann@Example.org", "ann@example.ORG").is_some());
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hashing = Hashing::new();
        let hash = hashing.hash(&"correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hashing.hash(&"correct horse".into()).await.unwrap(), "salted");
        let same = async |password: &str, hash: Option<&str>| {
            hashing.verify(&password.into(), hash.map(str::to_owned)).await.ok().unwrap()
        };
        assert!(same("correct horse", Some(&hash)).await);
        assert!(!same("Correct horse", Some(&hash)).await);
        assert!(!same("correct horse", None).await);
        assert!(!same("", None).await);
        assert!(!same("correct horse", Some("no hash")).await);
        assert!(!same(&"x".repeat(300), Some(&hash)).await);
    }
}
