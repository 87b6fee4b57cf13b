//! The file with a block's test cases: properties, what Dynamics 365 is made to answer, and what is to come of it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use patchcord::rehearsal::{CannedAnswer, ExpectedCall, ExpectedFailure, ExpectedPop};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Test cases of a block.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    /// Where this file's schema is, for editors.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    /// The cases. Each runs the block once, in a sandbox of its own.
    #[schemars(length(min = 1))]
    pub(crate) cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows, in a sentence.
    pub(crate) name: String,
    /// The block's properties, as they are once every `$(…)` is replaced.
    #[serde(default)]
    pub(crate) properties: Map<String, Value>,
    /// What Dynamics 365 answers. Each host call takes the first answer that fits it; an answer is taken once.
    #[serde(default)]
    pub(crate) answers: Vec<CannedAnswer>,
    /// Language of the call [default: en-US].
    pub(crate) locale: Option<String>,
    /// Milliseconds within which the block must be done [default: 10000].
    pub(crate) deadline_ms: Option<u64>,
    /// What is to come of it. Left out: it ends well, by `next`.
    #[serde(default)]
    pub(crate) expect: Expected,
}

/// What is to come of a case. What is left out is not looked at, but for `exit` and `failure`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The exit taken [default: `next`].
    pub(crate) exit: Option<String>,
    /// All variables that are set.
    pub(crate) variables: Option<BTreeMap<String, Value>>,
    /// All recordsets that are set, each with all of its records.
    pub(crate) recordsets: Option<BTreeMap<String, Vec<Value>>>,
    /// The record that is shown to the agent.
    pub(crate) screen_pop: Option<ExpectedPop>,
    /// The account that is selected.
    pub(crate) account: Option<String>,
    /// Why the block fails. Left out: it does not.
    pub(crate) failure: Option<ExpectedFailure>,
    /// All host calls, in order.
    pub(crate) calls: Option<Vec<ExpectedCall>>,
    /// All log lines, in order.
    pub(crate) log: Option<Vec<String>>,
}

impl CaseFile {
    /// Reads a file, naming the place of whatever is wrong in it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("cannot read the cases in {}; --cases names another file", path.display())
        })?;
        let file: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is no file of cases", path.display()))?;
        ensure!(!file.cases.is_empty(), "{} holds no case", path.display());
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        schemars::schema_for!(CaseFile).to_value()
    }

    #[test]
    fn the_schema_is_the_published_one() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/block-cases.schema.json");
        let mut now = serde_json::to_string_pretty(&schema()).unwrap();
        now.push('\n');
        if std::env::var_os("PATCHCORD_BLESS").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == now,
            "examples/block-cases.schema.json is not the schema of the cases any more; look at the difference after \
             `PATCHCORD_BLESS=1 cargo test --workspace --bin patchcord cases` and commit it if it is meant"
        );
    }

    #[test]
    fn the_examples_cases_keep_the_schema_and_are_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/blocks/cases.json");
        let value: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema()).unwrap();
        assert!(validator.validate(&value).is_ok(), "{:?}", validator.validate(&value));
        assert!(CaseFile::read(&path).unwrap().cases.len() > 3);
        assert!(!validator.is_valid(&serde_json::json!({"cases": [{"name": "a", "expects": {}}]})));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.json");
        let missing = format!("{:#}", CaseFile::read(&path).unwrap_err());
        assert!(missing.contains("--cases names another file"), "{missing}");
        std::fs::write(&path, "{\"cases\": [\n{\"name\": \"a\", \"expct\": {}}]}").unwrap();
        let wrong = format!("{:#}", CaseFile::read(&path).unwrap_err());
        assert!(wrong.contains("unknown field `expct`") && wrong.contains("line 2"), "{wrong}");
    }
}
