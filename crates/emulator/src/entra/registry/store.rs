//! The directory while the emulator runs: read as a whole, changed as a whole, kept in its file.
//!
//! A reader takes the directory as it is and keeps that for its request, so that no request sees half a change. A change
//! is written to the file before anybody sees it; the file's comments do not survive that, which is the price of writing
//! it from the types.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{Directory, checks};
use crate::{EmulatorError, tls};

const BUILT_IN: &str = include_str!("../../data/directory.toml");
const FILE: &str = "directory.toml";
const HEADER: &str = "# The emulated directory, as the portal pages last left it. It may be changed by hand while the \
                      emulator\n# is stopped; docs/emulator.md says what can be written here. Every value is a public demo value.\n\n";

pub(crate) struct DirectoryStore {
    current: RwLock<Arc<Directory>>,
    /// Taken by whoever changes, so that no change is lost under another.
    changing: Mutex<()>,
    /// Where changes are kept; `None` keeps them in memory.
    file: Option<PathBuf>,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The directory would not hold together, or the thing to change is gone.
    #[error("{0}")]
    Refused(String),
    /// The file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl DirectoryStore {
    /// Reads the directory: from `own`, which is never written; else from the data folder, where the built-in one is put
    /// at first start; else the built-in one.
    pub(crate) fn open(own: Option<&Path>, data: Option<&Path>) -> Result<Self, EmulatorError> {
        let (text, named, file) = match (own, data) {
            (Some(own), _) => (read(own)?, Some(own.to_owned()), None),
            (None, Some(data)) => {
                let file = data.join(FILE);
                if !file.exists() {
                    write(&file, BUILT_IN).map_err(tls::at(&file))?;
                }
                (read(&file)?, Some(file.clone()), Some(file))
            }
            (None, None) => (BUILT_IN.to_owned(), None, None),
        };
        let directory = parsed(&text).map_err(|reason| match named {
            Some(path) => EmulatorError::Directory { path, reason },
            None => EmulatorError::BuiltIn { what: "directory", reason },
        })?;
        let current = RwLock::new(Arc::new(directory));
        Ok(Self { current, changing: Mutex::default(), file })
    }

    /// The directory as it is now.
    pub(crate) fn read(&self) -> Arc<Directory> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the directory, unless `change` or a check refuses.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Directory) -> Result<T, String>,
    ) -> Result<T, ChangeError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = Directory::clone(&self.read());
        let outcome = change(&mut next).map_err(ChangeError::Refused)?;
        let next = checks::completed(next).map_err(ChangeError::Refused)?;
        if let Some(file) = &self.file {
            let text = toml::to_string_pretty(&next)
                .map_err(|error| ChangeError::Refused(error.to_string()))?;
            let failed = |source| ChangeError::Write { path: file.clone(), source };
            write(file, &format!("{HEADER}{text}")).map_err(failed)?;
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(outcome)
    }

    /// Where changes are kept.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

/// A directory from its text; the error names line and column where there is one.
pub(super) fn parsed(text: &str) -> Result<Directory, String> {
    let directory = toml::from_str(text).map_err(|error| error.to_string())?;
    checks::completed(directory)
}

fn read(path: &Path) -> Result<String, EmulatorError> {
    std::fs::read_to_string(path).map_err(tls::at(path))
}

/// Writes beside the file and renames, so that a crash leaves the old one or the new one.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
