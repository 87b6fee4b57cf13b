//! `EntityKeyMetadata`: an alternate key of a table.

use serde_json::{Map, Value as Json, json};

use super::label::{label, managed, members};
use crate::dataverse::id_of;
use crate::dataverse::schema::{AlternateKey, Table};

pub(crate) fn id(table: &Table, key: &AlternateKey) -> String {
    id_of("entitykey", &format!("{}.{}", table.logical, key.name))
}

pub(crate) fn describe(table: &Table, key: &AlternateKey) -> Map<String, Json> {
    let logical = |name: &String| table.column(name).map(|column| column.logical.clone());
    let columns: Vec<String> = key.columns.iter().filter_map(logical).collect();
    members(json!({
        "LogicalName": key.name.to_lowercase(),
        "SchemaName": key.name,
        "EntityLogicalName": table.logical,
        "KeyAttributes": columns,
        "EntityKeyIndexStatus": "Active",
        "IsManaged": !table.custom,
        "IsSynchronous": false,
        "IsExportKey": false,
        "IsSecondaryKey": false,
        "IntroducedVersion": "1.0.0.0",
        "AsyncJob": null,
        "MetadataId": id(table, key),
        "HasChanged": null,
        "DisplayName": label(&format!("{}.{}", table.logical, key.name), &key.label),
        "IsCustomizable": managed("iscustomizable", true),
    }))
}
