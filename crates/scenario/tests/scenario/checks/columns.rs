//! Tables and columns that the account's organisation does not have.

use serde_json::{Value, json};

use crate::kit::{document, exit, instance};

#[test]
fn tables_and_columns_that_the_account_does_not_know() {
    let known = || {
        crate::kit::microsoft::kit(0)
            .table("contacts", &["contactid", "fullname", "telephone1", "_parentcustomerid_value"])
            .table("incidents", &["incidentid", "title"])
    };
    let warnings = |properties: Value, account: Value| {
        let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
        let mut search = instance("look", "microsoft-dynamics.search-object", properties, exits);
        search["account"] = account;
        let document = document(json!([search, exit("end")]));
        let (_, warnings) = known().check(&document).unwrap();
        warnings.into_iter().map(|warning| (warning.pointer, warning.message)).collect::<Vec<_>>()
    };
    let query =
        |table: &str, query: &str| json!({"object_type": table, "query": query, "recordset": "R"});
    let crm = || json!("CRM");
    assert_eq!(
        warnings(query("contacts", "$select=fullname&$filter=telephone1 eq '1'"), crm()),
        []
    );
    let found = warnings(query("contact", ""), crm());
    assert_eq!(found[0].0, "/blocks/0/properties/object_type");
    assert_eq!(found[0].1, "the account knows no table `contact`; did you mean `contacts`?");
    let found =
        warnings(query("contacts", "$select=fulname&$filter=parentcustomerid eq null"), crm());
    assert_eq!(found[0].0, "/blocks/0/properties/query");
    assert_eq!(
        found[0].1,
        "`contacts` has no column `fulname` at character 9; did you mean `fullname`?"
    );
    assert!(found[1].1.ends_with("did you mean `_parentcustomerid_value`?"), "{}", found[1].1);
    assert_eq!(
        warnings(query("contacts", "$select=a/b,entityimage_url&$expand=c($select=d)"), crm()),
        []
    );
}

#[test]
fn fetch_xml_has_the_logical_names_of_tables_and_columns() {
    let kit = crate::kit::microsoft::kit(0)
        .table("contacts", &["contactid", "fullname", "_parentcustomerid_value", "statuscode"])
        .table("accounts", &["accountid", "name"]);
    let warnings = |table: &str, query: &str| {
        let properties = json!({"object_type": table, "query": query, "recordset": "R"});
        let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
        let mut search = instance("look", "microsoft-dynamics.search-object", properties, exits);
        search["account"] = json!("CRM");
        let (_, warnings) = kit.check(&document(json!([search, exit("end")]))).unwrap();
        assert!(warnings.iter().all(|w| w.pointer.starts_with("/blocks/0/properties/query")));
        warnings.into_iter().map(|warning| warning.message).collect::<Vec<_>>()
    };
    let of = |inner: &str| format!("<fetch><entity name='contact'>{inner}</entity></fetch>");
    let right = "<attribute name='parentcustomeridname'/><attribute name='$(item.x)'/>\
                 <link-entity name='account' from='accountid' to='parentcustomerid'><attribute name='name'/></link-entity>\
                 <link-entity name='teammembership' from='anything' to='contactid'/>";
    assert_eq!(warnings("contacts", &of(right)), <[&str; 0]>::default());
    assert_eq!(
        warnings("contacts", &of("<attribute name='fulname'/>")),
        ["`contact` has no column `fulname` at character 48; did you mean `fullname`?"]
    );
    let join = "<link-entity name='acount' from='accountid' to='parentcustomer'/>";
    assert_eq!(
        warnings("contacts", &of(join)),
        [
            "the account knows no table `acount` at character 50; did you mean `account`?",
            "`contact` has no column `parentcustomer` at character 79; did you mean `parentcustomerid`?"
        ]
    );
    let sets = "<fetch><entity name='contacts'/></fetch>";
    assert_eq!(
        warnings("contacts", sets),
        ["the account knows no table `contacts` at character 22; did you mean `contact`?"]
    );
    assert_eq!(
        warnings("accounts", &of("")),
        ["the query is of `contact` at character 22, and the table is `accounts`"]
    );
}

#[test]
fn the_account_that_is_selected_is_the_one_whose_tables_are_meant() {
    let kit = crate::kit::microsoft::kit(0).table("contacts", &["contactid"]);
    let warnings = |accounts: [&str; 2]| {
        let select = |id: &str, account: &str, next: &str| {
            let exits = json!({"next": next, "failed": "end"});
            instance(id, "microsoft-dynamics.select-account", json!({"account": account}), exits)
        };
        let search = json!({"object_type": "contact", "query": "", "recordset": "R"});
        let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
        let document = document(json!([
            select("one", accounts[0], "two"),
            select("two", accounts[1], "look"),
            instance("look", "microsoft-dynamics.search-object", search, exits),
            exit("end"),
        ]));
        kit.check(&document).unwrap().1.len()
    };
    assert_eq!(warnings(["CRM", "CRM"]), 1);
    assert_eq!(warnings(["CRM", "Other"]), 0);
    assert_eq!(warnings(["CRM", "$(item.which)"]), 0);
}

#[test]
fn columns_that_are_set() {
    let properties = json!({
        "object_type": "incidents", "id_variable": "case_id",
        "fields": {"title": "x", "titel": "y", "customerid_contact@odata.bind": "/contacts($(item.id))"},
    });
    let exits = json!({"next": "end", "failed": "end"});
    let create = instance("make", "microsoft-dynamics.create-object", properties, exits);
    let mut document = document(json!([create, exit("end")]));
    document["blocks"][0]["account"] = json!("CRM");
    let kit = crate::kit::microsoft::kit(0).table("incidents", &["title"]);
    let (_, warnings) = kit.check(&document).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0].pointer, "/blocks/0/properties/fields/titel");
    assert_eq!(warnings[0].message, "`incidents` has no column `titel`; did you mean `title`?");
}
