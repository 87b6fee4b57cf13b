//! Reads the members of a JSON object one by one and says which one is wrong.
//!
//! For the small documents that steer the emulator. Unlike a derived reader it knows the place of a
//! fault inside tagged objects too, and what no reader asked for is a fault as well.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Misread {
    /// A JSON pointer, such as `/kind`; `/` for the whole document.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Misread {
    pub(crate) fn at(name: &str, reason: impl Into<String>) -> Self {
        Self { place: format!("/{name}"), reason: reason.into() }
    }
}

/// An object whose members are taken out as they are understood.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Misread> {
        let value = serde_json::from_slice(text)
            .map_err(|error| Misread::at("", format!("this is not JSON: {error}")))?;
        Self::of(value)
    }

    pub(crate) fn of(value: Value) -> Result<Self, Misread> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(Misread::at("", "a JSON object is needed")),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn is_text(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_string)
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Misread> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Misread::at(name, "a text is needed")),
        }
    }

    pub(crate) fn number(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Misread> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let found = value.as_u64().filter(|number| range.contains(number));
        found.map(Some).ok_or_else(|| out_of(name, &range))
    }

    /// A number that fits 32 bits.
    pub(crate) fn short(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
    ) -> Result<Option<u32>, Misread> {
        let wide = u64::from(*range.start())..=u64::from(*range.end());
        let number = self.number(name, wide)?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    pub(crate) fn integer(
        &mut self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Misread> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let found = value.as_i64().filter(|number| range.contains(number));
        found.map(Some).ok_or_else(|| out_of(name, &range))
    }

    /// A number from 0 to 1.
    pub(crate) fn fraction(&mut self, name: &str) -> Result<Option<f64>, Misread> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let found = value.as_f64().filter(|number| (0.0..=1.0).contains(number));
        found.map(Some).ok_or_else(|| Misread::at(name, "a number from 0 to 1 is needed"))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Misread> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(Misread::at(name, "true or false is needed")),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Misread> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Misread::at(name, "there is no such member here")),
        }
    }
}

/// The value of a member that must be there.
pub(crate) fn needed<T>(name: &str, value: Option<T>) -> Result<T, Misread> {
    value.ok_or_else(|| Misread::at(name, "this member is needed"))
}

fn out_of<T: std::fmt::Display>(name: &str, range: &RangeInclusive<T>) -> Misread {
    let reason = format!("a whole number from {} to {} is needed", range.start(), range.end());
    Misread::at(name, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let mut members = Members::of(json!({"n": 7, "t": "x", "f": 1.5, "more": 1})).unwrap();
        assert_eq!(members.number("n", 0..=9), Ok(Some(7)));
        assert_eq!(members.text("missing"), Ok(None));
        assert_eq!(members.fraction("f").unwrap_err().place, "/f");
        assert_eq!(members.flag("t").unwrap_err().to_string(), "/t: true or false is needed");
        assert_eq!(members.end().unwrap_err().place, "/more");
        assert_eq!(Members::parse(b"{").err().map(|wrong| wrong.place), Some("/".to_owned()));
        assert_eq!(needed::<u8>("ms", None).unwrap_err().place, "/ms");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Members::parse(text.as_bytes());
        }

        #[test]
        fn numbers_outside_the_range_are_refused(number in any::<i64>()) {
            let mut members = Members::of(json!({"n": number})).unwrap();
            let read = members.number("n", 3..=1000);
            prop_assert_eq!(read.is_ok(), (3..=1000).contains(&number));
        }
    }
}
