//! The blocks there are: every version that was ever taken in, kept in the store and compiled once, found by id and range.
//!
//! A version is its bytes: once taken in it is never replaced by others, except one in development (`0.1.0-dev`). What a
//! version asks for must have been granted to its id before it may be used.

mod folder;
mod installed;
mod load;
mod moving;
mod record;
mod reference;
mod registry;
mod shelf;
mod signature;
mod taking_in;
mod view;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use patchcord_runtime::{Capability, LimitBounds, LimitSettings, Runtime};
use patchcord_store::Store;
use semver::Version;

pub(crate) use folder::{Watching, watch};
pub(crate) use installed::Installed;
pub(crate) use moving::Undo;
pub(crate) use reference::{Reference, id_of};
pub use registry::{Registries, RegistryError, push_block};
pub(crate) use shelf::Sought;
pub use signature::{SignatureError, TrustedKeysError};
pub use view::{BlockVersion, BlockView};

use crate::Error;
use crate::accounts::Accounts;
use folder::Folder;
use record::Grants;
use shelf::Shelf;
use signature::TrustedKeys;
use taking_in::Consent;

/// The largest component that is taken for a block, in bytes, wherever it comes from.
pub const LARGEST_BLOCK: usize = 64 << 20;

/// Where blocks come from and whose are taken.
#[derive(Debug, Clone, Default)]
pub struct BlockSettings {
    /// Folders whose blocks are the operator's own: what they ask for is granted. They are watched.
    pub folders: Vec<PathBuf>,
    /// Where what is compiled from them is kept [default: in the data folder].
    pub compiled: Option<PathBuf>,
    /// A file of minisign public keys whose signatures count.
    pub trusted_keys: Option<PathBuf>,
    /// Take only blocks that a trusted key has signed, wherever they come from.
    pub require_signed: bool,
    /// What every block may use.
    pub limits: LimitBounds,
    /// How OCI registries are asked.
    pub registries: Registries,
}

/// A block on its way in.
#[derive(Debug)]
pub struct BlockOffer {
    /// The component.
    pub bytes: Vec<u8>,
    /// A minisign signature of the bytes: the content of its `.minisig` file.
    pub signature: Option<String>,
    /// What the administrator grants.
    pub grant: BTreeSet<Capability>,
}

/// Every block.
pub(crate) struct Blocks {
    runtime: Runtime,
    accounts: Arc<Accounts>,
    store: Store,
    keys: TrustedKeys,
    registries: Registries,
    folders: Vec<Folder>,
    shelf: RwLock<Shelf>,
    /// Held while the store and the shelf are changed together.
    changing: tokio::sync::Mutex<()>,
    /// Files that were refused, by the digest of what was refused: told in the log once.
    refused: Mutex<HashMap<PathBuf, String>>,
}

impl Blocks {
    /// Loads what the store holds and what lies in the folders; `drop_folder` is the one whose blocks wait for their
    /// grants. What is refused is told in the log and left out: one bad block must not keep the others from serving
    /// calls.
    pub(crate) async fn open(
        runtime: Runtime,
        accounts: Arc<Accounts>,
        store: Store,
        drop_folder: PathBuf,
        settings: BlockSettings,
    ) -> Result<Self, Error> {
        let keys = TrustedKeys::read(settings.trusted_keys.as_deref(), settings.require_signed)?;
        let trusted = settings.folders.into_iter().map(|path| Folder { path, trusted: true });
        let folders = trusted.chain([Folder { path: drop_folder, trusted: false }]).collect();
        let registries = settings.registries;
        let (shelf, changing, refused) = Default::default();
        let blocks =
            Self { runtime, accounts, store, keys, registries, folders, shelf, changing, refused };
        blocks.load_kept().await?;
        blocks.load_folders().await;
        Ok(blocks)
    }

    /// Checks a block and installs it.
    pub(crate) async fn install(
        &self,
        offer: BlockOffer,
        source: String,
    ) -> Result<BlockView, Error> {
        let BlockOffer { bytes, signature, grant } = offer;
        self.take_in(bytes, source, signature, Consent::Given(grant)).await
    }

    /// Fetches a block from an OCI registry and installs it.
    pub(crate) async fn pull(
        &self,
        reference: &str,
        grant: BTreeSet<Capability>,
    ) -> Result<BlockView, Error> {
        let (bytes, signature) = self.registries.pull(reference).await?;
        self.install(BlockOffer { bytes, signature, grant }, reference.to_owned()).await
    }

    /// Says what the blocks of an id may do, in place of what was said before.
    pub(crate) async fn grant(
        &self,
        id: &str,
        capabilities: BTreeSet<Capability>,
    ) -> Result<BlockView, Error> {
        let _changing = self.changing.lock().await;
        self.get(id)?;
        let grants = Grants { capabilities };
        self.store.write(grants.put(id)?).await?;
        tracing::info!(
            target: "patchcord::audit", block = id, granted = ?grants.capabilities,
            "what a block may do was changed"
        );
        self.shelf_mut(|shelf| shelf.set_grants(id, grants));
        self.get(id)
    }

    /// Puts a version on the shelf, limited as is set for its id.
    fn put(&self, installed: Installed) {
        let settings = self.shelf(|shelf| shelf.limits(installed.id()));
        let installed = installed.limited(&settings).unwrap_or_else(|error| {
            // The operator's maximum has come down since.
            let (id, version) = (installed.id(), installed.version());
            tracing::error!(block = id, %version, %error, "what is set of a block's limits is left out");
            installed
        });
        self.shelf_mut(|shelf| shelf.put(Arc::new(installed)));
    }

    /// Says what steps of a block may use, in place of what was said before.
    pub(crate) async fn limit(
        &self,
        id: &str,
        settings: LimitSettings,
    ) -> Result<BlockView, Error> {
        let _changing = self.changing.lock().await;
        self.get(id)?;
        let versions = self.shelf(|shelf| {
            let versions = shelf.versions(id).into_iter();
            versions.map(|installed| installed.limited(&settings)).collect::<Result<Vec<_>, _>>()
        })?;
        self.store.write(record::put_limits(id, &settings)?).await?;
        tracing::info!(
            target: "patchcord::audit", block = id, ?settings, "the limits of a block were changed"
        );
        self.shelf_mut(|shelf| {
            shelf.set_limits(id, settings);
            versions.into_iter().for_each(|installed| shelf.put(Arc::new(installed)));
        });
        self.get(id)
    }

    /// Takes a version out. Runs that have begun on it end on it.
    pub(crate) async fn remove(&self, id: &str, version: &str) -> Result<(), Error> {
        let missing = || Error::NotFound { what: "block", name: format!("{id}@{version}") };
        let _changing = self.changing.lock().await;
        let version = Version::parse(version).map_err(|_| missing())?;
        let found = self.shelf(|shelf| shelf.version(id, &version).cloned());
        self.store.write(found.ok_or_else(missing)?.record.removed()).await?;
        tracing::info!(
            target: "patchcord::audit", block = id, %version, "a block was removed"
        );
        self.shelf_mut(|shelf| shelf.take(id, &version));
        // A file in a folder is what it was: it is taken in again when it changes, or at the next start.
        Ok(())
    }

    /// The newest version that a reference means and that may be used.
    pub(crate) fn find(&self, reference: &Reference) -> Sought {
        self.shelf(|shelf| shelf.find(reference))
    }

    /// Exactly one version, if it may be used.
    pub(crate) fn exactly(&self, id: &str, version: &Version) -> Sought {
        self.shelf(|shelf| shelf.exactly(id, version))
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.shelf(Shelf::ids)
    }

    pub(crate) fn get(&self, id: &str) -> Result<BlockView, Error> {
        let missing = || Error::NotFound { what: "block", name: id.to_owned() };
        self.shelf(|shelf| BlockView::of(shelf, id)).ok_or_else(missing)
    }

    pub(crate) fn list(&self) -> Vec<BlockView> {
        self.shelf(|shelf| shelf.ids().iter().filter_map(|id| BlockView::of(shelf, id)).collect())
    }

    /// The folders to watch.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.path.clone()).collect()
    }

    fn shelf<T>(&self, look: impl FnOnce(&Shelf) -> T) -> T {
        look(&self.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn shelf_mut<T>(&self, change: impl FnOnce(&mut Shelf) -> T) -> T {
        change(&mut self.shelf.write().unwrap_or_else(PoisonError::into_inner))
    }
}
