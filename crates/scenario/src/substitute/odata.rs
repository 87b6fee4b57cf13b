//! Variables within OData text: query options, and the references of `@odata.bind`.
//!
//! Inside a string literal a value is text, its quotes doubled; where the literal is an operand of `contains`,
//! `startswith` or `endswith` the characters that Dataverse reads as wildcards are put in brackets as well (Power Apps
//! documentation, "Use wildcard characters in conditions using string values"). Outside a literal only a number, a
//! GUID, a date, a boolean or null may land: nothing that could be read as syntax.

use jiff::civil::Date;
use serde_json::Value;

use super::{SubstituteError, value};
use crate::template::{Part, Path, Template, TemplateError};
use crate::variables::Variables;

/// OData text with variables, each with what its surroundings ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ODataTemplate {
    parts: Vec<ODataPart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ODataPart {
    Syntax(String),
    Variable(Path, Place),
}

/// Where a variable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside any literal.
    Bare,
    /// Inside a string literal.
    Literal,
    /// Inside a string literal in which Dataverse looks for wildcards.
    Pattern,
}

const PATTERN_FUNCTIONS: [&str; 3] = ["contains", "startswith", "endswith"];

impl ODataTemplate {
    /// Reads OData text, following its literals and parentheses as far as variables need it.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let template = Template::parse(text)?;
        let mut scanner = Scanner::default();
        let mut parts = Vec::new();
        for part in template.parts() {
            parts.push(match part {
                Part::Literal(syntax) => {
                    scanner.read(syntax);
                    ODataPart::Syntax(syntax.clone())
                }
                Part::Variable(path) => ODataPart::Variable(path.clone(), scanner.place(path)?),
            });
        }
        scanner.end()?;
        Ok(Self { parts })
    }

    pub(crate) fn is_fixed(&self) -> bool {
        !self.parts.iter().any(|part| matches!(part, ODataPart::Variable(..)))
    }

    /// Writes the values in.
    pub(crate) fn fill(&self, variables: &Variables) -> Result<String, SubstituteError> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                ODataPart::Syntax(syntax) => out.push_str(syntax),
                ODataPart::Variable(path, place) => {
                    let value = value(path, variables)?;
                    let written = match place {
                        Place::Bare => bare(&value),
                        Place::Literal => quoted(&value),
                        Place::Pattern => quoted(&value).map(|text| without_wildcards(&text)),
                    };
                    let written = written.map_err(|problem| SubstituteError::new(path, problem))?;
                    out.push_str(&written);
                }
            }
        }
        Ok(out)
    }
}

/// Follows quotes and parentheses through OData text.
#[derive(Default)]
struct Scanner {
    position: usize,
    quote: Option<(char, usize)>,
    word: String,
    calls: Vec<String>,
}

impl Scanner {
    fn read(&mut self, syntax: &str) {
        for c in syntax.chars() {
            match (self.quote, c) {
                (Some((open, _)), c) if c == open => self.quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => self.quote = Some((c, self.position)),
                (None, '(') => self.calls.push(std::mem::take(&mut self.word)),
                (None, ')') => drop(self.calls.pop()),
                (None, c) if c.is_alphanumeric() || c == '_' => self.word.push(c),
                (None, _) => self.word.clear(),
            }
            self.position += 1;
        }
    }

    fn place(&mut self, path: &Path) -> Result<Place, TemplateError> {
        self.word.clear();
        let written = path.to_string().chars().count() + "$()".len();
        let offset = self.position;
        self.position += written;
        match self.quote {
            None => Ok(Place::Bare),
            Some(('"', _)) => Err(TemplateError {
                offset,
                problem: format!("$({path}) stands between double quotes, where it cannot be made safe"),
            }),
            Some(_) => {
                let call = self.calls.last().map(String::as_str).unwrap_or_default();
                let pattern = PATTERN_FUNCTIONS.contains(&call);
                Ok(if pattern { Place::Pattern } else { Place::Literal })
            }
        }
    }

    fn end(&self) -> Result<(), TemplateError> {
        match self.quote {
            None => Ok(()),
            Some((quote, offset)) => Err(TemplateError {
                offset,
                problem: format!("the literal that {quote} begins is not closed"),
            }),
        }
    }
}

fn quoted(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.replace('\'', "''")),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null => Err("is null, which a string literal cannot hold".into()),
        Value::Array(_) | Value::Object(_) => {
            Err("is no single value, which a string literal cannot hold".into())
        }
    }
}

fn without_wildcards(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' | '_' | '[' => out.extend(['[', c, ']']),
            c => out.push(c),
        }
    }
    out
}

fn bare(value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok("null".into()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) if is_bare_literal(text) => Ok(text.clone()),
        _ => Err("outside a string literal only a number, a GUID, a date, a boolean or null may \
                  stand: put '…' around the variable if text is meant"
            .into()),
    }
}

fn is_bare_literal(text: &str) -> bool {
    matches!(text, "true" | "false")
        || is_number(text)
        || (text.len() == 36 && uuid::Uuid::try_parse(text).is_ok())
        || is_date(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `2026-01-31` or `2026-01-31T10:00:00Z`, the two forms that Dataverse documents.
fn is_date(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ".contains(&b));
    plain && ((text.len() == 10 && text.parse::<Date>().is_ok()) || is_instant(text))
}

fn is_instant(text: &str) -> bool {
    text.contains('T') && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn fill(text: &str, x: Value) -> Result<String, String> {
        let mut variables = Variables::default();
        variables.set("x", x);
        let template = ODataTemplate::parse(text).map_err(|error| error.to_string())?;
        template.fill(&variables).map_err(|error| error.to_string())
    }

    #[test]
    fn a_quote_is_doubled_inside_a_literal() {
        let out = fill("$filter=lastname eq '$(x)'", json!("O'Neil")).unwrap();
        assert_eq!(out, "$filter=lastname eq 'O''Neil'");
    }

    #[test]
    fn wildcards_are_bracketed_where_dataverse_looks_for_them() {
        let x = json!("50%_[a]");
        assert_eq!(fill("contains(name,'$(x)')", x.clone()).unwrap(), "contains(name,'50[%][_][[]a]')");
        assert_eq!(fill("name eq '$(x)'", x.clone()).unwrap(), "name eq '50%_[a]'");
        assert_eq!(
            fill("contains(name,'a') and (b eq '$(x)')", x).unwrap(),
            "contains(name,'a') and (b eq '50%_[a]')"
        );
    }

    #[test]
    fn only_plain_values_stand_outside_a_literal() {
        for x in [
            json!(1), json!(-2.5), json!(true), json!(null), json!("12"), json!("2026-01-31"),
            json!("2026-01-31T10:00:00Z"), json!("5531d753-95af-e711-a94e-000d3a11e605"),
        ] {
            fill("a eq $(x)", x).unwrap();
        }
        for x in ["", "1 or 1 eq 1", "a", "1)", "2026-13-01", "'", "--1", ".", "+1", "null"] {
            let error = fill("a eq $(x)", json!(x)).unwrap_err();
            assert!(error.starts_with("$(x): outside a string literal"), "{x}: {error}");
        }
    }

    #[test]
    fn faults_have_a_place() {
        let error = ODataTemplate::parse("a eq 'b").unwrap_err();
        assert_eq!(error.to_string(), "the literal that ' begins is not closed at character 6");
        assert!(ODataTemplate::parse(r#"In(P=["$(x)"])"#).is_err());
    }

    /// The literals of OData text: what stands between single quotes, doubled quotes undone.
    fn literals(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '\'' {
                continue;
            }
            let mut literal = String::new();
            while let Some(c) = chars.next() {
                match (c, chars.peek()) {
                    ('\'', Some('\'')) => drop(chars.next()),
                    ('\'', _) => break,
                    _ => {
                        literal.push(c);
                        continue;
                    }
                }
                literal.push('\'');
            }
            out.push(literal);
        }
        out
    }

    proptest! {
        #[test]
        fn data_stays_one_literal(x in ".*") {
            let out = fill("$filter=a eq '$(x)' and b eq 'c'&$top=2", json!(x)).unwrap();
            prop_assert_eq!(literals(&out), vec![x, "c".to_owned()]);
            prop_assert!(out.ends_with("' and b eq 'c'&$top=2"));
        }

        #[test]
        fn nothing_but_a_plain_value_lands_outside(x in ".*") {
            if let Ok(out) = fill("a eq $(x)", json!(x)) {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c);
                prop_assert!(out["a eq ".len()..].chars().all(plain));
            }
        }
    }
}
