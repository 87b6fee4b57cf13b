//! Where the key comes from that seals the secrets: a 0600 file beside the database, or the
//! caller.
//!
//! The key file guards a copy of the database alone (a backup, a disk image of the file), not
//! against someone who can read the whole folder; who needs that gives the key from elsewhere.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::StoreError;
use crate::files::{mode_of, write_private};
use crate::seal::Sealer;

/// Where the key of the secrets comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// `patchcord.key` in the data folder, mode 0600; made when there is no database yet.
    File,
    /// 32 bytes in base64 (standard alphabet, padded), as `PATCHCORD_KEY` holds them.
    Given(SecretString),
}

/// A key ready for use, and the place to name when it proves to be the wrong one.
pub(crate) struct Key {
    pub(crate) sealer: Sealer,
    pub(crate) place: String,
}

impl Key {
    /// Finds the key, and makes it where neither it nor the database exists yet. The caller has
    /// entered the folder, so that nobody else makes one meanwhile.
    pub(crate) fn load(
        source: &KeySource,
        key_file: &Path,
        database: &Path,
    ) -> Result<Self, StoreError> {
        match source {
            KeySource::Given(text) => Self::decode(text, "PATCHCORD_KEY".to_owned()),
            KeySource::File => {
                if !exists(key_file)? {
                    if exists(database)? {
                        let (key_file, database) = (key_file.to_owned(), database.to_owned());
                        return Err(StoreError::KeyMissing { key_file, database });
                    }
                    make(key_file)?;
                }
                refuse_open_permissions(key_file)?;
                let text = fs::read_to_string(key_file)
                    .map_err(StoreError::file(key_file, "read the key file"))?;
                Self::decode(&text.into(), key_file.display().to_string())
            }
        }
    }

    fn decode(text: &SecretString, place: String) -> Result<Self, StoreError> {
        let bytes = STANDARD.decode(text.expose_secret().trim()).ok().map(SecretSlice::from);
        match bytes.as_ref().and_then(Sealer::new) {
            Some(sealer) => Ok(Self { sealer, place }),
            None => Err(StoreError::KeyMalformed { place }),
        }
    }
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(StoreError::file(path, "look for it"))
}

fn make(key_file: &Path) -> Result<(), StoreError> {
    let key = Sealer::new_key();
    let text = SecretString::from(STANDARD.encode(key.expose_secret()) + "\n");
    write_private(key_file, text.expose_secret().as_bytes())
        .map_err(StoreError::file(key_file, "make the key file"))?;
    tracing::info!(key_file = %key_file.display(), "made a new key; keep a copy apart from the database");
    Ok(())
}

fn refuse_open_permissions(key_file: &Path) -> Result<(), StoreError> {
    match mode_of(key_file).map_err(StoreError::file(key_file, "read its mode"))? {
        None | Some(0o600) => Ok(()),
        Some(mode) => Err(StoreError::KeyPermissions { key_file: key_file.to_owned(), mode }),
    }
}
