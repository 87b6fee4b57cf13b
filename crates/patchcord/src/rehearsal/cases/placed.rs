//! Something that a case says of one step: an answer, a question. Step and visit stand beside what is said, as it is
//! written, and what is said is read as strictly as it is without them.

use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::rehearsal::difference::Want;

/// What is said of one step, or of whichever.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "{T}OfStep", extend("additionalProperties" = false))]
pub struct Placed<T> {
    /// Id of the step; in a scenario that another one has started after that step and its visit, as in `start/1/find`.
    /// Left out: whichever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How often the run has come there; the first time is 1. Left out: whichever time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub visit: Option<u32>,
    /// What is said of it.
    #[serde(flatten)]
    pub what: T,
}

impl<T> Placed<T> {
    /// Whether this visit of a step is meant.
    pub fn is_at(&self, step: &str, visit: u32) -> bool {
        self.step.as_deref().is_none_or(|wanted| wanted == step)
            && self.visit.is_none_or(|wanted| wanted == visit)
    }

    /// What the case says of step and visit, part by part.
    pub(super) fn wants(&self) -> Vec<(&'static str, Want)> {
        let step = self.step.as_ref().map(|step| ("step", Want::Is(step.as_str().into())));
        let visit = self.visit.map(|visit| ("visit", Want::Is(visit.into())));
        step.into_iter().chain(visit).collect()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Reading(PhantomData))
    }
}

struct Reading<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Reading<T> {
    type Value = Placed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Placed<T>, A::Error> {
        let (mut step, mut visit) = (None, None);
        let others = Others { entries, step: &mut step, visit: &mut visit };
        let what = T::deserialize(MapAccessDeserializer::new(others))?;
        Ok(Placed { step, visit, what })
    }
}

/// The entries of an object but for step and visit, which are taken out on the way.
struct Others<'a, A> {
    entries: A,
    step: &'a mut Option<String>,
    visit: &'a mut Option<u32>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Others<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.entries.next_key::<String>()? {
            match key.as_str() {
                "step" => *self.step = self.entries.next_value()?,
                "visit" => {
                    *self.visit = self.entries.next_value()?;
                    if *self.visit == Some(0) {
                        return Err(A::Error::custom("`visit` counts from 1"));
                    }
                }
                _ => return seed.deserialize(key.into_deserializer()).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.entries.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::CannedAnswer;

    type Answer = Placed<CannedAnswer>;

    #[test]
    fn step_and_visit_stand_beside_what_is_said() {
        let answer: Answer =
            serde_json::from_str(r#"{"call": "query", "step": "find", "table": "t", "visit": 2}"#)
                .unwrap();
        assert_eq!((answer.step.as_deref(), answer.visit), (Some("find"), Some(2)));
        assert_eq!(answer.what.table.as_deref(), Some("t"));
        assert!(answer.is_at("find", 2) && !answer.is_at("find", 1) && !answer.is_at("other", 2));
        let anywhere: Answer = serde_json::from_str("{}").unwrap();
        assert!(anywhere.is_at("find", 7));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, told) in [
            ("{\"step\": \"a\",\n\"tabel\": 1}", "unknown field `tabel`"),
            ("{\n\"visit\": 0}", "counts from 1"),
            ("{\n\"visit\": \"x\"}", "invalid type"),
        ] {
            let error = serde_json::from_str::<Answer>(text).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains("line 2"), "{error}");
        }
    }
}
