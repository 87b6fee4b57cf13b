//! The definitions of tables, columns, keys, relationships and choices: `EntityDefinitions`,
//! `RelationshipDefinitions` and `GlobalOptionSetDefinitions`.
//!
//! Everything is told from the schema when it is asked for, without a database. What the schema does
//! not know (security, audit, forms) has the value that a new table has. Definitions can be read
//! only: the tables come from the metadata document that the emulator was started with.

pub(crate) mod attribute;
pub(crate) mod attribute_type;
pub(crate) mod changes;
pub(crate) mod entity;
pub(crate) mod filter;
pub(crate) mod filter_tokens;
pub(crate) mod key;
pub(crate) mod label;
pub(crate) mod node;
pub(crate) mod option_set;
pub(crate) mod options;
pub(crate) mod path;
pub(crate) mod relationship;
pub(crate) mod shape;

use http::StatusCode;
use serde_json::{Map, Value as Json, json};

use super::errors::DataverseError;
use super::schema::Schema;
use label::keep_languages;
use options::Options;
use path::{Place, Walk};
use shape::Shape;

/// First segments of the addresses that lead here.
const ROOTS: [&str; 4] = [
    "EntityDefinitions",
    "RelationshipDefinitions",
    "GlobalOptionSetDefinitions",
    "ManagedPropertyDefinitions",
];

/// Whether `path`, relative to the service root, is one of a definition.
pub(crate) fn owns(path: &str) -> bool {
    let name = path.split(['/', '(']).next().unwrap_or_default();
    ROOTS.contains(&name)
}

/// Answers `GET {base}/{path}?{query}`: `path` decoded, `query` as it was sent.
pub(crate) fn answer(
    schema: &Schema,
    base: &str,
    path: &str,
    query: &str,
) -> Result<Json, DataverseError> {
    let options = Options::parse(query)?;
    let walk = path::walk(schema, path)?;
    if options.filter.is_some() && !walk.may_be_filtered() {
        return Err(options::unsupported("$filter"));
    }
    let mut body = body(schema, base, &walk, &options)?;
    if !options.languages.is_empty() {
        keep_languages(&mut body, &options.languages);
    }
    Ok(body)
}

fn body(
    schema: &Schema,
    base: &str,
    walk: &Walk<'_>,
    options: &Options,
) -> Result<Json, DataverseError> {
    let shape = Shape { schema, own: walk.own };
    let context = |suffix: &str| format!("{base}/$metadata#{}{suffix}", walk.context());
    let mut body = Map::new();
    match &walk.place {
        Place::Many(nodes) => {
            body.insert("@odata.context".into(), json!(context(&shape::selected(options))));
            body.insert("value".into(), Json::Array(shape.all(nodes, options)?));
        }
        Place::One(node) => {
            let suffix = format!("{}/$entity", shape::selected(options));
            body.insert("@odata.context".into(), json!(context(&suffix)));
            body.append(&mut shape.one(node, options)?);
        }
        Place::Value(value) => {
            body.insert("@odata.context".into(), json!(context("")));
            match value {
                Json::Object(members) => body.extend(members.clone()),
                simple => {
                    body.insert("value".into(), simple.clone());
                }
            }
        }
    }
    Ok(Json::Object(body))
}

/// What a request to change a definition is answered.
pub(crate) fn change_refused() -> DataverseError {
    DataverseError::new(
        StatusCode::NOT_IMPLEMENTED,
        "0x80060888",
        "The emulator does not support changes of definitions: its tables come from its metadata \
         document.",
    )
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
