//! Names that go into the path of a Web API URL, checked so that nothing else can get in.
//!
//! Entity set names are read from Dataverse by whoever designs a scenario and are never derived here.

use crate::error::{Error, excerpt};

/// Longest name that is accepted; Dataverse's own names stay below 128 characters.
const MAX_NAME: usize = 128;
/// Where Dataverse's types, actions and functions are declared.
const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// Whether `name` is an OData identifier such as `contacts` or `new_visits`.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && name.len() <= MAX_NAME
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Checks the name of a set of records.
pub(crate) fn check_entity_set(name: &str) -> Result<(), Error> {
    check(name, "entity set name; write one such as contacts or accounts")
}

/// Checks the name of a navigation property.
pub(crate) fn check_relationship(name: &str) -> Result<(), Error> {
    check(name, "navigation property; write one such as contact_customer_accounts")
}

/// The name of an action or function as it stands in an address: that of a bound one is qualified.
pub(crate) fn message_name(name: &str, is_bound: bool) -> Result<String, Error> {
    let bare = name.strip_prefix(NAMESPACE).unwrap_or(name);
    check(bare, "name of an action or function; write one such as WinOpportunity")?;
    Ok(if is_bound { format!("{NAMESPACE}{bare}") } else { bare.to_owned() })
}

fn check(name: &str, what: &str) -> Result<(), Error> {
    if is_identifier(name) {
        return Ok(());
    }
    let shown = excerpt(name);
    Err(Error::invalid(format!("'{shown}' is no {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_pass() {
        for name in ["contacts", "new_Visits2", "_x"] {
            assert!(check_entity_set(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for name in ["", "a b", "contacts(1)", "../x", "contacts?x", "a/b", "2a", "ä", "$metadata"]
        {
            assert!(check_entity_set(name).is_err(), "{name}");
        }
        assert!(check_entity_set(&"a".repeat(129)).is_err());
    }

    #[test]
    fn messages_are_qualified_where_they_are_bound() {
        for name in ["QualifyLead", "Microsoft.Dynamics.CRM.QualifyLead"] {
            assert_eq!(message_name(name, true).unwrap(), "Microsoft.Dynamics.CRM.QualifyLead");
            assert_eq!(message_name(name, false).unwrap(), "QualifyLead");
        }
        assert!(message_name("A/$ref", false).is_err());
        assert!(check_relationship("a)/b").is_err());
    }
}
