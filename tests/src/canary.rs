//! Looks for secrets where none may be: in the log at its most talkative, in answers, metrics, traces, and in the files.
//!
//! The secrets are those that the emulator has seen or given out, and the API token of the test. One log serves all
//! tests of a program, so a secret that one test leaks is found by it, whoever else is logging.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};

use aho_corasick::AhoCorasick;
use patchcord_emulator::Emulator;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Every crate at its most talkative, but for the compiler in wasmtime: megabytes about every function it compiles, and
/// it sees nothing but the blocks.
const LEVELS: &str = "trace,wasmtime=info,wasmtime_environ=info,wasmtime_internal_cranelift=info,\
                      wasmtime_internal_jit_debug=info,cranelift_codegen=info,cranelift_frontend=info,regalloc2=info";
/// How much of a place is shown around what was found there.
const AROUND: usize = 120;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LOGGING: Once = Once::new();

/// Everything that is logged from here on is kept.
pub(crate) fn begin_logging() {
    LOGGING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(LEVELS))
            .with_ansi(false)
            .with_writer(KeptLog);
        // A program that logs in its own way keeps what it says to itself, and cannot be searched.
        subscriber.try_init().ok();
    });
}

struct KeptLog;

impl Write for KeptLog {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for KeptLog {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// How many bytes have been logged: a search of nothing finds nothing.
pub fn logged_bytes() -> usize {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// What a server has answered, one text after another.
#[derive(Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<Vec<u8>>>);

impl Answers {
    pub(crate) fn note(&self, text: &str) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.extend_from_slice(text.as_bytes());
        answers.push(b'\n');
    }

    pub(crate) fn all(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Secrets to look for, each with what it is.
pub struct Canaries {
    names: Vec<String>,
    search: Option<AhoCorasick>,
}

impl Canaries {
    /// What `emulator` knows of, and `others`.
    pub fn new(emulator: &Emulator, others: &[(&str, &SecretString)]) -> Self {
        let setup = emulator.setup();
        let mut secrets = vec![
            ("client secret", setup.client_secret.clone()),
            ("password", setup.password.clone()),
        ];
        secrets.extend(emulator.secrets());
        secrets.extend(exposed(others));
        Self::search(secrets)
    }

    /// `secrets`, each with what it is.
    pub fn of(secrets: &[(&str, &SecretString)]) -> Self {
        Self::search(exposed(secrets).collect())
    }

    fn search(secrets: Vec<(&str, String)>) -> Self {
        let (names, values): (Vec<_>, Vec<_>) = secrets
            .into_iter()
            // As it is, and as a URL, a form or JSON would hold it.
            .flat_map(|(name, value)| {
                let form = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                let json = serde_json::Value::from(value.as_str()).to_string();
                let json = json.trim_matches('"').to_owned();
                [value, form, json].map(|form| (name.to_owned(), form))
            })
            .filter(|(_, value)| value.len() >= 8)
            .unzip();
        Self { names, search: AhoCorasick::new(values).ok() }
    }

    /// What is in `bytes` that must not be there, with its surroundings.
    pub fn found_in(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let Some(search) = &self.search else { return vec!["the search cannot be made".into()] };
        let found = search.find_iter(bytes).take(3).map(|found| {
            let name = &self.names[found.pattern().as_usize()];
            let from = found.start().saturating_sub(AROUND);
            let to = (found.end() + AROUND).min(bytes.len());
            let around = String::from_utf8_lossy(&bytes[from..to]).into_owned();
            format!("a {name} is in {place}: …{around}…")
        });
        found.collect()
    }

    /// What is in the log that must not be there.
    pub fn found_in_log(&self) -> Vec<String> {
        // Copied, since who is searching may hold others up that log.
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.found_in("the log", &log)
    }

    /// What is in the files below `folder` that must not be there.
    pub fn found_in_files(&self, folder: &Path) -> Vec<String> {
        let read = |path: PathBuf| (path.display().to_string(), std::fs::read(path));
        let files = files(folder).into_iter().map(read);
        files
            .filter_map(|(name, bytes)| Some(self.found_in(&name, &bytes.ok()?)))
            .flatten()
            .collect()
    }
}

fn exposed<'a>(secrets: &[(&'a str, &SecretString)]) -> impl Iterator<Item = (&'a str, String)> {
    secrets.iter().map(|(name, secret)| (*name, secret.expose_secret().to_owned()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_each_of_its_forms() {
        let canaries = Canaries::search(vec![("secret", "a+b\"c d=e".to_owned())]);
        for text in ["…a+b\"c d=e…", "secret=a%2Bb%22c+d%3De&", r#"{"secret":"a+b\"c d=e"}"#] {
            assert_eq!(canaries.found_in("a text", text.as_bytes()).len(), 1, "{text}");
        }
        assert!(canaries.found_in("a text", b"a+b c d=e").is_empty());
    }
}
