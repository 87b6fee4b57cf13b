//! The files of a new project: those of `examples/blocks`, under the name of the new block. What the examples' tests
//! prove is thereby proven of every new project.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::contract;
use super::language::Language;
use super::sdk;

/// Path within the project, and text.
type File = (&'static str, &'static str);

macro_rules! example {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../examples/blocks/", $path)))),*]
    };
}

const RUST: &[File] =
    example!["rust/Cargo.toml", "rust/.cargo/config.toml", "rust/src/lib.rs", "rust/.gitignore"];
const JAVASCRIPT: &[File] = example![
    "javascript/block.js",
    "javascript/package.json",
    "javascript/package-lock.json",
    "javascript/.gitignore",
];
const PYTHON: &[File] = example!["python/app.py", "python/requirements.txt", "python/.gitignore"];
const C: &[File] =
    example!["c/main.c", "c/json.h", "c/jsmn.h", "c/requirements.txt", "c/.gitignore"];
const CASES: &str = include_str!("../../../../examples/blocks/cases.json");
const CASES_SCHEMA: &str = include_str!("../../../../examples/block-cases.schema.json");

/// The longest name, so that identities and file names stay within what hosts allow.
const LONGEST_NAME: usize = 64;

/// Writes a new project named `name` into `folder`, which must be empty or not there yet.
pub(crate) fn write(folder: &Path, name: &str, language: Language) -> Result<()> {
    check_name(name)?;
    let occupied = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    ensure!(!occupied, "{} is not empty: choose another name or --dir", folder.display());
    let files = match language {
        Language::Rust => RUST,
        Language::JavaScript => JAVASCRIPT,
        Language::Python => PYTHON,
        Language::C => C,
    };
    for (path, text) in files {
        let path = path.split_once('/').map_or(*path, |(_, path)| path);
        write_file(folder, path, &renamed(text, name))?;
    }
    let cases = CASES.replace("../block-cases.schema.json", ".patchcord/block-cases.schema.json");
    write_file(folder, "cases.json", &cases)?;
    write_file(folder, ".patchcord/block-cases.schema.json", CASES_SCHEMA)?;
    match language {
        Language::Rust => sdk::write(&folder.join(".patchcord/sdk")),
        _ => write_file(&folder.join(contract::FOLDER), "block.wit", contract::WIT),
    }
}

/// A name is part of the block's identity, and the name of a package.
fn check_name(name: &str) -> Result<()> {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.split('-').all(word) {
        bail!(
            "`{name}` cannot be a block's name: lower-case letters and digits, in words joined by `-`, such as \
             `greet-caller`"
        );
    }
    ensure!(name.len() <= LONGEST_NAME, "the name is longer than {LONGEST_NAME} characters");
    Ok(())
}

/// The example's text under another name, in each spelling that languages have for one.
fn renamed(text: &str, name: &str) -> String {
    let words = || name.split('-').map(capitalised);
    let mut text = text.to_owned();
    for language in ["rust", "javascript", "python", "c"] {
        text = text
            .replace(&format!("example.greet-caller-{language}\""), &format!("example.{name}\""));
    }
    text.replace("greet-caller", name)
        .replace("greet_caller", &name.replace('-', "_"))
        .replace("GreetCaller", &words().collect::<String>())
        .replace("Greet Caller", &words().collect::<Vec<_>>().join(" "))
        .replace("../../../crates/block\"", ".patchcord/sdk/crates/block\"")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn write_file(folder: &Path, path: &str, text: &str) -> Result<()> {
    let path = folder.join(path);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(&path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_joined_by_dashes() {
        for name in ["a", "open-cases", "v2-greet"] {
            check_name(name).unwrap();
        }
        for name in ["", "Open", "open_cases", "-a", "a--b", "2nd", "../a", "a.b"] {
            let wrong = check_name(name).unwrap_err().to_string();
            assert!(wrong.contains("such as `greet-caller`"), "{wrong}");
        }
    }

    #[test]
    fn no_trace_of_the_example_is_left_in_a_new_project() {
        for files in [RUST, JAVASCRIPT, PYTHON, C] {
            for (path, text) in files {
                let text = renamed(text, "open-cases");
                for old in ["greet-caller", "greet_caller", "GreetCaller", "Greet Caller", "../"] {
                    assert!(!text.contains(old), "{path} holds {old}");
                }
            }
        }
        assert_eq!(renamed("\"example.greet-caller-c\"", "open-cases"), "\"example.open-cases\"");
        assert_eq!(renamed("GreetCaller: Greet Caller", "a-b2"), "AB2: A B2");
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine"), "").unwrap();
        let refused = write(folder.path(), "a", Language::C).unwrap_err().to_string();
        assert!(refused.contains("is not empty"), "{refused}");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
}
