//! Where blocks come from without being asked for: the store at the start, and the folders then and whenever they change.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::installed::Installed;
use super::record::{self, Grants, Record};
use super::{Blocks, Consent, folder};
use crate::Error;

impl Blocks {
    pub(super) async fn load_kept(&self) -> Result<(), Error> {
        for (id, grants) in Grants::all(&self.store).await? {
            self.shelf_mut(|shelf| shelf.set_grants(&id, grants));
        }
        for (id, limits) in record::all_limits(&self.store).await? {
            self.shelf_mut(|shelf| shelf.set_limits(&id, limits));
        }
        for record in Record::all(&self.store).await? {
            let name = format!("{}@{}", record.id, record.version);
            if let Err(error) = self.load_record(record).await {
                tracing::error!(block = name, %error, "a block that was installed cannot be used");
            }
        }
        Ok(())
    }

    async fn load_record(&self, record: Record) -> Result<(), Error> {
        let missing = || Error::NotFound { what: "block", name: record.digest.clone() };
        let bytes = record.bytes(&self.store).await?.ok_or_else(missing)?;
        let signed_by = self.keys.signer(&bytes, record.signature.as_deref())?;
        let block = self.runtime.load(&bytes).await?;
        self.put(Installed::new(block, Arc::clone(&self.accounts), record, signed_by)?);
        Ok(())
    }

    /// Reads the folders again: what is new in them is taken in. A block whose file has gone stays.
    pub(crate) async fn load_folders(&self) {
        for folder in &self.folders {
            for file in folder.files() {
                let path = file.clone();
                let read = tokio::task::spawn_blocking(move || folder::read(&path)).await;
                let read = read.unwrap_or_else(|error| Err(std::io::Error::other(error)));
                let (bytes, signature) = match read {
                    Ok(read) => read,
                    Err(error) => {
                        tracing::error!(path = %file.display(), %error, "a block cannot be read");
                        continue;
                    }
                };
                let digest = patchcord_runtime::digest(&bytes);
                let source = file.display().to_string();
                if self.knows(&digest, &source, folder.trusted)
                    || self.refused_before(&file, &digest)
                {
                    continue;
                }
                let consent = if folder.trusted { Consent::Whole } else { Consent::Later };
                if let Err(error) = self.take_in(bytes, source, signature, consent).await {
                    tracing::error!(path = %file.display(), %error, "a block was left out");
                    self.refused().insert(file, digest);
                }
            }
        }
    }

    /// Whether these bytes are here already. Those of a trusted folder are granted what they ask for once, when they are
    /// first found there: what an administrator has taken back since stays taken back.
    fn knows(&self, digest: &str, source: &str, trusted: bool) -> bool {
        self.shelf(|shelf| {
            let ids = shelf.ids();
            let all = ids.iter().flat_map(|id| shelf.versions(id));
            let mut same = all.filter(|installed| installed.digest() == digest);
            same.any(|installed| {
                !trusted || installed.record.source == source || shelf.missing(installed).is_empty()
            })
        })
    }

    fn refused_before(&self, file: &PathBuf, digest: &str) -> bool {
        self.refused().get(file).is_some_and(|before| before == digest)
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<PathBuf, String>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
