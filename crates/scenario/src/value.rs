//! Values as scenarios see them. Nothing is converted silently: values of different types are not equal, and only two
//! numbers or two texts have an order.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// A value as a person reads it: a text without quotation marks, nothing of null, lists and objects as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What the type of a value is called.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether there is nothing in it. Numbers and booleans are never empty.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether two values are the same: 1 and 1.0 are one number in two spellings, `1` and `"1"` are not.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, a)| b.get(name).is_some_and(|b| equal(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => left == right,
    }
}

/// Which of two values is greater; none where they have no order.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Whether a text holds a part of it, or a list an item; none where the question makes no sense.
pub(crate) fn contains(whole: &Value, part: &Value) -> Option<bool> {
    match (whole, part) {
        (Value::String(text), Value::String(part)) => Some(text.contains(part.as_str())),
        (Value::Array(items), item) => Some(items.iter().any(|i| equal(i, item))),
        _ => None,
    }
}

/// A number without loss, where it is whole.
pub(crate) fn integer(number: &Number) -> Option<i128> {
    let signed = number.as_i64().map(i128::from);
    signed.or_else(|| number.as_u64().map(i128::from))
}

fn numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(a), None) => with_float(a, b.as_f64()?),
        (None, Some(b)) => Some(with_float(b, a.as_f64()?)?.reverse()),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// Compares without rounding the integer: above 2^53 not every one is a float.
fn with_float(a: i128, b: f64) -> Option<Ordering> {
    // Every JSON integer is below this, and so is every float that is not beyond them.
    const FAR: f64 = 1e30;
    if b.abs() > FAR {
        return 0.0.partial_cmp(&b);
    }
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and below 1e30")]
    let whole = b.trunc() as i128;
    Some(a.cmp(&whole).then(0.0.partial_cmp(&b.fract())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_without_rounding() {
        let of = |a, b| order(&a, &b);
        assert_eq!(of(json!(1), json!(1.0)), Some(Ordering::Equal));
        assert_eq!(of(json!(1), json!(1.5)), Some(Ordering::Less));
        assert_eq!(of(json!(-1), json!(-1.5)), Some(Ordering::Greater));
        assert_eq!(
            of(json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0)),
            Some(Ordering::Greater)
        );
        assert_eq!(of(json!(u64::MAX), json!(i64::MAX)), Some(Ordering::Greater));
        assert_eq!(of(json!(1e300), json!(1)), Some(Ordering::Greater));
        assert_eq!(of(json!(1), json!(-1e300)), Some(Ordering::Greater));
    }

    #[test]
    fn values_of_different_types_are_not_equal() {
        assert!(!equal(&json!("1"), &json!(1)));
        assert!(!equal(&json!(null), &json!("")));
        assert!(equal(&json!({"a": [1]}), &json!({"a": [1.0]})));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert_eq!(order(&json!("1"), &json!(1)), None);
        assert_eq!(contains(&json!([1, "a"]), &json!(1.0)), Some(true));
        assert_eq!(contains(&json!(12), &json!(1)), None);
    }
}
