//! A block on its way in: whose it is, what it is, whether it takes the place of another, and what it may do.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use patchcord_runtime::{Capability, LoadError, digest};
use semver::Version;

use super::record::{Grants, Record};
use super::{BlockView, Blocks, Installed, SignatureError, installed};
use crate::Error;

/// Who says what a block may do.
pub(super) enum Consent {
    /// Whoever installs it: these capabilities, beside those that its id has.
    Given(BTreeSet<Capability>),
    /// The operator, by putting it where trusted blocks lie.
    Whole,
    /// Nobody yet: it waits.
    Later,
}

/// The signature of a block.
struct Signed {
    signature: Option<String>,
    /// Name of the key that made it.
    by: Option<String>,
}

impl Blocks {
    /// Checks a block, and keeps it where nothing stands against it.
    pub(super) async fn take_in(
        &self,
        bytes: Vec<u8>,
        source: String,
        signature: Option<String>,
        consent: Consent,
    ) -> Result<BlockView, Error> {
        let mut signed = self.signed(&bytes, signature)?;
        let block = self.runtime.load(&bytes).await?;
        let manifest = Arc::clone(block.manifest());
        not_of_the_engine(&manifest.id)?;
        let version = installed::version(&manifest)?;
        // What is on disk and what is in memory are those of the same installation.
        let _changing = self.changing.lock().await;
        if signed.signature.is_none() {
            // Somebody may have sent one meanwhile.
            signed = self.signed(&bytes, None)?;
        }
        let Signed { signature, by: signed_by } = signed;
        let before = self.shelf(|shelf| shelf.version(&manifest.id, &version).cloned());
        let other = before.as_ref().filter(|before| before.digest() != block.digest());
        if let Some(other) = other
            && version.pre.is_empty()
        {
            let (id, known) = (manifest.id.clone(), other.digest().to_owned());
            return Err(Error::VersionTaken { id, version: version.to_string(), known });
        }
        let grants = self.granted(&manifest.id, manifest.capabilities(), &version, consent)?;
        let record = Record {
            id: manifest.id.clone(),
            version: version.to_string(),
            digest: block.digest().to_owned(),
            source,
            added_at: Timestamp::now(),
            signature,
        };
        let replaced = other.map(|other| other.digest().to_owned());
        self.store.write(record.added(bytes, &grants, replaced.as_deref())?).await?;
        tracing::info!(
            target: "patchcord::audit",
            block = record.id, version = record.version, digest = record.digest,
            source = record.source, ?signed_by, "a block was taken in"
        );
        let installed = Installed::new(block, Arc::clone(&self.accounts), record, signed_by)?;
        self.shelf_mut(|shelf| shelf.set_grants(&manifest.id, grants));
        self.put(installed);
        self.get(&manifest.id)
    }

    /// The signature of these bytes, and whose it is. Bytes that come without theirs have the one that they came with
    /// before, as long as its key is trusted.
    fn signed(&self, bytes: &[u8], signature: Option<String>) -> Result<Signed, SignatureError> {
        if signature.is_none()
            && let Some(kept) = self.shelf(|shelf| shelf.signature_of(&digest(bytes)))
            && let Ok(by) = self.keys.signer(bytes, Some(&kept))
        {
            return Ok(Signed { signature: Some(kept), by });
        }
        let by = self.keys.signer(bytes, signature.as_deref())?;
        Ok(Signed { signature, by })
    }

    /// What the id has been granted once the version is in.
    fn granted(
        &self,
        id: &str,
        asked: BTreeSet<Capability>,
        version: &Version,
        consent: Consent,
    ) -> Result<Grants, Error> {
        let mut grants = self.shelf(|shelf| shelf.grants(id));
        let given = match consent {
            Consent::Whole => asked,
            Consent::Later => return Ok(grants),
            Consent::Given(given) => {
                let granted =
                    |c: &&Capability| grants.capabilities.contains(*c) || given.contains(*c);
                let missing: Vec<_> = asked.iter().filter(|c| !granted(c)).cloned().collect();
                if !missing.is_empty() {
                    let (id, version) = (id.to_owned(), version.to_string());
                    return Err(Error::NotGranted { id, version, missing });
                }
                // What it does not ask for is not granted in advance.
                given.into_iter().filter(|capability| asked.contains(capability)).collect()
            }
        };
        grants.capabilities.extend(given);
        Ok(grants)
    }
}

/// Refuses a block that takes the id of one of the engine's own, which scenarios would get in its place.
fn not_of_the_engine(id: &str) -> Result<(), LoadError> {
    if patchcord_scenario::core_manifests().iter().any(|manifest| manifest.id == id) {
        let problem = format!("`{id}` is a block of the engine itself");
        return Err(LoadError::Manifest { at: "/id".into(), problem });
    }
    Ok(())
}
