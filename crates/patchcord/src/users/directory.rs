//! Who there is.
//!
//! All users are one document, sealed: they are few, and a change is made only where nobody else has changed any of them
//! meanwhile, so that there is always an administrator and never a name twice, whichever process changes what.

use std::collections::BTreeMap;

use jiff::Timestamp;
use patchcord_dynamics::FieldError;
use patchcord_store::{Batch, Expect, StoreError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Role, User, Users, name, password};
use crate::Error;

const COLLECTION: &str = "users";
const ALL: &str = "all";
/// How often a change is tried that others come in between of.
const TRIES: usize = 8;

/// By the key of their name.
pub(super) type People = BTreeMap<String, Kept>;

/// A user as it lies in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) user: User,
    /// Argon2id, a PHC string.
    pub(super) hash: String,
    /// Sessions belong to one; a new password makes a new one.
    pub(super) generation: Uuid,
}

impl Kept {
    pub(super) fn new(name: &str, role: Role, hash: String) -> Self {
        let now = Timestamp::now();
        let user = User { name: name.to_owned(), role, created_at: now, password_set_at: now };
        Self { user, hash, generation: Uuid::new_v4() }
    }
}

impl Users {
    /// Every user, by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self) -> Result<Vec<User>, Error> {
        Ok(self.people().await?.into_values().map(|kept| kept.user).collect())
    }

    /// Adds a user.
    ///
    /// # Errors
    /// Name or password are none, the name is taken, or the store failed.
    pub async fn add(
        &self,
        name: &str,
        role: Role,
        password: &SecretString,
    ) -> Result<User, Error> {
        check(name, password)?;
        let kept = Kept::new(name, role, self.hashing.hash(password).await?);
        self.change(|people| {
            if people.contains_key(&name::key(name)) {
                return Err(Error::Taken { what: "a user", name: name.to_owned() });
            }
            people.insert(name::key(name), kept.clone());
            Ok(kept.user.clone())
        })
        .await
    }

    /// Says what a user may do; in force with the next request.
    ///
    /// # Errors
    /// There is no such user, nobody else is an administrator, or the store failed.
    pub async fn set_role(&self, name: &str, role: Role) -> Result<User, Error> {
        self.change(|people| {
            let kept = people.get_mut(&name::key(name)).ok_or_else(|| missing(name))?;
            kept.user.role = role;
            let user = kept.user.clone();
            somebody_administers(people, &user.name)?;
            Ok(user)
        })
        .await
    }

    /// Sets a user's password and ends the user's sessions.
    ///
    /// # Errors
    /// It is no password, there is no such user, or the store failed.
    pub async fn set_password(&self, name: &str, password: &SecretString) -> Result<User, Error> {
        faultless(password::fault("password", name, password).into_iter().collect())?;
        self.people().await?.get(&name::key(name)).ok_or_else(|| missing(name))?;
        let hash = self.hashing.hash(password).await?;
        self.renew(name, hash).await.map(|kept| kept.user)
    }

    /// Removes a user and ends the user's sessions.
    ///
    /// # Errors
    /// There is no such user, nobody else is an administrator, or the store failed.
    pub async fn remove(&self, name: &str) -> Result<User, Error> {
        self.change(|people| {
            let kept = people.remove(&name::key(name)).ok_or_else(|| missing(name))?;
            somebody_administers(people, &kept.user.name)?;
            Ok(kept.user)
        })
        .await
    }

    /// Puts the hash of a new password in the place of the old one.
    pub(super) async fn renew(&self, name: &str, hash: String) -> Result<Kept, Error> {
        self.change(|people| {
            let kept = people.get_mut(&name::key(name)).ok_or_else(|| missing(name))?;
            kept.hash.clone_from(&hash);
            kept.generation = Uuid::new_v4();
            kept.user.password_set_at = Timestamp::now();
            Ok(kept.clone())
        })
        .await
    }

    pub(super) async fn people(&self) -> Result<People, Error> {
        let kept = self.store.get_sealed(COLLECTION, ALL).await?;
        Ok(kept.map(|document| document.value).unwrap_or_default())
    }

    /// Changes who there is: all of it or nothing.
    pub(super) async fn change<T>(
        &self,
        mut work: impl FnMut(&mut People) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut tries = 0..TRIES;
        loop {
            let kept = self.store.get_sealed::<People>(COLLECTION, ALL).await?;
            let (mut people, expect) = match kept {
                Some(document) => (document.value, Expect::Revision(document.revision)),
                None => (People::new(), Expect::Absent),
            };
            let done = work(&mut people)?;
            let mut batch = Batch::new();
            batch.put_sealed_if(COLLECTION, ALL, expect, &people)?;
            match self.store.write(batch).await {
                Err(StoreError::Conflict { .. }) if tries.next().is_some() => {}
                written => return written.map(|()| done).map_err(Error::from),
            }
        }
    }
}

/// Refuses a name or a password that is none.
pub(super) fn check(name: &str, password: &SecretString) -> Result<(), Error> {
    let faults = [name::fault(name), password::fault("password", name, password)];
    faultless(faults.into_iter().flatten().collect())
}

pub(super) fn faultless(faults: Vec<FieldError>) -> Result<(), Error> {
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Error::Refused { what: "user", faults }),
    }
}

fn somebody_administers(people: &People, name: &str) -> Result<(), Error> {
    let mut all = people.values();
    match all.any(|kept| kept.user.role == Role::Administrator) {
        true => Ok(()),
        false => Err(Error::LastAdministrator(name.to_owned())),
    }
}

fn missing(name: &str) -> Error {
    Error::NotFound { what: "user", name: name.to_owned() }
}
