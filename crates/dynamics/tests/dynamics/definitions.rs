//! Definitions for designers: what is read, in which language, how often.

use std::time::Duration;

use crate::kit::{Seen, far_side, json, soon, status};
use axum::response::Response;
use patchcord_dynamics::{Choice, DefinitionOptions, ErrorKind, Policy};

const ROOT: &str = "/api/data/v9.2/EntityDefinitions";

fn label(english: &str, german: &str) -> String {
    format!(
        r#"{{"LocalizedLabels":[{{"Label":"{english}","LanguageCode":1033}},{{"Label":"{german}","LanguageCode":1031}}],
            "UserLocalizedLabel":{{"Label":"{english}","LanguageCode":1033}}}}"#
    )
}

fn tables() -> String {
    format!(
        r#"{{"value":[
            {{"LogicalName":"incident","EntitySetName":"incidents","DisplayName":{},"PrimaryIdAttribute":"incidentid",
              "PrimaryNameAttribute":"title","IsCustomEntity":false}},
            {{"LogicalName":"new_shop","EntitySetName":"new_shops","DisplayName":{},"PrimaryIdAttribute":"new_shopid",
              "PrimaryNameAttribute":null,"IsCustomEntity":true}},
            {{"LogicalName":"hidden","EntitySetName":null,"DisplayName":null}}]}}"#,
        label("Case", "Anfrage"),
        label("A shop", "Laden"),
    )
}

fn column(name: &str, kind: &str, of: &str) -> String {
    format!(
        r#"{{"LogicalName":"{name}","AttributeOf":{of},
            "AttributeTypeName":{{"Value":"{kind}Type"}},"DisplayName":{},
            "RequiredLevel":{{"Value":"ApplicationRequired","CanBeChanged":true}},
            "IsValidForRead":true,"IsValidForCreate":true,"IsValidForUpdate":false}}"#,
        label(&format!("The {name}"), name),
    )
}

fn organisation(seen: &Seen) -> Response {
    if seen.path == ROOT {
        return json(200, &tables());
    }
    let incident = format!("{ROOT}(LogicalName='incident')");
    let Some(below) = seen.path.strip_prefix(&incident) else { return status(404) };
    let body = match below.rsplit('/').next().unwrap() {
        "Attributes" => [
            column("title", "String", "null"),
            column("customerid", "Customer", "null"),
            column("customeridname", "String", "\"customerid\""),
            column("prioritycode", "Picklist", "null"),
            column("isescalated", "Boolean", "null"),
        ]
        .join(","),
        "Keys" => {
            r#"{"LogicalName":"new_number","DisplayName":null,"KeyAttributes":["ticketnumber"]}"#
                .into()
        }
        "Microsoft.Dynamics.CRM.StringAttributeMetadata" => {
            r#"{"LogicalName":"title","MaxLength":200}"#.into()
        }
        "Microsoft.Dynamics.CRM.LookupAttributeMetadata" => {
            r#"{"LogicalName":"customerid","Targets":["account","contact"]}"#.into()
        }
        "Microsoft.Dynamics.CRM.PicklistAttributeMetadata" => format!(
            r#"{{"LogicalName":"prioritycode","OptionSet":{{"Options":[{{"Value":1,"Label":{}}}]}},"GlobalOptionSet":null}}"#,
            label("High", "Hoch")
        ),
        "Microsoft.Dynamics.CRM.BooleanAttributeMetadata" => format!(
            r#"{{"LogicalName":"isescalated","OptionSet":{{"TrueOption":{{"Value":1,"Label":{}}},
                "FalseOption":{{"Value":0,"Label":{}}}}}}}"#,
            label("Yes", "Ja"),
            label("No", "Nein"),
        ),
        _ => String::new(),
    };
    json(200, &format!(r#"{{"value":[{body}]}}"#))
}

fn german() -> DefinitionOptions {
    DefinitionOptions { language: Some(1031), ..DefinitionOptions::default() }
}

#[tokio::test]
async fn tables_are_listed_by_label() {
    let far = far_side().api(organisation).start().await;
    let tables = far.client().tables(&DefinitionOptions::default(), soon()).await.unwrap();
    let names: Vec<_> = tables
        .iter()
        .map(|table| (&*table.label, &*table.entity_set, &*table.logical_name, table.custom))
        .collect();
    let shop = ("A shop", "new_shops", "new_shop", true);
    assert_eq!(names, [shop, ("Case", "incidents", "incident", false)]);
    assert_eq!(tables[1].primary_name.as_deref(), Some("title"));
    assert!(far.calls()[0].options()["$select"].contains("EntitySetName"));
}

#[tokio::test]
async fn a_table_is_described_whole() {
    let far = far_side().api(organisation).start().await;
    let table = far.client().table("incidents", &german(), soon()).await.unwrap();
    assert_eq!((&*table.table.label, &*table.table.logical_name), ("Anfrage", "incident"));
    let names: Vec<_> = table.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["customerid", "isescalated", "prioritycode", "title"]);
    let [customer, escalated, priority, title] = &table.columns[..] else { panic!() };
    assert_eq!((&*customer.read_name, &*customer.kind), ("_customerid_value", "Customer"));
    assert_eq!(customer.targets, ["account", "contact"]);
    let choice = |value, label: &str| Choice { value, label: label.to_owned() };
    assert_eq!(escalated.choices, [choice(0, "Nein"), choice(1, "Ja")]);
    assert_eq!(priority.choices, [choice(1, "Hoch")]);
    assert_eq!((title.max_length, &*title.required), (Some(200), "ApplicationRequired"));
    assert!(title.readable && title.creatable && !title.updatable);
    assert_eq!(table.keys[0].columns, ["ticketnumber"]);
}

#[tokio::test]
async fn definitions_are_read_once_for_all_and_anew_on_request() {
    let far = far_side().delay(Duration::from_millis(20)).api(organisation).start().await;
    let (client, options) = (far.client(), DefinitionOptions::default());
    let asked = (0..8).map(|_| client.table("incident", &options, soon()));
    for result in futures::future::join_all(asked).await {
        result.unwrap();
    }
    let once = far.calls().len();
    client.tables(&german(), soon()).await.unwrap();
    client.table("incidents", &german(), soon()).await.unwrap();
    assert_eq!((once, far.calls().len()), (11, 11));
    let refresh = DefinitionOptions { refresh: true, ..options };
    client.tables(&refresh, soon()).await.unwrap();
    assert_eq!(far.calls().len(), 12);
    client.table("incidents", &refresh, soon()).await.unwrap();
    assert_eq!(far.calls().len(), 23);
}

#[tokio::test]
async fn designers_see_what_the_policy_allows() {
    let far = far_side().api(organisation).start().await;
    let client =
        far.client_with(Policy { tables: Some(vec!["new_shops".to_owned()]), ..Policy::default() });
    let options = DefinitionOptions::default();
    let tables = client.tables(&options, soon()).await.unwrap();
    assert_eq!(tables.len(), 1);
    let error = client.table("incident", &options, soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::PolicyDenied);
    let error = client.table("nothing", &options, soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let far = far_side()
        .api(|seen| if seen.number == 1 { status(403) } else { organisation(seen) })
        .start()
        .await;
    let (client, options) = (far.client(), DefinitionOptions::default());
    assert_eq!(client.tables(&options, soon()).await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(client.tables(&options, soon()).await.unwrap().len(), 2);
}
