//! A fault from the form of the faults page: the same document, from fields in place of JSON.

use serde_json::{Map, Value};

use super::json;
use super::rule::FaultRule;
use crate::members::{Members, Misread};

/// Fields whose values are texts whatever they look like.
const TEXTS: [&str; 4] = ["route", "path", "method", "kind"];

/// Reads a form; empty fields are not there, and `members` holds `name=value` lines.
pub(super) fn rule(form: &[(String, String)]) -> Result<FaultRule, Misread> {
    let mut object = Map::new();
    for (name, value) in form {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        if name != "members" {
            let text = TEXTS.contains(&name.as_str());
            object.insert(name.clone(), if text { Value::from(value) } else { read(value) });
            continue;
        }
        for line in value.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, value) = line
                .split_once('=')
                .ok_or_else(|| Misread::at("members", "lines such as code=503 are needed"))?;
            object.insert(name.trim().to_owned(), read(value.trim()));
        }
    }
    json::rule(Members::of(Value::Object(object))?)
}

/// A number where it is one, else a text.
fn read(value: &str) -> Value {
    let number = serde_json::from_str::<Value>(value).ok().filter(Value::is_number);
    number.unwrap_or_else(|| Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{FaultKind, FaultTarget, Route};

    fn form(fields: &[(&str, &str)]) -> Result<FaultRule, Misread> {
        let owned: Vec<(String, String)> =
            fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        rule(&owned)
    }

    #[test]
    fn a_form_is_read_as_its_json_would_be() {
        let fields = [
            ("route", "api"),
            ("path", ""),
            ("kind", "status"),
            ("members", "code=503\r\n\r\nretry_after = 3\r\n"),
            ("times", "2"),
            ("probability", "0.5"),
        ];
        let rule = form(&fields).unwrap();
        assert_eq!(rule.target, FaultTarget::Route(Route::Api));
        assert_eq!(rule.kind, FaultKind::Status { code: 503, retry_after: Some(3) });
        assert_eq!((rule.times, rule.probability), (Some(2), Some(0.5)));
        let wrong = |fields: &[(&str, &str)]| form(fields).unwrap_err().place;
        assert_eq!(wrong(&[("route", "api"), ("kind", "status"), ("members", "503")]), "/members");
        assert_eq!(wrong(&[("route", "api"), ("kind", "status"), ("members", "x=1")]), "/code");
    }
}
