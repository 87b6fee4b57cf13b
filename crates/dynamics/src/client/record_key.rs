//! The key of a record, read from text and written anew, so that no text becomes a part of an address.
//!
//! Alternate keys: "Use an alternate key to reference a record" of Microsoft's documentation. Which columns make a
//! key of a table is for Dataverse to say.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::error::{Error, excerpt};
use crate::resource_path::is_identifier;

/// Columns of an alternate key; Dataverse allows 16 ("Define alternate keys to reference records").
const MAX_COLUMNS: usize = 16;

/// What names one record of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RecordKey {
    /// The primary key.
    Id(Uuid),
    /// An alternate key.
    Alternate(AlternateKey),
}

/// Columns and values of an alternate key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlternateKey(Vec<(String, KeyValue)>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum KeyValue {
    Text(String),
    /// A number, a GUID, a date or a truth value: written without quotes.
    Bare(String),
}

impl RecordKey {
    /// Reads `00aa…0f`, with or without braces, or `accountnumber='A1'`, `firstname='Joe',emailaddress1='a@b'`: text
    /// in quotes, a quote in it doubled; numbers, GUIDs, dates and `true` without.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] saying what to write.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if let Ok(id) = Uuid::try_parse(text) {
            return Ok(Self::Id(id));
        }
        let mut columns: Vec<(String, KeyValue)> = Vec::new();
        let mut rest = text;
        loop {
            let (column, after) = read_column(rest).ok_or_else(|| no_key(text))?;
            if columns.iter().any(|(name, _)| *name == column.0) || columns.len() == MAX_COLUMNS {
                return Err(no_key(text));
            }
            columns.push(column);
            let after = after.trim_start();
            match after.strip_prefix(',') {
                Some(next) => rest = next.trim_start(),
                None if after.is_empty() => return Ok(Self::Alternate(AlternateKey(columns))),
                None => return Err(no_key(text)),
            }
        }
    }

    /// The key as it stands in parentheses in an address.
    pub(crate) fn in_address(&self) -> String {
        let Self::Alternate(AlternateKey(columns)) = self else { return self.to_string() };
        let written = columns.iter().map(|(name, value)| match value {
            KeyValue::Bare(bare) => {
                format!("{name}={}", utf8_percent_encode(bare, NON_ALPHANUMERIC))
            }
            KeyValue::Text(text) => {
                let doubled = text.replace('\'', "''");
                format!("{name}='{}'", utf8_percent_encode(&doubled, NON_ALPHANUMERIC))
            }
        });
        written.collect::<Vec<_>>().join(",")
    }

    /// Whether `column` is a part of an alternate key.
    pub(crate) fn has_column(&self, column: &str) -> bool {
        match self {
            Self::Id(_) => false,
            Self::Alternate(AlternateKey(columns)) => {
                columns.iter().any(|(name, _)| name == column)
            }
        }
    }
}

impl From<Uuid> for RecordKey {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = match self {
            Self::Id(id) => return write!(f, "{id}"),
            Self::Alternate(AlternateKey(columns)) => columns,
        };
        for (at, (name, value)) in columns.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match value {
                KeyValue::Bare(bare) => write!(f, "{comma}{name}={bare}")?,
                KeyValue::Text(text) => write!(f, "{comma}{name}='{}'", text.replace('\'', "''"))?,
            }
        }
        Ok(())
    }
}

type Column = (String, KeyValue);

/// The column at the beginning of `text`, and what follows it.
fn read_column(text: &str) -> Option<(Column, &str)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim();
    if !is_identifier(name) {
        return None;
    }
    let value = value.trim_start();
    let (value, rest) = match value.strip_prefix('\'') {
        Some(quoted) => read_text(quoted)?,
        None => {
            let end = value.find(',').unwrap_or(value.len());
            let bare = value[..end].trim();
            (is_bare(bare).then(|| KeyValue::Bare(bare.to_owned()))?, &value[end..])
        }
    };
    Some(((name.to_owned(), value), rest))
}

/// Reads to the closing quote; a doubled one is a part of the text.
fn read_text(quoted: &str) -> Option<(KeyValue, &str)> {
    let mut text = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('\'')?;
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(next) => {
                text.push('\'');
                rest = next;
            }
            None => return Some((KeyValue::Text(text), rest)),
        }
    }
}

/// Numbers, GUIDs, dates, times and truth values have no other characters.
fn is_bare(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let is_word = matches!(text, "true" | "false" | "null") || Uuid::try_parse(text).is_ok();
    let all_known =
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'+'));
    all_known && (starts_well || is_word)
}

fn no_key(text: &str) -> Error {
    let shown = excerpt(text);
    Error::invalid(format!(
        "'{shown}' is no record id; write a GUID, such as 00000000-0000-0000-0000-000000000001, or the columns of \
         an alternate key, such as accountnumber='A1'"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_normalised() {
        let plain = "00aa0000-0000-0000-0000-00000000000f";
        for text in
            [plain, " {00AA0000-0000-0000-0000-00000000000F} ", "00aa000000000000000000000000000f"]
        {
            assert_eq!(RecordKey::parse(text).unwrap().in_address(), plain);
        }
    }

    #[test]
    fn alternate_keys_are_written_anew() {
        for (text, address) in [
            ("accountnumber='A1'", "accountnumber='A1'"),
            (" a = 'O''Neill & Co' , b=5 ", "a='O%27%27Neill%20%26%20Co',b=5"),
            ("a='x)/y?z#,b=1'", "a='x%29%2Fy%3Fz%23%2Cb%3D1'"),
            ("a=2026-01-31T10:00:00Z,b=true", "a=2026%2D01%2D31T10%3A00%3A00Z,b=true"),
            (
                "_x_value=00aa0000-0000-0000-0000-00000000000f",
                "_x_value=00aa0000%2D0000%2D0000%2D0000%2D00000000000f",
            ),
            ("a=-1.5", "a=%2D1%2E5"),
        ] {
            assert_eq!(RecordKey::parse(text).unwrap().in_address(), address);
        }
        assert!(RecordKey::parse("a='1',b=2").unwrap().has_column("b"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "1",
            "00aa0000-0000-0000-0000-00000000000f)",
            "a=",
            "a='x",
            "a='x'y",
            "a=x",
            "a=1)",
            "='x'",
            "a b='x'",
            "a='x',",
            "a='x',a='y'",
            "a/b='x'",
        ] {
            assert!(RecordKey::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_data(text in any::<String>(), number in any::<i64>()) {
            let typed = format!("a='{}',b={number}", text.replace('\'', "''"));
            let key = RecordKey::parse(&typed).unwrap();
            prop_assert_eq!(key.to_string(), typed);
            let address = key.in_address();
            prop_assert!(address.bytes().all(|b| b.is_ascii_alphanumeric() || b"%'=,".contains(&b)));
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = RecordKey::parse(&text);
        }
    }
}
