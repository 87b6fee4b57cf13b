//! The data folder, and the API token in it that lets this machine's command line ask its own server.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use patchcord::store::{KeySource, Store, StoreConfig};
use patchcord::{
    AccessSettings, Action, Actor, Audit, BlockSettings, Config, Outcome, Patchcord, RunSettings,
    Scope, Tokens, Users,
};
use secrecy::{ExposeSecret, SecretString};

use crate::args::Data;

const TOKEN_FILE: &str = "cli.token";

impl Data {
    /// The data folder.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.data {
            return Ok(folder.clone());
        }
        let folders = directories::ProjectDirs::from("", "", "patchcord");
        let folders =
            folders.ok_or_else(|| anyhow!("there is no home folder: give one with --data"))?;
        Ok(folders.data_dir().to_owned())
    }

    /// Opens what lies in the data folder.
    pub(crate) async fn open(
        &self,
        blocks: BlockSettings,
        runs: RunSettings,
        fetch_hosts: Vec<String>,
        access: AccessSettings,
    ) -> Result<Patchcord> {
        let data = self.folder()?;
        let place = data.display().to_string();
        let config = Config { data, key: key_source(), blocks, runs, fetch_hosts, access };
        let opened = Patchcord::open(config).await;
        opened.with_context(|| format!("cannot open the data folder {place}"))
    }

    /// Opens API tokens, users and the audit log in the data folder, and nothing else of it.
    pub(crate) async fn open_access(&self) -> Result<Access> {
        let folder = self.folder()?;
        let place = folder.display().to_string();
        let opened = Store::open(&StoreConfig { folder, key: key_source() }).await;
        let store = opened.with_context(|| format!("cannot open the data folder {place}"))?;
        Ok(Access {
            tokens: Tokens::new(store.clone()),
            // The server removes what is too old, by its own settings.
            audit: Audit::new(store.clone(), u16::MAX),
            users: Users::new(store, AccessSettings::default()),
        })
    }
}

/// Who may come in to a server on a data folder, and who changed that.
pub(crate) struct Access {
    pub(crate) tokens: Tokens,
    pub(crate) users: Users,
    audit: Audit,
}

impl Access {
    /// Writes down in the audit log what was done from here.
    pub(crate) async fn note(&self, what: &str, subject: &str) -> Result<()> {
        let somebody = ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        let action = Action {
            actor: Actor::CommandLine(somebody.unwrap_or_else(|| "somebody".to_owned())),
            address: None,
            what: what.to_owned(),
            subject: Some(subject.to_owned()),
            outcome: Outcome::Done,
            reason: None,
        };
        Ok(self.audit.record(action).await?)
    }
}

fn key_source() -> KeySource {
    match std::env::var("PATCHCORD_KEY") {
        Ok(key) => KeySource::Given(SecretString::from(key)),
        Err(_) => KeySource::File,
    }
}

/// The token file of a data folder.
pub(crate) fn token_file(folder: &Path) -> PathBuf {
    folder.join(TOKEN_FILE)
}

/// The token in a data folder; none where there is none that this user can read.
pub(crate) fn read_token(folder: &Path) -> Option<SecretString> {
    let text = std::fs::read_to_string(token_file(folder)).ok()?;
    Some(SecretString::from(text.trim()))
}

/// Sees to it that the data folder holds a token that works.
pub(crate) async fn ensure_token(folder: &Path, patchcord: &Patchcord) -> Result<()> {
    if let Some(token) = read_token(folder)
        && patchcord.verify_token(&token).await?.is_some()
    {
        return Ok(());
    }
    let issued = patchcord.issue_token("this machine's command line", Scope::Administer).await?;
    let path = token_file(folder);
    write_private(&path, issued.token.expose_secret())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a line that only this user can read.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}
