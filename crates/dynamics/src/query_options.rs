//! OData query options as a designer types them, made into the query part of a URL.
//!
//! The text is plain, never percent-encoded: whatever stands inside a string literal is data and reaches
//! Dataverse unchanged, be it `&`, `#`, `+` or `%`. This splits options from each other and looks no further:
//! whether a filter makes sense is Dataverse's to say.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, ErrorKind, excerpt};

/// Options that Dataverse knows ("Query data using the Web API").
const KNOWN: [&str; 7] = ["$select", "$filter", "$orderby", "$top", "$count", "$expand", "$apply"];

/// Everything is encoded but what RFC 3986 leaves alone, and the punctuation that keeps a logged URL legible.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b',')
    .remove(b'(')
    .remove(b')')
    .remove(b'@')
    .remove(b':')
    .remove(b'/');

/// Encodes query options such as `?$select=fullname&$filter=lastname eq 'O''Brien & Co'`.
///
/// A leading `?` is optional, so is the order; an `&` separates options unless it stands inside a `'…'`
/// literal or a `"…"` string of an array. The answer has no leading `?` and is empty for empty text.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] with what to write instead: an unknown or repeated option, text without
/// an option name, a literal that does not end, percent-encoding outside a literal.
pub fn encode_query_options(options: &str) -> Result<String, Error> {
    let text = options.trim();
    let text = text.strip_prefix('?').unwrap_or(text);
    let mut names: Vec<&str> = Vec::new();
    let mut encoded = String::with_capacity(text.len() + text.len() / 2);
    for option in split_options(text)? {
        let option = option.trim();
        if option.is_empty() {
            continue;
        }
        let (name, value) = read_option(option)?;
        if names.contains(&name) {
            return Err(invalid(format!("the option {name} appears twice; keep one")));
        }
        names.push(name);
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.extend(utf8_percent_encode(name, ENCODED));
        encoded.push('=');
        encoded.extend(utf8_percent_encode(value, ENCODED));
    }
    Ok(encoded)
}

/// As [`encode_query_options`], refusing what makes no sense for a single record.
pub(crate) fn encode_record_options(options: &str) -> Result<String, Error> {
    let encoded = encode_query_options(options)?;
    let refused = encoded
        .split('&')
        .filter_map(|option| option.split('=').next())
        .find(|name| !matches!(*name, "" | "$select" | "$expand"));
    match refused {
        None => Ok(encoded),
        Some(name) => Err(invalid(format!(
            "the option {name} makes no sense for a single record; use $select and $expand only"
        ))),
    }
}

enum Place {
    Outside,
    Literal,
    JsonString { escaped: bool },
}

/// Splits at each `&` that is outside literals and strings.
fn split_options(text: &str) -> Result<Vec<&str>, Error> {
    let mut place = Place::Outside;
    let mut opened = 0;
    let mut start = 0;
    let mut options = Vec::new();
    // What matters is ASCII, whose bytes are no part of any other letter.
    for (at, byte) in text.bytes().enumerate() {
        place = match (place, byte) {
            (Place::Outside, b'\'' | b'"') => {
                opened = at;
                if byte == b'"' { Place::JsonString { escaped: false } } else { Place::Literal }
            }
            (Place::Outside, b'&') => {
                options.push(&text[start..at]);
                start = at + 1;
                Place::Outside
            }
            (Place::Outside, b'%') => check_percent(&text[at..]).map(|()| Place::Outside)?,
            // A doubled quote closes the literal and opens it again at once.
            (Place::Literal, b'\'') | (Place::JsonString { escaped: false }, b'"') => {
                Place::Outside
            }
            (Place::JsonString { escaped: false }, b'\\') => Place::JsonString { escaped: true },
            (Place::JsonString { .. }, _) => Place::JsonString { escaped: false },
            (place, _) => place,
        };
    }
    if !matches!(place, Place::Outside) {
        return Err(invalid(format!(
            "a quote is opened but not closed in '{}'; a quote that belongs to the text is written twice",
            excerpt(&text[opened..])
        )));
    }
    options.push(&text[start..]);
    Ok(options)
}

/// Text copied from a browser's address line would otherwise arrive encoded twice.
fn check_percent(rest: &str) -> Result<(), Error> {
    let is_encoded =
        rest.as_bytes().get(1..3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if is_encoded {
        return Err(invalid(format!(
            "'{}' is percent-encoded; write the options as plain text",
            excerpt(rest)
        )));
    }
    Ok(())
}

fn read_option(option: &str) -> Result<(&str, &str), Error> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let (name, value) = (name.trim(), value.trim());
    if is_alias(name) || KNOWN.contains(&name) {
        if value.is_empty() {
            return Err(invalid(format!("the option {name} has no value")));
        }
        return Ok((name, value));
    }
    Err(invalid(explain_unknown(name, option)))
}

/// A parameter alias such as `@p1`, used by a filter of the same query.
fn is_alias(name: &str) -> bool {
    name.strip_prefix('@').is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

fn explain_unknown(name: &str, option: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let bare = lower.trim_start_matches('$');
    if let Some(known) = KNOWN.iter().find(|known| known.trim_start_matches('$') == bare) {
        return format!("'{}' is no query option; write {known}", excerpt(name));
    }
    match bare {
        "skip" | "search" | "format" if name.starts_with('$') => {
            format!("Dataverse does not support the option {name}")
        }
        _ => format!(
            "'{}' is no query option; one starts with a name such as $filter=, and an & that belongs to \
             a value stands inside quotes",
            excerpt(option)
        ),
    }
}

fn invalid(message: String) -> Error {
    Error::local(ErrorKind::InvalidRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    fn at_far_side(options: &str) -> Vec<(String, String)> {
        let encoded = encode_query_options(options).unwrap();
        let url =
            Url::parse(&format!("https://org.example/api/data/v9.2/contacts?{encoded}")).unwrap();
        assert!(url.fragment().is_none());
        url.query_pairs().into_owned().collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn options_arrive_in_order() {
        let expected = vec![
            pair("$top", "2"),
            pair("$filter", "telephone1 eq '+1 (317)' and lastname eq 'A & B #1 100%25'"),
            pair("$select", "fullname,telephone1"),
        ];
        let text = "? $top = 2& $filter=telephone1 eq '+1 (317)' and lastname eq 'A & B #1 100%25' \
                    &$select=fullname,telephone1&";
        assert_eq!(at_far_side(text), expected);
        assert_eq!(encode_query_options(" ? ").unwrap(), "");
    }

    #[test]
    fn strings_of_arrays_and_aliases_are_data() {
        let filter = r#"Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=["a'&\"b","+"])"#;
        assert_eq!(
            at_far_side(&format!("$filter={filter}&@p1='name'")),
            vec![pair("$filter", filter), pair("@p1", "'name'")]
        );
    }

    #[test]
    fn plus_is_sent_encoded() {
        assert!(encode_query_options("$filter=a eq '+1'").unwrap().contains("%2B1"));
    }

    #[test]
    fn faults_say_what_to_write() {
        for (text, hint) in [
            ("fullname eq 'x'", "starts with a name such as $filter="),
            ("filter=a eq 1", "write $filter"),
            ("$Filter=a eq 1", "write $filter"),
            ("$skip=2", "does not support the option $skip"),
            ("$filter=a eq 'x", "not closed"),
            ("$filter=a eq 'x' & Co'", "not closed"),
            ("$filter=a eq 1&b eq 2", "inside quotes"),
            ("$filter=a%20eq%201", "plain text"),
            ("$top=1&$top=2", "twice"),
            ("$filter=", "no value"),
            ("$filter", "no value"),
        ] {
            let error = encode_query_options(text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidRequest, "{text}");
            assert!(error.message.contains(hint), "{text}: {}", error.message);
        }
    }

    #[test]
    fn a_single_record_takes_columns_only() {
        assert!(encode_record_options("$select=a&$expand=b($select=c)").is_ok());
        assert!(encode_record_options("").is_ok());
        assert!(encode_record_options("$select=a&$filter=b eq '$select'").is_err());
    }

    proptest! {
        #[test]
        fn any_text_in_a_literal_stays_data(text in any::<String>()) {
            let filter = format!("lastname eq '{}'", text.replace('\'', "''"));
            prop_assert_eq!(at_far_side(&format!("$filter={filter}")), vec![pair("$filter", &filter)]);
        }

        #[test]
        fn a_literal_between_options_moves_nothing(text in "[&#+%$='\"?\\\\ a]{0,20}") {
            let filter = format!("a eq '{}' or b eq 1", text.replace('\'', "''"));
            prop_assert_eq!(
                at_far_side(&format!("?$top=1&$filter={filter}&$select=a")),
                vec![pair("$top", "1"), pair("$filter", &filter), pair("$select", "a")]
            );
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = encode_query_options(&text);
        }
    }
}
