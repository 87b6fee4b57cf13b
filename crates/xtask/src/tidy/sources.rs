//! How a source file opens, how long it is, and what must not stand in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Fault;

const FOLDERS: [&str; 5] = ["crates", "blocks", "tests", "benches", "examples"];
const TOO_LONG: usize = 1_000;
const LONG: usize = 500;
/// In pieces, so that this file may be checked too.
const LEFT_OPEN: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!")];
const KEYWORD: &str = concat!("uns", "afe");

/// What the check of all files found.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) files: usize,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Fault>,
}

pub(super) fn check(root: &Path) -> Result<Checked> {
    let mut checked = Checked::default();
    for path in rust_files(root)? {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        checked.files += 1;
        checked.faults.extend(faults_of(&shown, &text));
        checked.warnings.extend(warning_of(&shown, &text));
    }
    Ok(checked)
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root.join(folder)).collect();
    folders.retain(|folder| folder.is_dir());
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries =
            folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let foreign = name == "target"
                || name == "node_modules"
                || name.to_string_lossy().starts_with('.');
            if kind.is_dir() && !foreign {
                folders.push(entry.path());
            } else if kind.is_file() && name.to_string_lossy().ends_with(".rs") {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn faults_of(path: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") {
        faults.push(Fault::new(path, "does not open with `//!` saying what the file is for"));
    }
    let lines = text.lines().count();
    if lines > TOO_LONG {
        faults.push(Fault::new(path, format!("has {lines} lines, more than {TOO_LONG}: split it")));
    }
    for (index, line) in text.lines().enumerate() {
        if let Some(wrong) = objection(line) {
            faults.push(Fault::new(format!("{path}:{}", index + 1), wrong));
        }
    }
    faults
}

fn warning_of(path: &str, text: &str) -> Option<Fault> {
    let lines = text.lines().count();
    let long = lines > LONG && lines <= TOO_LONG;
    long.then(|| {
        Fault::new(path, format!("warning: has {lines} lines; over {LONG} is worth a split"))
    })
}

fn objection(line: &str) -> Option<String> {
    if let Some(word) = LEFT_OPEN.iter().find(|word| has_word(line, word)) {
        return Some(format!("`{word}` is left open: do it, or file an issue"));
    }
    let code = line.split("//").next().unwrap_or(line);
    opens_unchecked_code(code).then(|| format!("`{KEYWORD}` is allowed nowhere"))
}

/// The keyword as it is used; as a word in a message or a lint's name it does no harm.
fn opens_unchecked_code(code: &str) -> bool {
    words(code, KEYWORD).any(|at| {
        let after = code[at + KEYWORD.len()..].trim_start();
        let follows = ["{", "(", "fn ", "impl ", "impl<", "trait ", "extern ", "mod "];
        after.is_empty() || follows.iter().any(|follow| after.starts_with(follow))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    words(text, word).next().is_some()
}

/// Where a word stands that is no part of a longer one.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrongs(text: &str) -> Vec<String> {
        faults_of("a.rs", text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_opens_with_its_purpose() {
        assert!(wrongs("//! What it is for.\n\nfn f() {}\n").is_empty());
        assert_eq!(wrongs("// a remark\n").len(), 1);
        assert_eq!(wrongs("").len(), 1);
        assert_eq!(wrongs("use a;\n//! late\n").len(), 1);
    }

    #[test]
    fn length_warns_and_then_fails() {
        let text = |lines: usize| "//! x\n".repeat(lines);
        assert_eq!((wrongs(&text(500)).len(), warning_of("a.rs", &text(500))), (0, None));
        assert!(wrongs(&text(1_000)).is_empty() && warning_of("a.rs", &text(1_000)).is_some());
        assert!(wrongs(&text(1_001))[0].contains("1001 lines"));
    }

    #[test]
    fn what_was_left_open_is_found_with_its_line() {
        for word in LEFT_OPEN {
            let found = wrongs(&format!("//! x\nfn f() {{ {word}() }} // {word}: later\n"));
            assert_eq!(found.len(), 1, "{word}");
            assert!(found[0].starts_with("a.rs:2: "), "{found:?}");
        }
        assert!(wrongs("//! x\nlet mut autodo = METHODOLOGY;\n").is_empty());
    }

    #[test]
    fn unchecked_code_is_found_and_words_about_it_are_not() {
        for tail in [" {", " fn f()", "(no_mangle)]", " impl Send for A {}", " extern \"C\" {", ""]
        {
            assert_eq!(wrongs(&format!("//! x\n    {KEYWORD}{tail}\n")).len(), 1, "{tail}");
        }
        for line in ["{}_code = 1", "// {} {", "log(\"an {} filter\")"] {
            assert!(
                wrongs(&format!("//! x\n{}\n", line.replacen("{}", KEYWORD, 1))).is_empty(),
                "{line}"
            );
        }
    }

    #[test]
    fn foreign_folders_are_passed_over() {
        let root = std::env::temp_dir().join(format!("patchcord-tidy-{}", std::process::id()));
        for file in
            ["crates/a/src/lib.rs", "crates/a/target/x.rs", "crates/.hidden/y.rs", "other/z.rs"]
        {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = rust_files(&root).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, [root.join("crates/a/src/lib.rs")]);
    }
}
