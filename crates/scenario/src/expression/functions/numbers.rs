//! Functions of numbers.

use std::cmp::Ordering;

use rand::Rng;
use serde_json::{Number, Value};

use super::{integer_at, text_at, wrong};
use crate::expression::evaluate::number;
use crate::value::{integer, order};

/// Most digits after the point that a float has a use for.
const MOST_DIGITS: i64 = 15;

pub(super) fn to_number(arguments: &[Value]) -> Result<Value, String> {
    if arguments[0].is_number() {
        return Ok(arguments[0].clone());
    }
    let text = text_at(arguments, 0)?;
    if let Ok(whole) = text.parse::<i128>() {
        return number(whole);
    }
    let plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let float = text.parse::<f64>().ok().filter(|_| text.chars().all(plain));
    let float = float.and_then(Number::from_f64).map(Value::Number);
    float.ok_or_else(|| "the text is no number".to_owned())
}

pub(super) fn to_integer(arguments: &[Value]) -> Result<Value, String> {
    match &arguments[0] {
        Value::Number(given) => match (integer(given), given.as_f64()) {
            (Some(_), _) => Ok(arguments[0].clone()),
            #[allow(
                clippy::cast_possible_truncation,
                reason = "a float beyond it becomes its bound"
            )]
            (None, Some(float)) => number(float.trunc() as i128),
            (None, None) => Err("is no number that can be worked with".into()),
        },
        Value::String(text) => match text.parse::<i128>() {
            Ok(whole) => number(whole),
            Err(_) => Err("the text is no integer".into()),
        },
        other => Err(wrong(0, other, "text or a number")),
    }
}

pub(super) fn round(arguments: &[Value]) -> Result<Value, String> {
    let given = number_at(arguments, 0)?;
    let digits = if arguments.len() > 1 { integer_at(arguments, 1)? } else { 0 };
    if !(0..=MOST_DIGITS).contains(&digits) {
        return Err(format!("the digits are between 0 and {MOST_DIGITS}"));
    }
    if integer(given).is_some() {
        return Ok(arguments[0].clone());
    }
    let scale = (0..digits).fold(1.0, |scale, _| scale * 10.0);
    let rounded = given.as_f64().map(|float| (float * scale).round() / scale);
    // Where it has become too large to be scaled there was nothing to round.
    let rounded = rounded.and_then(Number::from_f64);
    Ok(rounded.map_or_else(|| arguments[0].clone(), Value::Number))
}

pub(super) fn abs(arguments: &[Value]) -> Result<Value, String> {
    let given = number_at(arguments, 0)?;
    match integer(given) {
        Some(whole) => number(whole.abs()),
        None => {
            let float = given.as_f64().map(f64::abs).and_then(Number::from_f64);
            float.map(Value::Number).ok_or_else(|| wrong(0, &arguments[0], "a number"))
        }
    }
}

pub(super) fn min(arguments: &[Value]) -> Result<Value, String> {
    extreme(arguments, Ordering::Less)
}

pub(super) fn max(arguments: &[Value]) -> Result<Value, String> {
    extreme(arguments, Ordering::Greater)
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Result<Value, String> {
    let mut best = &arguments[0];
    for (index, argument) in arguments.iter().enumerate() {
        number_at(arguments, index)?;
        if order(argument, best) == Some(wanted) {
            best = argument;
        }
    }
    Ok(best.clone())
}

/// From 0 to one less than the number.
pub(super) fn random(arguments: &[Value]) -> Result<Value, String> {
    let below = integer_at(arguments, 0)?;
    if below < 1 {
        return Err("the number is at least 1".into());
    }
    Ok(rand::rng().random_range(0..below).into())
}

fn number_at(arguments: &[Value], index: usize) -> Result<&Number, String> {
    match &arguments[index] {
        Value::Number(number) => Ok(number),
        other => Err(wrong(index, other, "a number")),
    }
}
