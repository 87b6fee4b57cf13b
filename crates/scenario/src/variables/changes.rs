//! What a step did to the variables, for its trace.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{Variable, Variables};
use crate::deep::is_within;
use crate::trace::Change;

/// What a trace keeps of a value, in bytes of JSON.
const MOST_BYTES: usize = 2_048;
/// Levels of lists and objects that it keeps as they are.
const MOST_LEVELS: usize = 32;

impl Variables {
    /// The variables that were set since this was asked last.
    pub(crate) fn changes(&mut self) -> BTreeMap<String, Change> {
        let before = std::mem::take(&mut self.before);
        let change = |(name, before): (String, Option<Variable>)| {
            let after = shown(self.entries.get(&name)?);
            Some((name, Change { before: before.as_ref().map(shown), after }))
        };
        before.into_iter().filter_map(change).collect()
    }
}

fn shown(variable: &Variable) -> Value {
    match variable {
        Variable::Json(value) if is_within(value, MOST_LEVELS) => {
            cut(value).map_or_else(|| value.clone(), Value::String)
        }
        Variable::Json(value) => cut(value).unwrap_or_else(|| value.to_string()).into(),
        Variable::Text(text) => {
            let whole = text.len() <= MOST_BYTES;
            if whole { text.as_ref().into() } else { beginning(text.as_bytes()).into() }
        }
        Variable::Recordset { records, .. } => match cut(records) {
            Some(cut) => Value::String(cut),
            None => serde_json::to_value(records).unwrap_or_default(),
        },
    }
}

/// The beginning of what is too long to be kept.
fn cut(value: &impl Serialize) -> Option<String> {
    let mut kept = Kept(Vec::new());
    // An error says that there is no more room.
    serde_json::to_writer(&mut kept, value).is_err().then(|| beginning(&kept.0))
}

fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_BYTES)]);
    format!("{}…", text.trim_end_matches('\u{FFFD}'))
}

struct Kept(Vec<u8>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST_BYTES - self.0.len();
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use patchcord_runtime::RecordSet;
    use serde_json::json;
    use serde_json::value::RawValue;

    #[test]
    fn a_change_has_a_before_and_an_after() {
        let mut variables = Variables::default();
        variables.set("x", json!(null));
        variables.set("x", json!(1));
        let changes = variables.changes();
        assert_eq!(changes["x"], Change { before: None, after: json!(1) });
        variables.set("x", json!(null));
        assert_eq!(variables.changes()["x"], Change { before: Some(json!(1)), after: json!(null) });
        assert!(variables.changes().is_empty());
    }

    #[test]
    fn null_before_is_not_missing_before() {
        let change = Change { before: Some(json!(null)), after: json!(1) };
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(text, r#"{"before":null,"after":1}"#);
        assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
        let missing: Change = serde_json::from_str(r#"{"after":1}"#).unwrap();
        assert_eq!(missing.before, None);
    }

    #[test]
    fn long_and_deep_values_are_cut() {
        let mut variables = Variables::default();
        variables.set("long", json!(["é".repeat(MOST_BYTES)]));
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        variables.set("deep", deep);
        let record = format!(r#"{{"a":"{}"}}"#, "x".repeat(MOST_BYTES));
        let record = RawValue::from_string(record).unwrap();
        variables.set_recordset("records", RecordSet::new(vec![record], false));
        variables.set_text("text", "é".repeat(MOST_BYTES).into());
        let changes = variables.changes();
        for (name, start, most) in [
            ("long", "[\"é", 2_051),
            ("deep", "[[[", 401),
            ("records", "[{\"a\"", 2_051),
            ("text", "éé", 2_051),
        ] {
            let Value::String(text) = &changes[name].after else { panic!("{name}") };
            assert!(text.starts_with(start) && text.len() <= most, "{name}: {text}");
        }
    }
}
