//! If: compares two values and leaves by `true` or `false`.
//!
//! Nothing is converted silently: values of different types are not equal, and asking which of them is greater
//! fails the step.

use std::cmp::Ordering;

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{About, CoreBlock, CoreOutcome, exit_of};
use crate::value::{self, equal, is_empty, type_of};

/// Properties of If.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// The value to look at, such as `$(MSCase.__count__)` or `=length($(name)) > 3`.
    left: Value,
    /// How to compare.
    operator: Operator,
    /// The value to compare with; none for `is_empty`, `is_not_empty`, `is_true` and `is_false`.
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
    IsTrue,
    IsFalse,
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
        Operator::IsTrue => boolean(&left)?,
        Operator::IsFalse => !boolean(&left)?,
    };
    Ok(CoreOutcome::Leave(if holds { "true" } else { "false" }))
}

fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    value::order(left, right).ok_or_else(|| {
        format!(
            "properties `left` and `right`: {} and {} cannot be put in order; compare two numbers or two texts",
            type_of(left),
            type_of(right)
        )
    })
}

fn contains(left: &Value, right: &Value) -> Result<bool, String> {
    value::contains(left, right).ok_or_else(|| {
        format!(
            "properties `left` and `right`: {} cannot contain {}",
            type_of(left),
            type_of(right)
        )
    })
}

/// Nothing but a boolean is true or false.
fn boolean(value: &Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("property `left`: {} is neither true nor false", type_of(value)))
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
        assert_eq!(holds(json!(true), "is_true", json!(null)), Ok(true));
        assert_eq!(holds(json!(true), "is_false", json!(null)), Ok(false));
    }

    #[test]
    fn unlike_values_have_no_order() {
        assert!(holds(json!("10"), "greater", json!(9)).unwrap_err().contains("text and a number"));
        assert!(holds(json!(1), "contains", json!(1)).is_err());
        assert!(holds(json!("true"), "is_true", json!(null)).is_err());
    }
}
