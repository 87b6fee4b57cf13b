//! If: compares two values and leaves by `true` or `false`.
//!
//! Nothing is converted silently: values of different types are not equal, and asking which of them is greater
//! fails the step.

use std::cmp::Ordering;

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::{About, CoreBlock, CoreOutcome, exit_of};

/// Properties of If.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// The value to look at, such as `$(MSCase.__count__)`.
    left: Value,
    /// How to compare.
    operator: Operator,
    /// The value to compare with; none for `is_empty` and `is_not_empty`.
    #[serde(default)]
    right: Value,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operator {
    Equals,
    NotEquals,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    IsEmpty,
    IsNotEmpty,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::If,
        title: "If",
        description: "Compares two values and goes on by True or False.",
        icon: "branch",
        exits: vec![
            exit_of("true", "True", "The comparison holds."),
            exit_of("false", "False", "The comparison does not hold."),
        ],
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) fn run(properties: Properties) -> Result<CoreOutcome, String> {
    let Properties { left, operator, right } = properties;
    let holds = match operator {
        Operator::Equals => equal(&left, &right),
        Operator::NotEquals => !equal(&left, &right),
        Operator::Greater => order(&left, &right)?.is_gt(),
        Operator::GreaterOrEqual => order(&left, &right)?.is_ge(),
        Operator::Less => order(&left, &right)?.is_lt(),
        Operator::LessOrEqual => order(&left, &right)?.is_le(),
        Operator::Contains => contains(&left, &right)?,
        Operator::IsEmpty => is_empty(&left),
        Operator::IsNotEmpty => !is_empty(&left),
    };
    Ok(CoreOutcome::Leave(if holds { "true" } else { "false" }))
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        // 1 and 1.0 are one number in two spellings.
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b) == Some(Ordering::Equal),
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    };
    order.ok_or_else(|| {
        format!(
            "properties `left` and `right`: {} and {} cannot be put in order; compare two numbers or two texts",
            type_of(left),
            type_of(right)
        )
    })
}

fn compare_numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn contains(left: &Value, right: &Value) -> Result<bool, String> {
    match (left, right) {
        (Value::String(text), Value::String(part)) => Ok(text.contains(part.as_str())),
        (Value::Array(items), item) => Ok(items.iter().any(|i| equal(i, item))),
        _ => Err(format!(
            "properties `left` and `right`: {} cannot contain {}",
            type_of(left),
            type_of(right)
        )),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(left: Value, operator: &str, right: Value) -> Result<bool, String> {
        let properties = json!({"left": left, "operator": operator, "right": right});
        let outcome = run(serde_json::from_value(properties).unwrap())?;
        Ok(outcome == CoreOutcome::Leave("true"))
    }

    #[test]
    fn compares_like_with_like() {
        assert_eq!(holds(json!(1), "equals", json!(1.0)), Ok(true));
        assert_eq!(holds(json!("1"), "equals", json!(1)), Ok(false));
        assert_eq!(holds(json!("1"), "not_equals", json!(1)), Ok(true));
        assert_eq!(holds(json!(10), "greater", json!(9)), Ok(true));
        assert_eq!(holds(json!("10"), "less", json!("9")), Ok(true));
        assert_eq!(holds(json!("abc"), "contains", json!("b")), Ok(true));
        assert_eq!(holds(json!(null), "is_empty", json!(null)), Ok(true));
        assert_eq!(holds(json!(0), "is_not_empty", json!(null)), Ok(true));
    }

    #[test]
    fn unlike_values_have_no_order() {
        assert!(holds(json!("10"), "greater", json!(9)).unwrap_err().contains("text and a number"));
        assert!(holds(json!(1), "contains", json!(1)).is_err());
    }
}
