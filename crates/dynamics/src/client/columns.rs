//! The columns of a write: a JSON object whose values are passed on as they were written.
//!
//! Amounts have more digits than a floating point number holds, so the values are never read as numbers.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::client::binding::Friendly;
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

    pub(crate) fn name(&self, at: usize) -> &str {
        self.members.get(at).map_or("", |(name, _)| name)
    }

    /// The lookups in their friendly form, and their places.
    pub(crate) fn friendly(&self) -> Vec<(usize, Friendly)> {
        let members = self.members.iter().enumerate();
        members
            .filter(|(_, (name, _))| !name.contains('@'))
            .filter_map(|(at, (_, value))| Some((at, Friendly::read(value.get())?)))
            .collect()
    }

    /// Puts another name and text, or `null`, at a place.
    pub(crate) fn put(
        &mut self,
        at: usize,
        name: String,
        value: &Option<String>,
    ) -> Result<(), Error> {
        let value = serde_json::value::to_raw_value(value)
            .map_err(|_| Error::invalid("the columns cannot be written"))?;
        if let Some(member) = self.members.get_mut(at) {
            *member = (Cow::Owned(name), Cow::Owned(value));
            self.is_changed = true;
        }
        Ok(())
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
