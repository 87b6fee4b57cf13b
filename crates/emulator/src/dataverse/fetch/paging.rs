//! Pages of a FetchXML query, and the cookies that lead from one to the next.
//!
//! A cookie has Dataverse's form: first and last value of the columns that the page was ordered by, and
//! of the primary key, encoded twice within a cookie of its own. Rows are found by number of page and
//! size; the cookie is checked, and lifts the limit of simple paging.
//!
//! Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/page-results.

use percent_encoding::percent_decode_str;
use roxmltree::Document;

use super::super::errors::DataverseError;
use super::super::query::options::MAX_PAGE;
use super::document::Fetch;
use super::fault;

/// The last row that can be had without a cookie.
const MAX_SIMPLE: u64 = 50_000;

/// Which part of the rows is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) page: u32,
    pub(crate) size: u32,
    pub(crate) offset: u64,
}

impl Part {
    /// `preferred` is the page size of the request's header, for a query that names none. `order` are
    /// the names that a cookie must hold.
    pub(crate) fn of(
        fetch: &Fetch,
        preferred: Option<u32>,
        order: &[&str],
    ) -> Result<Self, DataverseError> {
        if let Some(top) = fetch.top {
            if top > MAX_PAGE {
                let message = "The value of the top attribute cannot exceed 5000.";
                return Err(fault("0x80040203", message));
            }
            return Ok(Self { page: 1, size: top, offset: 0 });
        }
        let size = fetch.count.or(preferred).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let before = fetch.cookie.as_deref().map(|text| read(text, order)).transpose()?;
        let page = fetch.page.or(before.map(|page| page.saturating_add(1))).unwrap_or(1);
        let offset = u64::from(page - 1) * u64::from(size);
        if before.is_none() && offset + u64::from(size) > MAX_SIMPLE {
            let message = "Over upper limit of records that can be requested without a paging cookie. \
                           A paging cookie is required when retrieving a high page number.";
            return Err(fault("0x8004430a", message));
        }
        Ok(Self { page, size, offset })
    }
}

/// The page that a cookie is of. Clients hand it back as it was, decoded once or twice, or within the
/// outer cookie.
fn read(text: &str, order: &[&str]) -> Result<u32, DataverseError> {
    let malformed = || fault("0x80040203", "Malformed XML in the Paging Cookie");
    let mut text = text.trim().to_owned();
    for _ in 0..2 {
        if !text.starts_with('<') {
            text = percent_decode_str(&text).decode_utf8().map_err(|_| malformed())?.into_owned();
        }
    }
    let document = Document::parse(&text).map_err(|_| malformed())?;
    let root = document.root_element();
    if let Some(inner) = root.attribute("pagingcookie") {
        return read(inner, order);
    }
    let page = root.attribute("page").and_then(|page| page.parse().ok()).filter(|page| *page > 0);
    let page = page.ok_or_else(|| fault("0x8004112a", "Invalid page number in paging cookie."))?;
    let columns: Vec<&str> = root
        .children()
        .filter(|node| node.is_element())
        .map(|node| node.tag_name().name())
        .collect();
    if columns.is_empty() || columns == order {
        return Ok(page);
    }
    Err(fault("0x80041129", "Order by columns do not match those in paging cookie."))
}

/// A column of a cookie: name, first and last value.
pub(crate) struct Edge {
    pub(crate) name: String,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
}

/// The cookie that leads from page `page` to the next.
pub(crate) fn cookie(page: u32, edges: &[Edge]) -> String {
    let mut inner = format!("<cookie page=\"{page}\">");
    for Edge { name, first, last } in edges {
        inner += &format!("<{name}");
        for (which, value) in [("last", last), ("first", first)] {
            match value {
                Some(value) => inner += &format!(" {which}=\"{}\"", escaped(value)),
                None => inner += &format!(" {which}null=\"1\""),
            }
        }
        inner += " />";
    }
    inner += "</cookie>";
    let inner = encoded(&encoded(&inner));
    format!(
        "<cookie pagenumber=\"{}\" pagingcookie=\"{inner}\" istracking=\"False\" />",
        page.saturating_add(1)
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\t' | '\n' | '\r' => escaped += &format!("&#{};", u32::from(c)),
            // No XML can say these.
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Percent-encoded with small hexadecimal digits, as in Dataverse's cookies.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded += &format!("%{byte:02x}"),
        }
    }
    encoded
}

#[cfg(test)]
#[path = "paging_tests.rs"]
mod tests;
