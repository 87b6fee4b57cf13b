//! Waits for changes in a project's folder, and for the end of a burst of them: an editor writes one file in several
//! steps, and a checkout many files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// What toolchains and version control write, by name within the project's folder.
const NOT_SOURCE: [&str; 7] =
    ["build", "target", "node_modules", ".venv", ".patchcord", ".git", "__pycache__"];
/// Silence after which a burst of changes is over.
const QUIET: Duration = Duration::from_millis(200);

/// A folder under watch.
pub(super) struct Watch {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    changes: UnboundedReceiver<notify::Result<Event>>,
}

impl Watch {
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let (sender, changes) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |event| {
            // The receiver is gone only when the program ends.
            sender.send(event).ok();
        })
        .context("the operating system does not let folders be watched")?;
        let mut watch = Self { folder: folder.to_owned(), watcher, changes };
        watch.cover()?;
        Ok(watch)
    }

    /// Waits until something of the sources has changed and nothing more does.
    pub(super) async fn changed(&mut self) -> Result<()> {
        loop {
            let Some(event) = self.changes.recv().await else {
                bail!("the watching ended by itself");
            };
            if is_change(&self.folder, &event.context("the folder cannot be watched any more")?) {
                break;
            }
        }
        while let Ok(Some(_)) = timeout(QUIET, self.changes.recv()).await {}
        // Folders that were made meanwhile.
        self.cover()
    }

    /// Watches the folder and those in it that hold sources. The others hold too many folders to be watched.
    fn cover(&mut self) -> Result<()> {
        let why = || format!("cannot watch {}", self.folder.display());
        self.watcher.watch(&self.folder, RecursiveMode::NonRecursive).with_context(why)?;
        for entry in self.folder.read_dir().with_context(why)?.flatten() {
            let path = entry.path();
            if path.is_dir() && is_source(&self.folder, &path) {
                self.watcher.watch(&path, RecursiveMode::Recursive).with_context(why)?;
            }
        }
        Ok(())
    }
}

fn is_change(folder: &Path, event: &Event) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| is_source(folder, path))
}

fn is_source(folder: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    !inside.iter().any(|part| NOT_SOURCE.iter().any(|name| part == *name))
        && inside.file_name().is_none_or(|name| name != "Cargo.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_toolchains_write_is_no_change() {
        let folder = Path::new("/p");
        for path in ["/p/src/lib.rs", "/p/block.js", "/p/lib/build.rs", "/p/builds/a"] {
            assert!(is_source(folder, Path::new(path)), "{path}");
        }
        for path in ["/p/build/p.wasm", "/p/target", "/p/a/__pycache__/x", "/p/Cargo.lock"] {
            assert!(!is_source(folder, Path::new(path)), "{path}");
        }
        assert!(
            is_source(Path::new("/build/p"), Path::new("/build/p/app.py")),
            "above the project"
        );
    }

    #[tokio::test]
    async fn a_change_of_a_source_is_seen_and_one_of_an_artefact_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(folder.join("build")).unwrap();
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let mut watch = Watch::start(&folder).unwrap();
        std::fs::write(folder.join("build/a.wasm"), "1").unwrap();
        std::fs::write(folder.join("src/a.c"), "1").unwrap();
        watch.changed().await.unwrap();
        std::fs::create_dir(folder.join("more")).unwrap();
        watch.changed().await.unwrap();
        std::fs::write(folder.join("more/b.c"), "1").unwrap();
        watch.changed().await.unwrap();
    }
}
