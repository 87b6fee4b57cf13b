//! Writing the values of variables into properties, each in the form that the place asks for.
//!
//! A property is compiled once, when its scenario is published; on a call only the values are written in.

mod fetch_xml;
mod json;
mod literal;
mod odata;
mod source;
mod text;
mod url;

use serde_json::Value;

pub(crate) use fetch_xml::FetchXmlTemplate;
pub(crate) use json::JsonTemplate;
pub(crate) use odata::ODataTemplate;
pub(crate) use source::{MOST_BYTES, Source};

pub(crate) use text::{TextTemplate, fill_text};

use crate::kind::PropertyKind;
use crate::template::{Path, Template, TemplateError, is_name};

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
    pub(crate) fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_string(), problem: problem.into() }
    }
}

/// A property, ready to be filled in.
#[derive(Debug, Clone)]
pub(crate) enum Property {
    /// Nothing to fill in.
    Fixed(Value),
    /// The name of a variable or recordset, as the kind says.
    Name(PropertyKind, String),
    Text(TextTemplate),
    EntitySet(TextTemplate),
    ODataQuery(ODataTemplate),
    FetchXml(FetchXmlTemplate),
    RecordId(TextTemplate),
    Url(Template),
    Account(TextTemplate),
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
    let template = |text: &str| TextTemplate::parse(text).map_err(|error| error.to_string());
    Ok(match (kind, text) {
        (PropertyKind::Text, Some(text)) => Property::Text(template(text)?),
        (PropertyKind::EntitySet, Some(text)) => Property::EntitySet(template(text)?),
        (PropertyKind::RecordId, Some(text)) => Property::RecordId(template(text)?),
        (PropertyKind::Url, Some(text)) => Property::Url(url::parse(text)?),
        (PropertyKind::Account, Some(text)) => Property::Account(template(text)?),
        (PropertyKind::ODataQuery, Some(text)) if FetchXmlTemplate::is_one(text) => {
            Property::FetchXml(FetchXmlTemplate::parse(text).map_err(|error| error.to_string())?)
        }
        (PropertyKind::ODataQuery, Some(text)) => {
            Property::ODataQuery(ODataTemplate::parse(text).map_err(|error| error.to_string())?)
        }
        (PropertyKind::RecordsetName | PropertyKind::VariableName, Some(text)) => name(kind, text)?,
        // A field of the Edit pane that was left blank.
        (PropertyKind::JsonText, Some(text)) if text.trim().is_empty() => {
            Property::Fixed(Value::String(String::new()))
        }
        (PropertyKind::JsonText, Some(text)) => Property::JsonText(JsonTemplate::from_text(text)?),
        (PropertyKind::ColumnValues, _) => Property::Json(JsonTemplate::from_columns(value)?),
        (PropertyKind::Json, _) => Property::Json(JsonTemplate::from_value(value)?),
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

fn name(kind: PropertyKind, text: &str) -> Result<Property, String> {
    if is_name(text) {
        return Ok(Property::Name(kind, text.to_owned()));
    }
    Err(format!(
        "`{text}` is no name: write a letter or `_`, then letters, digits and `_`, without `$(…)`"
    ))
}

impl Property {
    /// Whether the value is known before a call comes.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Fixed(_) | Self::Name(..) => true,
            Self::Text(t) | Self::EntitySet(t) | Self::RecordId(t) | Self::Account(t) => {
                t.fixed().is_some()
            }
            Self::Url(t) => t.fixed().is_some(),
            Self::ODataQuery(t) => t.is_fixed(),
            Self::FetchXml(t) => t.is_fixed(),
            Self::Json(t) | Self::JsonText(t) => t.is_fixed(),
        }
    }

    /// What the block is given on every call, where that is known before one comes and is not made of it on a call only.
    pub(crate) fn known(&self) -> Option<Value> {
        match self {
            Self::Fixed(value) | Self::Json(JsonTemplate::Fixed(value)) => Some(value.clone()),
            Self::Name(_, name) => Some(Value::from(name.as_str())),
            Self::Text(t) | Self::EntitySet(t) | Self::RecordId(t) | Self::Account(t) => {
                t.fixed().map(Value::from)
            }
            Self::Url(template) => template.fixed().map(Value::from),
            _ => None,
        }
    }

    /// Whether it can stand for a value of any type: text that is one variable, or an expression.
    pub(crate) fn is_of_any_type(&self) -> bool {
        matches!(self, Self::Json(template) if template.is_of_any_type())
    }

    /// Looks at every variable in it: the JSON pointer to where it stands within the property, and whether it must be
    /// there.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&str, &Path, bool)) {
        let mut here = |path: &Path, needed: bool| look("", path, needed);
        match self {
            Self::Fixed(_) | Self::Name(..) => {}
            Self::Text(t) | Self::EntitySet(t) | Self::RecordId(t) | Self::Account(t) => {
                t.visit(&mut here);
            }
            Self::Url(template) => {
                template.variables().for_each(|reference| here(&reference.path, true));
            }
            Self::ODataQuery(template) => template.visit(&mut here),
            Self::FetchXml(template) => template.visit(&mut here),
            Self::Json(template) => template.visit("", look),
            // The place of a variable in JSON text is within the text.
            Self::JsonText(template) => {
                template.visit("", &mut |_, path, needed| look("", path, needed));
            }
        }
    }

    /// Writes the values in. `account` gives the handle of an integration account by its name.
    pub(crate) fn fill(
        &self,
        source: &Source<'_>,
        account: impl Fn(&str) -> Option<String>,
    ) -> Result<Value, SubstituteError> {
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::Name(_, name) => Value::String(name.clone()),
            Self::Text(template) => Value::String(template.fill(source)?),
            Self::EntitySet(template) => Value::String(entity_set(template, source)?),
            Self::RecordId(template) => Value::String(record_id(template, source)?),
            Self::Url(template) => Value::String(url::fill(template, source)?),
            Self::Account(template) => {
                let name = template.fill(source)?;
                let handle = account(&name);
                let missing = || template.fault("names no integration account");
                Value::String(handle.ok_or_else(missing)?)
            }
            Self::ODataQuery(template) => Value::String(template.fill(source)?),
            Self::FetchXml(template) => Value::String(template.fill(source)?),
            Self::Json(template) => template.fill(source)?,
            Self::JsonText(template) => Value::String(template.fill(source)?.to_string()),
        })
    }
}

fn entity_set(template: &TextTemplate, source: &Source<'_>) -> Result<String, SubstituteError> {
    let text = template.fill(source)?;
    let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    fits.then_some(text).ok_or_else(|| template.fault("is no entity set name"))
}

fn record_id(template: &TextTemplate, source: &Source<'_>) -> Result<String, SubstituteError> {
    let text = template.fill(source)?;
    let id = uuid::Uuid::try_parse(text.trim());
    id.map(|id| id.to_string()).map_err(|_| template.fault("is no record id (GUID)"))
}

impl From<TemplateError> for String {
    fn from(error: TemplateError) -> Self {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::Parameter;
    use crate::variables::Variables;
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
    fn text_that_begins_with_a_sign_is_an_expression() {
        let of = |kind, property| filled(kind, property, json!(7));
        assert_eq!(of(PropertyKind::Text, json!("=$(x) + 1")), Ok(json!("8")));
        assert_eq!(of(PropertyKind::Text, json!("= 2 * 2")), Ok(json!("4")));
        assert_eq!(of(PropertyKind::Text, json!("==$(x)")), Ok(json!("=7")));
        assert_eq!(of(PropertyKind::Text, json!(" =$(x)")), Ok(json!(" =7")));
        assert_eq!(of(PropertyKind::Json, json!("=$(x) + 1")), Ok(json!(8)));
        let nested = json!({"a": ["=$(x) > 6", "==", "=null"]});
        assert_eq!(of(PropertyKind::Json, nested), Ok(json!({"a": [true, "=", null]})));
        assert_eq!(of(PropertyKind::EntitySet, json!("='contact' & 's'")), Ok(json!("contacts")));
        assert!(of(PropertyKind::EntitySet, json!("='a/' & $(x)")).is_err());
        assert_eq!(of(PropertyKind::JsonText, json!(r#"{"a": "=1"}"#)), Ok(json!(r#"{"a":"=1"}"#)));
        assert!(compile(PropertyKind::Text, &json!("=1 +")).is_err());
    }

    #[test]
    fn null_stays_null_whatever_its_parameter() {
        let of = |kind, property| filled(kind, property, json!(null));
        assert_eq!(of(PropertyKind::Json, json!("$(x,escapeurl)")), Ok(json!(null)));
        assert_eq!(of(PropertyKind::Text, json!("<$(x,escapeurl)>")), Ok(json!("<>")));
        assert!(of(PropertyKind::ODataQuery, json!("$filter=a eq '$(x,escapeurl)'")).is_err());
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

        #[test]
        fn json_is_not_escaped_twice(x in ".*") {
            let property = r#"{"a": "<$(x,escapejson)>", "b": $( x , EscapeJson ), "c": "$(x,escapeurl)"}"#;
            let out = filled(PropertyKind::JsonText, json!(property), json!(x)).unwrap();
            let parsed: Value = serde_json::from_str(out.as_str().unwrap()).unwrap();
            let encoded = Parameter::Url.apply(&x);
            prop_assert_eq!(parsed, json!({"a": format!("<{x}>"), "b": x, "c": encoded}));
            let columns = json!({"a": "<$(x,escapejson)>", "b": ["$(x,escapejson)"]});
            let out = filled(PropertyKind::ColumnValues, columns.clone(), json!(x)).unwrap();
            prop_assert_eq!(out, json!({"a": format!("<{x}>"), "b": [x]}));
            let escaped = Parameter::Json.apply(&x);
            let out = filled(PropertyKind::Json, columns, json!(x)).unwrap();
            prop_assert_eq!(out, json!({"a": format!("<{escaped}>"), "b": [escaped]}));
        }

        #[test]
        fn data_stays_within_its_part_of_a_url(x in ".*", name in prop::sample::select(vec!["escapeurl", "urlencode"])) {
            let url = json!(format!("https://example.org/a/$(x,{name})?b=$(x,{name})&c=d"));
            let out = filled(PropertyKind::Text, url, json!(x)).unwrap();
            let out = out.as_str().unwrap();
            let (path, query) = out.split_once('?').unwrap();
            let (b, c) = query.split_once('&').unwrap();
            let decoded = |text: &str| {
                percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
            };
            prop_assert_eq!(c, "c=d");
            prop_assert_eq!(decoded(b.strip_prefix("b=").unwrap()), x.clone());
            prop_assert_eq!(path.matches('/').count(), 4);
            prop_assert_eq!(decoded(path.strip_prefix("https://example.org/a/").unwrap()), x);
        }
    }
}
