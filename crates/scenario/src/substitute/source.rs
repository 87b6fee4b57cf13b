//! The variables of a run as substitution reads them: with a limit on what is read.
//!
//! `x` set to `$(x)$(x)` in a loop would double at each turn, and `x` set to `[$(x)]` would nest deeper at each: the
//! limits keep a scenario from taking the memory or the stack of the process.

use std::cell::Cell;

use serde_json::Value;

use super::SubstituteError;
use crate::lookup::LABEL;
use crate::template::Reference;
use crate::value::plain;
use crate::variables::Variables;

/// Bytes of variables that one run may write into properties.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// Levels of lists and objects that a value may have, as many as serde_json reads.
const MOST_LEVELS: usize = 128;

/// Variables to read from.
pub(crate) struct Source<'a> {
    variables: &'a Variables,
    left: Cell<usize>,
}

impl<'a> Source<'a> {
    /// Reads `variables`, at most `left` bytes of them.
    pub(crate) fn new(variables: &'a Variables, left: usize) -> Self {
        Self { variables, left: Cell::new(left) }
    }

    /// The bytes that may still be read.
    pub(crate) fn left(&self) -> usize {
        self.left.get()
    }

    /// The value of a variable, which must be there; as text in the form that its parameter asks for. Null stays null.
    pub(crate) fn value(&self, reference: &Reference) -> Result<Value, SubstituteError> {
        let fail = |problem: &str| SubstituteError::new(&reference.path, problem);
        let value = self.variables.get(&reference.path).ok_or_else(|| fail(missing(reference)))?;
        self.charge(&value).map_err(fail)?;
        match reference.parameter {
            Some(parameter) if !value.is_null() => {
                let value = Value::String(parameter.apply(&plain(&value)));
                self.charge(&value).map_err(fail)?;
                Ok(value)
            }
            _ => Ok(value),
        }
    }

    /// Whether a variable is there.
    pub(crate) fn peek(&self, reference: &Reference) -> bool {
        self.variables.get(&reference.path).is_some()
    }

    /// Counts a value that is copied.
    ///
    /// # Errors
    /// It is too much, or nested too deeply.
    pub(crate) fn charge(&self, value: &Value) -> Result<(), &'static str> {
        let bytes = weigh(value, MOST_LEVELS).ok_or("is nested too deeply to be used")?;
        let left = self.left.get().checked_sub(bytes).ok_or(
            "is more than this run may still copy: a run copies at most 64 MiB of variables",
        )?;
        self.left.set(left);
        Ok(())
    }
}

fn missing(reference: &Reference) -> &'static str {
    match reference.path.rest() {
        [.., label] if label == LABEL => {
            "has no value in this run; a label is there where the record was read with formatted values"
        }
        _ => "has no value in this run",
    }
}

/// About how much memory a value takes; none where it has more than `levels` levels.
fn weigh(value: &Value, levels: usize) -> Option<usize> {
    let own = size_of::<Value>();
    match value {
        Value::Array(items) => {
            let levels = levels.checked_sub(1)?;
            items.iter().try_fold(own, |sum, item| Some(sum + weigh(item, levels)?))
        }
        Value::Object(entries) => {
            let levels = levels.checked_sub(1)?;
            entries
                .iter()
                .try_fold(own, |sum, (name, item)| Some(sum + name.len() + weigh(item, levels)?))
        }
        Value::String(text) => Some(own + text.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value, left: usize) -> Result<usize, String> {
        let mut variables = Variables::default();
        variables.set("x", value);
        let source = Source::new(&variables, left);
        let (reference, _) = Reference::read("$(x)", 0).unwrap();
        source.value(&reference).map(|_| source.left()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_read_is_counted() {
        assert!(read(json!("abc"), 1_000).unwrap() < 1_000 - 3);
        let error = read(json!("a".repeat(1_000)), 1_000).unwrap_err();
        assert!(error.contains("at most 64 MiB"), "{error}");
        assert_eq!(MOST_BYTES, 64 << 20, "the message says so");
    }

    #[test]
    fn depth_is_limited() {
        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!([value]));
        assert!(read(nested(MOST_LEVELS), 1 << 20).is_ok());
        let error = read(nested(MOST_LEVELS + 1), 1 << 20).unwrap_err();
        assert!(error.contains("nested too deeply"), "{error}");
    }
}
