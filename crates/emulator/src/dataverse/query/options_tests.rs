//! Query options: how they are spelled, and what is never passed over.

use super::super::ast::{ColumnRef, Expr};
use super::super::context::Context;
use super::*;
use crate::dataverse::query::apply::Aggregate;
use crate::dataverse::query::expand::Related;

fn context() -> Context {
    Context {
        now: "2026-01-31T10:00:00Z".parse().unwrap(),
        user: "00000000-0000-0000-0000-000000000001".into(),
        business_unit: "00000000-0000-0000-0000-000000000002".into(),
    }
}

pub(super) fn options(set: &str, query: &str) -> Result<Options, DataverseError> {
    let schema = Schema::load(None).unwrap();
    Options::parse(query, &schema, schema.by_set(set).unwrap(), &context())
}

fn refusal(set: &str, query: &str) -> String {
    options(set, query).unwrap_err().message
}

#[test]
fn both_spellings_of_the_dollar_and_of_a_space_are_read() {
    for query in [
        "$select=fullname,mobilephone&$filter=firstname%20eq%20%27a%27",
        "%24select=fullname,%20mobilephone&%24filter=firstname+eq+'a'",
    ] {
        let options = options("contacts", query).unwrap();
        assert_eq!(options.select.unwrap(), ["fullname", "mobilephone"]);
        assert!(options.filter.is_some());
    }
}

#[test]
fn unsupported_options_are_never_passed_over() {
    assert_eq!(refusal("contacts", "$skip=1"), "The query parameter $skip is not supported");
    assert_eq!(refusal("contacts", "$search=x"), "The query parameter $search is not supported");
    assert_eq!(options("contacts", "sql=x").unwrap_err().status.as_u16(), 501);
    assert!(refusal("contacts", "$top=-1").contains("non-negative"));
    assert!(refusal("contacts", "$select=nosuch").contains("'nosuch'"));
    assert!(refusal("contacts", "$top=1&$top=2").contains("more than once"));
    assert!(options("contacts", "tag=x").is_ok());
}

// Source: webapi/query/join-tables.
#[test]
fn expansions_have_options_of_their_own() {
    let query = "$select=name&$expand=primarycontactid($select=contactid,fullname),Account_Tasks($select=subject;$filter=contains(subject,'Task');$orderby=createdon desc)";
    let options = options("accounts", query).unwrap();
    let [contact, tasks] = options.expand.as_slice() else { panic!("{:?}", options.expand) };
    assert!(
        matches!(&contact.related, Related::One { lookup, .. } if lookup == "_primarycontactid_value")
    );
    assert_eq!(contact.options.select.as_deref().unwrap(), ["contactid", "fullname"]);
    assert!(matches!(&tasks.related, Related::Many(_)));
    assert!(matches!(tasks.options.filter, Some(Expr::Match { .. })));
    assert!(tasks.options.order[0].descending);
}

// Source: webapi/query/join-tables.
#[test]
fn what_dataverse_refuses_of_expansions_is_refused_in_its_words() {
    assert_eq!(
        refusal("accounts", "$expand=Account_Tasks/$ref"),
        "Expand with $ref is only supported on lookup type navigation property."
    );
    let only = "Only $select and $filter clause can be provided while doing $expand on many-to-one";
    let nested = "$expand=Account_Tasks($top=1;$expand=ownerid)";
    assert!(refusal("accounts", nested).starts_with(only));
    assert!(refusal("accounts", "$expand=primarycontactid($orderby=fullname)").starts_with(only));
    assert!(refusal("accounts", "$expand=nosuch").contains("'nosuch'"));
    assert!(refusal("accounts", "$expand=Account_Tasks($skip=1)").contains("not supported"));
    let many = vec!["primarycontactid"; 16].join(",");
    assert!(refusal("accounts", &format!("$expand={many}")).contains("15"));
}

// Source: webapi/query/aggregate-data.
#[test]
fn groups_and_aggregates_are_read() {
    let query = "$apply=filter(address1_stateorprovince eq 'WA')/groupby((primarycontactid/fullname,statuscode),aggregate(revenue with sum as total,$count as n))";
    let apply = options("accounts", query).unwrap().apply.unwrap();
    let groups: Vec<&str> = apply.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["contact_fullname", "statuscode"]);
    assert!(matches!(&apply.aggregates[0], Aggregate { of: Some((_, ColumnRef { .. })), .. }));
    assert!(matches!(&apply.aggregates[1], Aggregate { of: None, .. }));
    assert!(apply.filter.is_some());
    let datetime = "$apply=groupby((createdon))";
    assert!(refusal("accounts", datetime).contains("datetime values is not supported"));
    assert!(options("accounts", "$apply=aggregate(name with sum as x)").is_err());
    assert!(options("accounts", "$apply=aggregate(revenue with sum as x\"y)").is_err());
}

// Source: webapi/query/select-columns.
#[test]
fn money_brings_its_currency() {
    let options = options("accounts", "$select=revenue").unwrap();
    assert_eq!(options.select.unwrap(), ["revenue", "_transactioncurrencyid_value"]);
}
