//! Tests of the built-in document and its details against what Microsoft documents.

use super::super::{Collection, Kind, Ownership, Required};
use super::*;

fn built_in() -> Schema {
    Schema::load(None).unwrap()
}

/// The last part of the type of a navigation property.
fn all_of<'a>(
    xml: &'a roxmltree::Document,
    name: &'a str,
) -> impl Iterator<Item = roxmltree::Node<'a, 'a>> {
    xml.descendants().filter(move |node| node.tag_name().name() == name)
}

#[test]
fn the_contact_centre_s_tables_have_their_documented_sets_keys_and_names() {
    // Source: learn.microsoft.com/power-apps/developer/data-platform/reference/entities and
    // learn.microsoft.com/dynamics365/developer/reference/entities
    let documented = [
        ("accounts", "accountid", "name", 1),
        ("contacts", "contactid", "fullname", 2),
        ("opportunities", "opportunityid", "name", 3),
        ("leads", "leadid", "fullname", 4),
        ("annotations", "annotationid", "subject", 5),
        ("systemusers", "systemuserid", "fullname", 8),
        ("teams", "teamid", "name", 9),
        ("businessunits", "businessunitid", "name", 10),
        ("incidents", "incidentid", "title", 112),
        ("contracts", "contractid", "title", 1010),
        ("roles", "roleid", "name", 1036),
        ("quotes", "quoteid", "name", 1084),
        ("salesorders", "salesorderid", "name", 1088),
        ("invoices", "invoiceid", "name", 1090),
        ("queues", "queueid", "name", 2020),
        ("queueitems", "queueitemid", "title", 2029),
        ("activitypointers", "activityid", "subject", 4200),
        ("appointments", "activityid", "subject", 4201),
        ("emails", "activityid", "subject", 4202),
        ("phonecalls", "activityid", "subject", 4210),
        ("tasks", "activityid", "subject", 4212),
        ("transactioncurrencies", "transactioncurrencyid", "currencyname", 9105),
        ("activityparties", "activitypartyid", "", 135),
    ];
    let schema = built_in();
    for (set, key, name, code) in documented {
        let table = schema.by_set(set).unwrap_or_else(|| panic!("{set}"));
        assert_eq!(
            (table.key.as_str(), table.name.as_str(), table.type_code),
            (key, name, code),
            "{set}"
        );
    }
    assert!(schema.by_set("Accounts").is_none());
}

#[test]
fn columns_have_their_documented_types_and_lengths() {
    // Source: the pages of account, contact, incident, lead, phonecall and systemuser among them
    let schema = built_in();
    let kind = |table: &str, column: &str| {
        let table = schema.by_logical(table).unwrap();
        table.attribute(column).unwrap_or_else(|| panic!("{column}")).kind.clone()
    };
    let text = |max| Kind::Text { max: Some(max), memo: false };
    let memo = |max| Kind::Text { max: Some(max), memo: true };
    assert_eq!(kind("account", "name"), text(160));
    assert_eq!(kind("account", "accountnumber"), text(20));
    assert_eq!(kind("account", "address1_city"), text(80));
    assert_eq!(kind("account", "address1_latitude"), Kind::Double);
    assert_eq!(kind("account", "revenue"), Kind::Money);
    assert_eq!(kind("account", "numberofemployees"), Kind::Integer);
    assert_eq!(kind("contact", "firstname"), text(50));
    assert_eq!(kind("contact", "birthdate"), Kind::Date);
    assert_eq!(kind("lead", "mobilephone"), text(20));
    assert_eq!(kind("incident", "ticketnumber"), text(100));
    assert_eq!(kind("incident", "description"), memo(2000));
    assert_eq!(kind("phonecall", "phonenumber"), text(200));
    assert_eq!(kind("phonecall", "subject"), text(200));
    assert_eq!(
        kind("phonecall", "directioncode"),
        Kind::Boolean(["Incoming".into(), "Outgoing".into()])
    );
    assert_eq!(kind("annotation", "notetext"), memo(100_000));
    assert_eq!(kind("systemuser", "domainname"), text(1024));
    assert_eq!(kind("queueitem", "title"), text(300));
    assert_eq!(kind("salesorder", "datefulfilled"), Kind::DateTime);
    assert_eq!(kind("opportunity", "estimatedclosedate"), Kind::Date);
    assert_eq!(kind("account", "versionnumber"), Kind::BigInteger);
    assert_eq!(kind("account", "entityimage"), Kind::Binary);
}

#[test]
fn choices_have_their_documented_labels() {
    let schema = built_in();
    let label = |table: &str, column: &str, value: i64| {
        let table = schema.by_logical(table).unwrap();
        let column = table.column(column).unwrap();
        table.label(&column.kind, &value.into()).unwrap_or_default().to_owned()
    };
    assert_eq!(label("incident", "caseorigincode", 1), "Phone");
    assert_eq!(label("incident", "prioritycode", 1), "High");
    assert_eq!(label("incident", "casetypecode", 3), "Request");
    assert_eq!(label("phonecall", "prioritycode", 2), "High");
    assert_eq!(label("lead", "leadsourcecode", 8), "Web");
    assert_eq!(label("contact", "preferredcontactmethodcode", 3), "Phone");
    assert_eq!(label("account", "industrycode", 1), "Accounting");
    assert_eq!(label("account", "address1_addresstypecode", 1), "Bill To");
    assert_eq!(label("activityparty", "participationtypemask", 2), "To Recipient");
    assert_eq!(label("incident", "statecode", 1), "Resolved");
    assert_eq!(label("incident", "statuscode", 1000), "Information Provided");
    assert_eq!(label("phonecall", "statuscode", 2), "Made");
}

#[test]
fn a_state_has_a_status_of_its_own_to_begin_with() {
    for table in built_in().all() {
        for (value, state) in &table.states {
            assert_eq!(table.statuses[&state.status].state, *value, "{}", table.logical);
        }
        let stateful = table.column("statecode").is_some();
        assert_eq!(stateful, !table.states.is_empty(), "{}", table.logical);
    }
    let schema = built_in();
    let first = |table: &str, state: i64| schema.by_logical(table).unwrap().states[&state].status;
    assert_eq!((first("incident", 0), first("incident", 1), first("task", 0)), (1, 5, 2));
    assert_eq!((first("salesorder", 3), first("lead", 1), first("product", 2)), (100_001, 3, 0));
}

#[test]
fn navigation_properties_have_their_documented_names() {
    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-navigation-properties,
    // create-entity-web-api, associate-disassociate-entities-using-web-api
    let schema = built_in();
    let single = [
        ("account", "primarycontactid", "contact"),
        ("account", "createdby", "systemuser"),
        ("account", "ownerid", "team"),
        ("contact", "parentcustomerid_account", "account"),
        ("incident", "customerid_contact", "contact"),
        ("incident", "subjectid", "subject"),
        ("phonecall", "regardingobjectid_incident_phonecall", "incident"),
        ("task", "regardingobjectid_account_task", "account"),
        ("email", "emailsender_contact", "contact"),
        ("annotation", "objectid_incident", "incident"),
        ("activityparty", "partyid_systemuser", "systemuser"),
        ("queueitem", "objectid_phonecall", "phonecall"),
        ("incidentresolution", "incidentid", "incident"),
        ("opportunityclose", "opportunityid", "opportunity"),
        ("systemuser", "businessunitid", "businessunit"),
        ("opportunity", "customerid_account", "account"),
    ];
    for (table, name, target) in single {
        let way = &schema.by_logical(table).unwrap().navigations[name];
        assert!(way.targets.iter().any(|to| to == target), "{table}.{name}");
    }
    let many = [
        ("account", "contact_customer_accounts", "contact"),
        ("account", "Account_Tasks", "task"),
        ("account", "Account_Annotation", "annotation"),
        ("account", "account_parent_account", "account"),
        ("contact", "account_primary_contact", "account"),
        ("contact", "Contact_Phonecalls", "phonecall"),
        ("contact", "incident_customer_contacts", "incident"),
        ("incident", "Incident_Phonecalls", "phonecall"),
        ("phonecall", "phonecall_activity_parties", "activityparty"),
        ("email", "email_activity_parties", "activityparty"),
        ("account", "opportunity_customer_accounts", "opportunity"),
        ("account", "Account_ActivityPointers", "activitypointer"),
        ("systemuser", "lk_accountbase_createdby", "account"),
        ("queue", "queue_entries", "queueitem"),
    ];
    for (table, name, target) in many {
        let found = &schema.by_logical(table).unwrap().collections[name];
        assert!(
            matches!(found, Collection::OneToMany { .. }) && found.table() == target,
            "{table}.{name}"
        );
    }
}

#[test]
fn many_to_many_relationships_go_through_their_documented_tables() {
    let schema = built_in();
    let documented = [
        ("systemuser", "teammembership_association", "teammembership", "systemuserid", "teamid"),
        ("team", "teammembership_association", "teammembership", "teamid", "systemuserid"),
        ("systemuser", "systemuserroles_association", "systemuserroles", "systemuserid", "roleid"),
        ("queue", "queuemembership_association", "queuemembership", "queueid", "systemuserid"),
        ("account", "accountleads_association", "accountleads", "accountid", "leadid"),
        ("contact", "contactleads_association", "contactleads", "contactid", "leadid"),
    ];
    for (table, name, expected, one, two) in documented {
        match &schema.by_logical(table).unwrap().collections[name] {
            Collection::ManyToMany { relation, here, there, .. } => {
                assert_eq!(
                    (relation.as_str(), here.as_str(), there.as_str()),
                    (expected, one, two)
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn alternate_keys_are_those_of_a_contact_centre() {
    let schema = built_in();
    let expected: [(&str, &[&str]); 3] = [
        ("account", &["accountnumber"]),
        // Source: use-alternate-key-reference-record: `contacts(firstname='Joe',emailaddress1='…')`.
        ("contact", &["firstname", "emailaddress1"]),
        ("incident", &["ticketnumber"]),
    ];
    for (table, columns) in expected {
        let [key] = schema.by_logical(table).unwrap().keys.as_slice() else { panic!("{table}") };
        assert_eq!(key.columns, columns);
        assert_eq!(key.name, format!("{}_key", columns.join("_")));
    }
}

#[test]
fn every_name_in_the_tables_leads_somewhere() {
    let schema = built_in();
    for table in schema.all() {
        let name = &table.logical;
        for way in table.navigations.values() {
            assert!(way.targets.iter().all(|target| schema.by_logical(target).is_some()), "{name}");
            assert!(table.lookup(way).is_some_and(|column| column.is_lookup()), "{name}");
            let back = way
                .partner
                .iter()
                .flat_map(|partner| way.targets.iter().map(move |to| (to, partner)));
            for (target, partner) in back {
                assert!(
                    schema.by_logical(target).unwrap().collections.contains_key(partner),
                    "{name}.{partner}"
                );
            }
        }
        for collection in table.collections.values() {
            let target = schema.by_logical(collection.table()).unwrap();
            match collection {
                Collection::OneToMany { column, navigation, .. } => {
                    assert!(
                        target.column(column).is_some()
                            && target.navigations.contains_key(navigation)
                    );
                }
                Collection::ManyToMany { key, .. } => assert_eq!(*key, target.key),
            }
        }
        for column in &table.columns {
            assert!(
                column.targets().iter().all(|to| schema.by_logical(to).is_some()),
                "{name}.{}",
                column.logical
            );
            assert!(
                !column.label.is_empty() && column.logical == column.schema.to_lowercase(),
                "{}",
                column.schema
            );
        }
        assert!(table.name.is_empty() || table.column(&table.name).is_some(), "{name}");
    }
}

#[test]
fn every_name_in_the_details_is_in_the_document() {
    let schema = built_in();
    let details = Details::built_in().unwrap();
    assert_eq!(details.tables().count(), schema.all().len());
    for (name, about) in details.tables() {
        let table = schema.by_logical(name).unwrap_or_else(|| panic!("{name}"));
        for column in about.columns.keys() {
            assert!(table.attribute(column).is_some(), "{name}.{column}");
        }
        for column in about.indexes.iter().chain(&about.cascade).chain(&about.restrict) {
            assert!(table.column(column).is_some(), "{name}.{column}");
        }
        assert_eq!(table.keys, about.keys, "{name}");
        assert_eq!(table.schema.to_lowercase(), name);
        let own = table.columns.iter().all(|column| {
            about.columns.contains_key(&column.logical)
                || table.activity && column.schema != column.logical
        });
        assert!(own, "{name} has columns without details");
    }
}

#[test]
fn the_platform_s_columns_are_readonly() {
    let schema = built_in();
    let readonly = |table: &str, column: &str| {
        schema.by_logical(table).unwrap().attribute(column).unwrap().readonly
    };
    for column in
        ["createdon", "modifiedby", "versionnumber", "owninguser", "exchangerate", "revenue_base"]
    {
        assert!(readonly("account", column), "{column}");
    }
    assert!(readonly("contact", "fullname") && readonly("contact", "address1_composite"));
    assert!(readonly("phonecall", "activitytypecode") && readonly("opportunity", "totaltax"));
    assert!(!readonly("account", "ownerid") && !readonly("incident", "statuscode"));
    assert!(
        !readonly("transactioncurrency", "exchangerate")
            && !readonly("account", "overriddencreatedon")
    );
    let case = schema.by_logical("incident").unwrap();
    assert_eq!(case.attribute("customerid").unwrap().required, Required::System);
    assert_eq!(schema.by_logical("systemuser").unwrap().ownership, Ownership::Business);
}

#[test]
fn a_row_that_goes_takes_along_or_is_kept_by_what_is_documented() {
    // Source: the relationships of learn.microsoft.com/dynamics365/developer/reference/entities/incident,
    // quote, salesorder and invoice: Delete is Cascade or Restrict
    let schema = built_in();
    let cascade = |table: &str, column: &str| {
        schema.by_logical(table).unwrap().cascade.contains(&format!("_{column}_value"))
    };
    let restrict = |table: &str, column: &str| {
        schema.by_logical(table).unwrap().restrict.contains(&format!("_{column}_value"))
    };
    assert!(cascade("incident", "customerid") && cascade("incident", "parentcaseid"));
    assert!(cascade("phonecall", "regardingobjectid") && cascade("annotation", "objectid"));
    assert!(cascade("opportunity", "customerid") && cascade("quote", "opportunityid"));
    assert!(cascade("customeraddress", "parentid") && !cascade("contact", "parentcustomerid"));
    assert!(restrict("salesorder", "customerid") && restrict("invoice", "salesorderid"));
    assert!(restrict("incident", "productid") && restrict("account", "transactioncurrencyid"));
}

#[test]
fn every_type_the_document_names_is_in_it() {
    let schema = built_in();
    let xml = roxmltree::Document::parse(&schema.document).unwrap();
    let kinds = ["EntityType", "ComplexType", "EnumType"];
    let declared: Vec<&str> = kinds
        .iter()
        .flat_map(|kind| all_of(&xml, kind))
        .filter_map(|node| node.attribute("Name"))
        .collect();
    for node in xml.descendants() {
        let named =
            [node.attribute("Type"), node.attribute("BaseType"), node.attribute("EntityType")];
        for name in named.into_iter().flatten() {
            let name =
                name.strip_prefix("Collection(").map_or(name, |name| name.trim_end_matches(')'));
            let name = name.strip_prefix("mscrm.").or(name.strip_prefix("Microsoft.Dynamics.CRM."));
            assert!(name.is_none_or(|name| declared.contains(&name)), "{name:?}");
        }
    }
    let sets: Vec<&str> =
        all_of(&xml, "EntitySet").filter_map(|set| set.attribute("Name")).collect();
    let bound: Vec<&str> = all_of(&xml, "NavigationPropertyBinding")
        .filter_map(|node| node.attribute("Target"))
        .collect();
    assert!(bound.iter().all(|target| sets.contains(target)));
    assert!(schema.all().iter().all(|table| sets.contains(&table.set.as_str())));
}

#[test]
fn the_document_declares_the_operations_that_are_answered() {
    let schema = built_in();
    let xml = roxmltree::Document::parse(&schema.document).unwrap();
    let names =
        |kind| all_of(&xml, kind).filter_map(|node| node.attribute("Name")).collect::<Vec<_>>();
    let (functions, actions) = (names("Function"), names("Action"));
    for name in
        ["WhoAmI", "RetrieveVersion", "RetrieveTotalRecordCount", "LastXDays", "In", "Between"]
    {
        assert!(functions.contains(&name) && names("FunctionImport").contains(&name), "{name}");
    }
    for name in ["CloseIncident", "WinOpportunity", "LoseOpportunity"] {
        assert!(actions.contains(&name) && names("ActionImport").contains(&name), "{name}");
    }
    for name in ["QualifyLead", "AddToQueue", "SendEmail", "CreateMultiple", "UpsertMultiple"] {
        assert!(
            actions.contains(&name) && !names("ActionImport").contains(&name),
            "{name} is bound"
        );
    }
}
