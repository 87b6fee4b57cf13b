//! The body of a create or an update: names, types, lengths and choices checked against the table, related
//! rows told apart from values.

use std::collections::BTreeMap;

use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use super::errors::DataverseError;
use super::query::ast::Value;
use super::resource::{self, Key};
use super::schema::{Collection, Column, Kind, Schema, Table};
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
    /// Lookups to rows that come with the body.
    pub(crate) parents: Vec<Parent>,
    /// Rows of collections.
    pub(crate) children: Vec<Children>,
}

/// A lookup column with the row that it shall point to.
#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) column: String,
    pub(crate) target: String,
    pub(crate) key: Key,
}

/// A lookup column with the new row that it shall point to.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) column: String,
    pub(crate) target: String,
    pub(crate) changes: Changes,
}

/// Rows to put into a collection.
#[derive(Debug)]
pub(crate) struct Children {
    pub(crate) collection: Collection,
    pub(crate) rows: Vec<Child>,
}

#[derive(Debug)]
pub(crate) enum Child {
    New(Changes),
    Existing(Key),
}

pub(crate) fn parse(
    schema: &Schema,
    table: &Table,
    body: &[u8],
) -> Result<Changes, DataverseError> {
    from_object(schema, table, &object(table, body)?)
}

/// A body as a JSON object.
pub(crate) fn object(table: &Table, body: &[u8]) -> Result<Map<String, Json>, DataverseError> {
    serde_json::from_slice(body).map_err(|error| {
        let reason = format!("Microsoft.OData.ODataException: the body is no JSON object: {error}");
        DataverseError::payload(&table.set, &reason)
    })
}

pub(crate) fn from_object(
    schema: &Schema,
    table: &Table,
    body: &Map<String, Json>,
) -> Result<Changes, DataverseError> {
    let reader = Reader { schema, table };
    let mut changes = Changes::default();
    for (name, value) in body {
        if let Some(navigation) = name.strip_suffix("@odata.bind") {
            reader.bind(navigation, value, &mut changes)?;
        } else if !name.contains('@') {
            reader.set(name, value, &mut changes)?;
        }
    }
    Ok(changes)
}

/// The row that an address names: `/contacts(…)`, `contacts(…)` or a whole URL.
pub(crate) fn reference<'s>(
    schema: &'s Schema,
    address: &str,
) -> Result<(&'s Table, Key), DataverseError> {
    let invalid = || DataverseError::odata(format!("Invalid URI '{address}'."));
    let decoded = percent_decode_str(address).decode_utf8_lossy();
    let path = match decoded.find("/api/data/v") {
        Some(at) => decoded.get(at + "/api/data/v".len()..).and_then(|rest| rest.split_once('/')),
        None => Some(("", decoded.as_ref())),
    };
    let segments = resource::segments(path.ok_or_else(invalid)?.1)?;
    let [segment] = segments.as_slice() else {
        return Err(invalid());
    };
    let table = schema.by_set(&segment.name);
    let table = table.ok_or_else(|| DataverseError::no_segment(&segment.name))?;
    let key = resource::key(table, segment.arguments.as_deref().ok_or_else(invalid)?)?;
    Ok((table, key))
}

struct Reader<'a> {
    schema: &'a Schema,
    table: &'a Table,
}

impl Reader<'_> {
    fn wrong(&self, reason: &str) -> DataverseError {
        DataverseError::payload(&self.table.set, reason)
    }

    fn set(&self, name: &str, value: &Json, changes: &mut Changes) -> Result<(), DataverseError> {
        if let Some(navigation) = self.table.navigations.get(name)
            && self.table.column(name).is_none()
        {
            let Some(column) = self.table.lookup(navigation) else { return Ok(()) };
            return match value {
                Json::Null => {
                    clear(column, changes);
                    Ok(())
                }
                Json::Object(body) => self.parent(column, &navigation.targets, body, changes),
                _ => Err(self.wrong(&format!(
                    "Microsoft.OData.ODataException: A 'StartObject' or 'StartArray' node was expected when \
                     reading the value of the navigation property '{name}'."
                ))),
            };
        }
        if let Some(collection) = self.table.collections.get(name) {
            let rows = value.as_array().ok_or_else(|| {
                self.wrong(&format!(
                    "Microsoft.OData.ODataException: A node of type 'StartArray' was expected for the \
                     property '{name}'."
                ))
            })?;
            return self.children(collection, rows, changes);
        }
        let column = self.table.column(name).ok_or_else(|| self.undeclared(name))?;
        if column.is_lookup() {
            return Err(DataverseError::odata(
                "CRM do not support direct update of Entity Reference properties, Use Navigation \
                 properties instead.",
            ));
        }
        self.assign(column, value, changes)
    }

    fn undeclared(&self, name: &str) -> DataverseError {
        self.wrong(&format!(
            "Microsoft.Crm.CrmException: Invalid property '{name}' was found in entity \
             'Microsoft.Dynamics.CRM.{}'. ---> Microsoft.OData.ODataException: Does not support \
             untyped value in non-open type.",
            self.table.logical
        ))
    }

    fn assign(
        &self,
        column: &Column,
        value: &Json,
        changes: &mut Changes,
    ) -> Result<(), DataverseError> {
        let Some(checked) = values::from_json(value, &column.kind) else {
            return Err(self.wrong(&format!(
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
            check(self.table, column, &checked)?;
            changes.values.insert(column.name.clone(), checked);
        }
        Ok(())
    }

    /// Deep insert through a lookup; with several possible tables the body says which.
    fn parent(
        &self,
        column: &Column,
        targets: &[String],
        body: &Map<String, Json>,
        changes: &mut Changes,
    ) -> Result<(), DataverseError> {
        let typed = body.get("@odata.type").and_then(Json::as_str);
        let typed = typed.and_then(|name| name.rsplit('.').next()).map(str::to_owned);
        let target = match (typed, targets) {
            (Some(name), targets) if targets.contains(&name) => name,
            (_, [only]) => only.clone(),
            _ => return Err(self.wrong("the '@odata.type' of the related row is missing.")),
        };
        let table = self.schema.by_logical(&target);
        let table = table.ok_or_else(|| DataverseError::no_segment(&target))?;
        let inner = from_object(self.schema, table, body)?;
        changes.parents.push(Parent { column: column.name.clone(), target, changes: inner });
        Ok(())
    }

    fn children(
        &self,
        collection: &Collection,
        rows: &[Json],
        changes: &mut Changes,
    ) -> Result<(), DataverseError> {
        let table = self.schema.by_logical(collection.table());
        let table = table.ok_or_else(|| DataverseError::no_segment(collection.table()))?;
        let row = |row: &Json| match row {
            Json::Object(body) => Ok(Child::New(from_object(self.schema, table, body)?)),
            other => {
                Err(self.wrong(&format!("Microsoft.OData.ODataException: {other} is no row.")))
            }
        };
        let rows = rows.iter().map(row).collect::<Result<_, _>>()?;
        changes.children.push(Children { collection: collection.clone(), rows });
        Ok(())
    }

    fn bind(&self, name: &str, value: &Json, changes: &mut Changes) -> Result<(), DataverseError> {
        if let Some(collection) = self.table.collections.get(name) {
            return self.bind_collection(name, collection, value, changes);
        }
        let navigation = self.table.navigations.get(name).ok_or_else(|| {
            self.wrong(&format!(
                "Microsoft.OData.ODataException: An undeclared property '{name}' which only has \
                 property annotations in the payload but no property value was found in the payload. \
                 In OData, only declared navigation properties and declared named streams can be \
                 represented as properties without values."
            ))
        })?;
        let Some(column) = self.table.lookup(navigation) else { return Ok(()) };
        let address = match value {
            Json::Null => {
                clear(column, changes);
                return Ok(());
            }
            Json::String(address) => address,
            other => {
                let reason = format!("Microsoft.OData.ODataException: {other} is no reference.");
                return Err(self.wrong(&reason));
            }
        };
        let (target, key) = reference(self.schema, address)?;
        if !navigation.targets.contains(&target.logical) {
            return Err(self.wrong(&format!(
                "Microsoft.OData.ODataException: '{name}' refers to a {}, and '{address}' is a {}.",
                navigation.targets.join(" or a "),
                target.logical
            )));
        }
        let (column, target) = (column.name.clone(), target.logical.clone());
        changes.binds.push(Bind { column, target, key });
        Ok(())
    }

    fn bind_collection(
        &self,
        name: &str,
        collection: &Collection,
        value: &Json,
        changes: &mut Changes,
    ) -> Result<(), DataverseError> {
        let wrong = || {
            let reason =
                format!("Microsoft.OData.ODataException: '{name}' takes a list of addresses.");
            self.wrong(&reason)
        };
        let mut rows = Vec::new();
        for address in value.as_array().ok_or_else(wrong)? {
            let (target, key) = reference(self.schema, address.as_str().ok_or_else(wrong)?)?;
            if target.logical != collection.table() {
                return Err(wrong());
            }
            rows.push(Child::Existing(key));
        }
        changes.children.push(Children { collection: collection.clone(), rows });
        Ok(())
    }
}

/// Lengths and choices.
pub(crate) fn check(table: &Table, column: &Column, value: &Value) -> Result<(), DataverseError> {
    let bad =
        |code, message: String| Err(DataverseError::new(StatusCode::BAD_REQUEST, code, message));
    let name = &column.logical;
    let unknown = match (&column.kind, value) {
        (Kind::Text { max: Some(max), .. }, Value::Text(text))
            if text.encode_utf16().count() > *max =>
        {
            return bad(
                "0x80044331",
                format!(
                    "A validation error occurred.  The length of the '{name}' attribute of the '{}' \
                     entity exceeded the maximum allowed length of '{max}'.",
                    table.logical
                ),
            );
        }
        (Kind::Choice(accepted), Value::Integer(number)) if !accepted.is_empty() => {
            (!accepted.contains_key(number)).then(|| (number.to_string(), accepted))
        }
        (Kind::Choices(accepted), Value::Text(numbers)) if !accepted.is_empty() => numbers
            .split(',')
            .find(|number| !number.parse().is_ok_and(|number: i64| accepted.contains_key(&number)))
            .map(|number| (number.to_owned(), accepted)),
        _ => None,
    };
    let Some((number, accepted)) = unknown else {
        return Ok(());
    };
    let accepted: Vec<String> = accepted.keys().map(i64::to_string).collect();
    bad(
        "0x8004431a",
        format!(
            "A validation error occurred. The value {number} of '{name}' on record of type '{}' is outside \
             the valid range. Accepted Values: {}",
            table.logical,
            accepted.join(",")
        ),
    )
}

fn clear(column: &Column, changes: &mut Changes) {
    changes.values.insert(column.name.clone(), Value::Null);
    changes.values.insert(super::storage::table_of(&column.name), Value::Null);
}
