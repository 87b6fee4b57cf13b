//! The installed blocks: files in folders, compiled once, found by id.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use patchcord_runtime::{Block, Invocation, Invoked, LoadError, Manifest, Runtime};
use patchcord_scenario::{ScenarioBlock, StepCall};
use serde::Serialize;

use crate::Error;
use crate::accounts::Accounts;

/// A block as a designer sees it.
#[derive(Debug, Clone, Serialize)]
pub struct BlockView {
    /// What it says of itself.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// SHA-256 of its bytes, in hexadecimal; none for a block of the engine itself.
    pub digest: Option<String>,
}

/// Every installed block.
pub(crate) struct Blocks {
    runtime: Runtime,
    accounts: Arc<Accounts>,
    /// Where installed blocks are kept.
    folder: PathBuf,
    further: Vec<PathBuf>,
    by_id: RwLock<BTreeMap<String, Arc<Installed>>>,
    installing: tokio::sync::Mutex<()>,
}

impl Blocks {
    /// `folder` is where installed blocks are kept, `further` ones are only read.
    pub(crate) fn new(
        runtime: Runtime,
        accounts: Arc<Accounts>,
        folder: PathBuf,
        further: Vec<PathBuf>,
    ) -> Self {
        let (by_id, installing) = Default::default();
        Self { runtime, accounts, folder, further, by_id, installing }
    }

    /// Loads every `.wasm` file of the further folders and of the installed blocks; the later of two with one id stays,
    /// so that what was installed stands. A file that is refused is told in the log and left out: one bad block must
    /// not keep the others from serving calls. A block whose file has gone stays.
    pub(crate) async fn load_all(&self) {
        let _installing = self.installing.lock().await;
        for folder in &self.further {
            if let Err(error) = std::fs::read_dir(folder) {
                tracing::error!(folder = %folder.display(), %error, "a folder with blocks cannot be read");
            }
        }
        for folder in self.further.iter().chain(std::iter::once(&self.folder)) {
            for path in wasm_files(folder) {
                let loaded = self.runtime.load_file(&path).await;
                match loaded.and_then(|block| not_of_the_engine(&block).map(|()| block)) {
                    Ok(block) => self.take_in(block),
                    Err(error) => {
                        tracing::error!(path = %path.display(), %error, "a block was left out");
                    }
                }
            }
        }
    }

    /// Checks a block and installs it, in place of one with the same id.
    pub(crate) async fn install(&self, bytes: Vec<u8>) -> Result<BlockView, Error> {
        let block = self.runtime.load(&bytes).await?;
        not_of_the_engine(&block)?;
        let path = self.folder.join(format!("{}.wasm", block.manifest().id));
        // The file on disk and the block in memory are those of the same installation.
        let _installing = self.installing.lock().await;
        let target = path.clone();
        let written = tokio::task::spawn_blocking(move || write_whole(&target, &bytes)).await;
        let written = written.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        written.map_err(|source| Error::BlockFile { path, source })?;
        let view = view(&block);
        self.take_in(block);
        Ok(view)
    }

    fn take_in(&self, block: Block) {
        let id = block.manifest().id.clone();
        let installed = Installed { block, accounts: Arc::clone(&self.accounts) };
        let mut by_id = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        by_id.insert(id, Arc::new(installed));
    }

    /// The block that `id`, or `id@version` with as many parts of the version as matter, names.
    pub(crate) fn find(&self, reference: &str) -> Option<Arc<Installed>> {
        let (id, version) = reference.split_once('@').unwrap_or((reference, ""));
        let found = self.read(|by_id| by_id.get(id).cloned())?;
        matches_version(&found.manifest().version, version).then_some(found)
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.read(|by_id| by_id.keys().cloned().collect())
    }

    pub(crate) fn list(&self) -> Vec<BlockView> {
        self.read(|by_id| by_id.values().map(|installed| view(&installed.block)).collect())
    }

    fn read<T>(&self, look: impl FnOnce(&BTreeMap<String, Arc<Installed>>) -> T) -> T {
        look(&self.by_id.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A block bound to the accounts that it may be run with.
pub(crate) struct Installed {
    block: Block,
    accounts: Arc<Accounts>,
}

#[async_trait]
impl ScenarioBlock for Installed {
    fn manifest(&self) -> &Manifest {
        self.block.manifest()
    }

    async fn run(&self, call: StepCall) -> Invoked {
        let crm = self.accounts.crm(call.account.as_deref());
        let StepCall { run, step_key, locale, deadline, properties, .. } = call;
        self.block.invoke(Invocation { run, step_key, locale, deadline, properties, crm }).await
    }
}

fn view(block: &Block) -> BlockView {
    BlockView {
        manifest: Manifest::clone(block.manifest()),
        digest: Some(block.digest().to_owned()),
    }
}

/// Refuses a block that takes the id of one of the engine's own, which scenarios would get in its place.
fn not_of_the_engine(block: &Block) -> Result<(), LoadError> {
    let id = &block.manifest().id;
    if patchcord_scenario::core_manifests().iter().any(|manifest| manifest.id == *id) {
        let problem = format!("`{id}` is a block of the engine itself");
        return Err(LoadError::Manifest { at: "/id".into(), problem });
    }
    Ok(())
}

fn matches_version(version: &str, wanted: &str) -> bool {
    let mut parts = version.split('.');
    wanted.is_empty() || wanted.split('.').all(|part| parts.next() == Some(part))
}

fn wasm_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_wasm = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_wasm).collect();
    files.sort();
    files
}

/// Writes a file so that a crash leaves the old one or the new one, never a part.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let draft = path.with_extension("wasm.new");
    std::fs::write(&draft, bytes)?;
    std::fs::File::open(&draft)?.sync_all()?;
    std::fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_can_be_named_in_part() {
        for wanted in ["", "1", "1.2", "1.2.3"] {
            assert!(matches_version("1.2.3", wanted), "{wanted}");
        }
        for wanted in ["2", "1.3", "1.2.4", "1.2.3.4"] {
            assert!(!matches_version("1.2.3", wanted), "{wanted}");
        }
    }
}
