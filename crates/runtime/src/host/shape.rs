//! What a trace shows of a request: its form, never a value in it. Tables, columns, options and operators stay; texts,
//! numbers, dates, keys and whatever cannot be told apart from them become `…`.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use crate::text::cut;
use crate::{Execute, Link, PhoneSearch, QueryText, Reference};

/// Longest form, in bytes: a query may have thousands of values.
const SHAPE_BYTES: usize = 512;
/// What stands for a value.
const VALUE: &str = "…";

/// Attributes of FetchXML that hold names and numbers of the query, and never a value that is compared with.
const FETCH_ATTRIBUTES: [&str; 18] = [
    "name",
    "attribute",
    "operator",
    "entityname",
    "from",
    "to",
    "link-type",
    "alias",
    "type",
    "order",
    "descending",
    "top",
    "count",
    "page",
    "aggregate",
    "groupby",
    "distinct",
    "intersect",
];

pub(super) fn query(entity_set: &str, text: QueryText<'_>) -> String {
    let shape = match text {
        QueryText::OData(options) => {
            let options = options.trim_start_matches('?');
            // Measured: the form of a query is made for every read.
            let mut shape = String::with_capacity(entity_set.len() + 1 + options.len());
            shape.push_str(entity_set);
            shape.push('?');
            push_odata(&mut shape, options);
            shape
        }
        QueryText::FetchXml(fetch) => format!("{entity_set}?{}", fetch_xml(fetch)),
    };
    cut(shape, SHAPE_BYTES)
}

pub(super) fn count(entity_set: &str, filter: &str) -> String {
    cut(format!("{entity_set}/$count?$filter={}", odata(filter)), SHAPE_BYTES)
}

pub(super) fn retrieve(record: Reference<'_>, options: &str) -> String {
    cut(format!("{}?{}", reference(record), odata(options.trim_start_matches('?'))), SHAPE_BYTES)
}

/// A write of one record: its table, how it is named, and the columns that are written.
pub(super) fn write(record: Reference<'_>, columns: &str) -> String {
    cut(format!("{}: {}", reference(record), names(columns)), SHAPE_BYTES)
}

pub(super) fn create(entity_set: &str, columns: &str) -> String {
    cut(format!("{entity_set}: {}", names(columns)), SHAPE_BYTES)
}

pub(super) fn delete(record: Reference<'_>) -> String {
    cut(reference(record), SHAPE_BYTES)
}

pub(super) fn link(asked: &Link<'_>) -> String {
    let Link { record, relationship, to, .. } = asked;
    cut(format!("{}/{relationship}: {}", reference(*record), reference(*to)), SHAPE_BYTES)
}

pub(super) fn execute(asked: &Execute<'_>) -> String {
    let bound = asked.bound_to.map(|record| reference(record) + "/").unwrap_or_default();
    cut(format!("{bound}{}: {}", asked.action, names(asked.parameters)), SHAPE_BYTES)
}

pub(super) fn phone(searches: &[PhoneSearch]) -> String {
    let searches = searches.iter();
    let searches = searches.map(|s| format!("{}: {}", s.entity_set, s.columns.join(", ")));
    cut(searches.collect::<Vec<_>>().join("; "), SHAPE_BYTES)
}

/// `contacts(…)`, or the columns of an alternate key.
fn reference(record: Reference<'_>) -> String {
    let key = match record.key.contains('=') {
        true => odata(record.key),
        false => VALUE.to_string(),
    };
    format!("{}({key})", record.entity_set)
}

/// The names in a JSON object; none where it is no object.
fn names(json: &str) -> String {
    let names = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(json).unwrap_or_default();
    names.into_keys().collect::<Vec<_>>().join(", ")
}

/// Query options of OData without their values.
fn odata(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    push_odata(&mut shape, text);
    shape
}

fn push_odata(shape: &mut String, text: &str) {
    // What stays is copied in one piece up to the next value.
    let (mut rest, mut staying) = (text, 0);
    while let Some(&first) = rest.as_bytes().get(staying) {
        let word = &rest[staying..];
        let (length, shown) = match first {
            b'\'' => (length_of_literal(word, first), Some("'…'")),
            b'"' => (length_of_literal(word, first), Some("\"…\"")),
            _ if ends_word(first) => (1, None),
            _ => {
                let length = word.bytes().position(ends_word).unwrap_or(word.len());
                (length, (!is_name(&word[..length])).then_some(VALUE))
            }
        };
        let Some(shown) = shown else {
            staying += length;
            continue;
        };
        shape.extend([&rest[..staying], shown]);
        (rest, staying) = (&word[length..], 0);
    }
    shape.push_str(rest);
}

/// Whether it is a quote, or stands between words.
fn ends_word(byte: u8) -> bool {
    // Not `contains`, which compares with one after the other.
    matches!(
        byte,
        b'(' | b')' | b'=' | b'&' | b',' | b';' | b'/' | b' ' | b':' | b'*' | b'?' | b'\'' | b'"'
    )
}

/// To the quote that ends the literal at the start of `text`, that quote included; a doubled one stands for itself.
fn length_of_literal(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(more) = bytes[at..].iter().position(|&byte| byte == quote) {
        at += more + 1;
        if bytes.get(at) != Some(&quote) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// Whether it names an option, a column, an operator or an annotation. What may be a number, a date or a key does not.
fn is_name(word: &str) -> bool {
    let name = word.trim_start_matches(['$', '@']).as_bytes();
    let starts = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let rest = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'@');
    starts && name.iter().all(rest) && !matches!(name, b"true" | b"false")
}

/// FetchXML without what is compared with: tags, and the attributes that hold names.
fn fetch_xml(text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        if !rest[..at].trim().is_empty() {
            shape.push_str(VALUE);
        }
        rest = &rest[at + 1..];
        let Some(end) = end_of_tag(rest) else { break };
        let (tag, after) = rest.split_at(end);
        rest = &after[1..];
        if tag.starts_with(['!', '?']) {
            shape.push_str(VALUE);
            continue;
        }
        shape.push('<');
        write_tag(&mut shape, tag);
        shape.push('>');
    }
    shape
}

/// Where the `>` is that is not within an attribute's value.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, letter)| {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        None
    })
}

fn write_tag(shape: &mut String, tag: &str) {
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    shape.push_str(&tag[..name_end]);
    let mut rest = tag[name_end..].trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((value, left)) = after[1..].split_once(quote) else { break };
        let name = name.trim();
        let shown = FETCH_ATTRIBUTES.contains(&name).then_some(value);
        shape.extend([" ", name, "=\"", shown.unwrap_or(VALUE), "\""]);
        rest = left.trim_start();
    }
    if rest.ends_with('/') {
        shape.push('/');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_and_values_go() {
        for (asked, shown) in [
            (
                "$select=fullname,contactid&$filter=telephone1 eq '+1 555' and statecode eq 0&$top=5",
                "$select=fullname,contactid&$filter=telephone1 eq '…' and statecode eq …&$top=…",
            ),
            (
                "$filter=contains(lastname,'O''Brien') or createdon gt 2026-01-31T10:00:00Z",
                "$filter=contains(lastname,'…') or createdon gt …:…:…",
            ),
            (
                "$filter=_parentcustomerid_value eq a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "$filter=_parentcustomerid_value eq …",
            ),
            ("$filter=donotphone eq true&$search=\"Ann\"", "$filter=donotphone eq …&$search=\"…\""),
            ("$filter=lastname eq 'never closed", "$filter=lastname eq '…'"),
            ("$filter=lastname eq Änne%27", "$filter=lastname eq …"),
            (
                "$expand=primarycontactid($select=fullname)",
                "$expand=primarycontactid($select=fullname)",
            ),
        ] {
            assert_eq!(odata(asked), shown);
        }
    }

    #[test]
    fn fetch_xml_shows_tags_and_names() {
        let asked = "<fetch top='5'><entity name=\"contact\"><filter><condition attribute=\"lastname\" \
                     operator=\"in\" uiname=\"Ann\"><value>O'Brien</value></condition><condition \
                     attribute='age' operator='gt' value='>40'/></filter></entity></fetch>";
        let shown = "<fetch top=\"5\"><entity name=\"contact\"><filter><condition attribute=\"lastname\" \
                     operator=\"in\" uiname=\"…\"><value>…</value></condition><condition \
                     attribute=\"age\" operator=\"gt\" value=\"…\"/></filter></entity></fetch>";
        assert_eq!(fetch_xml(asked), shown);
        assert_eq!(fetch_xml("Ann <!-- Ann --> <value>Ann"), "……<value>");
    }

    #[test]
    fn records_are_shown_by_table_and_columns() {
        let by = |key| Reference { entity_set: "contacts", key };
        assert_eq!(
            write(by("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), r#"{"lastname": "Ann", "age": 1}"#),
            "contacts(…): age, lastname"
        );
        assert_eq!(delete(by("emailaddress1='ann@example.com'")), "contacts(emailaddress1='…')");
        assert_eq!(create("contacts", "no object: Ann"), "contacts: ");
    }

    proptest! {
        #[test]
        fn no_text_in_a_query_is_shown(value in "[A-Za-z0-9'<>&%+ ]{4,20}", before in "[a-z ]{0,5}") {
            // What is looked for is in no name of these queries.
            let marked = format!("Zq{value}Zq");
            let quoted = marked.replace('\'', "''");
            let shown = odata(&format!("$filter={before}lastname eq '{quoted}' and age gt 4&$top=1"));
            prop_assert!(!shown.contains("Zq"), "{}", shown);
            prop_assert!(shown.ends_with(" and age gt …&$top=…"), "{}", shown);
            let escaped = marked.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
            let fetch = format!("<condition attribute='lastname' value='{escaped}'/><value>{escaped}</value>");
            let shown = fetch_xml(&fetch);
            prop_assert!(!shown.contains("Zq"), "{}", shown);
        }

        #[test]
        fn any_text_has_a_shape(text in ".*") {
            odata(&text);
            fetch_xml(&text);
        }
    }
}
