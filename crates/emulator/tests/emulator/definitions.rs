//! Definitions of the built-in tables, asked for as clients do.

use crate::kit::{failure, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

fn column(list: &Value, member: &str) -> Vec<String> {
    let rows = list["value"].as_array().unwrap();
    rows.iter().map(|row| row[member].as_str().unwrap_or("null").to_owned()).collect()
}

/// As Microsoft's client for Python looks a table up: form encoded, and an unknown one is an empty list.
#[tokio::test]
async fn a_table_is_looked_up_by_its_name() {
    let kit = signed_in(0).await;
    let find = |name: &str| {
        format!(
            "EntityDefinitions?%24select=LogicalName%2CEntitySetName%2CPrimaryIdAttribute\
             &%24filter=LogicalName+eq+%27{name}%27"
        )
    };
    let found = kit.get(&find("account")).await;
    assert_eq!(column(&found, "EntitySetName"), ["accounts"]);
    assert_eq!(column(&found, "PrimaryIdAttribute"), ["accountid"]);
    assert_eq!(kit.get(&find("nosuch")).await["value"], json!([]));
    let missing = kit.failure("EntityDefinitions(LogicalName='nosuch')").await;
    assert_eq!((missing.0, missing.1.as_str()), (404, "0x80040217"));
}

#[tokio::test]
async fn labels_of_choices_are_found_by_table() {
    let kit = signed_in(0).await;
    let path = "EntityDefinitions(LogicalName='incident')/Attributes/\
                Microsoft.Dynamics.CRM.PicklistAttributeMetadata\
                ?$select=LogicalName&$expand=OptionSet($select=Options)";
    let list = kit.get(path).await;
    let rows = list["value"].as_array().unwrap();
    let priority = rows.iter().find(|row| row["LogicalName"] == "prioritycode").unwrap();
    let option = &priority["OptionSet"]["Options"][0];
    assert_eq!(option["Value"], 1);
    assert_eq!(option["Label"]["LocalizedLabels"][0]["Label"], "High");
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/retrieve-metadata-name-metadataid
#[tokio::test]
async fn documented_names_are_found() {
    let kit = signed_in(0).await;
    for path in [
        "EntityDefinitions(LogicalName='account')",
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='emailaddress1')",
        "RelationshipDefinitions(SchemaName='Account_Tasks')",
        "GlobalOptionSetDefinitions(Name='incident_caseorigincode')",
    ] {
        assert!(kit.get(path).await["MetadataId"].is_string(), "{path}");
    }
    let tasks = kit.get("RelationshipDefinitions(SchemaName='Account_Tasks')").await;
    assert_eq!(tasks["ReferencingEntity"], "task");
    assert_eq!(tasks["ReferencingEntityNavigationPropertyName"], "regardingobjectid_account_task");
}

/// Every table, with everything that can be expanded.
#[tokio::test]
async fn all_definitions_can_be_told() {
    let kit = signed_in(0).await;
    let all = kit.get("EntityDefinitions?$select=LogicalName,EntitySetName,MetadataId").await;
    let names = column(&all, "LogicalName");
    for name in ["account", "contact", "incident", "lead", "phonecall", "systemuser", "queueitem"] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
    let expanded = "EntityDefinitions?$expand=Attributes,Keys,OneToManyRelationships,\
                    ManyToOneRelationships,ManyToManyRelationships";
    let tables = kit.get(expanded).await;
    for table in tables["value"].as_array().unwrap() {
        let key = &table["PrimaryIdAttribute"];
        let attributes = table["Attributes"].as_array().unwrap();
        let primary = attributes.iter().find(|one| one["IsPrimaryId"] == true).unwrap();
        assert_eq!(&primary["LogicalName"], key, "{}", table["LogicalName"]);
        let mut names: Vec<_> = attributes.iter().map(|one| one["LogicalName"].as_str()).collect();
        names.dedup();
        assert_eq!(names.len(), attributes.len(), "{}", table["LogicalName"]);
    }
    let relationships = kit.get("RelationshipDefinitions?$select=SchemaName,MetadataId").await;
    let mut ids = column(&relationships, "MetadataId");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), relationships["value"].as_array().unwrap().len());
}

#[tokio::test]
async fn typed_columns_are_answered_in_one_request() {
    let kit = signed_in(0).await;
    let query = json!({
        "Properties": {"PropertyNames": ["LogicalName", "Attributes"]},
        "Criteria": {"Conditions": [{"PropertyName": "LogicalName", "ConditionOperator": "Equals",
                                     "Value": {"Type": "System.String", "Value": "account"}}]},
        "AttributeQuery": {
            "Properties": {"PropertyNames": ["LogicalName", "MaxLength", "AttributeType"]},
            "Criteria": {"Conditions": [{"PropertyName": "LogicalName", "ConditionOperator": "Equals",
                                         "Value": {"Type": "System.String", "Value": "name"}}]},
        },
    });
    let request = kit.request(Method::GET, "RetrieveMetadataChanges(Query=@p1)");
    let response = request.query(&[("@p1", query.to_string())]).send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{body}");
    let name = &body["EntityMetadata"][0]["Attributes"][0];
    assert_eq!((&name["LogicalName"], &name["MaxLength"]), (&json!("name"), &json!(160)));
}

#[tokio::test]
async fn definitions_are_not_changed() {
    let kit = signed_in(0).await;
    let table = "EntityDefinitions(LogicalName='account')";
    for (method, path) in [
        (Method::POST, "EntityDefinitions".to_owned()),
        (Method::DELETE, table.to_owned()),
        (Method::POST, format!("{table}/Attributes")),
        (Method::POST, "RelationshipDefinitions".to_owned()),
        (Method::POST, "CreateEntities".to_owned()),
    ] {
        let refused =
            failure(kit.request(method, &path).json(&json!({})).send().await.unwrap()).await;
        assert_eq!(refused.0, 501, "{path}");
        assert!(refused.2.starts_with("The emulator does not support"), "{}", refused.2);
    }
}
