//! Variables within JSON: a tree with holes, so that data is put in as values and never as text that is parsed again.

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::odata::ODataTemplate;
use super::{MOST_BYTES, Source, SubstituteError, fill_text};
use crate::expression::Expression;
use crate::parameter::Parameter;
use crate::problem::child;
use crate::template::{Path, Reference, Template, TemplateError};
use crate::variables::Variables;

/// JSON with variables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JsonTemplate {
    Fixed(Value),
    /// A variable's value with its type.
    Variable(Reference),
    /// What an expression comes to, with its type.
    Expression(Expression),
    Text(Template),
    /// A reference to a record, such as the value of an `@odata.bind` annotation.
    Reference(ODataTemplate),
    Array(Vec<JsonTemplate>),
    Object(Vec<(String, JsonTemplate)>),
}

/// Key of the object that stands for a variable outside a JSON string while the text is parsed. A designer who writes
/// it gets a variable, which is no more than `$(…)` in the same place gives.
const HOLE: &str = "\u{1}hole";

/// How the texts within JSON are read.
#[derive(Clone, Copy)]
struct Reading {
    /// Whether text that is one variable takes its value and type, and text that begins with `=` is an expression.
    typed: bool,
    /// Parameters that change nothing, because it is escaped as they do in any case.
    own: &'static [Parameter],
}

/// Annotations whose value is the address of a record.
const REFERENCES: [&str; 4] = ["@odata.bind", "@bind", "@odata.id", "@id"];

impl JsonTemplate {
    /// Compiles a JSON value: text that is one variable takes the variable's type, text that begins with `=` is an
    /// expression, other text is filled in.
    pub(crate) fn from_value(value: &Value) -> Result<Self, String> {
        Self::node(value, "", Reading { typed: true, own: &[] })
    }

    /// Compiles the JSON object of a request. What is written into it is escaped for JSON in any case.
    pub(crate) fn from_columns(value: &Value) -> Result<Self, String> {
        Self::node(value, "", Reading { typed: true, own: &[Parameter::Json] })
    }

    /// Compiles text that holds a JSON object: `"$(x)"` is text, `$(x)` is the value with its type.
    pub(crate) fn from_text(text: &str) -> Result<Self, String> {
        let Marked { holes, blanks } = mark_holes(text)?;
        let parsed: Value = serde_json::from_str(&holes).map_err(|error| {
            // The same text with as many characters as the designer wrote knows the place.
            let placed = serde_json::from_str::<IgnoredAny>(&blanks).err();
            format!("is no JSON: {}", placed.unwrap_or(error))
        })?;
        if !parsed.is_object() {
            return Err("is no JSON object".into());
        }
        Self::node(&parsed, "", Reading { typed: false, own: &[Parameter::Json] })
    }

    fn node(value: &Value, key: &str, reading: Reading) -> Result<Self, String> {
        let node = match value {
            Value::String(text) if is_reference(key) => {
                Self::Reference(ODataTemplate::parse_reference(text)?)
            }
            Value::String(text) => Self::text(text, reading)?,
            Value::Array(items) => {
                let nodes = items.iter().map(|item| Self::node(item, key, reading));
                Self::Array(nodes.collect::<Result<_, _>>()?)
            }
            Value::Object(entries) => match entries.get(HOLE) {
                Some(Value::String(path)) if is_reference(key) => {
                    Self::Reference(ODataTemplate::parse_reference(&format!("$({path})"))?)
                }
                Some(Value::String(path)) => Self::variable(&format!("$({path})"), reading)?,
                _ => Self::object(entries, reading)?,
            },
            other => Self::Fixed(other.clone()),
        };
        Ok(if node.is_fixed() { Self::Fixed(node.known()) } else { node })
    }

    fn variable(text: &str, reading: Reading) -> Result<Self, String> {
        let (mut reference, _) = Reference::read(text, 0).map_err(|error| error.problem)?;
        reference.drop_parameter(reading.own);
        Ok(Self::Variable(reference))
    }

    fn text(text: &str, reading: Reading) -> Result<Self, String> {
        if reading.typed && Expression::is_one(text) {
            let expression = Expression::parse(text)?;
            return Ok(match expression.constant() {
                Some(value) => Self::Fixed(value),
                None => Self::Expression(expression),
            });
        }
        let template = if reading.typed { plain_text(text)? } else { Template::parse(text)? };
        let template = template.without(reading.own);
        Ok(match template.single() {
            Some(reference) if reading.typed => Self::Variable(reference.clone()),
            _ => Self::Text(template),
        })
    }

    fn object(entries: &Map<String, Value>, reading: Reading) -> Result<Self, String> {
        let node = |(name, value): (&String, &Value)| {
            if name.contains("$(") {
                return Err(format!("the name `{name}` takes no `$(…)`, only values do"));
            }
            Ok((name.clone(), Self::node(value, name, reading)?))
        };
        Ok(Self::Object(entries.iter().map(node).collect::<Result<_, String>>()?))
    }

    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Variable(_) | Self::Expression(_) => false,
            Self::Text(template) => template.fixed().is_some(),
            Self::Reference(template) => template.is_fixed(),
            Self::Array(nodes) => nodes.iter().all(Self::is_fixed),
            Self::Object(nodes) => nodes.iter().all(|(_, node)| node.is_fixed()),
        }
    }

    /// Whether its type is known only on a call.
    pub(crate) fn is_of_any_type(&self) -> bool {
        matches!(self, Self::Variable(_) | Self::Expression(_))
    }

    /// Looks at every variable: the JSON pointer to where it stands below `at`, and whether it must be there.
    pub(crate) fn visit(&self, at: &str, look: &mut dyn FnMut(&str, &Path, bool)) {
        match self {
            Self::Fixed(_) => {}
            Self::Variable(reference) => look(at, &reference.path, true),
            Self::Expression(expression) => {
                expression.visit(&mut |path, needed| look(at, path, needed));
            }
            Self::Text(template) => {
                template.variables().for_each(|reference| look(at, &reference.path, true));
            }
            Self::Reference(template) => template.visit(&mut |path, needed| look(at, path, needed)),
            Self::Array(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    node.visit(&format!("{at}/{index}"), look);
                }
            }
            Self::Object(nodes) => {
                nodes.iter().for_each(|(key, node)| node.visit(&child(at, key), look));
            }
        }
    }

    /// The value of a fixed template.
    fn known(&self) -> Value {
        let variables = Variables::default();
        self.fill(&Source::new(&variables, MOST_BYTES)).unwrap_or_default()
    }

    /// Writes the values in.
    pub(crate) fn fill(&self, source: &Source<'_>) -> Result<Value, SubstituteError> {
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::Variable(reference) => source.value(reference)?,
            Self::Expression(expression) => expression.evaluate(source)?,
            Self::Text(template) => Value::String(fill_text(template, source)?),
            Self::Reference(template) => template.fill_reference(source)?,
            Self::Array(nodes) => {
                let items = nodes.iter().map(|node| node.fill(source));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Object(nodes) => {
                let entries = nodes.iter().map(|(key, node)| Ok((key.clone(), node.fill(source)?)));
                Value::Object(entries.collect::<Result<Map<_, _>, _>>()?)
            }
        })
    }
}

/// Text that is no expression. Two `=` at its beginning stand for one.
pub(super) fn plain_text(text: &str) -> Result<Template, TemplateError> {
    let Some(rest) = text.strip_prefix('=').filter(|rest| rest.starts_with('=')) else {
        return Template::parse(text);
    };
    Template::parse(rest).map_err(|error| TemplateError { offset: error.offset + 1, ..error })
}

fn is_reference(key: &str) -> bool {
    let annotation = key.find('@').map_or("", |at| &key[at..]);
    REFERENCES.iter().any(|reference| annotation.eq_ignore_ascii_case(reference))
}

/// Raw JSON without its variables outside strings.
struct Marked {
    /// An object with the key [`HOLE`] in place of each.
    holes: String,
    /// A string of the same length in place of each.
    blanks: String,
}

fn mark_holes(source: &str) -> Result<Marked, String> {
    let mut marked = Marked { holes: String::new(), blanks: String::new() };
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if !in_string && rest.starts_with("$(") {
            let at = source[..source.len() - rest.len()].chars().count();
            let (reference, bytes) = Reference::read(rest, at)?;
            let inner = &rest["$(".len()..bytes - 1];
            marked.holes.push_str(&json!({ HOLE: inner }).to_string());
            marked.blanks.push_str(&format!("\"{}\"", "_".repeat(reference.width - 2)));
            rest = &rest[bytes..];
            continue;
        }
        in_string ^= c == '"' && !escaped;
        escaped = in_string && c == '\\' && !escaped;
        marked.holes.push(c);
        marked.blanks.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Ok(marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &JsonTemplate) -> Result<Value, SubstituteError> {
        template.fill(&Source::new(&variables(), MOST_BYTES))
    }

    fn variables() -> Variables {
        let mut variables = Variables::default();
        variables.set("n", json!(7));
        variables.set("q", json!("\"}, \\"));
        variables
    }

    #[test]
    fn a_lone_variable_keeps_its_type() {
        let template =
            JsonTemplate::from_value(&json!({"a": "$(n)", "b": "x$(n)", "c": ["$(q)"]})).unwrap();
        let filled = filled(&template).unwrap();
        assert_eq!(filled, json!({"a": 7, "b": "x7", "c": ["\"}, \\"]}));
    }

    #[test]
    fn raw_json_is_filled_by_value() {
        let template =
            JsonTemplate::from_text(r#"{"a": $(n), "b": "$(n)", "c": "\"$(q)"}"#).unwrap();
        let filled = filled(&template).unwrap();
        assert_eq!(filled, json!({"a": 7, "b": "7", "c": "\"\"}, \\"}));
    }

    #[test]
    fn a_reference_takes_no_syntax() {
        for text in ["/accounts($(q))", "$(q)"] {
            for annotation in ["@odata.bind", "@OData.Bind", "@odata.id", "@bind", "@id"] {
                let bind = json!({ format!("parentcustomerid_account{annotation}"): text });
                assert!(filled(&JsonTemplate::from_value(&bind).unwrap()).is_err(), "{bind}");
            }
        }
        let raw = JsonTemplate::from_text(r#"{"a@odata.bind": $(q)}"#).unwrap();
        assert!(filled(&raw).is_err());
        let raw = JsonTemplate::from_text(r#"{"a@odata.bind": ["/b($(q))"]}"#).unwrap();
        assert!(filled(&raw).is_err());
    }

    #[test]
    fn a_reference_can_be_null_and_can_hold_an_alternate_key() {
        let mut variables = Variables::default();
        variables.set("none", Value::Null);
        variables.set("key", json!("O'Neil/%27 é"));
        let bind = json!({"a@odata.bind": "$(none)", "b@odata.bind": "/accounts(k='$(key)')"});
        let template = JsonTemplate::from_value(&bind).unwrap();
        let filled = template.fill(&Source::new(&variables, MOST_BYTES)).unwrap();
        assert_eq!(filled["a@odata.bind"], Value::Null);
        assert_eq!(filled["b@odata.bind"], "/accounts(k='O''Neil%2F%2527%20%C3%A9')");
    }

    #[test]
    fn a_name_takes_no_variable() {
        for value in [json!({"$(n)": 1}), json!([{"a": {"x$(n)": 1}}])] {
            assert!(JsonTemplate::from_value(&value).unwrap_err().contains("takes no `$(…)`"));
        }
        assert!(JsonTemplate::from_text(r#"{"$(n)": 1}"#).is_err());
    }

    #[test]
    fn faults_of_raw_json_have_a_place() {
        let of = |text| JsonTemplate::from_text(text).unwrap_err();
        assert!(of(r#"{"a": $(n), "b": x}"#).ends_with("line 1 column 18"));
        assert!(of(r#"{"a": $(n x)}"#).ends_with("at character 7"));
        assert!(of(r#"{"a": $(n"#).ends_with("at character 7"));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[1]", "{", "{\"a\": $(}", "{\"a\": 1} x"] {
            assert!(JsonTemplate::from_text(text).is_err(), "{text}");
        }
    }
}
