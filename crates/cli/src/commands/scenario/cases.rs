//! The files of test cases that a command line names, with the documents that they test.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use patchcord::rehearsal::CaseFile;
use patchcord::scenario::{Problem, Scenario, parse};

/// What the name of a file of cases ends with.
const ENDING: &str = ".test.json";

/// The files of cases that are meant, in order.
pub(super) fn files(targets: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let here = [PathBuf::from(".")];
    let targets = if targets.is_empty() { here.as_slice() } else { targets };
    let mut files = Vec::new();
    for target in targets {
        if target.is_dir() {
            files.extend(in_folder(target)?);
        } else {
            files.push(of_file(target)?);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    // What is here is named without the folder.
    let plain = |path: PathBuf| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| holds_cases(path)).map(plain).collect();
    files.sort();
    ensure!(
        !files.is_empty(),
        "there is no file of cases (NAME{ENDING}) in the folder {}",
        folder.display()
    );
    Ok(files)
}

/// A file of cases, or the one beside a document.
fn of_file(target: &Path) -> Result<PathBuf> {
    ensure!(target.is_file(), "there is no file {}", target.display());
    if holds_cases(target) {
        return Ok(target.to_owned());
    }
    let beside = target.with_extension("test.json");
    if beside.is_file() {
        return Ok(beside);
    }
    let text = read(target)?;
    match parse(&text) {
        Ok(_) => bail!(
            "there are no cases beside {}: they go into {}",
            target.display(),
            beside.display()
        ),
        Err(_) => Ok(target.to_owned()),
    }
}

fn holds_cases(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// A problem in a file.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) file: PathBuf,
    pub(super) problem: Problem,
}

/// A file of cases with what it tests.
pub(super) struct Cases {
    pub(super) file: CaseFile,
    pub(super) document: Scenario,
    /// File with the document.
    pub(super) scenario: PathBuf,
    /// The other documents in its folder.
    pub(super) others: Vec<Scenario>,
}

impl Cases {
    /// Reads all of it; what is wrong in one of the two files is told with its place.
    pub(super) fn read(path: &Path) -> Result<Result<Self, Fault>> {
        let in_file = |file: &Path, problem| Fault { file: file.to_owned(), problem };
        let file = match CaseFile::parse(&read(path)?) {
            Ok(file) => file,
            Err(problem) => return Ok(Err(in_file(path, problem))),
        };
        let scenario = document_of(path, file.scenario.as_deref())?;
        let text = std::fs::read(&scenario).with_context(|| {
            format!(
                "cannot read the document {} that {} tests; `scenario` in it names another file",
                scenario.display(),
                path.display()
            )
        })?;
        let document = match parse(&text) {
            Ok(document) => document,
            Err(problem) => return Ok(Err(in_file(&scenario, problem))),
        };
        let others = others(&scenario, &document.name);
        Ok(Ok(Self { file, document, scenario, others }))
    }
}

/// The file with the document that a file of cases tests.
fn document_of(path: &Path, named: Option<&str>) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(path.parent().unwrap_or(Path::new("")).join(named));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match name.strip_suffix(ENDING) {
        Some(name) => Ok(path.with_file_name(format!("{name}.json"))),
        None => bail!(
            "{} is not named NAME{ENDING}: say in `scenario` which document it tests",
            path.display()
        ),
    }
}

/// The other documents beside one. What is none is not looked at.
fn others(scenario: &Path, own: &str) -> Vec<Scenario> {
    let folder = scenario.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten();
    let paths = entries.flatten().map(|entry| entry.path());
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| is_json(path) && !holds_cases(path)).collect();
    paths.sort();
    let read = |path: PathBuf| parse(&std::fs::read(path).ok()?).ok();
    paths.into_iter().filter_map(read).filter(|other| other.name != own).collect()
}
