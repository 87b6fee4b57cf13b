//! Writing the values of variables into properties, each in the form that the place asks for.
//!
//! A property is compiled once, when its scenario is published; on a call only the values are written in.

mod fetch_xml;
mod json;
mod literal;
mod odata;
mod source;
mod url;

use serde_json::Value;

pub(crate) use fetch_xml::FetchXmlTemplate;
pub(crate) use json::JsonTemplate;
pub(crate) use odata::ODataTemplate;
pub(crate) use source::{MOST_BYTES, Source};

use crate::kind::PropertyKind;
use crate::template::{Part, Path, Template, TemplateError, is_name};
use crate::variables::Variables;

/// A value that cannot be written where the scenario puts it. The step fails as *invalid request*.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", shown(.path))]
pub struct SubstituteError {
    /// The variable; empty where there is none in the property.
    pub path: String,
    /// Why its value cannot land here.
    pub problem: String,
}

fn shown(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("$({path}): ") }
}

impl SubstituteError {
    fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_string(), problem: problem.into() }
    }
}

/// A property, ready to be filled in.
#[derive(Debug, Clone)]
pub(crate) enum Property {
    /// Nothing to fill in.
    Fixed(Value),
    Text(Template),
    EntitySet(Template),
    ODataQuery(ODataTemplate),
    FetchXml(FetchXmlTemplate),
    RecordId(Template),
    Url(Template),
    Account(Template),
    Json(JsonTemplate),
    JsonText(JsonTemplate),
}

const UNKNOWN_KIND: &str =
    "this host does not know what kind of property this is, so no `$(…)` can be made safe in it";

/// Compiles the value that a designer gave to a property of `kind`.
///
/// # Errors
/// A sentence saying what is wrong, with the place within the text.
pub(crate) fn compile(kind: PropertyKind, value: &Value) -> Result<Property, String> {
    let text = value.as_str();
    let template = |text: &str| Template::parse(text).map_err(|error| error.to_string());
    Ok(match (kind, text) {
        (PropertyKind::Text, Some(text)) => Property::Text(template(text)?),
        (PropertyKind::EntitySet, Some(text)) => Property::EntitySet(template(text)?),
        (PropertyKind::RecordId, Some(text)) => Property::RecordId(template(text)?),
        (PropertyKind::Url, Some(text)) => Property::Url(template(text)?),
        (PropertyKind::Account, Some(text)) => Property::Account(template(text)?),
        (PropertyKind::ODataQuery, Some(text)) if FetchXmlTemplate::is_one(text) => {
            Property::FetchXml(FetchXmlTemplate::parse(text).map_err(|error| error.to_string())?)
        }
        (PropertyKind::ODataQuery, Some(text)) => {
            Property::ODataQuery(ODataTemplate::parse(text).map_err(|error| error.to_string())?)
        }
        (PropertyKind::RecordsetName | PropertyKind::VariableName, Some(text)) => name(text)?,
        // A field of the Edit pane that was left blank.
        (PropertyKind::JsonText, Some(text)) if text.trim().is_empty() => {
            Property::Fixed(Value::String(String::new()))
        }
        (PropertyKind::JsonText, Some(text)) => Property::JsonText(JsonTemplate::from_text(text)?),
        (PropertyKind::ColumnValues | PropertyKind::Json, _) => {
            Property::Json(JsonTemplate::from_value(value)?)
        }
        (PropertyKind::Unknown, _) => {
            let template = JsonTemplate::from_value(value)?;
            if !template.is_fixed() {
                return Err(UNKNOWN_KIND.into());
            }
            Property::Json(template)
        }
        (PropertyKind::Text, None) => Property::Json(JsonTemplate::from_value(value)?),
        // Not text where text belongs: the schema says so with better words.
        (_, None) => Property::Fixed(value.clone()),
    })
}

fn name(text: &str) -> Result<Property, String> {
    if is_name(text) {
        return Ok(Property::Fixed(Value::String(text.to_owned())));
    }
    Err(format!(
        "`{text}` is no name: write a letter or `_`, then letters, digits and `_`, without `$(…)`"
    ))
}

impl Property {
    /// Whether the value is known before a call comes.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Text(t)
            | Self::EntitySet(t)
            | Self::RecordId(t)
            | Self::Url(t)
            | Self::Account(t) => t.fixed().is_some(),
            Self::ODataQuery(t) => t.is_fixed(),
            Self::FetchXml(t) => t.is_fixed(),
            Self::Json(t) | Self::JsonText(t) => t.is_fixed(),
        }
    }

    /// The value, where it is known before a call comes.
    pub(crate) fn fixed(&self) -> Option<Value> {
        let variables = Variables::default();
        let fill = || self.fill(&Source::new(&variables, MOST_BYTES), |_| None).ok();
        if self.is_fixed() { fill() } else { None }
    }

    /// Whether it can stand for a value of any type: text that is one variable.
    pub(crate) fn is_one_variable(&self) -> bool {
        matches!(self, Self::Json(template) if template.is_one_variable())
    }

    /// Writes the values in. `account` gives the handle of an integration account by its name.
    pub(crate) fn fill(
        &self,
        source: &Source<'_>,
        account: impl Fn(&str) -> Option<String>,
    ) -> Result<Value, SubstituteError> {
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(template) => Value::String(text(template, source)?),
            Self::EntitySet(template) => Value::String(entity_set(template, source)?),
            Self::RecordId(template) => Value::String(record_id(template, source)?),
            Self::Url(template) => Value::String(url::fill(template, source)?),
            Self::Account(template) => {
                let name = text(template, source)?;
                let handle = account(&name);
                let missing = || first_error(template, "names no integration account");
                Value::String(handle.ok_or_else(missing)?)
            }
            Self::ODataQuery(template) => Value::String(template.fill(source)?),
            Self::FetchXml(template) => Value::String(template.fill(source)?),
            Self::Json(template) => template.fill(source)?,
            Self::JsonText(template) => Value::String(template.fill(source)?.to_string()),
        })
    }
}

/// The template with every value as plain text. Null is empty text.
pub(crate) fn text(template: &Template, source: &Source<'_>) -> Result<String, SubstituteError> {
    let mut out = String::new();
    for part in template.parts() {
        match part {
            Part::Literal(literal) => out.push_str(literal),
            Part::Variable(path) => out.push_str(&plain(&source.value(path)?)),
        }
    }
    Ok(out)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn entity_set(template: &Template, source: &Source<'_>) -> Result<String, SubstituteError> {
    let text = text(template, source)?;
    let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    fits.then_some(text).ok_or_else(|| first_error(template, "is no entity set name"))
}

fn record_id(template: &Template, source: &Source<'_>) -> Result<String, SubstituteError> {
    let text = text(template, source)?;
    let id = uuid::Uuid::try_parse(text.trim());
    id.map(|id| id.to_string()).map_err(|_| first_error(template, "is no record id (GUID)"))
}

fn first_error(template: &Template, problem: &str) -> SubstituteError {
    let path = template.parts().iter().find_map(|part| match part {
        Part::Variable(path) => Some(path.to_string()),
        Part::Literal(_) => None,
    });
    SubstituteError { path: path.unwrap_or_default(), problem: problem.into() }
}

impl From<TemplateError> for String {
    fn from(error: TemplateError) -> Self {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn variables(value: Value) -> Variables {
        let mut variables = Variables::default();
        variables.set("x", value);
        variables
    }

    fn filled(kind: PropertyKind, property: Value, x: Value) -> Result<Value, SubstituteError> {
        compile(kind, &property).unwrap().fill(&Source::new(&variables(x), MOST_BYTES), |name| {
            (name == "CRM").then(|| "7".into())
        })
    }

    #[test]
    fn text_takes_every_type() {
        let of = |x| filled(PropertyKind::Text, json!("<$(x)>"), x).unwrap();
        assert_eq!(of(json!("a'b")), json!("<a'b>"));
        assert_eq!(of(json!(1.5)), json!("<1.5>"));
        assert_eq!(of(json!(null)), json!("<>"));
        assert_eq!(of(json!([1])), json!("<[1]>"));
    }

    #[test]
    fn a_missing_variable_fails_the_step() {
        let error = filled(PropertyKind::Text, json!("$(y.z)"), json!(1)).unwrap_err();
        assert_eq!(error.to_string(), "$(y.z): has no value in this run");
    }

    #[test]
    fn an_account_becomes_its_handle() {
        assert_eq!(filled(PropertyKind::Account, json!("$(x)"), json!("CRM")), Ok(json!("7")));
        assert!(filled(PropertyKind::Account, json!("$(x)"), json!("other")).is_err());
    }

    #[test]
    fn a_record_id_is_a_guid_and_nothing_else() {
        let id = "5531d753-95af-e711-a94e-000d3a11e605";
        let of = |x: &str| filled(PropertyKind::RecordId, json!("$(x)"), json!(x));
        assert_eq!(of(&format!("{{{}}}", id.to_uppercase())), Ok(json!(id)));
        assert!(of("1)/Microsoft.Dynamics.CRM.Evil(").is_err());
    }

    #[test]
    fn a_kind_that_nobody_knows_takes_no_variable() {
        let error = compile(PropertyKind::Unknown, &json!(["a$(x)"])).unwrap_err();
        assert!(error.contains("no `$(…)`"), "{error}");
        let fixed = compile(PropertyKind::Unknown, &json!({"a": "$$(x)"})).unwrap();
        let source = Variables::default();
        let filled = fixed.fill(&Source::new(&source, MOST_BYTES), |_| None);
        assert_eq!(filled, Ok(json!({"a": "$(x)"})));
    }

    #[test]
    fn blank_json_text_is_none() {
        assert_eq!(filled(PropertyKind::JsonText, json!(" "), json!(1)), Ok(json!("")));
    }

    #[test]
    fn names_take_no_variable() {
        assert!(compile(PropertyKind::RecordsetName, &json!("$(x)")).is_err());
        assert!(compile(PropertyKind::VariableName, &json!("a b")).is_err());
        assert!(compile(PropertyKind::VariableName, &json!("MSCase")).is_ok());
    }

    proptest! {
        #[test]
        fn an_entity_set_never_holds_more_than_a_name(x in ".*") {
            if let Ok(Value::String(set)) = filled(PropertyKind::EntitySet, json!("$(x)s"), json!(x)) {
                prop_assert!(set.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            }
        }

        #[test]
        fn json_text_is_one_object_whatever_lands_in_it(x in ".*") {
            let property = json!(r#"{"a": "<$(x)>", "b": $(x)}"#);
            let out = filled(PropertyKind::JsonText, property, json!(x)).unwrap();
            let parsed: Value = serde_json::from_str(out.as_str().unwrap()).unwrap();
            prop_assert_eq!(parsed, json!({"a": format!("<{x}>"), "b": x}));
        }
    }
}
