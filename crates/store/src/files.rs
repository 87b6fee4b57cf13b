//! Files and folders that only their owner can read.
//!
//! Where the platform has no Unix permissions the folder's own access rules apply, and nothing
//! is checked here.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::StoreError;

const LOCK_FILE: &str = "patchcord.lock";

/// Makes the folder if need be, closed to others, and waits until nobody else is opening a store
/// in it; the lock ends with the file handed back.
///
/// Needed because neither making the key nor sqlx's migrations stand two processes at once.
pub(crate) async fn enter_folder(folder: &Path) -> Result<fs::File, StoreError> {
    make_folder(folder).map_err(StoreError::file(folder, "make the data folder"))?;
    let path = folder.join(LOCK_FILE);
    let file = private_file()
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(StoreError::file(&path, "open the lock file"))?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file))
        .await
        .map_err(|_| StoreError::Interrupted)?
        .map_err(StoreError::file(&path, "lock it"))
}

/// A name that is held among all processes on a folder; given back when dropped.
#[derive(Debug)]
pub struct Held {
    _file: fs::File,
}

/// Holds `name` in the folder; none where somebody else does.
pub(crate) fn hold(folder: &Path, name: &str) -> Result<Option<Held>, StoreError> {
    let path = folder.join(name).with_extension("lock");
    let file = private_file()
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(StoreError::file(&path, "open the lock file"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held { _file: file })),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(StoreError::file(&path, "lock it")(error)),
    }
}

/// Makes the database file, readable by its owner only; SQLite's side files inherit its mode.
///
/// One that exists is not touched: to close it would drop the locks that another store of this
/// process holds on it.
pub(crate) fn make_database_file(database: &Path) -> Result<(), StoreError> {
    match private_file().create_new(true).open(database) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(StoreError::file(database, "make the database file")(error))
        }
        _ => Ok(()),
    }
}

/// Writes a file that only its owner can read, so that it is whole or not there at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = private_file().create(true).truncate(true).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder_of(path)
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn private_file() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// The permission bits of a file.
#[cfg(unix)]
pub(crate) fn mode_of(file: &Path) -> std::io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    Ok(Some(fs::metadata(file)?.permissions().mode() & 0o7777))
}

/// Makes the name of a new file durable.
#[cfg(unix)]
fn sync_folder_of(file: &Path) -> std::io::Result<()> {
    file.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    options
}

#[cfg(not(unix))]
pub(crate) fn mode_of(_file: &Path) -> std::io::Result<Option<u32>> {
    Ok(None)
}

#[cfg(not(unix))]
fn sync_folder_of(_file: &Path) -> std::io::Result<()> {
    Ok(())
}
