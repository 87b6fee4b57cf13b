//! FetchXML documents: checked before they are sent, and turned to their next page.
//!
//! "Page results using FetchXML" of Microsoft's documentation. Only the start tag of the document is ever changed; what
//! it asks for stays as it was written.

use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use roxmltree::{Document, Node};

use crate::error::Error;

/// Records that Dataverse puts into a page at most.
const MAX_PAGE: u32 = 5_000;

/// A checked document.
#[derive(Debug, Clone)]
pub(crate) struct FetchXml {
    /// From `<fetch` to the end of the document, without the paging attributes.
    before: String,
    after: String,
    is_limited: bool,
    count: Option<u32>,
    page: u32,
    cookie: Option<String>,
}

impl FetchXml {
    /// Reads `text`. `page_size` takes the place of the document's own `count`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] with the place of the fault.
    pub(crate) fn read(text: &str, page_size: Option<u32>) -> Result<Self, Error> {
        let text = text.trim();
        let document = Document::parse(text)
            .map_err(|error| Error::invalid(format!("the FetchXML is no XML: {error}")))?;
        let root = document.root_element();
        if !root.has_tag_name("fetch") {
            return Err(fault(&document, root, "the document must begin with <fetch>"));
        }
        let mut entities = root.children().filter(|child| child.has_tag_name("entity"));
        match (entities.next(), entities.next()) {
            (Some(entity), None)
                if entity.attribute("name").is_some_and(|name| !name.is_empty()) => {}
            (Some(entity), None) => {
                return Err(fault(
                    &document,
                    entity,
                    "<entity> must have a name, such as name=\"contact\"",
                ));
            }
            _ => return Err(fault(&document, root, "<fetch> must hold exactly one <entity>")),
        }
        let number = |name: &str| number(&document, root, name);
        let (top, own_count, page) = (number("top")?, number("count")?, number("page")?);
        let (before, after) = split(text, root);
        Ok(Self {
            before,
            after,
            is_limited: top.is_some() || root.attribute("aggregate") == Some("true"),
            count: page_size.or(own_count).map(|count| count.clamp(1, MAX_PAGE)),
            page: page.unwrap_or(1).max(1),
            cookie: root.attribute("paging-cookie").map(str::to_owned),
        })
    }

    /// Whether the answer can have further pages.
    pub(crate) fn has_pages(&self) -> bool {
        !self.is_limited
    }

    /// The document after this page, for the cookie that came with it; without one, pages are counted.
    ///
    /// # Errors
    /// The cookie cannot be read.
    pub(crate) fn next(&self, cookie: Option<&str>) -> Option<Self> {
        let cookie = match cookie {
            Some(text) => Some(read_cookie(text)?),
            None => None,
        };
        Some(Self { page: self.page.checked_add(1)?, cookie, ..self.clone() })
    }

    /// The query part of the address.
    pub(crate) fn to_query(&self) -> String {
        format!("fetchXml={}", utf8_percent_encode(&self.to_xml(), NON_ALPHANUMERIC))
    }

    fn to_xml(&self) -> String {
        let mut xml = self.before.clone();
        if !self.is_limited {
            if let Some(count) = self.count {
                // Writing into a string cannot fail.
                let _ = write!(xml, " count=\"{count}\"");
            }
            if self.page > 1 {
                let _ = write!(xml, " page=\"{}\"", self.page);
            }
            if let Some(cookie) = &self.cookie {
                let _ = write!(xml, " paging-cookie=\"{}\"", escape(cookie));
            }
        }
        xml.push_str(&self.after);
        xml
    }
}

/// The start tag without paging attributes, ready for others, and what follows its attributes.
fn split(text: &str, root: Node<'_, '_>) -> (String, String) {
    let start = root.range().start;
    let mut end = start + "<fetch".len();
    let mut before = text[start..end].to_owned();
    for attribute in root.attributes() {
        if !matches!(attribute.name(), "page" | "count" | "paging-cookie") {
            let _ = write!(before, " {}", &text[attribute.range()]);
        }
        end = end.max(attribute.range().end);
    }
    (before, text[end..].to_owned())
}

fn number(document: &Document<'_>, root: Node<'_, '_>, name: &str) -> Result<Option<u32>, Error> {
    let Some(text) = root.attribute(name) else { return Ok(None) };
    match text.trim().parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(fault(document, root, &format!("the attribute {name} must be a number"))),
    }
}

fn fault(document: &Document<'_>, node: Node<'_, '_>, wrong: &str) -> Error {
    let place = document.text_pos_at(node.range().start);
    Error::invalid(format!("the FetchXML at line {}, column {}: {wrong}", place.row, place.col))
}

/// The cookie inside `<cookie pagenumber="2" pagingcookie="…" istracking="False"/>`, which is encoded twice.
fn read_cookie(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let encoded = document.root_element().attribute("pagingcookie")?;
    let once = percent_decode_str(encoded).decode_utf8().ok()?;
    Some(percent_decode_str(&once).decode_utf8().ok()?.into_owned())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"<entity name="contact"><attribute name="fullname"/></entity></fetch>"#;

    fn read(start: &str, page_size: Option<u32>) -> FetchXml {
        FetchXml::read(&format!("{start}{BODY}"), page_size).unwrap()
    }

    #[test]
    fn only_paging_attributes_are_changed() {
        let fetch =
            read(r#"<?xml version="1.0"?><fetch page='3' count="9"  distinct='true' >"#, Some(50));
        assert_eq!(
            fetch.to_xml(),
            format!(r#"<fetch distinct='true' count="50" page="3" >{BODY}"#)
        );
        assert_eq!(read("<fetch>", None).to_xml(), format!("<fetch>{BODY}"));
        assert_eq!(read("<fetch>", Some(9_000)).to_xml(), format!(r#"<fetch count="5000">{BODY}"#));
    }

    #[test]
    fn the_next_page_has_the_cookie() {
        let cookie = r#"<cookie pagenumber="2" pagingcookie="%253ccookie%2520page%253d%25221%2522%253e%253c%252fcookie%253e" istracking="False" />"#;
        let next = read("<fetch>", Some(2)).next(Some(cookie)).unwrap();
        let expected = r#"<fetch count="2" page="2" paging-cookie="&lt;cookie page=&quot;1&quot;&gt;&lt;/cookie&gt;">"#;
        assert_eq!(next.to_xml(), format!("{expected}{BODY}"));
        let third = next.next(None).unwrap();
        assert_eq!(third.to_xml(), format!(r#"<fetch count="2" page="3">{BODY}"#));
        assert!(next.next(Some("<cookie/>")).is_none());
    }

    #[test]
    fn a_limited_document_has_no_pages() {
        let fetch = read(r#"<fetch top="3">"#, Some(50));
        assert!(!fetch.has_pages());
        assert_eq!(fetch.to_xml(), format!(r#"<fetch top="3">{BODY}"#));
    }

    #[test]
    fn faults_are_told_with_their_place() {
        for (text, hint) in [
            ("", "no XML"),
            ("<fetch>", "no XML"),
            ("<fetch><entity name='a'></fetch>", "1:"),
            ("<find/>", "begin with <fetch>"),
            ("<fetch/>", "exactly one <entity>"),
            ("<fetch><entity name='a'/><entity name='b'/></fetch>", "exactly one"),
            ("<fetch>\n  <entity/></fetch>", "line 2, column 3"),
            ("<fetch count='x'><entity name='a'/></fetch>", "count must be a number"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><fetch><entity name='a'/></fetch>", "no XML"),
        ] {
            let error = FetchXml::read(text, None).unwrap_err();
            assert!(error.message.contains(hint), "{text}: {}", error.message);
        }
    }
}
