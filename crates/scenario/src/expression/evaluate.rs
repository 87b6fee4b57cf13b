//! Works an expression out.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::ast::{Kind, Node, Operator};
use super::functions::{Body, Special};
use super::{Fault, MOST_TEXT};
use crate::substitute::{Source, fill_text};
use crate::value::{equal, integer, order, plain, type_of};

/// The value of `node`.
pub(super) fn evaluate(node: &Node, source: &Source<'_>) -> Result<Value, Fault> {
    let at = node.at;
    match &node.kind {
        Kind::Literal(value) => Ok(value.clone()),
        Kind::Text(template) => {
            let text = fill_text(template, source).map_err(Fault::Variable)?;
            made(Value::String(text), at, source)
        }
        Kind::Variable(reference) => source.value(reference).map_err(Fault::Variable),
        Kind::Not(inner) => Ok(Value::Bool(!boolean(inner, source)?)),
        Kind::Negative(inner) => {
            let value = evaluate(inner, source)?;
            arithmetic(Operator::Subtract, &Value::from(0), &value)
                .map_err(|problem| Fault::at(at, problem))
        }
        Kind::Binary(Operator::And, left, right) => {
            Ok(Value::Bool(boolean(left, source)? && boolean(right, source)?))
        }
        Kind::Binary(Operator::Or, left, right) => {
            Ok(Value::Bool(boolean(left, source)? || boolean(right, source)?))
        }
        Kind::Binary(operator, left, right) => {
            let (left, right) = (evaluate(left, source)?, evaluate(right, source)?);
            let value = binary(*operator, &left, &right);
            made(value.map_err(|problem| Fault::at(at, problem))?, at, source)
        }
        Kind::Call(function, arguments) => match function.body {
            Body::Special(special) => self::special(special, arguments, source),
            Body::Plain(body) => {
                let values = arguments.iter().map(|argument| evaluate(argument, source));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                let value = body(&values)
                    .map_err(|problem| Fault::at(at, format!("{}: {problem}", function.name)))?;
                made(value, at, source)
            }
        },
    }
}

/// What was made counts like what is read.
fn made(value: Value, at: usize, source: &Source<'_>) -> Result<Value, Fault> {
    if let Value::String(text) = &value
        && text.len() > MOST_TEXT
    {
        return Err(Fault::at(at, "a text that an expression makes is at most 1 MiB"));
    }
    source.charge(&value).map_err(|problem| Fault::at(at, problem))?;
    Ok(value)
}

/// Functions that do not look at all of their arguments.
fn special(special: Special, arguments: &[Node], source: &Source<'_>) -> Result<Value, Fault> {
    let given = |node: &Node| match &node.kind {
        Kind::Variable(reference) => source.peek(reference),
        _ => true,
    };
    match (special, arguments) {
        (Special::Defined, [variable]) => Ok(Value::Bool(given(variable))),
        (Special::Default, [first, other]) => {
            let value = given(first).then(|| evaluate(first, source)).transpose()?;
            match value.filter(|value| !value.is_null()) {
                Some(value) => Ok(value),
                None => evaluate(other, source),
            }
        }
        (Special::If, [condition, yes, no]) => {
            evaluate(if boolean(condition, source)? { yes } else { no }, source)
        }
        // The parser counts arguments.
        _ => Ok(Value::Null),
    }
}

fn boolean(node: &Node, source: &Source<'_>) -> Result<bool, Fault> {
    match evaluate(node, source)? {
        Value::Bool(flag) => Ok(flag),
        other => {
            let problem = format!("{} stands where a boolean is wanted", type_of(&other));
            Err(Fault::at(node.at, problem))
        }
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, String> {
    let ordered = |fits: fn(Ordering) -> bool| match order(left, right) {
        Some(order) => Ok(Value::Bool(fits(order))),
        None => Err(format!(
            "{} and {} cannot be put in order; compare two numbers or two texts",
            type_of(left),
            type_of(right)
        )),
    };
    match operator {
        Operator::Equal => Ok(Value::Bool(equal(left, right))),
        Operator::NotEqual => Ok(Value::Bool(!equal(left, right))),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
        Operator::Join => Ok(Value::String(plain(left) + &plain(right))),
        Operator::Add => match (left, right) {
            (Value::String(left), Value::String(right)) => Ok(Value::String(left.clone() + right)),
            _ => arithmetic(operator, left, right),
        },
        _ => arithmetic(operator, left, right),
    }
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Result<Value, String> {
    let (Value::Number(a), Value::Number(b)) = (left, right) else {
        let hint = if operator == Operator::Add { "; `&` joins texts of any value" } else { "" };
        return Err(format!(
            "`{}` takes two numbers, not {} and {}{hint}",
            operator.sign(),
            type_of(left),
            type_of(right)
        ));
    };
    let is_zero = b.as_f64() == Some(0.0);
    if is_zero && matches!(operator, Operator::Divide | Operator::Remainder) {
        return Err("nothing can be divided by 0".into());
    }
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => match whole(operator, a, b) {
            Some(result) => number(result),
            None => decimal(operator, a as f64, b as f64),
        },
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => decimal(operator, a, b),
            _ => Err("is no number that can be worked with".into()),
        },
    }
}

/// Integers stay integers, but where a division leaves a remainder.
fn whole(operator: Operator, a: i128, b: i128) -> Option<i128> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => (a % b == 0).then(|| a / b),
        Operator::Remainder => Some(a % b),
        _ => None,
    }
}

fn decimal(operator: Operator, a: f64, b: f64) -> Result<Value, String> {
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        _ => a % b,
    };
    let number = Number::from_f64(result);
    number.map(Value::Number).ok_or_else(|| "the result is too large for a number".to_owned())
}

/// An integer as a value.
pub(super) fn number(whole: i128) -> Result<Value, String> {
    let signed = i64::try_from(whole).map(Value::from);
    let value = signed.or_else(|_| u64::try_from(whole).map(Value::from));
    value.map_err(|_| "the result is too large for an integer".to_owned())
}
