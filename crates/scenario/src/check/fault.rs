//! What is wrong with a text in a document, and where in the text.

use crate::problem::{Problem, Severity};

/// A fault within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where, in characters; the first is 0.
    pub(super) at: usize,
    pub(super) severity: Severity,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn error(at: usize, problem: impl Into<String>) -> Self {
        Self { at, severity: Severity::Error, problem: problem.into() }
    }

    pub(super) fn warning(at: usize, problem: impl Into<String>) -> Self {
        Self { at, severity: Severity::Warning, problem: problem.into() }
    }

    /// The problem of the property `name`, which `pointer` leads to and which says `text`.
    pub(super) fn of(self, pointer: &str, name: &str, text: &str) -> Problem {
        let message = format!("`{name}`: {} at {}", self.problem, place(text, self.at));
        Problem { pointer: pointer.to_owned(), severity: self.severity, message }
    }
}

/// Where a character of a text is, as people count: from 1, and by lines where there are several.
pub(super) fn place(text: &str, at: usize) -> String {
    let before = || text.chars().take(at);
    let character =
        before().collect::<Vec<_>>().rsplit(|c| *c == '\n').next().map_or(0, <[_]>::len);
    if !text.contains('\n') {
        return format!("character {}", at + 1);
    }
    let line = before().filter(|c| *c == '\n').count() + 1;
    format!("line {line}, character {}", character + 1)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_counted_by_lines_where_there_are_several() {
        assert_eq!(place("abc", 2), "character 3");
        assert_eq!(place("ä\nbcd", 0), "line 1, character 1");
        assert_eq!(place("ä\nbcd", 4), "line 2, character 3");
    }
}
