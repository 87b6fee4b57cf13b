//! JSON as somebody wrote it: numbers keep their digits, which amounts need, and columns their order.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Any JSON.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct WrittenJson(Box<RawValue>);

/// A JSON object, such as a record.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct WrittenObject(Box<RawValue>);

impl WrittenJson {
    /// The text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// What `text` is, where it is JSON.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl WrittenObject {
    /// The text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    pub(super) fn raw(&self) -> Box<RawValue> {
        self.0.clone()
    }

    /// What `text` is, where it is a JSON object.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl<'de> Deserialize<'de> for WrittenJson {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        in_one_line(Box::<RawValue>::deserialize(reader)?).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for WrittenObject {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(reader)?;
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom(
                "a record is an object, such as {\"lastname\": \"Miller\"}",
            ));
        }
        in_one_line(raw).map(Self).map_err(D::Error::custom)
    }
}

/// Takes out the line breaks and the indentation of a file that people write.
fn in_one_line(raw: Box<RawValue>) -> serde_json::Result<Box<RawValue>> {
    if !raw.get().contains('\n') {
        return Ok(raw);
    }
    let (mut in_text, mut escaped) = (false, false);
    let kept = raw.get().chars().filter(|c| {
        let keep = in_text || !c.is_ascii_whitespace();
        match c {
            '"' if !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = *c == '\\' && !escaped;
        keep
    });
    RawValue::from_string(kept.collect())
}

impl JsonSchema for WrittenJson {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WrittenJson".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

impl JsonSchema for WrittenObject {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WrittenObject".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stay_and_line_breaks_go() {
        let read = |text: &str| WrittenJson::read(text).unwrap().text().to_owned();
        assert_eq!(read(r#"{"n": 1.50}"#), r#"{"n": 1.50}"#);
        assert_eq!(
            read("{\n  \"a\": \"b \\\" {c\\\\\",\n  \"n\": [1.50, 2]\n}"),
            r#"{"a":"b \" {c\\","n":[1.50,2]}"#
        );
    }

    #[test]
    fn a_record_is_an_object() {
        assert!(WrittenObject::read("[1]").is_none());
        assert!(WrittenObject::read("{}").is_some());
    }
}
