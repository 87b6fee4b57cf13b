//! This program's own cache folder, and in it the last invocation of each block, for `patchcord dev` to repeat.

use std::path::PathBuf;

use serde_json::Value;

use crate::local;

/// The folder; none where the platform has no home folder.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("PATCHCORD_CACHE") {
        return Some(PathBuf::from(folder));
    }
    let folders = directories::ProjectDirs::from("", "", "patchcord")?;
    Some(folders.cache_dir().to_owned())
}

fn file(block: &str) -> Option<PathBuf> {
    let id = block.split('@').next().unwrap_or(block);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let folder = cache_folder()?.join("invocations");
    id.chars().all(plain).then(|| folder.join(format!("{id}.json")))
}

/// Keeps an invocation. That it cannot be kept is no reason to fail it.
pub(crate) fn remember(block: &str, body: &Value) {
    let Some(file) = file(block) else {
        return;
    };
    let kept = std::fs::create_dir_all(file.parent().unwrap_or(&file))
        .and_then(|()| local::write_private(&file, &body.to_string()));
    if let Err(error) = kept {
        tracing::debug!(%error, file = %file.display(), "the invocation is not remembered");
    }
}

/// The last invocation of a block.
pub(crate) fn recall(block: &str) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(file(block)?).ok()?).ok()
}
