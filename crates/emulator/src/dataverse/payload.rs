//! The body of a create or an update: names, types, lengths and choices checked.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value as Json};

use super::Dataverse;
use super::errors::DataverseError;
use super::query::ast::Value;
use super::resource;
use super::tables::{Column, Kind, Table};
use super::values;

/// What a body asks to be set.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The primary key, if the body holds one.
    pub(crate) id: Option<String>,
    /// Values by column name.
    pub(crate) values: BTreeMap<String, Value>,
    /// Lookups to set, whose targets must exist.
    pub(crate) binds: Vec<Bind>,
}

/// A lookup column with the row that it shall point to.
#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) column: String,
    pub(crate) target: String,
    pub(crate) id: String,
}

pub(crate) fn parse(
    dataverse: &Dataverse,
    table: &Table,
    body: &[u8],
) -> Result<Changes, DataverseError> {
    let wrong = |reason: &str| DataverseError::payload(&table.set, reason);
    let body: Map<String, Json> = serde_json::from_slice(body).map_err(|error| {
        wrong(&format!("Microsoft.OData.ODataException: the body is no JSON object: {error}"))
    })?;
    let mut changes = Changes::default();
    for (name, value) in &body {
        if let Some(navigation) = name.strip_suffix("@odata.bind") {
            bind(dataverse, table, navigation, value, &mut changes)?;
        } else if !name.contains('@') {
            set(table, name, value, &mut changes)?;
        }
    }
    Ok(changes)
}

fn set(
    table: &Table,
    name: &str,
    value: &Json,
    changes: &mut Changes,
) -> Result<(), DataverseError> {
    let wrong = |reason: &str| DataverseError::payload(&table.set, reason);
    if let Some(navigation) = table.navigations.get(name) {
        if !value.is_null() {
            return Err(DataverseError::not_implemented("deep insert through a lookup"));
        }
        if let Some(column) = table.columns.get(navigation.column) {
            clear(column, changes);
        }
        return Ok(());
    }
    if value.is_array() {
        return Err(DataverseError::not_implemented(
            "related rows (activity parties, deep insert)",
        ));
    }
    let Some(column) = table.column(name) else {
        return Err(wrong(&format!(
            "Microsoft.Crm.CrmException: Invalid property '{name}' was found in entity \
             'Microsoft.Dynamics.CRM.{}'. ---> Microsoft.OData.ODataException: Does not support \
             untyped value in non-open type.",
            table.logical
        )));
    };
    if matches!(column.kind, Kind::Lookup(_)) {
        return Err(DataverseError::odata(
            "CRM do not support direct update of Entity Reference properties, Use Navigation \
             properties instead.",
        ));
    }
    let Some(checked) = values::from_json(value, &column.kind) else {
        return Err(wrong(&format!(
            "Microsoft.OData.ODataException: Cannot convert the literal '{}' to the expected type \
             '{}'.",
            value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            column.kind.edm()
        )));
    };
    if column.kind == Kind::Key {
        changes.id = match checked {
            Value::Text(id) => Some(id),
            _ => None,
        };
    } else if !column.readonly {
        check(table, column, &checked)?;
        changes.values.insert(column.name.clone(), checked);
    }
    Ok(())
}

/// Lengths and choices.
fn check(table: &Table, column: &Column, value: &Value) -> Result<(), DataverseError> {
    let bad =
        |code, message: String| Err(DataverseError::new(StatusCode::BAD_REQUEST, code, message));
    let name = &column.logical;
    match (&column.kind, value) {
        (Kind::Text { max }, Value::Text(text)) if text.encode_utf16().count() > *max => bad(
            "0x80044331",
            format!(
                "A validation error occurred. The length of the '{name}' attribute of the '{}' \
                 entity exceeded the maximum allowed length of '{max}'.",
                table.logical
            ),
        ),
        (Kind::Choice(accepted), Value::Integer(number)) if !accepted.contains_key(number) => {
            let accepted: Vec<String> = accepted.keys().map(i64::to_string).collect();
            bad(
                "0x8004431a",
                format!(
                    "A validation error occurred. The value {number} of '{name}' on record of \
                     type '{}' is outside the valid range. Accepted Values: {}",
                    table.logical,
                    accepted.join(",")
                ),
            )
        }
        _ => Ok(()),
    }
}

fn clear(column: &Column, changes: &mut Changes) {
    changes.values.insert(column.name.clone(), Value::Null);
    changes.values.insert(format!("{}__table", column.name), Value::Null);
}

fn bind(
    dataverse: &Dataverse,
    table: &Table,
    name: &str,
    value: &Json,
    changes: &mut Changes,
) -> Result<(), DataverseError> {
    let wrong = |reason: String| DataverseError::payload(&table.set, &reason);
    let navigation = table.navigations.get(name).ok_or_else(|| {
        wrong(format!(
            "Microsoft.OData.ODataException: An undeclared property '{name}' which only has \
             property annotations in the payload but no property value was found in the payload. \
             In OData, only declared navigation properties and declared named streams can be \
             represented as properties without values."
        ))
    })?;
    let Some(column) = table.columns.get(navigation.column) else {
        return Ok(());
    };
    let address = match value {
        Json::Null => {
            clear(column, changes);
            return Ok(());
        }
        Json::String(address) => address,
        other => {
            return Err(wrong(format!("Microsoft.OData.ODataException: {other} is no reference.")));
        }
    };
    let segment = address.rsplit('/').next().unwrap_or_default();
    let (set, key) =
        segment.strip_suffix(')').and_then(|segment| segment.split_once('(')).ok_or_else(|| {
            wrong(format!("Microsoft.OData.ODataException: Invalid URI '{address}'."))
        })?;
    let target = dataverse.tables.by_set(set).ok_or_else(|| DataverseError::no_segment(set))?;
    if target.logical != navigation.target {
        return Err(wrong(format!(
            "Microsoft.OData.ODataException: '{name}' refers to a {}, and '{address}' is a {}.",
            navigation.target, target.logical
        )));
    }
    changes.binds.push(Bind {
        column: column.name.clone(),
        target: target.logical.clone(),
        id: resource::row_id(target, key)?,
    });
    Ok(())
}
