//! What must not be seen in what is kept of a run: values of columns that an account names, and of variables that the
//! scenario names.
//!
//! A value is found where it has its name, and is then replaced wherever else it stands: it may have been copied into
//! another variable, a message or a line of a log. Very short values are replaced where they have their name only, because
//! they stand in every other text too.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use patchcord_scenario::{Catalog, Change, Path, StepTrace, Variables};
use serde_json::Value;

use super::Run;
use crate::scenarios::Scenarios;

/// What stands for a value.
const MASKED: &str = "•••";
/// Shortest value that is looked for where it has no name, in characters.
const SHORTEST: usize = 3;

/// What is to be masked in one run, and the values that were seen so far.
#[derive(Debug, Default)]
pub(crate) struct Mask {
    columns: Vec<Column>,
    /// Paths of variables, the names of columns within a recordset included.
    paths: Vec<Vec<String>>,
    /// The scenarios that the run has started.
    started: BTreeSet<String>,
    /// The longest first, so that one that is part of another leaves nothing of it.
    seen: BTreeSet<(std::cmp::Reverse<usize>, String)>,
}

/// The mask of a run under way, with where the scenarios are found that it may start.
pub(crate) struct RunMask {
    mask: Mutex<Mask>,
    scenarios: Arc<Scenarios>,
}

impl RunMask {
    pub(super) fn new(mask: Mask, scenarios: Arc<Scenarios>) -> Arc<Self> {
        Arc::new(Self { mask: Mutex::new(mask), scenarios })
    }

    /// The mask once it has learnt from the steps of the run.
    pub(crate) fn learn(&self, steps: &[StepTrace]) -> MutexGuard<'_, Mask> {
        let mut mask = self.locked();
        mask.learn(steps, |reference| self.paths_of(reference).unwrap_or_default());
        mask
    }

    /// Masks JSON that tells of a run which was learnt from: what stands at `path` of its variables.
    pub(crate) fn cover_json(&self, value: &mut Value, path: &str) {
        let mut path: Vec<String> =
            path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        self.locked().value(value, &mut path, &[]);
    }

    /// Masks what was read from or written to `tables` in a run that was learnt from. It may have become whichever
    /// variable, so that a column of that name in any of them hides it.
    pub(crate) fn cover_record(&self, value: &mut Value, tables: &[String]) {
        let mask = self.locked();
        mask.value(value, &mut Vec::new(), tables);
        let columns =
            mask.paths.iter().filter(|path| path.len() > 1).filter_map(|path| path.last());
        columns.for_each(|column| hide_named(value, column));
    }

    fn locked(&self) -> MutexGuard<'_, Mask> {
        self.mask.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paths_of(&self, reference: &str) -> Option<Vec<String>> {
        let (name, version) = reference.split_once('@')?;
        let plan = self.scenarios.catalog().scenario(name, version.parse().ok())?;
        Some(plan.scenario().sensitive.clone())
    }
}

#[derive(Debug)]
struct Column {
    /// Entity set name; none for any table.
    table: Option<String>,
    name: String,
}

impl Mask {
    /// `columns` are `column` or `table.column`, `paths` those of variables of the scenario; the call's own `variables` are
    /// at hand already.
    pub(super) fn new(columns: &[String], paths: &[String], variables: &Variables) -> Self {
        let column = |text: &String| match text.split_once('.') {
            Some((table, name)) => Column { table: Some(table.to_owned()), name: name.to_owned() },
            None => Column { table: None, name: text.clone() },
        };
        let columns = columns.iter().map(column).collect();
        let mut mask = Self { columns, ..Self::default() };
        mask.add_paths(paths);
        for value in paths.iter().filter_map(|path| variables.get(&Path::parse(path).ok()?)) {
            mask.remember(&value);
        }
        mask
    }

    fn add_paths(&mut self, paths: &[String]) {
        let split = |path: &String| path.split('.').map(str::to_owned).collect();
        self.paths.extend(paths.iter().map(split));
    }

    /// Learns what is to be masked from the steps of a run. `paths_of` tells what another scenario masks that the run has
    /// started, named as `name@version`.
    pub(super) fn learn(&mut self, steps: &[StepTrace], paths_of: impl Fn(&str) -> Vec<String>) {
        for reference in steps.iter().filter_map(|step| step.scenario.as_ref()) {
            if self.started.insert(reference.clone()) {
                self.add_paths(&paths_of(reference));
            }
        }
        if self.columns.is_empty() && self.paths.is_empty() {
            return;
        }
        for step in steps {
            let tables = tables(step);
            for (name, change) in &step.changed {
                for value in change.before.iter().chain([&change.after]) {
                    self.look(value, &mut vec![name.clone()], &tables);
                }
            }
        }
    }

    /// Masks a run whose steps were learnt from.
    pub(super) fn cover_run(&self, run: &mut Run) {
        run.steps.iter_mut().for_each(|step| self.cover(step));
        self.text(&mut run.result);
        if let Some(failure) = &mut run.failure {
            self.text(&mut failure.message);
        }
    }

    /// Looks for values that have their name.
    fn look(&mut self, value: &Value, path: &mut Vec<String>, tables: &[String]) {
        if self.hides_path(path) {
            return self.remember(value);
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.look(item, path, tables)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match self.hides_column(name, tables) {
                        true => self.remember(value),
                        false => {
                            path.push(name.clone());
                            self.look(value, path, tables);
                            path.pop();
                        }
                    }
                }
            }
            Value::String(text) => {
                if let Some(inner) = json(text) {
                    self.look(&inner, path, tables);
                }
            }
            _ => {}
        }
    }

    fn remember(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.remember(item)),
            Value::Object(fields) => fields.values().for_each(|value| self.remember(value)),
            Value::String(text) => self.see(text.clone()),
            Value::Number(number) => self.see(number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn see(&mut self, text: String) {
        if text.chars().count() >= SHORTEST {
            self.seen.insert((std::cmp::Reverse(text.len()), text));
        }
    }

    /// Masks a step that was learnt from.
    pub(super) fn cover(&self, step: &mut StepTrace) {
        if self.columns.is_empty() && self.paths.is_empty() {
            return;
        }
        let tables = tables(step);
        for (name, Change { before, after }) in &mut step.changed {
            for value in before.iter_mut().chain([after]) {
                self.value(value, &mut vec![name.clone()], &tables);
            }
        }
        let messages = step.host_calls.iter_mut().filter_map(|call| call.message.as_mut());
        let lines = step.log.iter_mut().map(|line| &mut line.message);
        let failure = step.failure.iter_mut().map(|failure| &mut failure.message);
        messages.chain(lines).chain(failure).for_each(|text| self.text(text));
    }

    fn value(&self, value: &mut Value, path: &mut Vec<String>, tables: &[String]) {
        if self.hides_path(path) {
            return hide(value);
        }
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.value(item, path, tables));
            }
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    match self.hides_column(name, tables) {
                        true => hide(value),
                        false => {
                            path.push(name.clone());
                            self.value(value, path, tables);
                            path.pop();
                        }
                    }
                }
            }
            Value::String(text) => self.inner_json(text, path, tables),
            Value::Number(number) if self.has_seen(&number.to_string()) => hide(value),
            _ => {}
        }
    }

    /// A text that may be JSON, or the beginning of it.
    fn inner_json(&self, text: &mut String, path: &mut Vec<String>, tables: &[String]) {
        if let Some(mut inner) = json(text) {
            let before = inner.clone();
            self.value(&mut inner, path, tables);
            if inner != before {
                *text = inner.to_string();
            }
        } else if text.trim_start().starts_with(['{', '[']) {
            let names = self.columns.iter().map(|column| column.name.as_str());
            let last = self.paths.iter().filter_map(|path| path.last().map(String::as_str));
            names.chain(last).for_each(|name| hide_in_json(text, name));
        }
        self.text(text);
    }

    /// Replaces the values that were seen.
    fn text(&self, text: &mut String) {
        for (_, value) in &self.seen {
            if text.contains(value.as_str()) {
                *text = text.replace(value.as_str(), MASKED);
            }
        }
    }

    fn has_seen(&self, text: &str) -> bool {
        self.seen.iter().any(|(_, seen)| seen == text)
    }

    fn hides_path(&self, path: &[String]) -> bool {
        self.paths.iter().any(|hidden| path.starts_with(hidden))
    }

    /// Whether a name in a record is that of a hidden column, of its formatted value, or of its lookup.
    fn hides_column(&self, name: &str, tables: &[String]) -> bool {
        let bare = name.split('@').next().unwrap_or(name);
        let lookup = bare.strip_prefix('_').and_then(|rest| rest.strip_suffix("_value"));
        let fits = |column: &Column| {
            let table = column.table.as_ref().is_none_or(|table| tables.contains(table));
            table && (column.name == bare || lookup == Some(column.name.as_str()))
        };
        self.columns.iter().any(fits)
    }
}

/// The tables whose records a step may have brought.
fn tables(step: &StepTrace) -> Vec<String> {
    let names = step.host_calls.iter().flat_map(|call| call.entity_set.split(", "));
    names.map(str::to_owned).collect()
}

/// The JSON that a text is, where it is an object or a list.
fn json(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn hide(value: &mut Value) {
    if !value.is_null() {
        *value = MASKED.into();
    }
}

/// Hides whatever has this name in a value.
fn hide_named(value: &mut Value, name: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide_named(item, name)),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                match field.split('@').next() == Some(name) {
                    true => hide(value),
                    false => hide_named(value, name),
                }
            }
        }
        _ => {}
    }
}

/// Hides what stands behind `"name…":` in JSON that was cut: up to the next comma, bracket or end, or the text's own end.
fn hide_in_json(text: &mut String, name: &str) {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((end, after)) = value_of(rest, name) {
        shown.push_str(&rest[..end]);
        shown.push('"');
        shown.push_str(MASKED);
        shown.push('"');
        rest = after;
    }
    shown.push_str(rest);
    *text = shown;
}

/// Where the value of the next field begins whose name begins with `name`, and what follows it.
fn value_of<'a>(text: &'a str, name: &str) -> Option<(usize, &'a str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(name)?;
        from = at + name.len();
        let opened = text[..at].trim_end_matches('_').ends_with('"');
        let Some(close) = text[from..].find('"').map(|close| from + close) else {
            return opened.then_some((from, ""));
        };
        let Some(value) = text[close + 1..].strip_prefix(':').filter(|_| opened) else { continue };
        let value = value.trim_start();
        return Some((text.len() - value.len(), &value[length_of_value(value)..]));
    }
}

/// How long a JSON value at the beginning of a text is that may be cut.
fn length_of_value(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' | ',' if !quoted && depth == 0 => return at,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn step(changed: Value, tables: &str) -> StepTrace {
        let call = json!({
            "operation": "query", "entity_set": tables, "status": 200, "error": null, "code": null,
            "message": null, "elapsed_us": 1,
        });
        serde_json::from_value(json!({
            "id": "find", "block": "b@1.0.0", "title": "Find", "visit": 1, "exit": "next",
            "failure": null, "started_us": 0, "elapsed_us": 1, "host_calls": [call], "log": [],
            "changed": changed,
        }))
        .unwrap()
    }

    fn masked(columns: &[&str], paths: &[&str], steps: Vec<StepTrace>, call: Value) -> Run {
        let owned =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let call = call.as_object().cloned().unwrap_or_default();
        let variables = Variables::from_call(&call).unwrap();
        let mut mask = Mask::new(&owned(columns), &owned(paths), &variables);
        let mut run = Run {
            run: Uuid::nil(),
            scenario: "s".into(),
            version: 1,
            started_at: Timestamp::UNIX_EPOCH,
            elapsed_ms: 0.0,
            result: "known".into(),
            failure: None,
            screen_pop: None,
            steps,
            resumed: 0,
        };
        mask.learn(&run.steps, |_| Vec::new());
        mask.cover_run(&mut run);
        run
    }

    fn after(run: &Run, name: &str) -> Value {
        run.steps[0].changed[name].after.clone()
    }

    #[test]
    fn a_column_is_masked_by_its_name_its_annotations_and_its_lookup() {
        let records = json!({ "RS": { "after": [{
            "birthdate": "1970-01-31", "birthdate@OData.Community.Display.V1.FormattedValue": "31/1/70",
            "_parentcustomerid_value": "5531d753", "fullname": "Ann",
        }] } });
        let columns = ["contacts.birthdate", "parentcustomerid", "accounts.fullname"];
        let run = masked(&columns, &[], vec![step(records, "contacts")], json!({}));
        assert_eq!(
            after(&run, "RS"),
            json!([{
                "birthdate": MASKED, "birthdate@OData.Community.Display.V1.FormattedValue": MASKED,
                "_parentcustomerid_value": MASKED, "fullname": "Ann",
            }])
        );
    }

    #[test]
    fn a_value_is_masked_wherever_it_was_copied_to() {
        let first = step(json!({ "RS": { "after": [{ "ssn": "123-45-678" }] } }), "contacts");
        let mut second =
            step(json!({ "note": { "before": null, "after": "SSN 123-45-678, ok" } }), "");
        second.host_calls[0].message = Some("no such value: 123-45-678".into());
        let run = masked(&["ssn"], &[], vec![second, first], json!({}));
        assert!(!serde_json::to_string(&run).unwrap().contains("123-45"), "{run:?}");
        assert_eq!(after(&run, "note"), json!("SSN •••, ok"));
    }

    #[test]
    fn a_variable_is_masked_by_its_path_and_what_the_call_brought_too() {
        let changed = json!({
            "caller": { "after": "+15550100" }, "RS": { "after": [{ "fullname": "Ann", "city": "Bonn" }] },
            "pin": { "before": 1, "after": 2 },
        });
        let call = json!({ "item": { "from": "+15550100" } });
        let run = masked(&[], &["item.from", "RS.fullname", "pin"], vec![step(changed, "")], call);
        assert_eq!(after(&run, "caller"), json!(MASKED));
        assert_eq!(after(&run, "RS"), json!([{ "fullname": MASKED, "city": "Bonn" }]));
        assert_eq!(
            run.steps[0].changed["pin"],
            Change { before: Some(json!(MASKED)), after: json!(MASKED) }
        );
    }

    #[test]
    fn json_in_a_text_is_masked_whole_or_cut() {
        let body = r#"{"value":[{"ssn":"123-45-678","name":"Ann"}]}"#;
        let cut = r#"[{"name":"Ann","ssn":"987-65-432","_ssn_value":{"a":[1,"x,y"]},"age":4,"ssn":"111-2"#;
        let changed = json!({ "body": { "after": body }, "cut": { "after": cut } });
        let run = masked(&["ssn"], &[], vec![step(changed, "")], json!({}));
        assert_eq!(after(&run, "body"), json!(r#"{"value":[{"ssn":"•••","name":"Ann"}]}"#));
        assert_eq!(
            after(&run, "cut"),
            json!(r#"[{"name":"Ann","ssn":"•••","_ssn_value":"•••","age":4,"ssn":"•••""#)
        );
    }

    proptest! {
        #[test]
        fn no_value_of_a_hidden_column_is_kept(
            value in "[A-Za-z0-9 \"\\\\,:{}\\[\\]-]{0,20}", at in 0..80_usize, nested in any::<bool>(),
        ) {
            let marked = format!("Zq{value}qZ");
            let record = json!({ "fullname": "Ann", "ssn": marked, "rest": [1, 2, 3] });
            let text = json!([record]).to_string();
            let start = text.find("Zq").unwrap();
            let cut: String = text.chars().take((start + at).min(text.chars().count())).collect();
            let whole = if nested { json!({ "deep": [record] }) } else { json!([record]) };
            let changed = json!({
                "RS": { "after": whole }, "body": { "after": text }, "cut": { "after": cut },
                "copy": { "after": format!("<{marked}>") },
            });
            let run = masked(&["contacts.ssn"], &[], vec![step(changed, "contacts")], json!({}));
            let kept = serde_json::to_string(&run.steps[0].changed).unwrap();
            prop_assert!(!kept.contains("Zq"), "{}", kept);
        }
    }
}
