//! The path of a Web API address in its parts: names, and what stands in parentheses behind them.

use std::collections::BTreeMap;

use http::StatusCode;

use super::errors::DataverseError;
use super::query::ast::Value;
use super::query::expand::split;
use super::schema::Table;
use super::values::{self, guid};

/// `accounts(…)`: a name and the text in its parentheses, if it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) arguments: Option<String>,
}

/// What names a row in an address.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Id(String),
    /// Values by column (its name in the Web API) of an alternate key.
    Alternate(BTreeMap<String, Value>),
}

/// Splits a decoded path below `/api/data/v9.x/`.
pub(crate) fn segments(path: &str) -> Result<Vec<Segment>, DataverseError> {
    let path = path.trim_matches('/');
    let parts = split(path, '/').ok_or_else(query_syntax)?;
    parts.into_iter().filter(|part| !part.is_empty()).map(segment).collect()
}

fn segment(part: &str) -> Result<Segment, DataverseError> {
    let Some((name, rest)) = part.split_once('(') else {
        return Ok(Segment { name: part.to_owned(), arguments: None });
    };
    let arguments = rest.strip_suffix(')').ok_or_else(query_syntax)?;
    Ok(Segment { name: name.to_owned(), arguments: Some(arguments.to_owned()) })
}

pub(crate) fn query_syntax() -> DataverseError {
    DataverseError::odata("Bad Request - Error in query syntax.")
}

/// Reads `guid`, `contactid=guid` or the values of an alternate key.
pub(crate) fn key(table: &Table, text: &str) -> Result<Key, DataverseError> {
    let text = text.trim();
    if let Some(id) = guid(text) {
        return Ok(Key::Id(id));
    }
    let parts = split(text, ',').ok_or_else(query_syntax)?;
    let mut values = BTreeMap::new();
    for part in parts {
        let (name, value) = part.split_once('=').ok_or_else(query_syntax)?;
        let (name, value) = (name.trim(), value.trim());
        if name == table.key && values.is_empty() {
            return guid(value).map(Key::Id).ok_or_else(query_syntax);
        }
        let column = table.column(name).ok_or_else(|| undefined_key(table))?;
        let literal = match value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')) {
            Some(text) => {
                Some(Value::Text(text.replace("''", "'"))).filter(|_| column.kind.is_text())
            }
            None => values::from_literal(value, &column.kind),
        };
        values.insert(column.name.clone(), literal.ok_or_else(query_syntax)?);
    }
    let defined = table.keys.iter().any(|key| {
        key.columns.len() == values.len()
            && key.columns.iter().all(|name| values.contains_key(name))
    });
    if defined { Ok(Key::Alternate(values)) } else { Err(undefined_key(table)) }
}

/// Source: the troubleshooting page of Web API client errors.
fn undefined_key(table: &Table) -> DataverseError {
    let message = format!(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{}'. Ensure the names \
         and number of key properties match the declared or alternate key properties for the resource \
         'Microsoft.Dynamics.CRM.{}'.",
        table.logical, table.logical
    );
    DataverseError::new(StatusCode::BAD_REQUEST, "0x80060888", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_outside_of_keys_and_strings() {
        let parts = segments("/accounts(accountnumber='a/b(c''')/primarycontactid/$ref").unwrap();
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["accounts", "primarycontactid", "$ref"]);
        assert_eq!(parts[0].arguments.as_deref(), Some("accountnumber='a/b(c'''"));
        assert!(segments("accounts(1").is_err());
        assert_eq!(segments("WhoAmI()").unwrap()[0].arguments.as_deref(), Some(""));
    }
}
