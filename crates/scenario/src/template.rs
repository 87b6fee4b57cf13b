//! Text with variables in it: `$(name)`, `$(recordset.column)`, `$(name,escapejson)`; `$$(` stands for the two
//! characters `$(`.
//!
//! Splitting only: what a value looks like where it lands is decided by [`crate::substitute`].

use std::fmt;

use crate::parameter::Parameter;

/// Most names that a path may join: a path becomes nested objects, and whoever walks those uses the stack.
const MOST_SEGMENTS: usize = 32;

/// Text split into what the designer wrote and the variables in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    Variable(Reference),
}

/// A variable as it stands in a text.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) path: Path,
    /// The form in which its text is wanted.
    pub(crate) parameter: Option<Parameter>,
    /// Where its `$(` stands, in characters; the first is 0.
    pub(crate) at: usize,
    /// Characters from `$(` to `)`.
    pub(crate) width: usize,
}

/// Where it stands does not matter.
impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.parameter) == (&other.path, other.parameter)
    }
}

impl Eq for Reference {}

/// The name of a variable and the way into it, such as `item.from` or `MSCase.title`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    segments: Vec<String>,
}

/// Text that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {}", .offset + 1)]
pub struct TemplateError {
    /// Where, in characters from the start of the text; the first is 0.
    pub offset: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Template {
    /// Splits `text`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("$(") {
            if rest[..at].ends_with('$') {
                literal.push_str(&rest[..at - 1]);
                literal.push_str("$(");
                rest = &rest[at + 2..];
                continue;
            }
            literal.push_str(&rest[..at]);
            let before = &text[..text.len() - rest.len() + at];
            let (reference, bytes) = Reference::read(&rest[at..], before.chars().count())?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(reference));
            rest = &rest[at + bytes..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts })
    }

    /// Of parts in order, whatever literals stand beside each other.
    pub(crate) fn from_parts(given: Vec<Part>) -> Self {
        let mut parts: Vec<Part> = Vec::with_capacity(given.len());
        for part in given {
            match (parts.last_mut(), part) {
                (_, Part::Literal(text)) if text.is_empty() => {}
                (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
                (_, part) => parts.push(part),
            }
        }
        Self { parts }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The one variable, where the whole text is nothing else.
    pub(crate) fn single(&self) -> Option<&Reference> {
        match self.parts.as_slice() {
            [Part::Variable(reference)] => Some(reference),
            _ => None,
        }
    }

    /// Its variables, in order.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(reference) => Some(reference),
            Part::Literal(_) => None,
        })
    }

    /// The same where the place itself escapes as `own` do: they change nothing there.
    pub(crate) fn without(mut self, own: &[Parameter]) -> Self {
        for part in &mut self.parts {
            if let Part::Variable(reference) = part {
                reference.drop_parameter(own);
            }
        }
        self
    }

    /// The text, where there is no variable in it.
    pub fn fixed(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

impl Reference {
    /// Reads the variable with whose `$(` the text begins; `at` is where that is. Says how many bytes it takes.
    pub(crate) fn read(text: &str, at: usize) -> Result<(Self, usize), TemplateError> {
        let fault = |problem: String| TemplateError { offset: at, problem };
        let end = text.find(')').ok_or_else(|| fault("`$(` is not closed by `)`".into()))?;
        let inner = text[..end].strip_prefix("$(").unwrap_or_default();
        let (path, parameter) = Self::parts(inner).map_err(fault)?;
        let width = text[..=end].chars().count();
        Ok((Self { path, parameter, at, width }, end + 1))
    }

    fn parts(inner: &str) -> Result<(Path, Option<Parameter>), String> {
        let mut parts = inner.split(',').map(str::trim);
        let path = Path::parse(parts.next().unwrap_or_default())?;
        let parameter = parts.next().map(Parameter::parse).transpose()?;
        match parts.next() {
            Some(_) => Err(format!("`$({inner})` has more than one parameter")),
            None => Ok((path, parameter)),
        }
    }

    /// Drops the parameter where it is one of `own`.
    pub(crate) fn drop_parameter(&mut self, own: &[Parameter]) {
        self.parameter = self.parameter.filter(|parameter| !own.contains(parameter));
    }
}

impl Path {
    /// Reads `name` or `name.part.part`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("`$()` names no variable".into());
        }
        let segments: Vec<String> =
            text.split('.').take(MOST_SEGMENTS + 1).map(str::to_owned).collect();
        if segments.len() > MOST_SEGMENTS {
            return Err(format!("a variable is at most {MOST_SEGMENTS} names joined by `.`"));
        }
        let well_formed = |segment: &String| {
            !segment.is_empty()
                && segment.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '@' || c == '-')
        };
        if !is_name(&segments[0]) || !segments[1..].iter().all(well_formed) {
            return Err(format!(
                "`{text}` is no variable: a name is a letter or `_`, then letters, digits and `_`, \
                 and `.` leads into it"
            ));
        }
        Ok(Self { segments })
    }

    /// The variable.
    pub fn name(&self) -> &str {
        &self.segments[0]
    }

    /// The way into it; empty for the variable itself.
    pub fn rest(&self) -> &[String] {
        &self.segments[1..]
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parameter {
            Some(parameter) => write!(f, "$({},{})", self.path, parameter.name()),
            None => write!(f, "$({})", self.path),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join("."))
    }
}

/// Whether `text` can be the name of a variable or a recordset.
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Part {
        Part::Variable(Reference::read(&format!("$({name})"), 0).unwrap().0)
    }

    #[test]
    fn splits_text_and_variables() {
        let template = Template::parse("a $(item.from)b$( RS.__count__ )").unwrap();
        assert_eq!(
            template.parts(),
            [
                Part::Literal("a ".into()),
                variable("item.from"),
                Part::Literal("b".into()),
                variable("RS.__count__"),
            ]
        );
    }

    #[test]
    fn a_doubled_dollar_is_text() {
        assert_eq!(Template::parse("$$(a) $5 $").unwrap().fixed(), Some("$(a) $5 $"));
    }

    #[test]
    fn says_where_a_fault_is() {
        let error = Template::parse("é $(x").unwrap_err();
        assert_eq!(error.to_string(), "`$(` is not closed by `)` at character 3");
        assert!(Template::parse("$()").is_err());
        assert!(Template::parse("$(a b)").is_err());
        assert!(Template::parse("$(a b,escapejson)").is_err());
    }

    #[test]
    fn a_variable_has_one_parameter_at_most() {
        let template = Template::parse("$( a.b , EscapeJson )").unwrap();
        let reference = template.single().unwrap();
        assert_eq!(reference.path.to_string(), "a.b");
        assert_eq!(reference.parameter, Some(Parameter::Json));
        let of = |text| Template::parse(text).unwrap_err().to_string();
        assert!(of("$(a,)").starts_with("`` is no parameter of a variable"));
        assert!(of("ab $(a,escapexml)").ends_with("urlencode at character 4"));
        assert!(of("$(a,escapejson,escapeurl)").contains("more than one parameter"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_parses_or_says_where(text in ".*") {
            if let Err(error) = Template::parse(&text) {
                proptest::prop_assert!(error.offset < text.chars().count());
            }
        }

        #[test]
        fn escaped_text_comes_back(text in "[^$]*") {
            let written = format!("$$({text}");
            let expected = format!("$({text}");
            let template = Template::parse(&written).unwrap();
            proptest::prop_assert_eq!(template.fixed(), Some(expected.as_str()));
        }
    }
}
