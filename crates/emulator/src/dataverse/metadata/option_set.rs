//! `OptionSetMetadata` and its kin: the choices of a column.
//!
//! That some choices are shared by columns of several tables (global) is not said by CSDL; the few
//! that the standard tables have are known by name.

use serde_json::{Map, Value as Json, json};

use super::label::{label, managed, members};
use crate::dataverse::id_of;
use crate::dataverse::schema::{Column, Kind, Schema, Table};

/// Columns whose choices are global, and the global choice's name.
const GLOBAL: [(&str, &str); 7] = [
    ("budgetstatus", "budgetstatus"),
    ("caseorigincode", "incident_caseorigincode"),
    ("community", "socialprofile_community"),
    ("initialcommunication", "initialcommunication"),
    ("need", "need"),
    ("purchaseprocess", "purchaseprocess"),
    ("purchasetimeframe", "purchasetimeframe"),
];

/// The choices of one column.
#[derive(Clone, Copy)]
pub(crate) struct OptionSet<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: &'a Column,
}

impl<'a> OptionSet<'a> {
    /// The choices of `column`, where it has any.
    pub(crate) fn of(table: &'a Table, column: &'a Column) -> Option<Self> {
        let has = matches!(
            column.kind,
            Kind::Choice(_) | Kind::Choices(_) | Kind::State | Kind::Status | Kind::Boolean(_)
        );
        has.then_some(Self { table, column })
    }

    /// Every global choice once.
    pub(crate) fn all_global(schema: &'a Schema) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for table in schema.all() {
            for column in &table.columns {
                let set = Self::of(table, column).filter(|set| set.global().is_some());
                found.extend(set.filter(|set| !found.iter().any(|one| one.name() == set.name())));
            }
        }
        found.sort_by_key(Self::name);
        found
    }

    fn global(&self) -> Option<&'static str> {
        let choice = matches!(self.column.kind, Kind::Choice(_));
        let mut known = GLOBAL.iter().filter(|_| choice);
        known.find(|(column, _)| *column == self.column.logical).map(|(_, name)| *name)
    }

    pub(crate) fn name(&self) -> String {
        match self.global() {
            Some(name) => name.to_owned(),
            None => format!("{}_{}", self.table.logical, self.column.logical),
        }
    }

    pub(crate) fn id(&self) -> String {
        id_of("optionset", &self.name())
    }

    pub(crate) fn class(&self) -> &'static str {
        match self.column.kind {
            Kind::Boolean(_) => "BooleanOptionSetMetadata",
            _ => "OptionSetMetadata",
        }
    }

    /// The members that every option set has.
    pub(crate) fn base(&self) -> Map<String, Json> {
        let name = self.name();
        let column = self.column;
        members(json!({
            "MetadataId": self.id(),
            "HasChanged": null,
            "IsCustomOptionSet": self.table.custom,
            "IsGlobal": self.global().is_some(),
            "IsManaged": !self.table.custom,
            "Name": name,
            "ExternalTypeName": null,
            "OptionSetType": match column.kind {
                Kind::Boolean(_) => "Boolean",
                Kind::State => "State",
                Kind::Status => "Status",
                _ => "Picklist",
            },
            "IntroducedVersion": "5.0.0.0",
            "Description": label(&format!("{name}/Description"), &column.description),
            "DisplayName": label(&format!("{name}/DisplayName"), &column.label),
            "IsCustomizable": managed("iscustomizable", true),
        }))
    }

    /// The options.
    pub(crate) fn derived(&self) -> Map<String, Json> {
        let named = |labels: &std::collections::BTreeMap<i64, String>| {
            labels.iter().map(|(value, text)| self.option(*value, text, None)).collect::<Vec<_>>()
        };
        let options = match &self.column.kind {
            Kind::Boolean([no, yes]) => {
                return members(json!({
                    "TrueOption": self.option(1, yes, None),
                    "FalseOption": self.option(0, no, None),
                }));
            }
            Kind::Choice(labels) | Kind::Choices(labels) => named(labels),
            Kind::State => self.states(),
            Kind::Status => self.statuses(),
            _ => Vec::new(),
        };
        members(json!({"ParentOptionSetName": null, "Options": options}))
    }

    fn states(&self) -> Vec<Json> {
        let states = self.table.states.iter().map(|(value, state)| {
            let more = json!({"DefaultStatus": state.status, "InvariantName": state.label});
            self.option(*value, &state.label, Some(("StateOptionMetadata", more)))
        });
        states.collect()
    }

    fn statuses(&self) -> Vec<Json> {
        let statuses = self.table.statuses.iter().map(|(value, status)| {
            let more = json!({"State": status.state, "TransitionData": null});
            self.option(*value, &status.label, Some(("StatusOptionMetadata", more)))
        });
        statuses.collect()
    }

    fn option(&self, value: i64, text: &str, more: Option<(&str, Json)>) -> Json {
        let mut option = Map::new();
        let (class, more) = more.map_or((None, Json::Null), |(class, more)| (Some(class), more));
        if let Some(class) = class {
            let class = format!("#Microsoft.Dynamics.CRM.{class}");
            option.insert("@odata.type".into(), json!(class));
        }
        option.append(&mut members(json!({
            "Value": value,
            "Color": null,
            "IsManaged": !self.table.custom,
            "ExternalValue": null,
            "ParentValues": [],
            "Tag": null,
            "IsHidden": false,
            "MetadataId": null,
            "HasChanged": null,
        })));
        option.append(&mut members(more));
        let name = format!("{}/{value}", self.name());
        option.insert("Label".into(), label(&name, text));
        option.insert("Description".into(), label("", ""));
        Json::Object(option)
    }
}
