//! The rules that a manifest must keep. A block that breaks one is refused when it is loaded, so that nobody further up
//! needs to ask again.

use std::collections::HashSet;

use serde_json::Value;

use crate::bindings::Manifest as WitManifest;
use crate::capability::is_entity_set;
use crate::schema::check_cost;
use crate::{LoadError, Manifest, convert, tables};

/// The longest identity, in bytes.
const ID_BYTES: usize = 128;
/// The exits that every block has.
const RESERVED_EXITS: [&str; 2] = ["next", "failed"];

type Checked = Result<(), LoadError>;

/// Turns what a block says of itself into a manifest that keeps the rules.
pub(crate) fn manifest(said: WitManifest) -> Result<Manifest, LoadError> {
    let properties = serde_json::from_str(&said.properties)
        .map_err(|error| wrong("/properties", format!("not JSON: {error}")))?;
    let mut manifest = convert::manifest(said, properties);
    check(&manifest)?;
    manifest.tables = listed_tables(&manifest.properties)?;
    Ok(manifest)
}

fn check(manifest: &Manifest) -> Checked {
    identity(&manifest.id)?;
    semver::Version::parse(&manifest.version)
        .map_err(|error| wrong("/version", format!("no semantic version: {error}")))?;
    if manifest.title.trim().is_empty() {
        return Err(wrong("/title", "empty"));
    }
    schema(&manifest.properties)?;
    exits(manifest)?;
    outputs(manifest)
}

fn identity(id: &str) -> Checked {
    if id.len() > ID_BYTES {
        return Err(wrong("/id", format!("longer than {ID_BYTES} characters")));
    }
    if !id
        .split(['.', '-'])
        .all(|word| is_word(word, |c| c.is_ascii_lowercase() || c.is_ascii_digit()))
        || !id.starts_with(|c: char| c.is_ascii_lowercase())
    {
        let problem = format!(
            "{id:?} is no identity: lower-case letters and digits, in words joined by `.` or `-`, such as \
             `microsoft-dynamics.search-object`"
        );
        return Err(wrong("/id", problem));
    }
    Ok(())
}

fn schema(schema: &Value) -> Checked {
    let Some(object) = schema.as_object() else {
        return Err(wrong("/properties", "not a JSON Schema of an object"));
    };
    if object.get("type") != Some(&Value::from("object")) {
        return Err(wrong("/properties/type", "must be \"object\""));
    }
    if !object.get("properties").is_none_or(Value::is_object) {
        return Err(wrong("/properties/properties", "not an object"));
    }
    check_cost(schema).map_err(|(at, problem)| wrong(format!("/properties{at}"), problem))?;
    jsonschema::draft202012::meta::validate(schema).map_err(|error| {
        wrong(format!("/properties{}", error.instance_path()), error.to_string())
    })?;
    jsonschema::draft202012::new(schema).map_err(|error| {
        wrong(format!("/properties{}", error.instance_path()), error.to_string())
    })?;
    Ok(())
}

fn listed_tables(schema: &Value) -> Result<Option<Vec<String>>, LoadError> {
    let at = format!("/properties/{}", tables::KEYWORD);
    let Some(listed) = schema.get(tables::KEYWORD) else {
        return Ok(None);
    };
    let listed = listed.as_array().ok_or_else(|| wrong(&at, "no array of entity set names"))?;
    let name = |(index, table): (usize, &Value)| {
        let name = table.as_str().filter(|name| is_entity_set(name));
        let problem = || format!("{table} is no entity set name, such as `contacts`");
        name.map(str::to_owned).ok_or_else(|| wrong(format!("{at}/{index}"), problem()))
    };
    listed.iter().enumerate().map(name).collect::<Result<_, _>>().map(Some)
}

fn exits(manifest: &Manifest) -> Checked {
    let mut seen = HashSet::new();
    for (index, exit) in manifest.exits.iter().enumerate() {
        let at = format!("/exits/{index}/id");
        if !exit.id.starts_with(|c: char| c.is_ascii_lowercase())
            || !is_word(&exit.id, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            let problem = format!(
                "{:?} is no exit: lower-case letters, digits and underscores, such as `no_data`",
                exit.id
            );
            return Err(wrong(at, problem));
        }
        if RESERVED_EXITS.contains(&exit.id.as_str()) {
            return Err(wrong(at, format!("`{}` exists for every block", exit.id)));
        }
        if !seen.insert(&exit.id) {
            return Err(wrong(at, format!("`{}` is declared twice", exit.id)));
        }
    }
    Ok(())
}

fn outputs(manifest: &Manifest) -> Checked {
    let mut seen = HashSet::new();
    for (index, output) in manifest.outputs.iter().enumerate() {
        let at = format!("/outputs/{index}/property");
        let declared = manifest.properties.get("properties");
        if declared.and_then(|declared| declared.get(&output.property)).is_none() {
            return Err(wrong(at, format!("there is no property `{}`", output.property)));
        }
        if !seen.insert(&output.property) {
            return Err(wrong(at, format!("`{}` is declared twice", output.property)));
        }
    }
    Ok(())
}

fn is_word(word: &str, allowed: impl Fn(char) -> bool) -> bool {
    !word.is_empty() && word.chars().all(allowed)
}

fn wrong(at: impl Into<String>, problem: impl Into<String>) -> LoadError {
    LoadError::Manifest { at: at.into(), problem: problem.into() }
}
