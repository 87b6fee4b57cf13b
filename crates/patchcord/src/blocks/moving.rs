//! Blocks on their way from one host to another, together with scenarios that need them.

use super::{BlockOffer, Blocks, Grants};
use crate::Error;
use crate::catalog::Pin;
use semver::Version;

/// How a block that was installed is taken out again, as if it had never been there.
pub(crate) struct Undo {
    id: String,
    version: String,
    grants: Grants,
}

impl Blocks {
    /// Installs a block that must be this version of this id.
    pub(crate) async fn install_as(
        &self,
        id: &str,
        version: &str,
        offer: BlockOffer,
    ) -> Result<Undo, Error> {
        let block = self.runtime.load(&offer.bytes).await?;
        let manifest = block.manifest();
        if (manifest.id.as_str(), manifest.version.as_str()) != (id, version) {
            let problem = format!(
                "what lies in it as the block `{id}@{version}` is `{}@{}`",
                manifest.id, manifest.version
            );
            return Err(Error::Bundle(problem));
        }
        let grants = self.shelf(|shelf| shelf.grants(id));
        self.install(offer, "imported".into()).await?;
        Ok(Undo { id: id.to_owned(), version: version.to_owned(), grants })
    }

    /// Takes a block out again, with what was granted to its id for its sake.
    pub(crate) async fn undo(&self, undo: Undo) -> Result<(), Error> {
        let Undo { id, version, grants } = undo;
        self.remove(&id, &version).await?;
        let _changing = self.changing.lock().await;
        self.store.write(grants.put(&id)?).await?;
        self.shelf_mut(|shelf| shelf.set_grants(&id, grants));
        Ok(())
    }

    /// The bytes of a block and the signature that came with them; none where it is not here as it was pinned.
    pub(crate) async fn kept(
        &self,
        id: &str,
        pin: &Pin,
    ) -> Result<Option<(Vec<u8>, Option<String>)>, Error> {
        let Ok(version) = Version::parse(&pin.version) else { return Ok(None) };
        let found = self.shelf(|shelf| shelf.version(id, &version).cloned());
        let Some(found) = found.filter(|found| found.digest() == pin.digest) else {
            return Ok(None);
        };
        let bytes = found.record.bytes(&self.store).await?;
        Ok(bytes.map(|bytes| (bytes, found.record.signature.clone())))
    }
}
