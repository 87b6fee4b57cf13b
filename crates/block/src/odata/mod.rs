//! OData text made of data: whatever a caller says becomes a literal and never syntax. What is made here is plain text,
//! not percent-encoded; the host encodes it.
//!
//! [`column()`] and what it leads to make conditions for [`dynamics::Query`](crate::dynamics::Query); [`literal`] and
//! [`pattern`] make the values of a text that a block writes by itself.
//!
//! ```
//! use patchcord_block::odata::{literal, pattern};
//!
//! assert_eq!(literal("O'Neil"), "'O''Neil'");
//! assert_eq!(literal(2.5), "2.5");
//! assert_eq!(pattern("50%"), "'50[%]'");
//! ```

mod condition;
mod date;

pub use condition::{Column, Condition, column, not};
pub use date::{Date, date};

use crate::RecordId;

/// A value as an OData literal (OData 4.01 ABNF, `primitiveLiteral`): text in quotes, its own quotes doubled; numbers,
/// booleans, record ids and points in time bare; `None` is `null`.
pub fn literal(value: impl Literal) -> String {
    value.literal()
}

/// Text as the quoted operand of `contains`, `startswith` or `endswith`: `%`, `_` and `[`, in which Dataverse sees
/// wildcards there, are put in brackets (Power Apps documentation, "Use wildcard characters in conditions using string
/// values").
pub fn pattern(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' | '_' | '[' => plain.extend(['[', c, ']']),
            c => plain.push(c),
        }
    }
    plain.literal()
}

/// What can be written as an OData literal.
pub trait Literal {
    /// The literal, ready to stand in a `$filter`.
    fn literal(&self) -> String;
}

impl Literal for str {
    fn literal(&self) -> String {
        format!("'{}'", self.replace('\'', "''"))
    }
}

impl Literal for String {
    fn literal(&self) -> String {
        self.as_str().literal()
    }
}

impl Literal for RecordId {
    fn literal(&self) -> String {
        self.as_str().into()
    }
}

impl<T: Literal + ?Sized> Literal for &T {
    fn literal(&self) -> String {
        (**self).literal()
    }
}

impl<T: Literal> Literal for Option<T> {
    fn literal(&self) -> String {
        self.as_ref().map_or_else(|| "null".into(), Literal::literal)
    }
}

macro_rules! bare {
    ($($type:ty),*) => {$(
        impl Literal for $type {
            fn literal(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

bare!(bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl Literal for f64 {
    fn literal(&self) -> String {
        match *self {
            value if value.is_nan() => "NaN".into(),
            f64::INFINITY => "INF".into(),
            f64::NEG_INFINITY => "-INF".into(),
            value => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_type_has_its_literal() {
        let id = RecordId::new("5531D753-95af-e711-a94e-000d3a11e605").unwrap();
        assert_eq!(literal("O'Neil"), "'O''Neil'");
        assert_eq!(literal(String::from("a")), "'a'");
        assert_eq!(literal(&id), "5531d753-95af-e711-a94e-000d3a11e605");
        assert_eq!(literal(-5), "-5");
        assert_eq!(literal(2.50), "2.5");
        assert_eq!(literal(1e21), "1000000000000000000000");
        assert_eq!(literal(f64::NEG_INFINITY), "-INF");
        assert_eq!(literal(true), "true");
        assert_eq!(literal(None::<&str>), "null");
        assert_eq!(literal(Some("x")), "'x'");
    }

    /// Reads one literal as OData does; none where it ends early, or not at all.
    fn read(literal: &str) -> Option<String> {
        let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
        let lone = inner.replace("''", "");
        (!lone.contains('\'')).then(|| inner.replace("''", "'"))
    }

    /// Reads a pattern as Dataverse does; none where it holds a wildcard.
    fn matched(pattern: &str) -> Option<String> {
        let mut out = String::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' | '_' => return None,
                '[' => {
                    out.push(chars.next()?);
                    chars.next().filter(|close| *close == ']')?;
                }
                c => out.push(c),
            }
        }
        Some(out)
    }

    proptest! {
        #[test]
        fn any_text_is_one_literal(text in ".*") {
            prop_assert_eq!(read(&literal(&text)), Some(text));
        }

        #[test]
        fn any_text_is_matched_as_itself(text in "[%_\\[\\]'a-c]*|.*") {
            let pattern = read(&pattern(&text)).unwrap();
            prop_assert_eq!(matched(&pattern), Some(text));
        }

        #[test]
        fn numbers_are_read_back(integer: i64, real: f64) {
            prop_assert_eq!(literal(integer).parse(), Ok(integer));
            let read: f64 = literal(real).parse().unwrap();
            prop_assert!(read == real || (read.is_nan() && real.is_nan()));
        }
    }
}
