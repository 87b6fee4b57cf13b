//! The way into a block: JSON text to properties to outcome. The sandbox and the tests come in here alike, so that a test
//! sees what a call will see.

use serde_json::Value;

use crate::{Block, Failure, Manifest, Outcome, schema};

/// The manifest with what the type of the properties says: their schema, and the description where none was given.
pub(crate) fn describe<B: Block>() -> Manifest {
    let (properties, description) = schema::of::<B>();
    B::manifest().complete(properties, description)
}

/// Reads the properties and does the work.
pub(crate) fn run<B: Block>(properties: &str) -> Result<Outcome, Failure> {
    read::<B>(properties)?.run()
}

fn read<B: Block>(text: &str) -> Result<B, Failure> {
    // Properties are mostly right, and then nobody asks where.
    serde_json::from_str(text).or_else(|_| read_by_path(text))
}

/// Reads the properties again to say which of them is wrong, and how.
#[cold]
fn read_by_path<B: Block>(text: &str) -> Result<B, Failure> {
    // Through a tree, because positions in a text that nobody typed would only confuse the designer.
    let tree: Value = serde_json::from_str(text)
        .map_err(|error| Failure::InvalidProperties(format!("not JSON: {error}")))?;
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let path = error.path().to_string();
        let problem = error.into_inner();
        match path.as_str() {
            // An error of the whole object, such as a missing field, names the property itself.
            "." => Failure::InvalidProperties(problem.to_string()),
            path => Failure::invalid(path, problem),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnValues, EntitySet};

    #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        table: EntitySet,
        #[serde(default)]
        fields: ColumnValues,
        nested: Option<Nested>,
    }

    #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
    struct Nested {
        count: Vec<u8>,
    }

    impl Block for Sample {
        fn manifest() -> Manifest {
            Manifest::new("a.b", "1.0.0", "Sample")
        }

        fn run(self) -> Result<Outcome, Failure> {
            let Self { table, fields, nested } = self;
            let counts = nested.map_or(0, |nested| nested.count.len());
            Err(Failure::other(format!("{table} {} {counts}", fields.len())))
        }
    }

    fn problem(properties: &str) -> String {
        run::<Sample>(properties).unwrap_err().to_string()
    }

    #[test]
    fn properties_reach_the_block() {
        let text = r#"{"table": "contacts", "fields": {"a": 1}, "nested": {"count": [1, 2]}}"#;
        assert_eq!(problem(text), "contacts 1 2");
        assert_eq!(problem(r#"{"table": "a", "table": "b"}"#), "b 0 0", "the last one counts");
    }

    #[test]
    fn a_wrong_property_is_named_with_its_path() {
        let of = |text| problem(text);
        assert_eq!(of("{}"), "invalid properties: missing field `table`");
        assert_eq!(of(r#"{"table": ""}"#), "invalid properties: `table`: must not be empty");
        assert_eq!(
            of(r#"{"table": 5}"#),
            "invalid properties: `table`: invalid type: integer `5`, expected a string"
        );
        assert_eq!(
            of(r#"{"table": "a", "nested": {"count": [1, 900]}}"#),
            "invalid properties: `nested.count[1]`: invalid value: integer `900`, expected u8"
        );
        assert!(of(r#"{"table": "a", "tabel": "b"}"#).contains("unknown field `tabel`"));
        assert!(of("{").starts_with("invalid properties: not JSON: "));
    }
}
