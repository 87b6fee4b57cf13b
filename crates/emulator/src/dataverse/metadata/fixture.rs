//! Two small tables for the tests of definitions.

use std::collections::{BTreeMap, HashMap};

use crate::dataverse::schema::{
    AlternateKey, Collection, Column, Kind, Navigation, Ownership, Required, Schema, State, Status,
    Table,
};

pub(crate) const BASE: &str = "https://127.0.0.1:1/api/data/v9.2";

fn column(logical: &str, schema: &str, label: &str, kind: Kind) -> Column {
    let name = match kind {
        Kind::Lookup(_) => format!("_{logical}_value"),
        _ => logical.to_owned(),
    };
    Column {
        logical: logical.into(),
        name,
        kind,
        schema: schema.into(),
        label: label.into(),
        description: String::new(),
        required: Required::None,
        readonly: false,
    }
}

fn choice() -> Kind {
    let labels = [(1, "Preferred Customer".to_owned()), (2, "Standard".to_owned())];
    Kind::Choice(BTreeMap::from(labels))
}

fn text(max: usize) -> Kind {
    Kind::Text { max: Some(max), memo: false }
}

fn table(logical: &str, schema: &str, columns: Vec<Column>) -> Table {
    let by_name = columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at));
    Table {
        logical: logical.into(),
        schema: schema.into(),
        label: schema.into(),
        plural: format!("{schema}s"),
        set: format!("{logical}s"),
        key: format!("{logical}id"),
        by_name: by_name.collect(),
        columns,
        ownership: Ownership::User,
        ..Table::default()
    }
}

fn account() -> Table {
    let mut name = column("name", "Name", "Account Name", text(160));
    name.required = Required::Application;
    let columns = vec![
        column("accountid", "AccountId", "Account", Kind::Key),
        name,
        column("accountnumber", "AccountNumber", "Account Number", text(20)),
        column("accountcategorycode", "AccountCategoryCode", "Category", choice()),
        column("revenue", "Revenue", "Annual Revenue", Kind::Money),
        column(
            "creditonhold",
            "CreditOnHold",
            "Credit Hold",
            Kind::Boolean(["No".into(), "Yes".into()]),
        ),
        column("statecode", "StateCode", "Status", Kind::State),
        column("statuscode", "StatusCode", "Status Reason", Kind::Status),
        column(
            "primarycontactid",
            "PrimaryContactId",
            "Primary Contact",
            Kind::Lookup(vec!["contact".into()]),
        ),
    ];
    let to_contact = Navigation {
        column: 8,
        targets: vec!["contact".into()],
        partner: Some("account_primary_contact".into()),
        inherited: false,
    };
    let states = [(0, "Active", 1), (1, "Inactive", 2)];
    Table {
        name: "name".into(),
        type_code: 1,
        navigations: HashMap::from([("primarycontactid".into(), to_contact)]),
        keys: vec![AlternateKey {
            name: "AccountNumberKey".into(),
            label: "Account number".into(),
            columns: vec!["accountnumber".into()],
        }],
        states: states
            .map(|(value, label, status)| (value, State { label: label.into(), status }))
            .into(),
        statuses: states
            .map(|(state, label, value)| (value, Status { label: label.into(), state }))
            .into(),
        ..table("account", "Account", columns)
    }
}

fn contact() -> Table {
    let customer = Kind::Lookup(vec!["account".into(), "contact".into()]);
    let columns = vec![
        column("contactid", "ContactId", "Contact", Kind::Key),
        column("fullname", "FullName", "Full Name", text(160)),
        column("parentcustomerid", "ParentCustomerId", "Company Name", customer),
        column("need", "Need", "Need", choice()),
    ];
    let navigation = |target: &str, partner: &str| {
        let navigation = Navigation {
            column: 2,
            targets: vec![target.into()],
            partner: Some(partner.into()),
            inherited: false,
        };
        (format!("parentcustomerid_{target}"), navigation)
    };
    let leads = Collection::ManyToMany {
        table: "account".into(),
        key: "accountid".into(),
        relation: "accountcontacts".into(),
        here: "contactid".into(),
        there: "accountid".into(),
    };
    Table {
        name: "fullname".into(),
        type_code: 2,
        navigations: HashMap::from([
            navigation("account", "contact_customer_accounts"),
            navigation("contact", "contact_customer_contacts"),
        ]),
        collections: HashMap::from([("accountcontacts_association".into(), leads)]),
        cascade: vec!["_parentcustomerid_value".into()],
        ..table("contact", "Contact", columns)
    }
}

pub(crate) fn schema() -> Schema {
    Schema::new(vec![account(), contact()], String::new())
}
