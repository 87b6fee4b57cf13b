//! The columns of a write: a JSON object whose values are passed on as they were written.
//!
//! Amounts have more digits than a floating point number holds, so the values are never read as numbers.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::Error;

/// Columns in the order in which they were written.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    text: &'a str,
    members: Vec<(Cow<'a, str>, Cow<'a, RawValue>)>,
    is_changed: bool,
}

impl<'a> Columns<'a> {
    /// Reads a JSON object.
    pub(crate) fn read(text: &'a str) -> Result<Self, Error> {
        let members: Members<'a> = serde_json::from_str(text).map_err(|_| {
            Error::invalid("the columns are no JSON object, such as {\"lastname\": \"Miller\"}")
        })?;
        Ok(Self { text, members: members.0, is_changed: false })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_ref())
    }

    /// The bytes to send: those that were given, unless something was put in their place.
    pub(crate) fn into_bytes(self) -> Bytes {
        if !self.is_changed {
            return Bytes::copy_from_slice(self.text.as_bytes());
        }
        serde_json::to_vec(&self).map_or_else(|_| Bytes::new(), Bytes::from)
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            members.push((Cow::Owned(name), Cow::Borrowed(value)));
        }
        Ok(Members(members))
    }
}

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.members.iter().map(|(name, value)| (name, value)))
    }
}
