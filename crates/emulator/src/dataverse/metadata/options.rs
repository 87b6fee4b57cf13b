//! The query options of requests for definitions: `$select`, `$filter`, `$expand` and
//! `LabelLanguages`. The others are refused, as Dataverse does.

use percent_encoding::percent_decode_str;

use super::filter::{self, Expression};
use crate::dataverse::errors::DataverseError;

/// How deep `$expand` may nest.
const DEEPEST: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Names of members; empty for all.
    pub(crate) select: Vec<String>,
    pub(crate) filter: Option<Expression>,
    pub(crate) expand: Vec<(String, Options)>,
    /// Empty for all.
    pub(crate) languages: Vec<u32>,
}

impl Options {
    /// Reads a URL's query.
    pub(crate) fn parse(query: &str) -> Result<Self, DataverseError> {
        let mut options = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if name == "LabelLanguages" {
                options.languages = languages(&value)?;
            } else if name.starts_with('$') {
                options.set(&name, &value, 0)?;
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str, depth: usize) -> Result<(), DataverseError> {
        match name {
            "$select" => {
                let names = value.split(',').map(|name| name.trim().to_owned());
                self.select = names.filter(|name| !name.is_empty() && name != "*").collect();
            }
            "$filter" => self.filter = Some(filter::parse(value)?),
            "$expand" => self.expand = expansions(value, depth)?,
            _ => return Err(unsupported(name)),
        }
        Ok(())
    }
}

pub(crate) fn unsupported(option: &str) -> DataverseError {
    DataverseError::odata(format!("The query parameter {option} is not supported"))
}

/// Blanks may be sent as `+`.
fn decoded(text: &str) -> Result<String, DataverseError> {
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8();
    text.map(Into::into).map_err(|_| DataverseError::odata("The query is not valid UTF-8."))
}

fn languages(value: &str) -> Result<Vec<u32>, DataverseError> {
    let codes = value.split(',').map(|code| code.trim().parse());
    codes
        .collect::<Result<_, _>>()
        .map_err(|_| DataverseError::odata(format!("'{value}' is not a list of language codes.")))
}

/// `Attributes($select=LogicalName;$filter=…),Keys`.
fn expansions(text: &str, depth: usize) -> Result<Vec<(String, Options)>, DataverseError> {
    if depth >= DEEPEST {
        return Err(DataverseError::odata("The $expand expression is nested too deeply."));
    }
    let mut all = Vec::new();
    for item in split(text, ',').into_iter().filter(|item| !item.trim().is_empty()) {
        let item = item.trim();
        let mut options = Options::default();
        let name = match item.split_once('(') {
            None => item,
            Some((name, rest)) => {
                let inner = rest.strip_suffix(')').ok_or_else(|| {
                    DataverseError::odata(format!(
                        "Found an unbalanced bracket expression in '{text}'."
                    ))
                })?;
                for option in split(inner, ';').into_iter().filter(|one| !one.trim().is_empty()) {
                    let (name, value) = option.split_once('=').unwrap_or((option, ""));
                    options.set(name.trim(), value, depth + 1)?;
                }
                name.trim()
            }
        };
        all.push((name.to_owned(), options));
    }
    Ok(all)
}

/// Splits where `separator` stands outside of brackets and quotes.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if character == separator && depth == 0 && !quoted => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn options_are_read_encoded_in_any_way() {
        let query =
            "%24select=LogicalName%2CSchemaName&$filter=LogicalName+eq+'a'&LabelLanguages=1033";
        let options = Options::parse(query).unwrap();
        assert_eq!(options.select, ["LogicalName", "SchemaName"]);
        assert!(options.filter.is_some());
        assert_eq!(options.languages, [1033]);
    }

    #[test]
    fn expansions_nest() {
        let query = "$expand=Attributes($select=LogicalName;$filter=LogicalName eq 'a;b,(';\
                     $expand=OptionSet($select=Options)),Keys";
        let options = Options::parse(query).unwrap();
        let [(attributes, inner), (keys, _)] = options.expand.as_slice() else {
            panic!("two expansions");
        };
        assert_eq!((attributes.as_str(), keys.as_str()), ("Attributes", "Keys"));
        assert_eq!(inner.expand[0].0, "OptionSet");
        assert_eq!(inner.expand[0].1.select, ["Options"]);
    }

    #[test]
    fn other_options_are_refused() {
        for option in ["$top", "$orderby", "$count", "$apply", "$skip", "$search"] {
            let error = Options::parse(&format!("{option}=1")).unwrap_err();
            assert_eq!((error.status.as_u16(), error.code), (400, "0x80060888"));
            assert_eq!(error.message, format!("The query parameter {option} is not supported"));
        }
        assert!(Options::parse("$expand=Attributes($top=1)").is_err());
        assert!(Options::parse("tag=x&api-version=1").is_ok());
    }

    proptest! {
        #[test]
        fn arbitrary_queries_do_no_harm(text in ".{0,80}", nested in "[$=a-z(),;' %&]{0,60}") {
            let _ = Options::parse(&text);
            let _ = Options::parse(&format!("$expand={nested}"));
        }
    }
}
