//! Checks of a block instance's properties against the schema of its block.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use patchcord_runtime::Manifest;
use serde_json::{Map, Value, json};

use super::{fetch_xml, odata};
use crate::blocks::Catalog;
use crate::kind::PropertyKind;
use crate::problem::{Problem, child};
use crate::substitute::{FetchXmlTemplate, MOST_BYTES, Property, Source, compile};
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
        problems.push(Problem::error(child(at, name), message));
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
        let property = match compile(kind, value) {
            Ok(property) => property,
            Err(problem) => {
                problems.push(Problem::error(at, format!("`{name}`: {problem}")));
                continue;
            }
        };
        let checker = Candidate { name, value, schema, root: &manifest.properties, catalog };
        match checker.check(&property) {
            Ok(()) => {
                query(kind, name, value, &at, problems);
                compiled.push((name.clone(), property));
            }
            Err((inner, problem)) => {
                let message = format!("`{name}`: {problem}");
                problems.push(Problem::error(format!("{at}{inner}"), message));
            }
        }
    }
    compiled
}

/// What Dataverse would refuse of a query.
fn query(kind: PropertyKind, name: &str, value: &Value, at: &str, problems: &mut Vec<Problem>) {
    let (PropertyKind::ODataQuery, Some(text)) = (kind, value.as_str()) else { return };
    let faults = match FetchXmlTemplate::is_one(text) {
        true => fetch_xml::look(text).faults,
        false => odata::look(text).faults,
    };
    problems.extend(faults.into_iter().map(|fault| fault.of(at, name, text)));
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

/// A fault: the pointer to it within the value, and what it is.
type Fault = (String, String);

impl Candidate<'_> {
    fn check(&self, property: &Property) -> Result<(), Fault> {
        if property.is_of_any_type() {
            // Its type is known only on a call; the block checks it then.
            return Ok(());
        }
        let known = property.known();
        self.against_schema(known.as_ref().unwrap_or(self.value), property.is_fixed())?;
        if property.is_fixed() {
            let account = |name: &str| self.catalog.account(name);
            let variables = Variables::default();
            property
                .fill(&Source::new(&variables, MOST_BYTES), account)
                .map_err(|error| (String::new(), format!("{} {}", self.shown(), error.problem)))?;
        }
        Ok(())
    }

    fn shown(&self) -> String {
        let text = self.value.as_str();
        text.map_or_else(|| self.value.to_string(), |text| format!("`{text}`"))
    }

    /// Of a value with variables in it no more is known than its own type.
    fn against_schema(&self, value: &Value, fixed: bool) -> Result<(), Fault> {
        let none = json!({});
        let shared = self.root.get("$defs").unwrap_or(&none);
        let schema = json!({ "$defs": shared, "allOf": [self.schema] });
        let validator = jsonschema::validator_for(&schema).map_err(|error| {
            let message = format!("the block's schema for `{}` is wrong: {error}", self.name);
            (String::new(), message)
        })?;
        let counts = |error: &ValidationError<'_>| {
            let own = error.instance_path().as_str().is_empty();
            fixed || (own && matches!(error.kind(), ValidationErrorKind::Type { .. }))
        };
        match validator.iter_errors(value).find(counts) {
            Some(error) => {
                let error = clearest(&error);
                Err((error.instance_path().to_string(), error.to_string()))
            }
            None => Ok(()),
        }
    }
}

/// What the alternatives have against a value says more than that none of them fits. The first is the property's own
/// kind, the others are mostly null.
fn clearest<'a, 'i>(error: &'a ValidationError<'i>) -> &'a ValidationError<'i> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().next().map_or(error, clearest)
        }
        _ => error,
    }
}
