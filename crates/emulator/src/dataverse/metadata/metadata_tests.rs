//! Definitions of two tables, asked for as on Microsoft's pages.

use super::fixture::{BASE, schema};
use super::*;

fn get(path: &str) -> Result<Json, DataverseError> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    answer(&schema(), BASE, path, query)
}

fn ok(path: &str) -> Json {
    get(path).unwrap_or_else(|error| panic!("{path}: {}", error.message))
}

fn failed(path: &str) -> (u16, &'static str, String) {
    let error = get(path).map(|body| panic!("{path}: {body}")).unwrap_err();
    (error.status.as_u16(), error.code, error.message)
}

fn column_of(list: &Json, member: &str) -> Vec<String> {
    let rows = list["value"].as_array().unwrap();
    rows.iter().map(|row| row[member].as_str().unwrap_or("null").to_owned()).collect()
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn selected_members_of_a_table_are_answered_with_its_id() {
    let body = ok("EntityDefinitions(LogicalName='account')\
                   ?$select=DisplayName,IsKnowledgeManagementEnabled,EntitySetName");
    let context = format!(
        "{BASE}/$metadata#EntityDefinitions(DisplayName,IsKnowledgeManagementEnabled,EntitySetName)/$entity"
    );
    assert_eq!(body["@odata.context"], context);
    assert_eq!(body["DisplayName"]["UserLocalizedLabel"]["Label"], "Account");
    assert_eq!(body["DisplayName"]["LocalizedLabels"][0]["LanguageCode"], 1033);
    assert_eq!(
        (&body["IsKnowledgeManagementEnabled"], &body["EntitySetName"]),
        (&json!(false), &json!("accounts"))
    );
    assert!(body["MetadataId"].is_string());
    assert_eq!(body.as_object().unwrap().len(), 5);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn tables_are_filtered_by_enumerations_and_managed_properties() {
    let owned = "EntityDefinitions?$select=LogicalName&\
                 $filter=OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'";
    assert_eq!(column_of(&ok(owned), "LogicalName"), ["account", "contact"]);
    let open = "EntityDefinitions?$select=LogicalName&$filter=CanCreateAttributes/Value eq true";
    assert_eq!(column_of(&ok(open), "LogicalName").len(), 2);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn columns_are_expanded_and_filtered() {
    let body = ok(
        "EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=Attributes(\
                   $select=LogicalName;$filter=AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist')",
    );
    let attributes = body["Attributes"].as_array().unwrap();
    assert_eq!(attributes.len(), 1);
    assert_eq!(attributes[0]["LogicalName"], "accountcategorycode");
    assert_eq!(attributes[0]["@odata.type"], "#Microsoft.Dynamics.CRM.PicklistAttributeMetadata");
    let suffix = "#EntityDefinitions(LogicalName,Attributes(LogicalName))/$entity";
    assert!(body["@odata.context"].as_str().unwrap().ends_with(suffix));
    let choices = "EntityDefinitions(LogicalName='account')?$expand=Attributes($expand=OptionSet)";
    assert_eq!(failed(choices).0, 400);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn a_type_in_the_address_gives_its_columns_and_their_members() {
    let money = ok("EntityDefinitions(LogicalName='account')/Attributes/\
                    Microsoft.Dynamics.CRM.MoneyAttributeMetadata?$select=LogicalName,Precision");
    assert_eq!(column_of(&money, "LogicalName"), ["revenue"]);
    assert_eq!(money["value"][0]["Precision"], 2);
    assert!(money["value"][0].get("@odata.type").is_none());
    let context = money["@odata.context"].as_str().unwrap();
    assert!(context.ends_with(
        "#EntityDefinitions('account')/Attributes/\
         Microsoft.Dynamics.CRM.MoneyAttributeMetadata(LogicalName,Precision)"
    ));
    let none = "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.MemoAttributeMetadata";
    assert_eq!(ok(none)["value"], json!([]));
    let uncast = "EntityDefinitions(LogicalName='account')/Attributes?$select=Precision";
    assert_eq!(
        failed(uncast).2,
        "Could not find a property named 'Precision' on type 'Microsoft.Dynamics.CRM.AttributeMetadata'."
    );
    let every = "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.EnumAttributeMetadata";
    assert_eq!(failed(every).0, 404);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn columns_are_filtered_by_how_much_they_are_required() {
    let required = "EntityDefinitions(LogicalName='account')/Attributes?$select=SchemaName&$filter=\
                    RequiredLevel/Value eq Microsoft.Dynamics.CRM.AttributeRequiredLevel'ApplicationRequired'";
    assert_eq!(column_of(&ok(required), "SchemaName"), ["Name"]);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/retrieve-metadata-name-metadataid
#[test]
fn choices_of_a_column_are_found_by_name() {
    let body = ok(
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='accountcategorycode')/\
                   Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&\
                   $expand=OptionSet($select=Options),GlobalOptionSet($select=Options)",
    );
    let context = format!(
        "{BASE}/$metadata#EntityDefinitions('account')/Attributes/Microsoft.Dynamics.CRM.\
         PicklistAttributeMetadata(LogicalName,OptionSet(Options),GlobalOptionSet(Options))/$entity"
    );
    assert_eq!(body["@odata.context"], context);
    assert_eq!(body["LogicalName"], "accountcategorycode");
    for set in ["OptionSet", "GlobalOptionSet"] {
        let option = &body[set]["Options"][0];
        assert_eq!(option["Value"], 1);
        assert_eq!(option["Label"]["UserLocalizedLabel"]["Label"], "Preferred Customer");
        assert_eq!((&option["Color"], &option["ParentValues"]), (&Json::Null, &json!([])));
        assert_eq!(
            option["Description"],
            json!({"LocalizedLabels": [], "UserLocalizedLabel": null})
        );
        assert_eq!(body[set]["Options"].as_array().unwrap().len(), 2);
        assert!(body[set]["MetadataId"].is_string());
    }
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/retrieve-metadata-name-metadataid
#[test]
fn what_is_found_by_name_is_found_by_id() {
    let table = ok("EntityDefinitions?$filter=LogicalName eq 'account'&$select=MetadataId");
    let table_id = table["value"][0]["MetadataId"].as_str().unwrap().to_owned();
    assert!(table["@odata.context"].as_str().unwrap().ends_with("#EntityDefinitions(MetadataId)"));
    let columns = format!(
        "EntityDefinitions({table_id})/Attributes?$filter=LogicalName%20eq%20'accountcategorycode'&$select=MetadataId"
    );
    let columns = ok(&columns);
    let row = &columns["value"][0];
    assert_eq!(row["@odata.type"], "#Microsoft.Dynamics.CRM.PicklistAttributeMetadata");
    let column_id = row["MetadataId"].as_str().unwrap();
    let cast = "Microsoft.Dynamics.CRM.PicklistAttributeMetadata";
    let one = ok(&format!(
        "EntityDefinitions({table_id})/Attributes({column_id})/{cast}?$expand=OptionSet"
    ));
    assert_eq!(one["LogicalName"], "accountcategorycode");
    assert_eq!(one["OptionSet"]["Name"], "account_accountcategorycode");
    let set = ok(&format!(
        "EntityDefinitions({table_id})/Attributes({column_id})/{cast}/OptionSet?$select=Options"
    ));
    let context = format!(
        "#EntityDefinitions({table_id})/Attributes({column_id})/{cast}/OptionSet(Options)/$entity"
    );
    assert!(set["@odata.context"].as_str().unwrap().ends_with(&context), "{set}");
    assert_eq!(set["Options"].as_array().unwrap().len(), 2);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-metadata-operations-sample
#[test]
fn states_statuses_and_booleans_have_choices_of_their_own() {
    let set = |column: &str, class: &str| {
        let path = format!(
            "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='{column}')/\
             Microsoft.Dynamics.CRM.{class}?$select=MetadataId&$expand=OptionSet"
        );
        ok(&path)["OptionSet"].clone()
    };
    let boolean = set("creditonhold", "BooleanAttributeMetadata");
    assert_eq!(
        (&boolean["TrueOption"]["Value"], &boolean["FalseOption"]["Value"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(boolean["TrueOption"]["Label"]["UserLocalizedLabel"]["Label"], "Yes");
    let state = &set("statecode", "StateAttributeMetadata")["Options"][1];
    assert_eq!(state["@odata.type"], "#Microsoft.Dynamics.CRM.StateOptionMetadata");
    assert_eq!((&state["DefaultStatus"], &state["InvariantName"]), (&json!(2), &json!("Inactive")));
    let status = &set("statuscode", "StatusAttributeMetadata")["Options"][1];
    assert_eq!((&status["Value"], &status["State"]), (&json!(2), &json!(1)));
}

#[test]
fn virtual_columns_say_whose_they_are() {
    let body = ok(
        "EntityDefinitions(LogicalName='contact')/Attributes?$select=LogicalName,AttributeOf,AttributeType",
    );
    let row = |name: &str| {
        let rows = body["value"].as_array().unwrap();
        rows.iter().find(|row| row["LogicalName"] == name).unwrap_or_else(|| panic!("{name}"))
    };
    let kinds = [
        ("parentcustomerid", Json::Null, "Customer"),
        ("parentcustomeridname", json!("parentcustomerid"), "String"),
        ("parentcustomeridtype", json!("parentcustomerid"), "EntityName"),
        ("needname", json!("need"), "Virtual"),
        ("contactid", Json::Null, "Uniqueidentifier"),
    ];
    for (name, of, kind) in kinds {
        assert_eq!(
            (&row(name)["AttributeOf"], &row(name)["AttributeType"]),
            (&of, &json!(kind)),
            "{name}"
        );
    }
    assert!(row("needname").get("@odata.type").is_none());
    let lookup = "EntityDefinitions(LogicalName='contact')/Attributes(LogicalName='parentcustomerid')/\
                  Microsoft.Dynamics.CRM.LookupAttributeMetadata?$select=Targets";
    assert_eq!(ok(lookup)["Targets"], json!(["account", "contact"]));
}

#[test]
fn a_column_without_a_type_in_the_address_is_whole_and_says_its_type() {
    let body = ok("EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')");
    assert_eq!(body["@odata.type"], "#Microsoft.Dynamics.CRM.StringAttributeMetadata");
    assert_eq!((&body["MaxLength"], &body["IsPrimaryName"]), (&json!(160), &json!(true)));
    assert_eq!(body["AttributeTypeName"]["Value"], "StringType");
    assert_eq!(body["FormatName"]["Value"], "Text");
    assert!(
        body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#EntityDefinitions('account')/Attributes/$entity")
    );
    assert_eq!(
        ok("EntityDefinitions(LogicalName='account')/Attributes")["value"]
            .as_array()
            .unwrap()
            .len(),
        14
    );
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn relationships_are_found_from_both_ends_and_by_name() {
    let of_account =
        ok("EntityDefinitions(LogicalName='account')/OneToManyRelationships?$select=SchemaName");
    assert_eq!(column_of(&of_account, "SchemaName"), ["contact_customer_accounts"]);
    let all = ok("RelationshipDefinitions?$select=SchemaName");
    assert_eq!(column_of(&all, "SchemaName").len(), 4);
    let typed = ok("RelationshipDefinitions/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata\
                    ?$select=SchemaName&$filter=ReferencedEntity eq 'account'");
    assert_eq!(column_of(&typed, "SchemaName"), ["contact_customer_accounts"]);
    let untyped = "RelationshipDefinitions?$filter=ReferencedEntity eq 'account'";
    assert!(failed(untyped).2.ends_with("'Microsoft.Dynamics.CRM.RelationshipMetadataBase'."));
    let many = ok("EntityDefinitions(LogicalName='account')/ManyToManyRelationships");
    let many = &many["value"][0];
    assert_eq!(
        (&many["Entity1LogicalName"], &many["IntersectEntityName"]),
        (&json!("contact"), &json!("accountcontacts"))
    );
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-metadata-operations-sample
#[test]
fn a_relationship_names_both_ends() {
    let one = ok("RelationshipDefinitions(SchemaName='contact_customer_accounts')/\
                  Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata");
    let context =
        "#RelationshipDefinitions/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata/$entity";
    assert!(one["@odata.context"].as_str().unwrap().ends_with(context));
    for (member, value) in [
        ("ReferencedAttribute", "accountid"),
        ("ReferencedEntity", "account"),
        ("ReferencingAttribute", "parentcustomerid"),
        ("ReferencingEntity", "contact"),
        ("ReferencedEntityNavigationPropertyName", "contact_customer_accounts"),
        ("ReferencingEntityNavigationPropertyName", "parentcustomerid_account"),
        ("RelationshipType", "OneToManyRelationship"),
    ] {
        assert_eq!(one[member], value, "{member}");
    }
    assert_eq!(one["CascadeConfiguration"]["Delete"], "Cascade");
    let untyped = ok("RelationshipDefinitions(SchemaName='contact_customer_accounts')");
    assert_eq!(untyped["@odata.type"], "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata");
    assert_eq!(untyped["ReferencedEntity"], "account");
    let by_id = ok(&format!("RelationshipDefinitions({})", one["MetadataId"].as_str().unwrap()));
    assert_eq!(by_id["SchemaName"], "contact_customer_accounts");
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn global_choices_are_found_one_by_one() {
    assert_eq!(column_of(&ok("GlobalOptionSetDefinitions?$select=Name"), "Name"), ["need"]);
    let one = ok("GlobalOptionSetDefinitions(Name='need')");
    assert_eq!(one["@odata.type"], "#Microsoft.Dynamics.CRM.OptionSetMetadata");
    assert_eq!((&one["IsGlobal"], &one["Options"][1]["Value"]), (&json!(true), &json!(2)));
    let typed =
        ok("GlobalOptionSetDefinitions(Name='need')/Microsoft.Dynamics.CRM.OptionSetMetadata");
    let context = "#GlobalOptionSetDefinitions/Microsoft.Dynamics.CRM.OptionSetMetadata/$entity";
    assert!(typed["@odata.context"].as_str().unwrap().ends_with(context));
    let filtered = failed("GlobalOptionSetDefinitions?$filter=Name eq 'need'");
    assert_eq!(filtered.2, "The query parameter $filter is not supported");
}

#[test]
fn keys_name_their_columns() {
    let keys = ok("EntityDefinitions(LogicalName='account')/Keys");
    let key = &keys["value"][0];
    assert_eq!(
        (&key["KeyAttributes"], &key["EntityKeyIndexStatus"]),
        (&json!(["accountnumber"]), &json!("Active"))
    );
    let one = "EntityDefinitions(LogicalName='account')/Keys(LogicalName='accountnumberkey')";
    assert_eq!(ok(one)["SchemaName"], "AccountNumberKey");
}

#[test]
fn a_single_member_can_be_asked_for() {
    let set = ok("EntityDefinitions(LogicalName='account')/EntitySetName");
    let context = format!("{BASE}/$metadata#EntityDefinitions('account')/EntitySetName");
    assert_eq!(set, json!({"@odata.context": context, "value": "accounts"}));
    let label = ok("EntityDefinitions(LogicalName='account')/DisplayName/UserLocalizedLabel");
    assert_eq!(label["Label"], "Account");
    assert_eq!(failed("EntityDefinitions(LogicalName='account')/DisplayName/$value").0, 501);
}

#[test]
fn labels_are_limited_to_the_languages_asked_for() {
    let label = |languages: &str| {
        let path = format!(
            "EntityDefinitions(LogicalName='account')?$select=DisplayName&LabelLanguages={languages}"
        );
        ok(&path)["DisplayName"]["LocalizedLabels"].as_array().unwrap().len()
    };
    assert_eq!((label("1033"), label("1031"), label("1031,1033")), (1, 0, 1));
}

#[test]
fn what_is_not_there_is_not_found() {
    let missing = failed("EntityDefinitions(LogicalName='foo')");
    assert_eq!((missing.0, missing.1), (404, "0x80040217"));
    assert_eq!(
        missing.2,
        "Could not find an entity with name foo and id 00000000-0000-0000-0000-000000000000."
    );
    assert_eq!(
        ok("EntityDefinitions?$select=EntitySetName&$filter=LogicalName eq 'foo'")["value"],
        json!([])
    );
    for path in [
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='foo')",
        "EntityDefinitions(00000000-0000-0000-0000-00000000dead)",
        "RelationshipDefinitions(SchemaName='foo')",
        "EntityDefinitions(LogicalName='account')/Nothing",
        "EntityDefinitions(SchemaName='Account')",
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')/Microsoft.Dynamics.CRM.MoneyAttributeMetadata",
    ] {
        assert_eq!(failed(path).0, 404, "{path}");
    }
    for path in [
        "EntityDefinitions?$top=1",
        "EntityDefinitions?$select=Foo",
        "EntityDefinitions(account)",
        "EntityDefinitions(LogicalName='account')?$expand=Foo",
        "EntityDefinitions(LogicalName='account')?$filter=LogicalName eq 'a'",
    ] {
        assert_eq!(failed(path).0, 400, "{path}");
    }
}

#[test]
fn only_addresses_of_definitions_are_its_own() {
    assert!(
        owns("EntityDefinitions")
            && owns("EntityDefinitions(x)/Attributes")
            && owns("RelationshipDefinitions/x")
    );
    assert!(!owns("accounts") && !owns("EntityDefinitionsX"));
}
