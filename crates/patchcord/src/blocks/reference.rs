//! How a scenario names a block: `id`, or `id@range` with the versions that will do.

use semver::{Comparator, Op, Version, VersionReq};

/// A block by its id and the range of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) id: String,
    range: Option<VersionReq>,
}

/// Why a text names no block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{range}` is no range of versions: write such as `1`, `1.2`, `1.2.3`, `^1.2`, `~1.2.3` or `>=1.2, <2` ({problem})"
)]
pub(crate) struct WrongRange {
    range: String,
    problem: String,
}

/// The id in a reference, whatever its range.
pub(crate) fn id_of(reference: &str) -> &str {
    reference.split('@').next().unwrap_or(reference)
}

impl Reference {
    /// Reads `id`, `id@1.2` and the like. A bare version means itself, with as many of its parts as are written; a range
    /// otherwise is what it is to cargo.
    pub(crate) fn parse(text: &str) -> Result<Self, WrongRange> {
        let Some((id, range)) = text.split_once('@') else {
            return Ok(Self { id: text.to_owned(), range: None });
        };
        let parsed = VersionReq::parse(range)
            .map_err(|error| WrongRange { range: range.to_owned(), problem: error.to_string() })?;
        let bare = range.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let exact = |comparator: Comparator| match comparator.op {
            Op::Caret if bare => Comparator { op: Op::Exact, ..comparator },
            _ => comparator,
        };
        let comparators = parsed.comparators.into_iter().map(exact).collect();
        Ok(Self { id: id.to_owned(), range: Some(VersionReq { comparators }) })
    }

    /// Whether a version is within the range. One in development is only where the range names it.
    pub(crate) fn takes(&self, version: &Version) -> bool {
        self.range.as_ref().is_none_or(|range| range.matches(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(reference: &str, version: &str) -> bool {
        let reference = Reference::parse(reference).unwrap();
        assert_eq!(reference.id, "a.b");
        reference.takes(&version.parse().unwrap())
    }

    #[test]
    fn a_bare_version_means_itself_with_as_many_parts_as_are_written() {
        for range in ["a.b", "a.b@1", "a.b@1.2", "a.b@1.2.3"] {
            assert!(takes(range, "1.2.3"), "{range}");
        }
        for range in ["a.b@2", "a.b@1.3", "a.b@1.2.4", "a.b@1.2.2"] {
            assert!(!takes(range, "1.2.3"), "{range}");
        }
    }

    #[test]
    fn ranges_are_those_of_cargo() {
        assert!(takes("a.b@^1.2", "1.9.0") && !takes("a.b@^1.2", "2.0.0"));
        assert!(takes("a.b@~1.2.3", "1.2.9") && !takes("a.b@~1.2.3", "1.3.0"));
        assert!(takes("a.b@>=1.2, <2", "1.5.0") && !takes("a.b@>=1.2, <2", "2.0.0"));
        assert!(takes("a.b@*", "7.0.0"));
    }

    #[test]
    fn a_version_in_development_is_taken_only_where_it_is_named() {
        assert!(takes("a.b@0.1.0-dev", "0.1.0-dev"));
        assert!(!takes("a.b@^0.1", "0.1.1-dev") && !takes("a.b@0.1", "0.1.0-dev"));
    }

    #[test]
    fn what_is_no_range_is_told_with_examples() {
        for text in ["a.b@", "a.b@one", "a.b@1.2.3.4", "a.b@latest"] {
            let error = Reference::parse(text).unwrap_err().to_string();
            assert!(error.contains("is no range of versions: write such as"), "{error}");
        }
    }
}
