//! The first user: made by whoever can read what the host prints.
//!
//! While there is nobody, a host that starts makes a code and prints it as a link. It works once, for an hour, and is kept in
//! memory only, as a hash.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use super::directory::{Kept, check};
use super::{Role, Session, SignInError, Users, name};
use crate::Error;
use crate::secret::{digest, random, same};

const LIFE: Duration = Duration::from_secs(60 * 60);

/// The code with which the first user may be made.
#[derive(Default)]
pub(super) struct Setup {
    code: Mutex<Option<Code>>,
}

struct Code {
    hash: String,
    made: Instant,
}

impl Setup {
    fn put(&self, code: Option<Code>) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = code;
    }

    fn is(&self, code: &SecretString) -> bool {
        let known = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let given = digest(code.expose_secret());
        known.as_ref().is_some_and(|known| same(&known.hash, &given) && known.made.elapsed() < LIFE)
    }
}

impl Users {
    /// Whether there is nobody yet.
    ///
    /// # Errors
    /// The store failed.
    pub async fn nobody_yet(&self) -> Result<bool, Error> {
        Ok(self.people().await?.is_empty())
    }

    /// A new code with which the first user can be made, in place of one before; none where there are users.
    ///
    /// # Errors
    /// The store failed.
    pub async fn setup_code(&self) -> Result<Option<SecretString>, Error> {
        if !self.nobody_yet().await? {
            return Ok(None);
        }
        let code = random();
        self.setup.put(Some(Code { hash: digest(&code), made: Instant::now() }));
        Ok(Some(code.into()))
    }

    /// Makes the first user, an administrator, and signs that user in. The code is worth nothing from then on.
    ///
    /// # Errors
    /// The code is none (any more), or name or password are none; as [`Users::sign_in`].
    pub async fn set_up(
        &self,
        code: &SecretString,
        name: &str,
        password: &SecretString,
        from: IpAddr,
    ) -> Result<Session, SignInError> {
        let counted = self.may_try(None, from)?;
        if !self.setup.is(code) {
            return Err(Error::SetupCode.into());
        }
        self.lockout.forgive(&counted);
        check(name, password)?;
        let kept = Kept::new(name, Role::Administrator, self.hashing.hash(password).await?);
        let first = self.change(|people| {
            if !people.is_empty() {
                return Err(Error::SetupCode);
            }
            people.insert(name::key(name), kept.clone());
            Ok(())
        });
        first.await?;
        self.setup.put(None);
        Ok(self.begin(kept).await?)
    }
}
