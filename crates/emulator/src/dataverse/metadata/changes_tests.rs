//! Definitions asked for by query expressions.

use super::super::fixture::{BASE, schema};
use super::*;

fn changes(parameters: &[(&str, Json)]) -> Result<Json, DataverseError> {
    let named = |(name, value): &(&str, Json)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        ((*name).to_owned(), text)
    };
    let parameters: Vec<(String, String)> = parameters.iter().map(named).collect();
    answer(&schema(), BASE, &parameters, "1000000")
}

fn equals(property: &str, value: &str) -> Json {
    json!({"Conditions": [{
        "PropertyName": property,
        "ConditionOperator": "Equals",
        "Value": {"Type": "System.String", "Value": value},
    }]})
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/query-schema-definitions
#[test]
fn changes_answer_members_of_every_columns_own_type() {
    let query = json!({
        "Properties": {"PropertyNames": ["LogicalName", "Attributes"]},
        "Criteria": equals("LogicalName", "account"),
        "AttributeQuery": {"Properties": {"PropertyNames": ["MaxLength", "Precision", "AttributeType"]}},
    });
    let body = changes(&[("Query", query)]).unwrap();
    let tables = body["EntityMetadata"].as_array().unwrap();
    assert_eq!((tables.len(), &tables[0]["LogicalName"]), (1, &json!("account")));
    assert!(tables[0].get("SchemaName").is_none());
    let attribute = |name: &str| {
        let all = tables[0]["Attributes"].as_array().unwrap();
        all.iter().find(|one| one["LogicalName"] == name).unwrap().clone()
    };
    let name = attribute("name");
    assert_eq!(name["@odata.type"], "#Microsoft.Dynamics.CRM.ComplexStringAttributeMetadata");
    assert_eq!((&name["MaxLength"], &name["Precision"]), (&json!(160), &Json::Null));
    assert_eq!(attribute("revenue")["Precision"], 2);
    assert_eq!(body["ServerVersionStamp"], "1000000");
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/cache-schema-data
#[test]
fn changes_since_the_last_answer_are_none() {
    let body = changes(&[("ClientVersionStamp", json!("'1000000'"))]).unwrap();
    assert_eq!(
        (&body["EntityMetadata"], &body["DeletedMetadata"]["Count"]),
        (&json!([]), &json!(0))
    );
    assert_eq!(changes(&[]).unwrap()["EntityMetadata"].as_array().unwrap().len(), 2);
}

#[test]
fn changes_are_filtered_by_conditions_in_groups() {
    let among = json!({"PropertyName": "AttributeType", "ConditionOperator": "In",
                       "Value": {"Type": "System.String[]", "Value": "[\"Picklist\",\"State\"]"}});
    let query = json!({
        "Properties": {"PropertyNames": ["Attributes"]},
        "Criteria": {"FilterOperator": "Or", "Filters": [equals("LogicalName", "contact"), equals("IsActivity", "true")]},
        "AttributeQuery": {"Criteria": {"FilterOperator": "And", "Conditions": [among]},
                           "Properties": {"PropertyNames": ["OptionSet"]}},
    });
    let body = changes(&[("Query", query)]).unwrap();
    assert_eq!(body["EntityMetadata"][0]["LogicalName"], "contact");
    let attributes = body["EntityMetadata"][0]["Attributes"].as_array().unwrap();
    assert_eq!((attributes.len(), &attributes[0]["LogicalName"]), (1, &json!("need")));
    assert_eq!(attributes[0]["OptionSet"]["Options"][0]["Value"], 1);
}

#[test]
fn a_query_of_columns_needs_columns() {
    let query = json!({"Properties": {"PropertyNames": ["LogicalName"]}, "AttributeQuery": {}});
    let error = changes(&[("Query", query)]).unwrap_err();
    assert_eq!((error.status.as_u16(), error.code), (400, "0x80072527"));
    assert_eq!(changes(&[("Query", json!("no json"))]).unwrap_err().status.as_u16(), 400);
}
