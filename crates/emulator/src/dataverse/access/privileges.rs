//! Privileges by their names: what a table's are called, and those that belong to no table.
//!
//! Names follow the entity reference, whose pages list the privileges of each message. An id follows from the
//! name; Dataverse's own ids are not documented as a list.

use super::super::id_of;
use super::super::schema::{Ownership, Schema, Table};

/// What is to be done with rows of a table, in the words of its privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub(crate) enum Right {
    Create,
    Read,
    Write,
    Delete,
    Append,
    AppendTo,
    Assign,
    Share,
}

impl Right {
    pub(crate) const ALL: [Right; 8] = [
        Right::Create,
        Right::Read,
        Right::Write,
        Right::Delete,
        Right::Append,
        Right::AppendTo,
        Right::Assign,
        Right::Share,
    ];

    /// Its bit in the access rights of a row. Source: the AccessRights enumeration.
    pub(crate) fn bit(self) -> i64 {
        match self {
            Right::Read => 1,
            Right::Write => 2,
            Right::Append => 4,
            Right::AppendTo => 16,
            Right::Create => 32,
            Right::Delete => 65_536,
            Right::Share => 262_144,
            Right::Assign => 524_288,
        }
    }

    /// Its name among the access rights of a row: `ReadAccess`.
    pub(crate) fn access(self) -> String {
        format!("{self:?}Access")
    }

    pub(crate) fn from_access(name: &str) -> Option<Right> {
        Right::ALL.into_iter().find(|right| right.access() == name)
    }
}

/// Privileges of no table that the emulator asks for.
pub(crate) const ACT_ON_BEHALF: &str = "prvActOnBehalfOfAnotherUser";
pub(crate) const BULK_DELETE: &str = "prvBulkDelete";
pub(crate) const BYPASS_LOGIC: &str = "prvBypassCustomBusinessLogic";
pub(crate) const BYPASS_PLUGINS: &str = "prvBypassPlugins";
pub(crate) const MERGE: &str = "prvMerge";
pub(crate) const OF_NO_TABLE: [&str; 5] =
    [ACT_ON_BEHALF, BULK_DELETE, BYPASS_LOGIC, BYPASS_PLUGINS, MERGE];

/// Tables whose privileges are called otherwise than the table, or are another table's.
const CALLED: [(&str, &str); 9] = [
    ("activityparty", "Activity"),
    ("annotation", "Note"),
    ("invoicedetail", "Invoice"),
    ("leadproduct", "Lead"),
    ("quotedetail", "Quote"),
    ("salesorder", "Order"),
    ("salesorderdetail", "Order"),
    ("systemuser", "User"),
    ("uom", "UoM"),
];

/// What a table is called in its privileges.
pub(crate) fn name(table: &Table) -> &str {
    if table.activity || !table.members.is_empty() {
        return "Activity";
    }
    let called = CALLED.iter().find(|(logical, _)| *logical == table.logical);
    called.map_or(table.schema.as_str(), |(_, name)| name)
}

/// `prvReadAccount`
pub(crate) fn privilege(table: &Table, right: Right) -> String {
    format!("prv{right:?}{}", name(table))
}

pub(crate) fn privilege_id(name: &str) -> String {
    id_of("privilege", name)
}

/// Whether there is such a privilege: nobody shares or assigns what nobody owns, but for roles, whose
/// assigning is giving them.
pub(crate) fn exists(table: &Table, right: Right) -> bool {
    match right {
        Right::Assign => table.ownership == Ownership::User || table.logical == "role",
        Right::Share => table.ownership == Ownership::User,
        _ => true,
    }
}

/// Every privilege of the organisation.
pub(crate) fn all(schema: &Schema) -> std::collections::BTreeSet<String> {
    let tables = schema.all().iter().filter(|table| !table.set.is_empty());
    let named = tables.flat_map(|table| {
        let rights = Right::ALL.into_iter().filter(|right| exists(table, *right));
        rights.map(|right| privilege(table, right))
    });
    named.chain(OF_NO_TABLE.map(str::to_owned)).collect()
}
