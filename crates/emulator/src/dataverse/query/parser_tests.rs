//! Tests of the `$filter` parser: precedence, types, and what each fault answers.

use super::super::super::tables::Tables;
use super::*;

fn filter(text: &str) -> Result<Expr, DataverseError> {
    let tables = Tables::built_in().unwrap();
    parse(text, tables.by_set("contacts").unwrap())
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
    ] {
        assert!(filter(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_dataverse_has_and_the_emulator_has_not_is_501() {
    for text in [
        "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['a'])",
        "contact_phonecalls/any(c:c/subject eq 'a')",
        "preferredsystemuserid/fullname eq 'a'",
        "firstname eq @p1",
    ] {
        let error = filter(text).unwrap_err();
        assert_eq!(error.status.as_u16(), 501, "{text}: {}", error.message);
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
