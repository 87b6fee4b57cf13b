//! Reads JSON objects whose names are data: the same name twice is a fault, where serde would let the last one win.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Reads an object into any collection of pairs.
pub(crate) fn unique<'de, D, V, C>(deserializer: D) -> Result<C, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
    C: FromIterator<(String, V)>,
{
    let entries = deserializer.deserialize_map(Entries(PhantomData))?;
    Ok(entries.into_iter().collect())
}

struct Entries<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
    type Value = Vec<(String, V)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(String, V)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        while let Some((name, value)) = map.next_entry::<String, V>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("`{name}` stands here twice")));
            }
            entries.push((name, value));
        }
        Ok(entries)
    }
}
