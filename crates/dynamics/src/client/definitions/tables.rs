//! Tables and columns as designers see them, and as Dataverse describes them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::label::Label;
use super::remembered::Want;

/// How definitions are to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DefinitionOptions {
    /// Language of the labels (LCID, such as 1031), where the organisation has them in it; else the consenting user's.
    pub language: Option<u32>,
    /// Asks Dynamics 365 even if what is known is recent.
    pub refresh: bool,
}

impl DefinitionOptions {
    pub(super) fn want(self) -> Want {
        if self.refresh { Want::New } else { Want::Recent }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Name in definitions and in FetchXML, such as `contact`.
    pub logical_name: String,
    /// Name in addresses, such as `contacts`.
    pub entity_set: String,
    /// What people call it; the logical name where it has no label.
    pub label: String,
    /// Column of the primary key.
    pub primary_id: String,
    /// Column that names a record, where there is one.
    pub primary_name: Option<String>,
    /// Whether somebody added it to the organisation.
    pub custom: bool,
}

/// A table with its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableDetails {
    /// The table itself.
    #[serde(flatten)]
    pub table: Table,
    /// Its columns by name.
    pub columns: Vec<Column>,
    /// Its alternate keys.
    pub keys: Vec<TableKey>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Logical name, by which it is written.
    pub name: String,
    /// Name by which it is read: `_customerid_value` for the lookup `customerid`.
    pub read_name: String,
    /// What people call it; the logical name where it has no label.
    pub label: String,
    /// Dataverse's name of its type without the ending, such as `String`, `Picklist`, `Lookup`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `None`, `Recommended`, `ApplicationRequired` or `SystemRequired`.
    pub required: String,
    /// Longest text in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Values of a choice, or of yes and no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Logical names of the tables that a lookup may lead to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Whether it can be read.
    pub readable: bool,
    /// Whether it can be set in a create.
    pub creatable: bool,
    /// Whether it can be changed.
    pub updatable: bool,
}

/// A value of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is stored.
    pub value: i64,
    /// What people read.
    pub label: String,
}

/// An alternate key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableKey {
    /// Logical name.
    pub name: String,
    /// What people call it; the logical name where it has no label.
    pub label: String,
    /// Its columns, all of which name a record together.
    pub columns: Vec<String>,
}

/// A table as `EntityDefinitions` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    pub(super) logical_name: String,
    #[serde(rename = "EntitySetName", default)]
    set_name: Option<String>,
    #[serde(default)]
    display_name: Option<Label>,
    #[serde(default)]
    primary_id_attribute: Option<String>,
    #[serde(default)]
    primary_name_attribute: Option<String>,
    #[serde(default)]
    is_custom_entity: Option<bool>,
    #[serde(skip)]
    pub(super) entity_set: String,
}

impl Described {
    /// None where records of the table cannot be addressed.
    pub(super) fn addressable(mut self) -> Option<Self> {
        self.entity_set = self.set_name.take().filter(|name| !name.is_empty())?;
        Some(self)
    }

    pub(super) fn in_language(&self, language: Option<u32>) -> Table {
        Table {
            logical_name: self.logical_name.clone(),
            entity_set: self.entity_set.clone(),
            label: label(self.display_name.as_ref(), language, &self.logical_name),
            primary_id: self.primary_id_attribute.clone().unwrap_or_default(),
            primary_name: self.primary_name_attribute.clone().filter(|name| !name.is_empty()),
            custom: self.is_custom_entity.unwrap_or_default(),
        }
    }
}

/// All that is known of a table.
#[derive(Debug)]
pub(crate) struct Detailed {
    pub(super) table: Described,
    pub(super) columns: Vec<RawColumn>,
    pub(super) keys: Vec<RawKey>,
    /// What depends on a column's type, by logical name.
    pub(super) extras: HashMap<String, Extra>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RawColumn {
    pub(super) logical_name: String,
    #[serde(default)]
    attribute_of: Option<String>,
    #[serde(default)]
    attribute_type_name: Option<Value<String>>,
    #[serde(default)]
    display_name: Option<Label>,
    #[serde(default)]
    required_level: Option<Value<String>>,
    #[serde(default)]
    is_valid_for_read: bool,
    #[serde(default)]
    is_valid_for_create: bool,
    #[serde(default)]
    is_valid_for_update: bool,
}

/// Dataverse wraps what can be managed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value<T> {
    #[serde(default = "Option::default")]
    value: Option<T>,
}

/// What only columns of some types have.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Extra {
    pub(super) logical_name: String,
    #[serde(default)]
    max_length: Option<u32>,
    #[serde(default)]
    targets: Option<Vec<String>>,
    #[serde(default)]
    option_set: Option<Options>,
    #[serde(default)]
    global_option_set: Option<Options>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    #[serde(default)]
    options: Option<Vec<RawChoice>>,
    #[serde(default)]
    true_option: Option<RawChoice>,
    #[serde(default)]
    false_option: Option<RawChoice>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawChoice {
    #[serde(default)]
    value: i64,
    #[serde(default)]
    label: Option<Label>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RawKey {
    logical_name: String,
    #[serde(default)]
    display_name: Option<Label>,
    #[serde(default)]
    key_attributes: Vec<String>,
}

impl Detailed {
    pub(super) fn in_language(&self, language: Option<u32>) -> TableDetails {
        let is_own = |column: &&RawColumn| column.attribute_of.is_none();
        let columns = self.columns.iter().filter(is_own);
        let mut columns: Vec<_> = columns
            .map(|column| column.in_language(self.extras.get(&column.logical_name), language))
            .collect();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let keys = self.keys.iter().map(|key| TableKey {
            name: key.logical_name.clone(),
            label: label(key.display_name.as_ref(), language, &key.logical_name),
            columns: key.key_attributes.clone(),
        });
        TableDetails { table: self.table.in_language(language), columns, keys: keys.collect() }
    }
}

impl RawColumn {
    fn in_language(&self, extra: Option<&Extra>, language: Option<u32>) -> Column {
        let kind = self.attribute_type_name.as_ref().and_then(|name| name.value.as_deref());
        let kind = kind.unwrap_or_default();
        let kind = kind.strip_suffix("Type").unwrap_or(kind).to_owned();
        let is_lookup = matches!(kind.as_str(), "Lookup" | "Customer" | "Owner");
        let name = self.logical_name.clone();
        let required = self.required_level.as_ref().and_then(|level| level.value.clone());
        let targets = extra.and_then(|extra| extra.targets.clone());
        Column {
            read_name: if is_lookup { format!("_{name}_value") } else { name.clone() },
            label: label(self.display_name.as_ref(), language, &name),
            required: required.unwrap_or_else(|| "None".to_owned()),
            max_length: extra.and_then(|extra| extra.max_length),
            choices: extra.map(|extra| extra.choices(language)).unwrap_or_default(),
            targets: targets.unwrap_or_default(),
            readable: self.is_valid_for_read,
            creatable: self.is_valid_for_create,
            updatable: self.is_valid_for_update,
            kind,
            name,
        }
    }
}

impl Extra {
    fn choices(&self, language: Option<u32>) -> Vec<Choice> {
        let has_any = |set: &&Options| {
            set.options.as_ref().is_some_and(|options| !options.is_empty())
                || set.true_option.is_some()
        };
        let sets = [self.option_set.as_ref(), self.global_option_set.as_ref()];
        let Some(set) = sets.into_iter().flatten().find(has_any) else { return Vec::new() };
        let options = set.options.iter().flatten();
        let all = options.chain(&set.false_option).chain(&set.true_option);
        let choice = |raw: &RawChoice| Choice {
            value: raw.value,
            label: label(raw.label.as_ref(), language, &raw.value.to_string()),
        };
        all.map(choice).collect()
    }
}

fn label(label: Option<&Label>, language: Option<u32>, otherwise: &str) -> String {
    label.and_then(|label| label.text(language)).unwrap_or(otherwise).to_owned()
}
