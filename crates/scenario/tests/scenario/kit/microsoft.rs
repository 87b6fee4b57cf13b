//! Fakes with the properties and exits of the Microsoft blocks, over two contacts.

use patchcord_runtime::{Effect, Manifest, Operation, Outcome, OutputKind, ScreenPop};
use serde_json::{Value, json};

use super::{Build, Kit, does, leaves_by, manifest, records, sets};

pub(crate) const CONTACT: &str = "5531d753-95af-e711-a94e-000d3a11e605";
pub(crate) const CASE: &str = "0b1e1c52-6a6f-4f30-a6a5-8d2b6a3b7c11";

/// A catalog in which a search finds `found` contacts.
pub(crate) fn kit(found: usize) -> Kit {
    Kit::new()
        .without_default_account()
        .block(select_account(), |call| {
            let account = call.properties["account"].as_str().unwrap();
            does(vec![Effect::SelectAccount(account.into())])
        })
        .block(search(), move |call| match found {
            0 => leaves_by("no_data"),
            _ => does(vec![Effect::SetRecordset {
                name: text(&call.properties["recordset"]),
                records: records(&vec![contact(); found]),
            }]),
        })
        .block(find_caller(), |_| leaves_by("not_found"))
        .block(create(), |call| {
            let id = match call.properties["object_type"].as_str() {
                Some("incidents") => CASE,
                _ => CONTACT,
            };
            does(vec![sets(&text(&call.properties["id_variable"]), json!(id))])
        })
        .block(update(), |_| does(Vec::new()))
        .block(screen_pop(), |call| {
            Ok(Outcome {
                exit: None,
                effects: vec![Effect::PopScreen(ScreenPop {
                    entity_set: text(&call.properties["object_type"]),
                    id: text(&call.properties["object_id"]),
                })],
            })
        })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn contact() -> Value {
    json!({"contactid": CONTACT, "fullname": "Ann O'Neil", "emailaddress1": null})
}

fn select_account() -> Manifest {
    let mut manifest = manifest("microsoft-dynamics.select-account").kind("account", "account");
    manifest.operations = Vec::new();
    manifest.selects_account = true;
    manifest
}

fn search() -> Manifest {
    manifest("microsoft-dynamics.search-object")
        .kind("object_type", "entity-set")
        .kind("query", "odata-query")
        .kind("recordset", "recordset-name")
        .output("recordset", OutputKind::Recordset)
        .exit("no_data")
}

fn find_caller() -> Manifest {
    let variable = json!({"type": "string", "x-patchcord-kind": "variable-name"});
    manifest("microsoft-dynamics.find-caller")
        .kind("number", "text")
        .kind("recordset", "recordset-name")
        .optional("table_variable", variable.clone())
        .optional("id_variable", variable)
        .optional("active_only", json!({"type": "boolean"}))
        .optional("stale_seconds", json!({"type": "integer"}))
        .optional("look_in", json!({"type": "array"}))
        .output("recordset", OutputKind::Recordset)
        .output("table_variable", OutputKind::Variable)
        .output("id_variable", OutputKind::Variable)
        .exit("several_found")
        .exit("not_found")
}

fn create() -> Manifest {
    let columns = json!({"type": "object", "x-patchcord-kind": "column-values"});
    let mut manifest = manifest("microsoft-dynamics.create-object")
        .kind("object_type", "entity-set")
        .optional("fields", columns)
        .kind("id_variable", "variable-name")
        .output("id_variable", OutputKind::Variable);
    manifest.operations = vec![Operation::Create];
    manifest
}

fn update() -> Manifest {
    let columns = json!({"type": "object", "x-patchcord-kind": "column-values"});
    let mut manifest = manifest("microsoft-dynamics.update-object")
        .kind("object_type", "entity-set")
        .kind("object_id", "record-id")
        .optional("fields", columns)
        .exit("no_data");
    manifest.operations = vec![Operation::Update];
    manifest
}

fn screen_pop() -> Manifest {
    let mut manifest = manifest("microsoft-dynamics.screen-pop")
        .kind("object_type", "entity-set")
        .kind("object_id", "record-id");
    manifest.operations = Vec::new();
    manifest.pops_screen = true;
    manifest
}
