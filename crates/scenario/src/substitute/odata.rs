//! Variables within OData text: query options, and references to records as in `@odata.bind`.
//!
//! Inside a string literal a value is text, its quotes doubled; where the literal is an operand of `contains`,
//! `startswith` or `endswith` the characters that Dataverse reads as wildcards are put in brackets as well (Power Apps
//! documentation, "Use wildcard characters in conditions using string values"). Outside a literal only a number, a
//! GUID, a date, a boolean or null may land: nothing that could be read as syntax. This follows quotes and
//! parentheses only; whether a query makes sense is Dataverse's to say.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::literal::{bare, quoted, without_wildcards};
use super::{Source, SubstituteError};
use crate::parameter::Parameter;
use crate::template::{Part, Path, Reference, Template, TemplateError};

/// What a reference keeps as it is within a literal; it is an address, and Dataverse undoes percent-encoding before it
/// looks for quotes.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'\'');

/// OData text with variables, each with what its surroundings ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ODataTemplate {
    parts: Vec<ODataPart>,
    /// Whether the text is the address of a record.
    reference: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ODataPart {
    Syntax(String),
    Variable(Reference, Place),
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
        Self::scan(&Template::parse(text)?.without(&[Parameter::OData]))
    }

    fn scan(template: &Template) -> Result<Self, TemplateError> {
        let mut scanner = Scanner::default();
        let mut parts = Vec::new();
        for part in template.parts() {
            parts.push(match part {
                Part::Literal(syntax) => {
                    scanner.read(syntax);
                    ODataPart::Syntax(syntax.clone())
                }
                Part::Variable(reference) => {
                    ODataPart::Variable(reference.clone(), scanner.place(reference)?)
                }
            });
        }
        scanner.end()?;
        Ok(Self { parts, reference: false })
    }

    /// Reads the address of a record, such as `/contacts($(id))`.
    pub(crate) fn parse_reference(text: &str) -> Result<Self, TemplateError> {
        // It is JSON, an address and OData at once, and escaped for all three.
        let template = Template::parse(text)?.without(&Parameter::ALL);
        Ok(Self { reference: true, ..Self::scan(&template)? })
    }

    pub(crate) fn is_fixed(&self) -> bool {
        !self.parts.iter().any(|part| matches!(part, ODataPart::Variable(..)))
    }

    /// Looks at every variable.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&Path, bool)) {
        for part in &self.parts {
            if let ODataPart::Variable(reference, _) = part {
                look(&reference.path, true);
            }
        }
    }

    /// Writes the values in.
    pub(crate) fn fill(&self, source: &Source<'_>) -> Result<String, SubstituteError> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                ODataPart::Syntax(syntax) => out.push_str(syntax),
                ODataPart::Variable(reference, place) => {
                    let written = self.write(&source.value(reference)?, *place);
                    let fail = |problem| SubstituteError::new(&reference.path, problem);
                    out.push_str(&written.map_err(fail)?);
                }
            }
        }
        Ok(out)
    }

    /// Writes the values into a reference. One that is a variable and nothing else may be null: no record.
    pub(crate) fn fill_reference(&self, source: &Source<'_>) -> Result<Value, SubstituteError> {
        match self.parts.as_slice() {
            [ODataPart::Variable(reference, _)] if source.value(reference)?.is_null() => {
                Ok(Value::Null)
            }
            _ => self.fill(source).map(Value::String),
        }
    }

    fn write(&self, value: &Value, place: Place) -> Result<String, String> {
        match place {
            Place::Bare => bare(value),
            _ if self.reference => {
                quoted(value).map(|text| utf8_percent_encode(&text, ENCODED).to_string())
            }
            Place::Literal => quoted(value),
            Place::Pattern => quoted(value).map(|text| without_wildcards(&text)),
        }
    }
}

/// Follows quotes and parentheses through OData text.
#[derive(Default)]
struct Scanner {
    /// Characters read, as the designer wrote them.
    position: usize,
    quote: Quote,
    word: String,
    calls: Vec<String>,
    /// An apostrophe between double quotes. Readers of OData differ in whether a literal begins there.
    doubtful: bool,
}

/// The quotes in which a character stands, and where they were opened.
#[derive(Default, Clone, Copy)]
enum Quote {
    #[default]
    None,
    /// A string literal.
    Literal(usize),
    /// A string of a JSON list, as `In` takes it.
    Json { from: usize, escaped: bool },
}

impl Scanner {
    fn read(&mut self, syntax: &str) {
        let mut before = None;
        for c in syntax.chars() {
            // `$(` can stand here only where the designer wrote `$$(`.
            self.position += usize::from(before == Some('$') && c == '(');
            self.step(c);
            self.position += 1;
            before = Some(c);
        }
    }

    fn step(&mut self, c: char) {
        self.quote = match (self.quote, c) {
            (Quote::None, '\'') => Quote::Literal(self.position),
            (Quote::None, '"') => Quote::Json { from: self.position, escaped: false },
            (Quote::Literal(_), '\'') | (Quote::Json { escaped: false, .. }, '"') => Quote::None,
            (Quote::Json { from, escaped }, c) => {
                self.doubtful |= c == '\'';
                Quote::Json { from, escaped: !escaped && c == '\\' }
            }
            (Quote::None, c) => {
                self.syntax(c);
                return;
            }
            (inside, _) => inside,
        };
        self.word.clear();
    }

    fn syntax(&mut self, c: char) {
        match c {
            '(' => self.calls.push(std::mem::take(&mut self.word)),
            ')' => {
                self.calls.pop();
                self.word.clear();
            }
            c if c.is_alphanumeric() || c == '_' => self.word.extend(c.to_lowercase()),
            _ => self.word.clear(),
        }
    }

    fn place(&mut self, reference: &Reference) -> Result<Place, TemplateError> {
        self.word.clear();
        let offset = reference.at;
        self.position = offset + reference.width;
        let refuse =
            |why: &str| Err(TemplateError { offset, problem: format!("{reference} stands {why}") });
        if self.doubtful {
            return refuse(
                "after an apostrophe between double quotes, where it cannot be made safe: \
                 move it in front of that",
            );
        }
        match self.quote {
            Quote::None => Ok(Place::Bare),
            Quote::Json { .. } => refuse("between double quotes, where it cannot be made safe"),
            Quote::Literal(_) => {
                let is_pattern = |call: &String| PATTERN_FUNCTIONS.contains(&call.as_str());
                let pattern = self.calls.iter().any(is_pattern);
                Ok(if pattern { Place::Pattern } else { Place::Literal })
            }
        }
    }

    fn end(&self) -> Result<(), TemplateError> {
        let (quote, offset) = match self.quote {
            Quote::None => return Ok(()),
            Quote::Literal(from) => ('\'', from),
            Quote::Json { from, .. } => ('"', from),
        };
        let problem = format!("the literal that {quote} begins is not closed");
        Err(TemplateError { offset, problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::substitute::MOST_BYTES;
    use crate::variables::Variables;
    use proptest::prelude::*;
    use serde_json::json;

    fn fill(text: &str, x: Value) -> Result<String, String> {
        let mut variables = Variables::default();
        variables.set("x", x);
        let template = ODataTemplate::parse(text)?;
        let filled = template.fill(&Source::new(&variables, MOST_BYTES));
        filled.map_err(|error| error.to_string())
    }

    #[test]
    fn a_quote_is_doubled_inside_a_literal() {
        let out = fill("$filter=lastname eq '$(x)'", json!("O'Neil")).unwrap();
        assert_eq!(out, "$filter=lastname eq 'O''Neil'");
    }

    #[test]
    fn wildcards_are_bracketed_where_dataverse_looks_for_them() {
        let x = json!("50%_[a]");
        assert_eq!(
            fill("contains(name,'$(x)')", x.clone()).unwrap(),
            "contains(name,'50[%][_][[]a]')"
        );
        assert_eq!(fill("name eq '$(x)'", x.clone()).unwrap(), "name eq '50%_[a]'");
        assert_eq!(
            fill("contains(name,'a') and (b eq '$(x)')", x.clone()).unwrap(),
            "contains(name,'a') and (b eq '50%_[a]')"
        );
        let nested = fill("startswith(tolower(name),tolower('$(x)'))", x).unwrap();
        assert_eq!(nested, "startswith(tolower(name),tolower('50[%][_][[]a]'))");
    }

    #[test]
    fn only_plain_values_stand_outside_a_literal() {
        for x in [
            json!(1),
            json!(-2.5),
            json!(true),
            json!(null),
            json!("12"),
            json!("2026-01-31"),
            json!("2026-01-31T10:00:00Z"),
            json!("5531d753-95af-e711-a94e-000d3a11e605"),
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
        let error = ODataTemplate::parse("a eq '$( x , escapeurl )' or c eq '").unwrap_err();
        assert!(error.to_string().ends_with("at character 35"), "{error}");
        let error = ODataTemplate::parse("a eq '$$(b)' or c eq '").unwrap_err();
        assert!(error.to_string().ends_with("at character 22"), "{error}");
    }

    #[test]
    fn where_a_literal_begins_is_never_in_doubt() {
        let refused = [
            r#"In(P=["O'Neil"]) and a eq $(x)"#,
            r#"In(P=["O'Neil"]) and a eq '$(x)'"#,
            r#"In(P=["O\"'"]) and a eq '$(x)'"#,
        ];
        for text in refused {
            let error = ODataTemplate::parse(text).unwrap_err();
            assert!(error.to_string().contains("cannot be made safe"), "{text}: {error}");
        }
        let x = json!("' or 1 eq 1 or '");
        let before = r#"a eq '$(x)' and In(P=["O'Neil"])"#;
        assert_eq!(literals(&fill(before, x.clone()).unwrap())[0], "' or 1 eq 1 or '");
        let escaped = r#"In(P=["a\"b"]) and a eq '$(x)'"#;
        assert_eq!(literals(&fill(escaped, x).unwrap()), ["' or 1 eq 1 or '"]);
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

    /// What stands outside quotes for a reader that knows the strings of JSON as well.
    fn outside(text: &str) -> String {
        let (mut open, mut escaped, mut out) = (None, false, String::new());
        for c in text.chars() {
            match open {
                None if c == '\'' || c == '"' => open = Some(c),
                None => out.push(c),
                Some('"') if escaped => escaped = false,
                Some('"') if c == '\\' => escaped = true,
                Some(quote) if c == quote => open = None,
                Some(_) => {}
            }
        }
        out
    }

    fn parameter() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["escapejson", "escapeurl", "escapeodata", "urlencode"])
    }

    proptest! {
        #[test]
        fn data_stays_one_literal(x in ".*") {
            let out = fill("$filter=a eq '$(x)' and b eq 'c'&$top=2", json!(x)).unwrap();
            prop_assert_eq!(literals(&out), vec![x, "c".to_owned()]);
            prop_assert!(out.ends_with("' and b eq 'c'&$top=2"));
        }

        #[test]
        fn a_parameter_opens_no_hole(x in ".*", name in parameter()) {
            let text = format!("$filter=contains(a,'b') and a eq '$(x, {name})' and b eq 'c'");
            let out = fill(&text, json!(x)).unwrap();
            let parameter = Parameter::parse(name).unwrap();
            // What the place does itself is not done twice.
            let own = parameter == Parameter::OData;
            let expected = if own { x.clone() } else { parameter.apply(&x) };
            prop_assert_eq!(literals(&out), vec!["b".to_owned(), expected, "c".to_owned()]);
            if let Ok(out) = fill(&format!("a eq $(x,{name})"), json!(x)) {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c);
                prop_assert!(out["a eq ".len()..].chars().all(plain));
            }
        }

        #[test]
        fn a_parameter_changes_nothing_in_a_reference(x in ".*", name in parameter()) {
            let mut variables = Variables::default();
            variables.set("x", json!(x));
            let of = |text: &str| {
                let template = ODataTemplate::parse_reference(text).unwrap();
                template.fill(&Source::new(&variables, MOST_BYTES))
            };
            let bare = of("/accounts(k='$(x)')");
            prop_assert_eq!(of(&format!("/accounts(k='$(x,{name})')")), bare);
        }

        #[test]
        fn data_in_a_reference_stays_one_literal_and_one_segment(x in ".*") {
            let template = ODataTemplate::parse_reference("/accounts(k='$(x)',l='c')").unwrap();
            let mut variables = Variables::default();
            variables.set("x", json!(x));
            let out = template.fill(&Source::new(&variables, MOST_BYTES)).unwrap();
            prop_assert_eq!(out.matches(['/', '?', '#', '&']).count(), 1);
            let decoded = percent_encoding::percent_decode_str(&out).decode_utf8().unwrap();
            prop_assert_eq!(literals(&decoded), vec![x, "c".to_owned()]);
        }

        #[test]
        fn data_moves_no_literal_whatever_the_designer_wrote(
            before in r#"[ab='"\\(),]{0,12}"#, after in r#"[ab='"\\(),]{0,12}"#, x in ".*",
        ) {
            let Ok(template) = ODataTemplate::parse(&format!("{before}$(x){after}")) else {
                return Ok(());
            };
            let of = |x: &str| {
                let mut variables = Variables::default();
                variables.set("x", json!(x));
                template.fill(&Source::new(&variables, MOST_BYTES))
            };
            // A number can land anywhere; other data either is refused or stands exactly where the number stands.
            let number = of("77").unwrap();
            if let Ok(out) = of(&x) {
                prop_assert_eq!(literals(&out).len(), literals(&number).len());
                if !outside(&number).contains("77") {
                    prop_assert_eq!(outside(&out), outside(&number));
                }
            }
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
