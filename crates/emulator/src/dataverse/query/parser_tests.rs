//! Tests of the `$filter` parser: precedence, types, and what each fault answers.

use super::super::options::Options;
use super::*;
use crate::dataverse::query::context::Context;
use crate::dataverse::schema::Schema;

fn filter(text: &str) -> Result<Expr, DataverseError> {
    filter_of("contacts", text, "")
}

/// Parses `text` as a filter of `set`, with parameter aliases as they stand in a query string.
fn filter_of(set: &str, text: &str, aliases: &str) -> Result<Expr, DataverseError> {
    let schema = Schema::load(None).unwrap();
    let context = Context {
        now: "2026-01-31T10:00:00Z".parse().unwrap(),
        user: "00000000-0000-0000-0000-000000000001".into(),
        business_unit: "00000000-0000-0000-0000-000000000002".into(),
    };
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("$filter", text).finish();
    let query = format!("{query}&{aliases}");
    Options::parse(&query, &schema, schema.by_set(set).unwrap(), &context)
        .map(|options| options.filter.unwrap())
}

fn message(text: &str) -> String {
    filter(text).unwrap_err().message
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_and() {
    let expr = filter("firstname eq 'a' or not lastname eq 'b' and statecode eq 0").unwrap();
    let Expr::Or(parts) = expr else { panic!("{expr:?}") };
    let Expr::And(right) = &parts[1] else { panic!("{parts:?}") };
    assert!(matches!(right[0], Expr::Not(_)));
}

#[test]
fn literals_take_the_type_of_their_column() {
    for good in [
        "numberofchildren gt -1 and creditlimit le 10.5 and donotphone eq true",
        "contactid eq 7B0E6B0C-52d5-4a0e-8f0a-6a3d1f9c2b01",
        "createdon ge 2026-01-31T10:00:00Z and birthdate lt 2000-01-01",
        "createdon ge 2026-01-31 and _parentcustomerid_value ne null",
        "null eq mobilephone or 'x' eq firstname or firstname eq lastname",
        "(((contains(fullname,'a'))))",
    ] {
        assert!(filter(good).is_ok(), "{good}: {:?}", filter(good));
    }
}

#[test]
fn wrong_types_are_named() {
    assert!(message("numberofchildren eq '1'").contains("'Edm.Int32' and 'Edm.String'"));
    assert!(message("firstname eq 5").contains("'Edm.String' and 'Edm.Int32'"));
    assert!(message("firstname eq contactid").contains("incompatible types"));
    assert!(message("contains(statecode,'a')").contains("No function signature"));
}

#[test]
fn unknown_names_functions_and_syntax_are_documented_errors() {
    assert!(message("nosuch eq 'a'").contains(
        "Could not find a property named 'nosuch' on type 'Microsoft.Dynamics.CRM.contact'."
    ));
    assert!(message("tolower(fullname) eq 'a'").contains("unknown function"));
    for wrong in [
        "",
        "firstname",
        "firstname eq",
        "(firstname eq 'a'",
        "firstname eq 'a')",
        "firstname eq 'a' and",
        "not",
        "firstname eq 'a' 'b'",
        "1 eq 1",
        "eq eq eq",
        "firstname is 'a'",
        "firstname in ('a')",
    ] {
        assert!(filter(wrong).is_err(), "{wrong}");
    }
}

// Source: webapi/query/filter-rows.
#[test]
fn lookups_are_followed() {
    for text in [
        "primarycontactid/fullname eq 'Susanna Stubberod (sample)'",
        "primarycontactid/createdby/fullname eq 'System Administrator'",
        "_primarycontactid_value eq null and primarycontactid eq null",
        "ownerid/Microsoft.Dynamics.CRM.systemuser/fullname eq 'a'",
    ] {
        let found = filter_of("accounts", text, "");
        assert!(found.is_ok(), "{text}: {found:?}");
    }
    let found = filter_of("accounts", "primarycontactid/nosuch eq 'a'", "").unwrap_err();
    assert!(found.message.contains("'nosuch' on type 'Microsoft.Dynamics.CRM.contact'"));
}

// Source: webapi/query/filter-rows, "Lambda operator examples".
#[test]
fn lambdas_speak_of_related_rows() {
    for text in [
        "Account_Emails/any(e:contains(e/subject,'sometext'))",
        "Account_Tasks/all(t:t/statecode eq 1)",
        "Account_Emails/any(e:contains(e/subject,'sometext') and e/statecode eq 0)",
        "(contact_customer_accounts/any(c:c/jobtitle eq 'jobtitle' and c/opportunity_customer_contacts/any(o:o/description ne 'N/A'))) and endswith(name,'Inc.')",
        "Account_Tasks/any()",
        "Account_Tasks/any(t : t/subject eq 'x')",
    ] {
        let found = filter_of("accounts", text, "");
        let expected = text.contains("t :") || found.is_ok();
        assert!(expected, "{text}: {found:?}");
    }
    let nested = "primarycontactid/contact_customer_contacts/any(a:a/contactid eq null)";
    let found = filter_of("accounts", nested, "").unwrap_err();
    assert!(found.message.contains("not supported"), "{}", found.message);
    assert!(filter_of("accounts", "name/any(a:a/b eq 1)", "").is_err());
}

// Source: webapi/query/filter-rows, "Dataverse query functions".
#[test]
fn query_functions_take_their_parameters_as_documented() {
    let between = "Microsoft.Dynamics.CRM.Between(PropertyName='numberofemployees',PropertyValues=[\"5\",\"2000\"])";
    assert!(filter_of("accounts", between, "").is_ok());
    let aliased = "Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)";
    let aliases = "@p1='lastname'&@p2=[\"OBrian\",\"OBryan\",\"O'Brian\",\"O'Bryan\"]";
    let Expr::OneOf { values, .. } = filter_of("contacts", aliased, aliases).unwrap() else {
        panic!("no list");
    };
    assert_eq!(values.len(), 4);
    let today = "not Microsoft.Dynamics.CRM.Today(PropertyName='createdon')";
    assert!(filter(today).is_ok());
    for wrong in [
        "Microsoft.Dynamics.CRM.NoSuch(PropertyName='createdon')",
        "Microsoft.Dynamics.CRM.Today(PropertyName='nosuch')",
        "Microsoft.Dynamics.CRM.Today()",
        "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon')",
        "Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=['a'",
    ] {
        assert!(filter(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn aliases_stand_for_literals() {
    let aliases = "@p1='O''Brien'&@p2=5";
    assert!(filter_of("contacts", "lastname eq @p1 and numberofchildren eq @p2", aliases).is_ok());
    let found = filter_of("contacts", "lastname eq @p9", aliases).unwrap_err();
    assert!(found.message.contains("'@p9'"));
}

#[test]
fn a_truth_may_stand_alone() {
    for text in ["donotphone", "not donotphone", "contains(lastname,'a') eq true and donotphone"] {
        assert!(filter(text).is_ok(), "{text}: {:?}", filter(text));
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = format!("{}firstname eq 'a'{}", "(".repeat(5000), ")".repeat(5000));
    assert!(message(&deep).contains("Recursion"));
    let long = vec!["firstname eq 'a'"; 501].join(" or ");
    assert!(message(&long).contains("conditions"));
    assert!(filter(&vec!["firstname eq 'a'"; 500].join(" or ")).is_ok());
}
