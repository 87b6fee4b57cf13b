//! The languages in which a project can be made, and how a folder shows which one it is in.

use std::path::Path;

use anyhow::{Result, bail};
use clap::ValueEnum;

/// A language for which there is a template and a toolchain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// With the SDK `patchcord-block`.
    Rust,
    /// On the engine QuickJS, by componentize-qjs.
    #[value(name = "javascript", alias = "js")]
    JavaScript,
    /// On CPython, by componentize-py.
    Python,
    /// By the compiler of Zig.
    C,
}

impl Language {
    const ALL: [Self; 4] = [Self::Rust, Self::JavaScript, Self::Python, Self::C];

    /// The file that every project in this language has.
    pub(crate) fn marker(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "block.js",
            Self::Python => "app.py",
            Self::C => "main.c",
        }
    }

    /// The language of the project in `folder`.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        if !folder.is_dir() {
            bail!("{} is no folder", folder.display());
        }
        let found = Self::ALL.into_iter().find(|one| folder.join(one.marker()).is_file());
        let Some(language) = found else {
            let markers = Self::ALL.map(|one| one.marker()).join(", ");
            bail!(
                "{} holds no block's project (looked for {markers}): make one with `patchcord block new NAME`",
                folder.display()
            );
        };
        Ok(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_shows_its_language() {
        let folder = tempfile::tempdir().unwrap();
        let unknown = Language::of(folder.path()).unwrap_err().to_string();
        assert!(unknown.contains("looked for Cargo.toml, block.js, app.py, main.c"), "{unknown}");
        std::fs::write(folder.path().join("app.py"), "").unwrap();
        assert_eq!(Language::of(folder.path()).unwrap(), Language::Python);
    }
}
