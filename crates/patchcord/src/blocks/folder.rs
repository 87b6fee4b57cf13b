//! Folders with blocks: reading them, and noticing when something in them changes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::LARGEST_BLOCK;

/// How long a folder must be quiet before it is read: a file that is being copied changes many times.
const QUIET: Duration = Duration::from_millis(300);

/// A folder with blocks.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Whether its blocks are the operator's own.
    pub(super) trusted: bool,
}

impl Folder {
    /// Its `.wasm` files, in order.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if !self.trusted && error.kind() == std::io::ErrorKind::NotFound => {
                return Vec::new();
            }
            Err(error) => {
                let folder = self.path.display();
                tracing::error!(%folder, %error, "a folder with blocks cannot be read");
                return Vec::new();
            }
        };
        let is_wasm =
            |path: &PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(is_wasm).collect();
        files.sort();
        files
    }
}

/// A file, and the signature beside it where there is one: `block.wasm.minisig`.
pub(super) fn read(path: &Path) -> std::io::Result<(Vec<u8>, Option<String>)> {
    if std::fs::metadata(path)?.len() > LARGEST_BLOCK as u64 {
        let problem =
            format!("larger than {} MiB, the most that a block may have", LARGEST_BLOCK >> 20);
        return Err(std::io::Error::other(problem));
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".minisig");
    let signature = match std::fs::read_to_string(beside) {
        Ok(signature) => Some(signature),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    Ok((std::fs::read(path)?, signature))
}

/// Calls `changed` whenever something in the folders has changed, until the answer is dropped. A folder that cannot be
/// watched is told in the log.
pub(crate) fn watch<F>(
    folders: Vec<PathBuf>,
    mut changed: impl FnMut() -> F + Send + 'static,
) -> Option<Watching>
where
    F: Future<Output = ()> + Send,
{
    let (tell, mut told) = mpsc::unbounded_channel();
    let heard = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // Nobody listens any more when the server goes down.
            let _ = tell.send(());
        }
    };
    let mut watcher = match notify::recommended_watcher(heard) {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::error!(%error, "no folder with blocks can be watched");
            return None;
        }
    };
    for folder in folders {
        if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
            let folder = folder.display();
            tracing::error!(%folder, %error, "a folder with blocks is not watched");
        }
    }
    let listening = tokio::spawn(async move {
        while told.recv().await.is_some() {
            while tokio::time::timeout(QUIET, told.recv()).await.is_ok_and(|event| event.is_some())
            {
            }
            changed().await;
        }
    });
    Some(Watching { _watcher: watcher, listening })
}

/// Folders are watched for as long as it lives.
pub(crate) struct Watching {
    _watcher: notify::RecommendedWatcher,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
