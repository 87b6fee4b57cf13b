//! JSON values of any depth, written so that they can be read again.
//!
//! A run may nest its variables deeper than serde_json reads: each is within its limits where it is written into
//! another. Deep ones are written flat, innermost first.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Levels that are written as they are; what stands around them has some of its own.
const PLAIN_LEVELS: usize = 64;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Plain(Value),
    Flat(Vec<Token>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Token {
    Leaf(Value),
    /// Of so many of the values before it.
    List(usize),
    /// Of as many of the values before it as it has names.
    Object(Vec<String>),
}

pub(crate) fn serialize<S: Serializer>(value: &Value, out: S) -> Result<S::Ok, S::Error> {
    let written = if is_within(value, PLAIN_LEVELS) {
        Written::Plain(value.clone())
    } else {
        let mut tokens = Vec::new();
        flatten(value, &mut tokens);
        Written::Flat(tokens)
    };
    written.serialize(out)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Value, D::Error> {
    match Written::deserialize(reader)? {
        Written::Plain(value) => Ok(value),
        Written::Flat(tokens) => raise(tokens)
            .ok_or_else(|| serde::de::Error::custom("a value has parts that do not fit together")),
    }
}

/// Whether a value has at most so many levels of lists and objects.
pub(crate) fn is_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_within(item, levels - 1)),
        Value::Object(entries) => {
            levels > 0 && entries.values().all(|entry| is_within(entry, levels - 1))
        }
        _ => true,
    }
}

fn flatten(value: &Value, tokens: &mut Vec<Token>) {
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| flatten(item, tokens));
            tokens.push(Token::List(items.len()));
        }
        Value::Object(entries) => {
            entries.values().for_each(|entry| flatten(entry, tokens));
            tokens.push(Token::Object(entries.keys().cloned().collect()));
        }
        leaf => tokens.push(Token::Leaf(leaf.clone())),
    }
}

fn raise(tokens: Vec<Token>) -> Option<Value> {
    let mut values = Vec::new();
    for token in tokens {
        let value = match token {
            Token::Leaf(value) => value,
            Token::List(count) => last(&mut values, count)?.into(),
            Token::Object(names) => {
                let entries = last(&mut values, names.len())?;
                Value::Object(Map::from_iter(names.into_iter().zip(entries)))
            }
        };
        values.push(value);
    }
    let value = values.pop()?;
    values.is_empty().then_some(value)
}

fn last(values: &mut Vec<Value>, count: usize) -> Option<Vec<Value>> {
    Some(values.split_off(values.len().checked_sub(count)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Serialize, Deserialize)]
    struct Holder(#[serde(with = "super")] Value);

    fn there_and_back(value: Value) -> Value {
        let text = serde_json::to_string(&Holder(value)).unwrap();
        serde_json::from_str::<Holder>(&text).unwrap().0
    }

    #[test]
    fn a_value_deeper_than_json_is_read_comes_back() {
        let mut value = json!([null, "x", {}, []]);
        for level in 0..300 {
            value = match level % 2 {
                0 => json!([1, value, {"a": null}]),
                _ => json!({"b": 2.5, "a": value, "c": []}),
            };
        }
        assert_eq!(there_and_back(value.clone()), value);
        assert_eq!(there_and_back(json!({"a": [1, null]})), json!({"a": [1, null]}));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        for text in
            [r#"{"flat":[]}"#, r#"{"flat":[{"list":1}]}"#, r#"{"flat":[{"leaf":1},{"leaf":2}]}"#]
        {
            assert!(serde_json::from_str::<Holder>(text).is_err(), "{text}");
        }
    }
}
