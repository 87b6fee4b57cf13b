//! Lookups in their friendly form, `{"customerid": {"contact": "<guid>"}}`, made into what Dataverse takes,
//! `{"customerid_contact@odata.bind": "/contacts(<guid>)"}`.
//!
//! "Associate table rows on create" of Microsoft's documentation. The name to write depends on column and table, is
//! case-sensitive, and is found in no designer: it is the most frequent error in the field. Rows that have no such
//! value ask for no definitions, and values that are already in Dataverse's form are left alone.

use std::time::Instant;

use crate::client::Client;
use crate::client::columns::Columns;
use crate::client::definitions::Lookups;
use crate::client::record_key::RecordKey;
use crate::error::{Error, excerpt};
use crate::sent::Sent;

/// A lookup in its friendly form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Friendly {
    /// Logical name, or entity set name, of the other table.
    pub(crate) table: String,
    /// None: the lookup is to be emptied.
    pub(crate) key: Option<RecordKey>,
}

impl Friendly {
    /// Reads an object with one member whose value is a key or `null`; anything else is no lookup.
    pub(crate) fn read(value: &str) -> Option<Self> {
        if !value.starts_with('{') {
            return None;
        }
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(value).ok()?;
        let mut members = object.into_iter();
        let (Some((table, value)), None) = (members.next(), members.next()) else { return None };
        let key = match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(RecordKey::parse(&text).ok()?),
            _ => return None,
        };
        Some(Self { table, key })
    }
}

impl Client {
    /// Puts Dataverse's form in the place of the friendly one.
    pub(crate) async fn bind(
        &self,
        entity_set: &str,
        columns: &mut Columns<'_>,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<(), Error> {
        let friendly = columns.friendly();
        if friendly.is_empty() {
            return Ok(());
        }
        let lookups = self.lookups(entity_set, sent, deadline).await?;
        for (at, friendly) in friendly {
            if let Some((name, value)) = bound(&lookups, columns.name(at), &friendly)? {
                columns.put(at, name, &value)?;
            }
        }
        Ok(())
    }
}

/// Name and value in Dataverse's form; none where the column is no lookup, so that Dataverse judges it.
fn bound(
    lookups: &Lookups,
    column: &str,
    friendly: &Friendly,
) -> Result<Option<(String, Option<String>)>, Error> {
    let Some(targets) = lookups.targets(column) else { return Ok(None) };
    let named = targets
        .iter()
        .find(|target| target.table == friendly.table || target.entity_set == friendly.table);
    let Some(target) = named else {
        let possible: Vec<_> = targets.iter().map(|target| target.table.as_str()).collect();
        let shown = excerpt(&friendly.table);
        return Err(Error::invalid(format!(
            "the lookup {column} cannot lead to '{shown}'; it can lead to: {}",
            possible.join(", ")
        )));
    };
    let value =
        friendly.key.as_ref().map(|key| format!("/{}({})", target.entity_set, key.in_address()));
    Ok(Some((format!("{}@odata.bind", target.navigation), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_key_under_one_name_is_a_lookup() {
        let id = "00aa0000-0000-0000-0000-00000000000f";
        let read = |text: &str| Friendly::read(text);
        assert_eq!(
            read(&format!(r#"{{"contact": "{id}"}}"#)),
            Some(Friendly { table: "contact".to_owned(), key: RecordKey::parse(id).ok() })
        );
        assert!(read(r#"{"accounts": "accountnumber='A1'"}"#).is_some());
        assert!(read(r#"{"contact": null}"#).is_some_and(|friendly| friendly.key.is_none()));
        for other in [
            "1",
            "null",
            "\"x\"",
            "[]",
            "{}",
            r#"{"lastname":"Miller"}"#,
            r#"{"a":1}"#,
            r#"{"a":null,"b":null}"#,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
