//! A block run on this machine, without a server: loaded as the server would, invoked as a step would.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use patchcord::runtime::{Block, Crm, Invocation, Invoked, Runtime, RuntimeConfig, StepError};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::last;
use patchcord::rehearsal::{TracedCall, TracedCrm};

/// Time for a block where none is given: as generous as a designer's trial on the server.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// Language of the call where none is given.
pub(crate) const LOCALE: &str = "en-US";
/// Sandboxes of a program that runs one block at a time.
const SANDBOXES: u32 = 4;

/// A runtime that keeps compiled blocks between one start of this program and the next: one that brings an interpreter
/// takes seconds to compile.
pub(crate) fn runtime(cached: bool) -> Result<Runtime> {
    let cache = if cached { last::cache_folder() } else { None };
    let cache = cache.map(|folder| folder.join("compiled"));
    let config = RuntimeConfig { cache, max_instances: SANDBOXES, ..RuntimeConfig::default() };
    Ok(Runtime::new(config)?)
}

/// Loads a block from a file.
pub(crate) async fn load(runtime: &Runtime, file: &Path) -> Result<Block> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    runtime.load(&bytes).await.with_context(|| file.display().to_string())
}

/// What a block is given.
pub(crate) struct Asked {
    pub(crate) properties: Map<String, Value>,
    pub(crate) locale: Option<String>,
    pub(crate) deadline: Option<Duration>,
}

/// What became of it.
pub(crate) struct Tried {
    pub(crate) invoked: Invoked,
    pub(crate) calls: Vec<TracedCall>,
}

/// Runs a block once. Properties that do not fit its schema end it before it begins, as they do on the server.
pub(crate) async fn run(block: &Block, asked: Asked, crm: Arc<dyn Crm>) -> Tried {
    let properties = Value::Object(asked.properties);
    if let Err(problem) = check(&block.manifest().properties, &properties) {
        let result = Err(StepError::InvalidProperties(problem));
        let (host_calls, log) = (Vec::new(), Vec::new());
        let invoked =
            Invoked { result, host_calls, last_answer: None, log, elapsed: Duration::ZERO };
        return Tried { invoked, calls: Vec::new() };
    }
    let traced = Arc::new(TracedCrm::new(crm));
    let invocation = Invocation {
        run: Uuid::now_v7().to_string(),
        step_key: Uuid::new_v4(),
        locale: asked.locale.unwrap_or_else(|| LOCALE.to_owned()),
        deadline: Instant::now() + asked.deadline.unwrap_or(DEADLINE),
        properties,
        crm: Arc::clone(&traced) as Arc<dyn Crm>,
        counted: false,
    };
    let invoked = block.invoke(invocation).await;
    let calls = traced.calls(&invoked.host_calls);
    Tried { invoked, calls }
}

/// Holds properties against the schema of a manifest.
fn check(schema: &Value, properties: &Value) -> Result<(), String> {
    // The schema itself was checked when the block was loaded.
    let Ok(validator) = jsonschema::draft202012::new(schema) else {
        return Ok(());
    };
    let problems: Vec<String> = validator
        .iter_errors(properties)
        .map(|error| match error.instance_path().to_string() {
            place if place.is_empty() => error.to_string(),
            place => format!("{place}: {error}"),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_property_that_does_not_fit_is_named() {
        let schema = json!({
            "type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"],
            "additionalProperties": false,
        });
        assert_eq!(
            check(&schema, &json!({"a": "x", "b": 1})).unwrap_err().matches("'b'").count(),
            1
        );
        let problems = check(&schema, &json!({"a": 5})).unwrap_err();
        assert!(problems.contains("/a: 5 is not of type"), "{problems}");
        assert!(problems.contains("\"b\" is a required property"), "{problems}");
    }
}
