//! The parameters of a variable, as in `$(name,escapejson)`: the form in which its text is wanted.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a part of an address may hold as it is (RFC 3986 section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How the text of a variable is to be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Parameter {
    /// Text within a JSON string.
    Json,
    /// A part of an address, percent-encoded; the field has two names for it.
    Url,
    /// Text within a string literal of OData.
    OData,
}

/// The names of the parameters, in lower case.
const NAMES: [(&str, Parameter); 4] = [
    ("escapejson", Parameter::Json),
    ("escapeurl", Parameter::Url),
    ("escapeodata", Parameter::OData),
    ("urlencode", Parameter::Url),
];

impl Parameter {
    /// Every parameter.
    pub(crate) const ALL: [Self; 3] = [Self::Json, Self::Url, Self::OData];

    /// Reads a name, in upper or lower case.
    ///
    /// # Errors
    /// A sentence that names those there are.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let named = |(known, _): &&(&str, Self)| known.eq_ignore_ascii_case(name);
        NAMES.iter().find(named).map(|(_, parameter)| *parameter).ok_or_else(|| {
            let known = NAMES.map(|(known, _)| known).join(", ");
            format!("`{name}` is no parameter of a variable; there are {known}")
        })
    }

    /// Its name; the first where there are two.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| *name)
    }

    /// The escaped text.
    pub(crate) fn apply(self, text: &str) -> String {
        match self {
            Self::Json => json(text),
            Self::Url => utf8_percent_encode(text, UNRESERVED).to_string(),
            Self::OData => text.replace('\'', "''"),
        }
    }
}

/// Text as it stands between the quotes of a JSON string.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_does_what_its_name_says() {
        let text = "Pete \"O'Neil\" \\ 50%\n";
        let of = |name| Parameter::parse(name).unwrap().apply(text);
        assert_eq!(of("escapeJSON"), "Pete \\\"O'Neil\\\" \\\\ 50%\\n");
        assert_eq!(of("escapeurl"), "Pete%20%22O%27Neil%22%20%5C%2050%25%0A");
        assert_eq!(of("UrlEncode"), of("escapeurl"));
        assert_eq!(of("escapeodata"), "Pete \"O''Neil\" \\ 50%\n");
    }

    #[test]
    fn an_unknown_one_is_told_those_there_are() {
        let error = Parameter::parse("escapexml").unwrap_err();
        assert!(error.contains("escapejson, escapeurl, escapeodata, urlencode"), "{error}");
    }

    proptest! {
        #[test]
        fn escaped_text_is_data(text in ".*") {
            let quoted = format!("\"{}\"", Parameter::Json.apply(&text));
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text.clone());
            let encoded = Parameter::Url.apply(&text);
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            let decoded = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap();
            prop_assert_eq!(decoded, text.clone());
            let doubled = Parameter::OData.apply(&text);
            prop_assert_eq!(doubled.replace("''", "").matches('\'').count(), 0);
            prop_assert_eq!(doubled.replace("''", "'"), text);
        }
    }
}
