//! The kinds of text that a property can be. A kind is a type: it says in the manifest how `$(…)` is written into the
//! property, and refuses on the way in what the kind cannot be. Whether a table or a column exists is Dataverse's to say.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Text that is not of the kind that a property takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(pub(crate) String);

macro_rules! text_kind {
    ($(#[$meta:meta])* $name:ident, $keyword:literal, $read:path, $extend:path) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes text of this kind.
            ///
            /// # Errors
            /// [`InvalidValue`] says in which way the text is not of this kind.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                $read(text.into()).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $extend(json_schema!({ "type": "string", "x-patchcord-kind": $keyword }))
            }
        }
    };
}

text_kind! {
    /// Plain text that nobody parses. A `String` is the same to the host.
    #[derive(Default)]
    Text, "text", any, as_is
}
text_kind! {
    /// Entity set name of a table, such as `contacts`. The designer offers the tables of sales and service and takes any other.
    EntitySet, "entity-set", entity_set, with_tables
}
text_kind! {
    /// OData query options, such as `$select=fullname&$filter=telephone1 eq '$(item.from)'`, plain and never
    /// percent-encoded. May be empty.
    #[derive(Default)]
    ODataQuery, "odata-query", any, as_is
}
text_kind! {
    /// Name of a recordset that the block sets or reads.
    RecordsetName, "recordset-name", not_empty, with_length
}
text_kind! {
    /// Name of a variable that the block sets, without `$(` and `)`.
    VariableName, "variable-name", not_empty, with_length
}
text_kind! {
    /// Primary key of a record: a GUID, written without braces.
    RecordId, "record-id", guid, with_length
}
text_kind! {
    /// An integration account: the designer chooses one, the block gets an opaque value that means nothing outside the run.
    AccountRef, "account", not_empty, with_length
}

impl RecordId {
    /// The key of a record that Dataverse has just made, as it gave it.
    pub(crate) fn given(text: String) -> Self {
        Self(text)
    }
}

fn any(text: String) -> Result<String, InvalidValue> {
    Ok(text)
}

fn not_empty(text: String) -> Result<String, InvalidValue> {
    if text.trim().is_empty() {
        return Err(InvalidValue("must not be empty".into()));
    }
    Ok(text)
}

fn entity_set(text: String) -> Result<String, InvalidValue> {
    let text = not_empty(text)?;
    if is_word(&text) {
        return Ok(text);
    }
    Err(InvalidValue(format!(
        "{text:?} is no entity set name: letters, digits and underscores, such as `contacts`"
    )))
}

fn guid(text: String) -> Result<String, InvalidValue> {
    let text = not_empty(text)?;
    let bare = text.trim();
    let bare = bare.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(bare);
    if is_guid(bare) {
        return Ok(bare.to_ascii_lowercase());
    }
    Err(InvalidValue(format!("{text:?} is no record id (GUID)")))
}

/// Whether text could name a column, a relationship or the like: letters, digits and underscores, no digit first.
pub(crate) fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit()) && is_word(text)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether text is a GUID in its usual form: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn as_is(schema: Schema) -> Schema {
    schema
}

fn with_length(mut schema: Schema) -> Schema {
    schema.insert("minLength".into(), 1.into());
    schema
}

/// The tables of sales and service by the labels that Dynamics 365 gives them; offered first, no limit.
const TABLES: [(&str, &str); 9] = [
    ("Account", "accounts"),
    ("Case", "incidents"),
    ("Contact", "contacts"),
    ("Contract", "contracts"),
    ("Invoice", "invoices"),
    ("Lead", "leads"),
    ("Opportunity", "opportunities"),
    ("Order", "salesorders"),
    ("Quote", "quotes"),
];

fn with_tables(schema: Schema) -> Schema {
    let mut schema = with_length(schema);
    let names = TABLES.iter().map(|(_, name)| Value::from(*name)).collect();
    let labelled = TABLES.iter().map(|(title, name)| json!({ "title": title, "value": name }));
    schema.insert("examples".into(), Value::Array(names));
    schema.insert("x-patchcord-suggestions".into(), Value::Array(labelled.collect()));
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_is_a_guid_and_nothing_else() {
        let id = "5531d753-95af-e711-a94e-000d3a11e605";
        let of = |text: &str| RecordId::new(text).map(|id| id.to_string());
        assert_eq!(of(id).as_deref(), Ok(id));
        assert_eq!(of(&format!(" {{{}}}", id.to_uppercase())).as_deref(), Ok(id));
        for wrong in [
            "",
            "1",
            "5531d753-95af-e711-a94e-000d3a11e60g",
            "5531d75395af-e711-a94e-000d3a11e605-",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert!(of(&format!("{id})/evil(")).is_err());
    }

    #[test]
    fn an_entity_set_is_a_name() {
        assert!(EntitySet::new("new_calls2").is_ok());
        assert!(EntitySet::new(" ").is_err());
        assert!(EntitySet::new("contacts?$top=1").is_err());
    }

    #[test]
    fn names_are_kept_as_they_are() {
        assert_eq!(VariableName::new("caller").unwrap().as_str(), "caller");
        assert!(VariableName::new("").is_err());
        assert_eq!(ODataQuery::new("").unwrap(), ODataQuery::default());
    }
}
