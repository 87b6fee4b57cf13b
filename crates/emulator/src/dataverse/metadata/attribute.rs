//! `AttributeMetadata`: what is said of a column.
//!
//! Beside the columns that rows have, Dataverse lists virtual ones that only its other interfaces
//! know: the name of a lookup's row, the table that a lookup over several tables points to, the
//! label of a choice. They stand here with `AttributeOf`.

use serde_json::{Map, Value as Json, json};

use super::attribute_type::{self, Type};
use super::label::{label, managed, members, object};
use super::option_set::OptionSet;
use crate::dataverse::id_of;
use crate::dataverse::schema::{Column, Kind, Required, Table};

/// What a virtual column says of the one it belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shadow {
    Name,
    Table,
}

/// A column, or a virtual one that belongs to it.
#[derive(Clone, Copy)]
pub(crate) struct Attribute<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: &'a Column,
    shadow: Option<Shadow>,
    /// Place among the table's attributes, from 1.
    number: usize,
}

impl<'a> Attribute<'a> {
    /// All attributes of a table by name.
    pub(crate) fn all(table: &'a Table) -> Vec<Self> {
        let of = |column, shadow| Self { table, column, shadow, number: 0 };
        let mut all: Vec<Self> = table.columns.iter().map(|column| of(column, None)).collect();
        for column in &table.columns {
            let shadows = shadows(column).iter().map(|shadow| of(column, Some(*shadow)));
            all.extend(shadows.filter(|shadow| table.attribute(&shadow.logical()).is_none()));
        }
        all.sort_by_cached_key(Self::logical);
        all.iter_mut().enumerate().for_each(|(at, attribute)| attribute.number = at + 1);
        all
    }

    pub(crate) fn logical(&self) -> String {
        format!("{}{}", self.column.logical, self.ending())
    }

    fn schema_name(&self) -> String {
        match self.shadow {
            None => self.column.schema.clone(),
            Some(_) => format!("{}{}", self.column.schema, capital(self.ending())),
        }
    }

    fn ending(&self) -> &'static str {
        match self.shadow {
            None => "",
            Some(Shadow::Name) => "name",
            Some(Shadow::Table) => "type",
        }
    }

    pub(crate) fn id(&self) -> String {
        id_of("attribute", &format!("{}.{}", self.table.logical, self.logical()))
    }

    pub(crate) fn class(&self) -> &'static str {
        self.kind().class
    }

    fn kind(&self) -> Type {
        match (self.shadow, self.column.is_lookup()) {
            (None, _) => attribute_type::of(self.column),
            (Some(Shadow::Name), true) => attribute_type::STRING,
            (Some(Shadow::Name), false) => attribute_type::VIRTUAL,
            (Some(Shadow::Table), _) => attribute_type::ENTITY_NAME,
        }
    }

    /// The column's choices; a virtual column has none.
    pub(crate) fn option_set(&self) -> Option<OptionSet<'a>> {
        OptionSet::of(self.table, self.column).filter(|_| self.shadow.is_none())
    }

    /// The members of the column's own type.
    pub(crate) fn derived(&self) -> Map<String, Json> {
        match self.shadow {
            None => attribute_type::members_of(self.column),
            Some(Shadow::Name) if self.column.is_lookup() => attribute_type::name_members(),
            Some(Shadow::Table) => members(json!({"IsEntityReferenceStored": false})),
            Some(_) => Map::new(),
        }
    }

    /// The members that every attribute has.
    pub(crate) fn base(&self) -> Map<String, Json> {
        let mut all = self.plain();
        all.append(&mut self.complex());
        all
    }

    fn plain(&self) -> Map<String, Json> {
        let column = self.column;
        let own = self.shadow.is_none();
        let key = own && column.kind == Kind::Key;
        let written = own && !column.readonly;
        let logical = self.logical();
        object([
            ("AttributeOf", json!((!own).then_some(&column.logical))),
            ("AttributeType", json!(self.kind().attribute_type)),
            ("ColumnNumber", json!(self.number)),
            ("DeprecatedVersion", json!(null)),
            ("IntroducedVersion", json!(if self.table.custom { "1.0.0.0" } else { "5.0.0.0" })),
            ("EntityLogicalName", json!(self.table.logical)),
            ("IsCustomAttribute", json!(self.table.custom)),
            ("IsPrimaryId", json!(key)),
            ("IsValidODataAttribute", json!(own)),
            ("IsPrimaryName", json!(own && logical == self.table.name)),
            ("IsValidForCreate", json!(written)),
            ("IsValidForRead", json!(true)),
            ("IsValidForUpdate", json!(written && !key)),
            ("CanBeSecuredForRead", json!(false)),
            ("CanBeSecuredForCreate", json!(false)),
            ("CanBeSecuredForUpdate", json!(false)),
            ("IsSecured", json!(false)),
            ("IsRetrievable", json!(key)),
            ("IsFilterable", json!(false)),
            ("IsSearchable", json!(own && column.kind.is_text())),
            ("IsManaged", json!(!self.table.custom)),
            ("LinkedAttributeId", json!(null)),
            ("LogicalName", json!(logical)),
            ("IsValidForForm", json!(written)),
            ("IsRequiredForForm", json!(false)),
            ("IsValidForGrid", json!(own)),
            ("SchemaName", json!(self.schema_name())),
            ("ExternalName", json!(null)),
            ("IsLogical", json!(!own)),
            ("IsDataSourceSecret", json!(false)),
            ("InheritsFrom", json!(null)),
            ("CreatedOn", json!("1900-01-01T00:00:00Z")),
            ("ModifiedOn", json!("1900-01-01T00:00:00Z")),
            ("SourceType", json!(if own { json!(0) } else { Json::Null })),
            (
                "AutoNumberFormat",
                json!(if own && column.kind.is_text() { json!("") } else { Json::Null }),
            ),
            ("MetadataId", json!(self.id())),
            ("HasChanged", json!(null)),
        ])
    }

    fn complex(&self) -> Map<String, Json> {
        let own = self.shadow.is_none();
        let owner = |member: &str| format!("{}.{}/{member}", self.table.logical, self.logical());
        let text = |text: &'a str| if own { text } else { "" };
        object([
            ("AttributeTypeName", json!({"Value": self.kind().name})),
            ("Description", label(&owner("Description"), text(&self.column.description))),
            ("DisplayName", label(&owner("DisplayName"), text(&self.column.label))),
            ("IsAuditEnabled", managed("canmodifyauditsettings", own)),
            ("IsGlobalFilterEnabled", managed("canmodifyglobalfiltersettings", false)),
            ("IsSortableEnabled", managed("canmodifyissortablesettings", false)),
            ("IsCustomizable", managed("iscustomizable", own)),
            ("IsRenameable", managed("isrenameable", own)),
            ("IsValidForAdvancedFind", managed("canmodifysearchsettings", own)),
            (
                "RequiredLevel",
                json!({
                    "Value": self.required(),
                    "CanBeChanged": own && self.column.required != Required::System,
                    "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
                }),
            ),
            ("CanModifyAdditionalSettings", managed("canmodifyadditionalsettings", own)),
            ("Settings", json!([])),
        ])
    }

    fn required(&self) -> &'static str {
        match (self.shadow, self.column.required) {
            (Some(_), _) | (_, Required::None) => "None",
            (_, Required::Recommended) => "Recommended",
            (_, Required::Application) => "ApplicationRequired",
            (_, Required::System) => "SystemRequired",
        }
    }
}

fn shadows(column: &Column) -> &'static [Shadow] {
    match &column.kind {
        Kind::Lookup(targets) if targets.len() > 1 => &[Shadow::Name, Shadow::Table],
        Kind::Lookup(_)
        | Kind::Choice(_)
        | Kind::Choices(_)
        | Kind::State
        | Kind::Status
        | Kind::Boolean(_) => &[Shadow::Name],
        _ => &[],
    }
}

fn capital(ending: &str) -> &str {
    match ending {
        "name" => "Name",
        "type" => "Type",
        other => other,
    }
}
