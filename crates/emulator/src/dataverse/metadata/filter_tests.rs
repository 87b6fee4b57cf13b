//! Filters over one definition.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn holds(filter: &str) -> Result<bool, DataverseError> {
    let definition = json!({
        "LogicalName": "account", "Name": "O'Brien", "ObjectTypeCode": 1, "IsActivity": false,
        "OwnershipType": "UserOwned", "ExternalName": null, "Precision": 2.5,
        "MetadataId": "70816501-edb9-4740-a16c-6a5efbc05d84",
        "CanCreateAttributes": {"Value": true, "CanBeChanged": false},
        "DisplayName": {"UserLocalizedLabel": {"Label": "Account"}, "LocalizedLabels": []},
    });
    let member = |name: &str| {
        let found = definition.get(name).cloned();
        found.ok_or_else(|| DataverseError::no_property(name, "EntityMetadata"))
    };
    parse(filter)?.holds(&member)
}

#[test]
fn what_holds_holds() {
    for filter in [
        "LogicalName eq 'account'",
        "Name eq 'O''Brien'",
        "LogicalName ne 'contact' and (ObjectTypeCode gt 0 or IsActivity eq true)",
        "not (IsActivity eq true)",
        "not IsActivity",
        "IsActivity eq false and not contains(LogicalName,'x')",
        "startswith(LogicalName, 'acc') and endswith(LogicalName,'unt')",
        "ObjectTypeCode ge 1 and ObjectTypeCode le 1 and ObjectTypeCode lt 2",
        "ExternalName eq null and LogicalName ne null and not (ExternalName gt 'a')",
        "MetadataId eq 70816501-EDB9-4740-A16C-6A5EFBC05D84",
        "Precision eq 2.5",
        "LogicalName eq 'x' or LogicalName eq 'account' and IsActivity eq false",
    ] {
        assert!(holds(filter).unwrap(), "{filter}");
    }
    assert!(!holds("LogicalName eq 'ACCOUNT'").unwrap());
    assert!(!holds("contains(ExternalName,'a')").unwrap());
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn enumerations_are_compared_by_name_with_and_without_their_type() {
    let full = "OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'";
    assert!(holds(full).unwrap());
    assert!(holds("OwnershipType eq 'UserOwned'").unwrap());
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
#[test]
fn complex_members_are_compared_by_path_and_labels_are_not() {
    assert!(holds("CanCreateAttributes/Value eq true").unwrap());
    for filter in ["CanCreateAttributes eq true", "DisplayName eq 'Account'"] {
        assert_eq!(holds(filter).unwrap_err().status.as_u16(), 400, "{filter}");
    }
}

#[test]
fn what_has_no_sense_is_refused() {
    for filter in [
        "",
        "LogicalName eq",
        "eq 'a'",
        "(LogicalName eq 'a'",
        "LogicalName eq 'a",
        "LogicalName eq 'a' 'b'",
        "contains(LogicalName)",
        "LogicalName = 'a'",
        "LogicalName",
        "Missing eq 1",
        "IsActivity eq 'no'",
        "ObjectTypeCode/x eq 1",
        "CanCreateAttributes/X eq 1",
    ] {
        let error = holds(filter).unwrap_err();
        assert_eq!((error.status.as_u16(), error.code), (400, "0x80060888"), "{filter}");
    }
    assert!(holds(&("(".repeat(10_000) + "true")).is_err());
    assert!(holds(&"not ".repeat(10_000)).is_err());
}

proptest! {
    #[test]
    fn arbitrary_filters_do_no_harm(text in ".{0,60}", near in "(LogicalName|eq|and|not|contains|[(),']| |1){0,30}") {
        let _ = holds(&text);
        let _ = holds(&near);
    }

    #[test]
    fn a_quoted_text_is_compared_as_it_is(text in ".{0,20}") {
        let filter = format!("'{0}' eq '{0}'", text.replace('\'', "''"));
        prop_assert!(holds(&filter).unwrap());
    }
}
