//! Values written into a query in FetchXML: always text, never markup.
//!
//! Where the condition compares by pattern (`operator="like"` and its kin) what would be a wildcard stands for itself.
//! The document is not parsed: whether it is FetchXML, Dataverse says.

use super::{Source, SubstituteError};
use crate::template::{Part, Path, Template, TemplateError};
use crate::value::plain;

/// A query in FetchXML with variables in it.
#[derive(Debug, Clone)]
pub(crate) struct FetchXmlTemplate {
    template: Template,
    /// Of each variable, in order: whether its value is a pattern.
    patterns: Vec<bool>,
}

impl FetchXmlTemplate {
    /// Whether a query is one in FetchXML, and not OData options.
    pub(crate) fn is_one(text: &str) -> bool {
        text.trim_start().starts_with('<')
    }

    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let template = Template::parse(text)?;
        let parts = template.parts();
        let is_variable = |(_, part): &(usize, &Part)| matches!(part, Part::Variable(_));
        let variables = parts.iter().enumerate().filter(is_variable);
        let patterns = variables.map(|(at, _)| is_pattern(&tag(parts, at))).collect();
        Ok(Self { patterns, template })
    }

    pub(crate) fn is_fixed(&self) -> bool {
        self.template.fixed().is_some()
    }

    /// Looks at every variable.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&Path, bool)) {
        self.template.variables().for_each(|reference| look(&reference.path, true));
    }

    pub(crate) fn fill(&self, source: &Source<'_>) -> Result<String, SubstituteError> {
        let mut out = String::new();
        let mut patterns = self.patterns.iter();
        for part in self.template.parts() {
            match part {
                Part::Literal(literal) => out.push_str(literal),
                Part::Variable(reference) => {
                    let (value, path) = (source.value(reference)?, &reference.path);
                    if value.is_null() {
                        let problem = "is null; a condition for it has the operator null";
                        return Err(SubstituteError::new(path, problem));
                    }
                    let pattern = patterns.next().is_some_and(|pattern| *pattern);
                    escape(&plain(&value), pattern, &mut out)
                        .map_err(|problem| SubstituteError::new(path, problem))?;
                }
            }
        }
        Ok(out)
    }
}

/// What the designer wrote of the tag around the variable at `at`, from its `<` to its `>`.
fn tag(parts: &[Part], at: usize) -> String {
    let literal = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Variable(_) => String::new(),
    };
    let before: String = parts[..at].iter().map(literal).collect();
    let after: String = parts[at..].iter().map(literal).collect();
    let before = before.rfind('<').map_or("", |start| &before[start..]);
    let after = after.find('>').map_or("", |end| &after[..end]);
    format!("{before}{after}")
}

/// Whether the tag is a condition whose value is a pattern ("FetchXML condition operators" of the documentation).
fn is_pattern(tag: &str) -> bool {
    let tight: String = tag.chars().filter(|c| !c.is_whitespace()).collect();
    let operators =
        ["like", "not-like", "begins-with", "not-begin-with", "ends-with", "not-end-with"];
    operators.iter().any(|operator| {
        ['"', '\'']
            .iter()
            .any(|quote| tight.contains(&format!("operator={quote}{operator}{quote}")))
    })
}

/// Writes text so that it is text in an element and in an attribute, in quotes of either kind.
fn escape(text: &str, pattern: bool, out: &mut String) -> Result<(), &'static str> {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '%' | '_' | '[' if pattern => out.extend(['[', c, ']']),
            // A parser would make a space of a bare one within an attribute.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(c))),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                return Err("holds a character that XML cannot hold");
            }
            c => out.push(c),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::substitute::MOST_BYTES;
    use crate::variables::Variables;
    use serde_json::{Value, json};

    fn filled(text: &str, x: Value) -> Result<String, SubstituteError> {
        let mut variables = Variables::default();
        variables.set("x", x);
        FetchXmlTemplate::parse(text).unwrap().fill(&Source::new(&variables, MOST_BYTES))
    }

    #[test]
    fn a_value_is_never_markup() {
        for quote in ["'", "\""] {
            let text =
                format!("<fetch><condition operator='eq' value={quote}$(x){quote}/></fetch>");
            let out = filled(&text, json!("'/><a b=\"&")).unwrap();
            assert!(out.contains("&apos;/&gt;&lt;a b=&quot;&amp;"), "{out}");
            assert_eq!(out.matches('<').count(), text.matches('<').count());
        }
        assert_eq!(filled("<value>$(x)</value>", json!(5)).unwrap(), "<value>5</value>");
        assert_eq!(filled("<a b='$(x)'/>", json!("1\n2")).unwrap(), "<a b='1&#10;2'/>");
        assert!(filled("<a b='$(x)'/>", json!("\u{1}")).is_err());
        assert!(filled("<a b='$(x)'/>", json!(null)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn data_stays_text(
            x in "([<>&\"'%\\[\t\n\r]|\\PC){0,20}",
            name in proptest::sample::select(vec!["", ",escapejson", ",escapeurl", ",escapeodata"]),
        ) {
            let text = format!("<f><c v='$(x{name})' w=\"$(x{name})\"/><v>$(x{name})</v></f>");
            let out = filled(&text, json!(x)).unwrap();
            let expected = match name.strip_prefix(',') {
                Some(name) => crate::parameter::Parameter::parse(name).unwrap().apply(&x),
                None => x,
            };
            let document = roxmltree::Document::parse(&out).unwrap();
            let of = |tag: &str| document.descendants().find(|node| node.has_tag_name(tag)).unwrap();
            proptest::prop_assert_eq!(document.descendants().filter(|n| n.is_element()).count(), 3);
            proptest::prop_assert_eq!(of("c").attribute("v"), Some(expected.as_str()));
            proptest::prop_assert_eq!(of("c").attribute("w"), Some(expected.as_str()));
            proptest::prop_assert_eq!(of("v").text().unwrap_or_default(), expected.as_str());
        }
    }

    #[test]
    fn wildcards_stand_for_themselves_where_they_would_be_some() {
        let like = r#"<condition value="%$(x)%" operator = "like"/><condition value="$(x)"/>"#;
        let out = filled(like, json!("50%_[a")).unwrap();
        assert!(out.contains(r#"value="%50[%][_][[]a%""#), "{out}");
        assert!(out.ends_with(r#"value="50%_[a"/>"#), "{out}");
    }
}
