//! Names and keys that go into the path of a Web API URL, checked so that nothing else can get in.
//!
//! Entity set names are read from Dataverse by whoever designs a scenario and are never derived here.

use uuid::Uuid;

use crate::error::{Error, ErrorKind};

/// Longest name that is accepted; Dataverse's own names stay below 128 characters.
const MAX_NAME: usize = 128;

/// Checks that `name` is an OData identifier such as `contacts` or `new_visits`.
pub(crate) fn check_entity_set(name: &str) -> Result<(), Error> {
    let mut bytes = name.bytes();
    let starts_well = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if starts_well
        && name.len() <= MAX_NAME
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        return Ok(());
    }
    let shown: String = name.escape_debug().take(60).collect();
    Err(Error::local(
        ErrorKind::InvalidRequest,
        format!("'{shown}' is no entity set name; write one such as contacts or accounts"),
    ))
}

/// Reads a primary key as people write it: with or without braces, in either case.
pub(crate) fn parse_id(text: &str) -> Result<Uuid, Error> {
    Uuid::try_parse(text.trim()).map_err(|_| {
        let shown: String = text.escape_debug().take(60).collect();
        Error::local(
            ErrorKind::InvalidRequest,
            format!("'{shown}' is no record id; a GUID is needed, such as 00000000-0000-0000-0000-000000000001"),
        )
    })
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
    fn ids_are_normalised() {
        let plain = "00aa0000-0000-0000-0000-00000000000f";
        for text in
            [plain, " {00AA0000-0000-0000-0000-00000000000F} ", "00aa000000000000000000000000000f"]
        {
            assert_eq!(parse_id(text).unwrap().to_string(), plain);
        }
        for text in ["", "1", "00aa0000-0000-0000-0000-00000000000f)", "name='x'"] {
            assert!(parse_id(text).is_err(), "{text}");
        }
    }
}
