//! Variables within JSON: a tree with holes, so that data is put in as values and never as text that is parsed again.

use serde_json::{Map, Value, json};

use super::odata::ODataTemplate;
use super::{SubstituteError, text, value};
use crate::template::{Path, Template};
use crate::variables::Variables;

/// JSON with variables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JsonTemplate {
    Fixed(Value),
    /// A variable's value with its type.
    Variable(Path),
    Text(Template),
    /// The reference of an `@odata.bind` annotation.
    Reference(ODataTemplate),
    Array(Vec<JsonTemplate>),
    Object(Vec<(String, JsonTemplate)>),
}

/// Key of the object that stands for a variable outside a JSON string while the text is parsed. A designer who writes
/// it gets a variable, which is no more than `$(…)` in the same place gives.
const HOLE: &str = "\u{1}hole";

impl JsonTemplate {
    /// Compiles a JSON value: text that is one variable takes the variable's type, other text is filled in.
    pub(crate) fn from_value(value: &Value) -> Result<Self, String> {
        Self::node(value, "", true)
    }

    /// Compiles text that holds a JSON object: `"$(x)"` is text, `$(x)` is the value with its type.
    pub(crate) fn from_text(text: &str) -> Result<Self, String> {
        let marked = mark_holes(text)?;
        let parsed: Value =
            serde_json::from_str(&marked).map_err(|error| format!("is no JSON: {error}"))?;
        if !parsed.is_object() {
            return Err("is no JSON object".into());
        }
        Self::node(&parsed, "", false)
    }

    fn node(value: &Value, key: &str, typed: bool) -> Result<Self, String> {
        let node = match value {
            Value::String(text) if key.ends_with("@odata.bind") => {
                Self::Reference(ODataTemplate::parse(text).map_err(|e| e.to_string())?)
            }
            Value::String(text) => {
                let template = Template::parse(text).map_err(|error| error.to_string())?;
                match (template.single(), template.fixed()) {
                    (Some(path), _) if typed => Self::Variable(path.clone()),
                    (_, Some(text)) => Self::Fixed(Value::String(text.to_owned())),
                    _ => Self::Text(template),
                }
            }
            Value::Array(items) => {
                let nodes = items.iter().map(|item| Self::node(item, key, typed));
                Self::Array(nodes.collect::<Result<_, _>>()?)
            }
            Value::Object(entries) => match entries.get(HOLE) {
                Some(Value::String(path)) => Self::Variable(Path::parse(path)?),
                _ => {
                    let nodes = entries.iter().map(|(k, v)| Ok((k.clone(), Self::node(v, k, typed)?)));
                    Self::Object(nodes.collect::<Result<_, String>>()?)
                }
            },
            other => Self::Fixed(other.clone()),
        };
        Ok(if node.is_fixed() { Self::Fixed(node.known()) } else { node })
    }

    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Variable(_) => false,
            Self::Text(template) => template.fixed().is_some(),
            Self::Reference(template) => template.is_fixed(),
            Self::Array(nodes) => nodes.iter().all(Self::is_fixed),
            Self::Object(nodes) => nodes.iter().all(|(_, node)| node.is_fixed()),
        }
    }

    pub(crate) fn is_one_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }

    /// The value of a fixed template.
    fn known(&self) -> Value {
        self.fill(&Variables::default()).unwrap_or_default()
    }

    /// Writes the values in.
    pub(crate) fn fill(&self, variables: &Variables) -> Result<Value, SubstituteError> {
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::Variable(path) => value(path, variables)?,
            Self::Text(template) => Value::String(text(template, variables)?),
            Self::Reference(template) => Value::String(template.fill(variables)?),
            Self::Array(nodes) => nodes.iter().map(|node| node.fill(variables)).collect::<Result<_, _>>()?,
            Self::Object(nodes) => {
                let entries = nodes.iter().map(|(key, node)| Ok((key.clone(), node.fill(variables)?)));
                Value::Object(entries.collect::<Result<Map<_, _>, _>>()?)
            }
        })
    }
}

/// Puts an object with the key [`HOLE`] in place of each variable outside a JSON string.
fn mark_holes(source: &str) -> Result<String, String> {
    let mut out = String::new();
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if !in_string && rest.starts_with("$(") {
            let end = rest.find(')').ok_or("`$(` is not closed by `)`")?;
            let path = Path::parse(rest["$(".len()..end].trim())?;
            out.push_str(&json!({ HOLE: path.to_string() }).to_string());
            rest = &rest[end + 1..];
            continue;
        }
        in_string ^= c == '"' && !escaped;
        escaped = in_string && c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let mut variables = Variables::default();
        variables.set("n", json!(7));
        variables.set("q", json!("\"}, \\"));
        variables
    }

    #[test]
    fn a_lone_variable_keeps_its_type() {
        let template = JsonTemplate::from_value(&json!({"a": "$(n)", "b": "x$(n)", "c": ["$(q)"]})).unwrap();
        let filled = template.fill(&variables()).unwrap();
        assert_eq!(filled, json!({"a": 7, "b": "x7", "c": ["\"}, \\"]}));
    }

    #[test]
    fn raw_json_is_filled_by_value() {
        let template = JsonTemplate::from_text(r#"{"a": $(n), "b": "$(n)", "c": "\"$(q)"}"#).unwrap();
        let filled = template.fill(&variables()).unwrap();
        assert_eq!(filled, json!({"a": 7, "b": "7", "c": "\"\"}, \\"}));
    }

    #[test]
    fn a_reference_takes_no_syntax() {
        let bind = json!({"parentcustomerid_account@odata.bind": "/accounts($(q))"});
        assert!(JsonTemplate::from_value(&bind).unwrap().fill(&variables()).is_err());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[1]", "{", "{\"a\": $(}", "{\"a\": 1} x"] {
            assert!(JsonTemplate::from_text(text).is_err(), "{text}");
        }
    }
}
