//! A case that was made of a run, less what must not be seen of it: it goes into a file, and with that file to whoever
//! reads it.

use serde_json::Value;

use super::Case;
use crate::runs::RunMask;

/// Masks a case, if there is anything to mask in it, and says so.
///
/// # Errors
/// What is masked is no case any more.
pub(super) fn masked(case: Case, mask: &RunMask) -> Result<(Case, bool), serde_json::Error> {
    let before = serde_json::to_value(&case)?;
    let mut told = before.clone();
    if let Some(variables) = told.get_mut("variables") {
        by_name(variables, mask);
    }
    for answer in list(&mut told, "answers") {
        let tables = tables(answer);
        for part in ["records", "value", "body", "id", "error"] {
            if let Some(part) = answer.get_mut(part) {
                mask.cover_record(part, &tables);
            }
        }
    }
    for fetch in list(&mut told, "fetches") {
        if let Some(body) = fetch.get_mut("body") {
            mask.cover_json(body, "");
        }
    }
    let expect = &mut told["expect"];
    for part in ["variables", "answer"] {
        if let Some(part) = expect.get_mut(part) {
            by_name(part, mask);
        }
    }
    for part in ["result", "failure", "screen_pop", "fetches"] {
        if let Some(part) = expect.get_mut(part) {
            mask.cover_json(part, "");
        }
    }
    for request in list(expect, "requests") {
        let tables = tables(request);
        for part in ["key", "asked", "columns"] {
            if let Some(part) = request.get_mut(part) {
                mask.cover_record(part, &tables);
            }
        }
    }
    if told == before {
        return Ok((case, false));
    }
    Ok((serde_json::from_value(told)?, true))
}

/// Masks variables, each by its own path.
fn by_name(variables: &mut Value, mask: &RunMask) {
    for (name, value) in variables.as_object_mut().into_iter().flatten() {
        mask.cover_json(value, name);
    }
}

/// What is in a list that may be left out.
fn list<'a>(of: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    of.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

fn tables(of: &Value) -> Vec<String> {
    let tables = of["table"].as_str().unwrap_or_default().split(", ");
    tables.map(str::to_owned).collect()
}
