//! Checks of a block instance's properties against the schema of its block.

use patchcord_runtime::Manifest;
use serde_json::{Map, Value, json};

use crate::blocks::Catalog;
use crate::kind::PropertyKind;
use crate::problem::{Problem, child};
use crate::substitute::{Property, compile};
use crate::variables::Variables;

/// Checks and compiles. What is wrong is left out of what is returned and told in `problems`.
pub(super) fn check(
    manifest: &Manifest,
    given: &Map<String, Value>,
    at: &str,
    catalog: &dyn Catalog,
    problems: &mut Vec<Problem>,
) -> Vec<(String, Property)> {
    let none = Map::new();
    let schemas = manifest.properties["properties"].as_object().unwrap_or(&none);
    for name in required(&manifest.properties).filter(|name| !given.contains_key(*name)) {
        let message = format!("the property `{name}` of {} is missing", manifest.title);
        problems.push(Problem::error(at, message));
    }
    let mut compiled = Vec::new();
    for (name, value) in given {
        let at = child(at, name);
        let Some(schema) = schemas.get(name) else {
            let known: Vec<&str> = schemas.keys().map(String::as_str).collect();
            let message =
                format!("{} has no property `{name}`; it has {}", manifest.title, known.join(", "));
            problems.push(Problem::error(at, message));
            continue;
        };
        let kind = PropertyKind::of(schema, &manifest.properties);
        match compile(kind, value) {
            Err(problem) => problems.push(Problem::error(at, format!("`{name}`: {problem}"))),
            Ok(property) => {
                let checker = Candidate { name, value, schema, root: &manifest.properties, catalog };
                match checker.check(&property) {
                    Err(problem) => problems.push(Problem::error(at, format!("`{name}`: {problem}"))),
                    Ok(()) => compiled.push((name.clone(), property)),
                }
            }
        }
    }
    compiled
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// One value under check.
struct Candidate<'a> {
    name: &'a str,
    value: &'a Value,
    schema: &'a Value,
    root: &'a Value,
    catalog: &'a dyn Catalog,
}

impl Candidate<'_> {
    fn check(&self, property: &Property) -> Result<(), String> {
        if property.is_one_variable() || (!property.is_fixed() && !self.value.is_string()) {
            // Its type is known only on a call; the block checks it then.
            return Ok(());
        }
        self.against_schema()?;
        if property.is_fixed() {
            let account = |name: &str| self.catalog.account(name);
            let filled = property.fill(&Variables::default(), account);
            filled.map_err(|error| format!("{} {}", self.shown(), error.problem))?;
        }
        Ok(())
    }

    fn shown(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), |text| format!("`{text}`"))
    }

    fn against_schema(&self) -> Result<(), String> {
        let schema = json!({ "$defs": self.root["$defs"], "allOf": [self.schema] });
        let validator = jsonschema::validator_for(&schema)
            .map_err(|error| format!("the block's schema for `{}` is wrong: {error}", self.name))?;
        match validator.iter_errors(self.value).next() {
            Some(error) => Err(error.to_string()),
            None => Ok(()),
        }
    }
}
