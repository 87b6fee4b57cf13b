//! OData query options as a designer types them, made into the query part of a URL.
//!
//! The text is plain, never percent-encoded: whatever stands inside a string literal is data and reaches
//! Dataverse unchanged, be it `&`, `#`, `+` or `%`. This splits options from each other and looks no further:
//! whether a filter makes sense is Dataverse's to say.

use percent_encoding::percent_encode_byte;

use crate::error::{Error, ErrorKind, excerpt};

/// Options that Dataverse knows ("Query data using the Web API").
const KNOWN: [&str; 7] = ["$select", "$filter", "$orderby", "$top", "$count", "$expand", "$apply"];
/// How many options most queries have.
const FEW: usize = 4;

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
    let mut names: Vec<&str> = Vec::with_capacity(FEW);
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
        push_encoded(&mut encoded, name);
        encoded.push('=');
        push_encoded(&mut encoded, value);
    }
    Ok(encoded)
}

// Byte by byte, which for the short pieces between two encoded characters takes a fraction of the time of copying each.
fn push_encoded(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            // What RFC 3986 leaves alone, and the punctuation that keeps a logged URL legible.
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            b'$' | b',' | b'(' | b')' | b'@' | b':' | b'/' => encoded.push(char::from(byte)),
            _ => encoded.push_str(percent_encode_byte(byte)),
        }
    }
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

/// Splits at each `&` that is outside literals and strings.
fn split_options(text: &str) -> Result<Vec<&str>, Error> {
    let mut options = Vec::with_capacity(FEW);
    let (mut start, mut at) = (0, 0);
    // What matters is ASCII, whose bytes are no part of any other letter.
    let matters = |byte: &u8| matches!(byte, b'\'' | b'"' | b'&' | b'%');
    while let Some(skipped) = text.as_bytes()[at..].iter().position(matters) {
        at += skipped;
        let rest = &text[at..];
        at += match rest.as_bytes() {
            [b'&', ..] => {
                options.push(&text[start..at]);
                start = at + 1;
                1
            }
            [b'%', ..] => check_percent(rest).map(|()| 1)?,
            _ => length_of_quoted(rest).ok_or_else(|| {
                invalid(format!(
                    "a quote is opened but not closed in '{}'; a quote that belongs to the text is written twice",
                    excerpt(rest)
                ))
            })?,
        };
    }
    options.push(&text[start..]);
    Ok(options)
}

/// To the quote that ends the literal or the string of an array at the start of `text`, that quote included. A doubled
/// quote closes a literal and opens it again at once.
fn length_of_quoted(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.first()?;
    let mut at = 1;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == quote || byte == b'\\')? + 1;
        match bytes[at - 1] {
            b'\\' if quote == b'"' => at += 1,
            b'\\' => {}
            _ => return Some(at),
        }
    }
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
