//! Paging cookies: where a next link goes on.
//!
//! In the documented form, a cookie within a cookie, which clients are to hand back as it is. Pages are found
//! by their offset, which the cookie carries beside the keys of Dataverse's own.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Where a next link goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) page: u32,
    pub(crate) offset: u32,
    /// The primary key's name, with its first and last value on the page before.
    pub(crate) keys: (String, String, String),
}

pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl Cookie {
    pub(crate) fn to_xml(&self) -> String {
        let (key, first, last) = &self.keys;
        let inner = format!(
            "<cookie page=\"{}\" offset=\"{}\"><{key} last=\"{{{last}}}\" first=\"{{{first}}}\" /></cookie>",
            self.page.saturating_sub(1),
            self.offset
        );
        let inner = encoded(&inner);
        format!(
            "<cookie pagenumber=\"{}\" pagingcookie=\"{inner}\" istracking=\"False\" />",
            self.page
        )
    }

    pub(crate) fn from_xml(text: &str) -> Option<Self> {
        let document = roxmltree::Document::parse(text).ok()?;
        let outer = document.root_element();
        let page = outer.attribute("pagenumber")?.parse().ok()?;
        let inner = percent_decode_str(outer.attribute("pagingcookie")?).decode_utf8().ok()?;
        let inner = roxmltree::Document::parse(&inner).ok()?;
        let offset = inner.root_element().attribute("offset")?.parse().ok()?;
        Some(Self { page, offset, keys: Default::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_survives_the_way_there_and_back() {
        let keys = ("contactid".into(), "a".into(), "b".into());
        let cookie = Cookie { page: 2, offset: 5000, keys };
        let read = Cookie::from_xml(&cookie.to_xml()).unwrap();
        assert_eq!((read.page, read.offset), (2, 5000));
        assert_eq!(Cookie::from_xml("abc"), None);
        assert_eq!(Cookie::from_xml("<cookie pagenumber=\"2\" pagingcookie=\"x\"/>"), None);
    }
}
