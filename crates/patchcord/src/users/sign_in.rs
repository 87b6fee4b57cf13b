//! Signing in with a name and a password.

use std::net::IpAddr;
use std::time::Duration;

use secrecy::SecretString;

use super::directory::{Kept, faultless};
use super::lockout::Counted;
use super::password::{self, NotVerified};
use super::{Session, Users, name};
use crate::Error;

/// After how long to come back where too many want to sign in at once.
const BUSY: Duration = Duration::from_secs(2);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There is no such user, or the password is another one: which of the two is not told.
    #[error("name or password are wrong")]
    Wrong,
    /// Nothing was tried.
    #[error("there were too many wrong passwords: wait {} seconds", .0.as_secs().max(1))]
    Wait(Duration),
    /// Nothing was tried.
    #[error("too many want to sign in at once: wait a moment")]
    Busy(Duration),
    /// Something else stands in the way.
    #[error(transparent)]
    Other(#[from] Error),
}

impl Users {
    /// Signs somebody in who comes from this address.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &SecretString,
        from: IpAddr,
    ) -> Result<Session, SignInError> {
        let kept = self.known_by(name, password, from).await?;
        Ok(self.begin(kept).await?)
    }

    /// Gives the user of a session another password. The user's other sessions end, and this one goes on under another
    /// secret.
    ///
    /// # Errors
    /// The old password is wrong, the new one is none; as [`Users::sign_in`].
    pub async fn change_password(
        &self,
        session: &Session,
        old: &SecretString,
        new: &SecretString,
        from: IpAddr,
    ) -> Result<Session, SignInError> {
        let name = &session.user.name;
        self.known_by(name, old, from).await?;
        faultless(password::fault("password", name, new).into_iter().collect())?;
        let hash = self.hashing.hash(new).await?;
        let kept = self.renew(name, hash).await?;
        Ok(self.begin(kept).await?)
    }

    /// Whether somebody signs in with this name. It is not to be told to who is not signed in.
    ///
    /// # Errors
    /// The store failed.
    pub async fn knows(&self, name: &str) -> Result<bool, Error> {
        Ok(self.people().await?.contains_key(&name::key(name)))
    }

    /// The user of this name and password.
    async fn known_by(
        &self,
        name: &str,
        password: &SecretString,
        from: IpAddr,
    ) -> Result<Kept, SignInError> {
        let key = name::key(name);
        let counted = self.may_try(Some(&key), from)?;
        let kept = self.people().await?.remove(&key);
        let hash = kept.as_ref().map(|kept| kept.hash.clone());
        let right = match self.hashing.verify(password, hash).await {
            Ok(right) => right,
            Err(NotVerified::Busy) => {
                self.lockout.take_back(&counted);
                return Err(SignInError::Busy(BUSY));
            }
            Err(NotVerified::Failed(error)) => return Err(error.into()),
        };
        let kept = kept.filter(|_| right).ok_or(SignInError::Wrong)?;
        self.lockout.forgive(&counted);
        Ok(kept)
    }

    pub(super) fn may_try(&self, name: Option<&str>, from: IpAddr) -> Result<Counted, SignInError> {
        self.lockout.count(name, from).map_err(SignInError::Wait)
    }
}
