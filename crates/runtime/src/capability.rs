//! What a block asks an operator for, by names that a person can weigh and a program can compare.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Manifest, Operation};

const TABLE: &str = "table:";
const ANY_TABLE: &str = "*";
const SELECT_ACCOUNT: &str = "select-account";
const POP_SCREEN: &str = "pop-screen";

/// Something that a block may do only where an operator has granted it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Capability {
    /// An operation on the CRM, such as `query`.
    Operation(Operation),
    /// A table that the block uses by itself, such as `table:contacts`. Tables that a designer chose in a property need
    /// no grant.
    Table(String),
    /// Any table, `table:*`.
    AnyTable,
    /// Changing the integration account of the blocks after it, `select-account`.
    SelectAccount,
    /// Showing a record to the agent, `pop-screen`.
    PopScreen,
}

impl Capability {
    /// What it lets a block do, in words for the person who is asked.
    pub fn meaning(&self) -> String {
        match self {
            Self::Operation(operation) => operation.meaning().into(),
            Self::Table(table) => format!("use the table {table} by itself"),
            Self::AnyTable => "use any table, whatever the designer chose".into(),
            Self::SelectAccount => "choose the integration account of the blocks after it".into(),
            Self::PopScreen => "show a record to the agent".into(),
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation(operation) => f.write_str(operation.name()),
            Self::Table(table) => write!(f, "{TABLE}{table}"),
            Self::AnyTable => write!(f, "{TABLE}{ANY_TABLE}"),
            Self::SelectAccount => f.write_str(SELECT_ACCOUNT),
            Self::PopScreen => f.write_str(POP_SCREEN),
        }
    }
}

/// A text that names no capability.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no capability: write one of {names}, table:NAME, table:*, {SELECT_ACCOUNT}, {POP_SCREEN}", names = operations())]
pub struct UnknownCapability(pub String);

fn operations() -> String {
    Operation::ALL.map(Operation::name).join(", ")
}

impl FromStr for Capability {
    type Err = UnknownCapability;

    fn from_str(text: &str) -> Result<Self, UnknownCapability> {
        let unknown = || UnknownCapability(text.to_owned());
        match (text, text.strip_prefix(TABLE)) {
            (SELECT_ACCOUNT, _) => Ok(Self::SelectAccount),
            (POP_SCREEN, _) => Ok(Self::PopScreen),
            (_, Some(ANY_TABLE)) => Ok(Self::AnyTable),
            (_, Some(table)) if is_entity_set(table) => Ok(Self::Table(table.to_owned())),
            (_, Some(_)) => Err(unknown()),
            (_, None) => {
                let named = Operation::ALL.into_iter().find(|operation| operation.name() == text);
                named.map(Self::Operation).ok_or_else(unknown)
            }
        }
    }
}

impl TryFrom<String> for Capability {
    type Error = UnknownCapability;

    fn try_from(text: String) -> Result<Self, UnknownCapability> {
        text.parse()
    }
}

impl From<Capability> for String {
    fn from(capability: Capability) -> Self {
        capability.to_string()
    }
}

impl Manifest {
    /// Everything that the block must be granted before it may be used. A block that calls no CRM reaches no table,
    /// whatever it says.
    pub fn capabilities(&self) -> BTreeSet<Capability> {
        let mut asked: BTreeSet<Capability> =
            self.operations.iter().copied().map(Capability::Operation).collect();
        if !asked.is_empty() {
            match &self.tables {
                Some(tables) => asked.extend(tables.iter().cloned().map(Capability::Table)),
                None => drop(asked.insert(Capability::AnyTable)),
            }
        }
        if self.selects_account {
            asked.insert(Capability::SelectAccount);
        }
        if self.pops_screen {
            asked.insert(Capability::PopScreen);
        }
        asked
    }
}

/// Whether `text` can be the name of an entity set.
pub(crate) fn is_entity_set(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_as_they_are_written() {
        let operations = Operation::ALL.into_iter().map(Capability::Operation);
        let others = [
            Capability::Table("new_visits".into()),
            Capability::AnyTable,
            Capability::SelectAccount,
            Capability::PopScreen,
        ];
        for capability in operations.chain(others) {
            assert_eq!(capability.to_string().parse(), Ok(capability));
        }
    }

    #[test]
    fn what_is_no_capability_is_told_with_what_there_is() {
        for text in ["", "Query", "table:", "table:a b", "table:**", "tables", "admin"] {
            let error = text.parse::<Capability>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is no capability")), "{error}");
            assert!(error.contains("query") && error.contains("table:*"), "{error}");
        }
    }
}
