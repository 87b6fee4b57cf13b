//! How service protection is set: off, as documented, or with other numbers.
//!
//! The numbers are the defaults of "Service protection API limits". In a text for the command line
//! and in JSON only what differs from them is given.

use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::members::{Members, Misread};

/// Whether and how much one user may ask of the Web API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Limits {
    /// Nothing is counted or refused.
    #[default]
    Off,
    /// Requests beyond these numbers answer 429.
    On(LimitValues),
}

/// The numbers of service protection, each for one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitValues {
    /// Requests in one window.
    pub requests: u32,
    /// Milliseconds of combined execution time in one window.
    pub execution_ms: u64,
    /// Requests under way at the same time.
    pub concurrent: u32,
    /// Length of the sliding window, in seconds.
    pub window_seconds: u32,
    /// Execution time that each operation counts, in milliseconds, in place of the time it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_ms: Option<u32>,
    /// Whether each operation in a `$batch` counts as a request. As documented a batch is one,
    /// and only its execution time is that of all of them.
    pub count_batch_operations: bool,
}

impl Default for LimitValues {
    /// The documented numbers: 6,000 requests, 1,200 seconds of execution and 52 at a time in
    /// 300 seconds.
    fn default() -> Self {
        Self {
            requests: 6000,
            execution_ms: 1_200_000,
            concurrent: 52,
            window_seconds: 300,
            request_ms: None,
            count_batch_operations: false,
        }
    }
}

/// A window longer than a day says nothing about a sliding window any more.
const LONGEST_WINDOW: u32 = 86_400;

impl LimitValues {
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(self.window_seconds.into())
    }

    fn read(members: &mut Members) -> Result<Self, Misread> {
        let documented = Self::default();
        Ok(Self {
            requests: members.short("requests", 1..=u32::MAX)?.unwrap_or(documented.requests),
            execution_ms: members
                .number("execution_ms", 1..=1_000_000_000_000)?
                .unwrap_or(documented.execution_ms),
            concurrent: members.short("concurrent", 1..=100_000)?.unwrap_or(documented.concurrent),
            window_seconds: members
                .short("window_seconds", 1..=LONGEST_WINDOW)?
                .unwrap_or(documented.window_seconds),
            request_ms: members.short("request_ms", 0..=3_600_000)?,
            count_batch_operations: members
                .flag("count_batch_operations")?
                .unwrap_or(documented.count_batch_operations),
        })
    }
}

impl Limits {
    /// Reads `{"mode": "off" | "documented" | "scaled", …}`; numbers go with `scaled` only.
    pub(crate) fn read(mut members: Members) -> Result<Self, Misread> {
        let mode = crate::members::needed("mode", members.text("mode")?)?;
        let limits = match mode.as_str() {
            "off" => Self::Off,
            "documented" => Self::On(LimitValues::default()),
            "scaled" => Self::On(LimitValues::read(&mut members)?),
            _ => return Err(Misread::at("mode", "off, documented or scaled is needed")),
        };
        members.end()?;
        Ok(limits)
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Off => json!({"mode": "off"}),
            Self::On(values) => {
                let documented = *values == LimitValues::default();
                let mode = if documented { "documented" } else { "scaled" };
                let mut json = serde_json::to_value(values).unwrap_or_default();
                json["mode"] = json!(mode);
                json
            }
        }
    }
}

impl FromStr for Limits {
    type Err = Misread;

    /// `off`, `documented`, or pairs such as `requests=20,window-seconds=5,request-ms=100`.
    fn from_str(text: &str) -> Result<Self, Misread> {
        if ["off", "documented"].contains(&text) {
            return Members::of(json!({"mode": text})).and_then(Self::read);
        }
        let mut object = json!({"mode": "scaled"});
        for pair in text.split(',') {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Misread::at(pair, "off, documented, or name=number pairs are needed")
            })?;
            let value = serde_json::from_str(value.trim())
                .map_err(|_| Misread::at(name, "a number is needed"))?;
            let name = name.trim().replace('-', "_");
            if name == "mode" {
                return Err(Misread::at("mode", "there is no such member here"));
            }
            object[name] = value;
        }
        Members::of(object).and_then(Self::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_are_read_from_words_and_pairs() {
        assert_eq!("off".parse(), Ok(Limits::Off));
        assert_eq!("documented".parse(), Ok(Limits::On(LimitValues::default())));
        let scaled: Limits = "requests=20, window-seconds=5,request-ms=100".parse().unwrap();
        let values = LimitValues {
            requests: 20,
            window_seconds: 5,
            request_ms: Some(100),
            ..LimitValues::default()
        };
        assert_eq!(scaled, Limits::On(values));
        let wrong = |text: &str| text.parse::<Limits>().unwrap_err().place;
        assert_eq!(wrong("requests=0"), "/requests");
        assert_eq!(wrong("speed=1"), "/speed");
        assert_eq!(wrong("some"), "/some");
        assert_eq!(wrong("mode=off"), "/mode");
    }

    #[test]
    fn numbers_go_with_scaled_only() {
        let read = |json| Members::of(json).and_then(Limits::read);
        let wrong = read(json!({"mode": "documented", "requests": 5})).unwrap_err();
        assert_eq!(wrong.place, "/requests");
        assert_eq!(read(json!({"mode": "none"})).unwrap_err().place, "/mode");
        assert_eq!(read(json!({})).unwrap_err().place, "/mode");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            requests in 1..=u32::MAX, execution_ms in 1..=1_000_000u64, concurrent in 1..=9u32,
            window_seconds in 1..=400u32, request_ms in proptest::option::of(0..=50u32),
            count_batch_operations in any::<bool>(),
        ) {
            let limits = Limits::On(LimitValues {
                requests, execution_ms, concurrent, window_seconds, request_ms,
                count_batch_operations,
            });
            let read = Members::of(limits.to_json()).and_then(Limits::read);
            prop_assert_eq!(read, Ok(limits));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z=,0-9-]{0,30}") {
            let _ = text.parse::<Limits>();
        }
    }
}
