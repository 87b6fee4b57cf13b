//! Where the tables come from: the document that is built in, or an organisation's own.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Schema;
use super::build::Model;
use super::csdl::{Document, MAX_BYTES, Problem};
use super::details::Details;
use crate::EmulatorError;

const BUILT_IN: &str = include_str!("../../data/metadata.xml");

impl Schema {
    /// Reads the `$metadata` document in `file`, or the built-in one.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, EmulatorError> {
        let details = Details::built_in().map_err(|error| EmulatorError::BuiltIn {
            what: "details.json",
            reason: error.to_string(),
        })?;
        let Some(path) = file else {
            return Self::parse(BUILT_IN.to_owned(), &details).map_err(|(problem, _)| {
                EmulatorError::BuiltIn { what: "metadata.xml", reason: problem.text }
            });
        };
        let text = read(path)?;
        Self::parse(text, &details).map_err(|(problem, text)| EmulatorError::Metadata {
            path: path.to_owned(),
            line: line(&text, problem.at),
            problem: problem.text,
        })
    }

    fn parse(text: String, details: &Details) -> Result<Self, (Problem, String)> {
        let tables =
            Document::parse(&text).and_then(|document| Model::new(&document, details).tables());
        match tables {
            Ok(tables) => Ok(Self::new(tables, text)),
            Err(problem) => Err((problem, text)),
        }
    }
}

/// The line of a byte, counted from 1.
fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

fn read(path: &Path) -> Result<String, EmulatorError> {
    let cannot = |source| EmulatorError::File { path: path.to_owned(), source };
    let wrong = |problem: &str| EmulatorError::Metadata {
        path: PathBuf::from(path),
        line: 1,
        problem: problem.to_owned(),
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(wrong("the document is bigger than 128 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("the document is not UTF-8"))?;
    // Windows tools save XML with a byte order mark, which no XML declaration may follow.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "built_in_tests.rs"]
mod built_in_tests;
