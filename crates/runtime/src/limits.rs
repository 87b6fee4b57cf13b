//! What one step of a block may use: the limits themselves, what an operator sets of them for one block, and the maximum
//! that no such setting may pass. How each is kept stands where the resource is used; here are numbers and their names.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one step may use of each resource. Going past one ends the step with
/// [`StepError::LimitExceeded`](crate::StepError::LimitExceeded).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of the block, all of its memories together, in bytes.
    pub memory_bytes: usize,
    /// Time in which the block itself computes. Time parked in a call of the CRM is not counted.
    pub cpu: Duration,
    /// Time from the moment the block has its sandbox to its end, calls of the CRM included. The deadline of the run stays
    /// the outer bound.
    pub wall: Duration,
    /// Calls of the CRM, refused ones included.
    pub host_calls: u32,
    /// Bytes of text that the block is given: its properties, answers, records looked at, random bytes. Records that are
    /// handed on as a recordset stay in the host and do not count.
    pub bytes_in: u64,
    /// Bytes that the block gives to the host: arguments, log lines, the outcome.
    pub bytes_out: u64,
    /// Records that the CRM answers with, all answers together, looked at or not.
    pub records: u32,
    /// Lines in the log; further ones are dropped, with one note, and a block that writes ten times as many is stopped.
    /// A line is cut at 4,096 bytes, and the lines of a step end at 64 KiB.
    pub log_lines: u32,
    /// Steps of the block at once; further ones wait for a place until their deadline, first come, first served.
    pub instances: u32,
    /// Steps that one instance of the block serves, one after another. With more than 1, what a step leaves in the block's
    /// memory is there for the next one, whoever calls: only for blocks that are trusted with that.
    pub steps_per_instance: u32,
    /// How long an instance that may serve further steps waits for the next one.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            cpu: Duration::from_millis(500),
            wall: Duration::from_secs(60),
            host_calls: 64,
            bytes_in: 32 << 20,
            bytes_out: 32 << 20,
            records: 20_000,
            log_lines: 200,
            // Half of the sandboxes: no block alone can keep all others from their work.
            instances: 128,
            steps_per_instance: 1,
            idle: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// What an operator may grant to a block where nothing else is set.
    pub fn maxima() -> Self {
        Self {
            memory_bytes: 256 << 20,
            cpu: Duration::from_secs(10),
            wall: Duration::from_secs(600),
            host_calls: 1_000,
            bytes_in: 256 << 20,
            bytes_out: 256 << 20,
            records: 200_000,
            log_lines: 2_000,
            instances: 10_000,
            steps_per_instance: 100_000,
            idle: Duration::from_secs(600),
        }
    }

    /// What can be counted, or addressed, at all.
    fn highest() -> Self {
        Self {
            memory_bytes: 4 << 30,
            cpu: Duration::from_millis(u64::MAX),
            wall: Duration::from_millis(u64::MAX),
            host_calls: u32::MAX,
            bytes_in: u64::MAX,
            bytes_out: u64::MAX,
            records: u32::MAX,
            log_lines: u32::MAX,
            instances: u32::MAX,
            steps_per_instance: u32::MAX,
            idle: Duration::from_millis(u64::MAX),
        }
    }

    /// These limits, each brought down to its maximum.
    fn within(&self, maxima: &Self) -> Self {
        Self {
            memory_bytes: self.memory_bytes.min(maxima.memory_bytes),
            cpu: self.cpu.min(maxima.cpu),
            wall: self.wall.min(maxima.wall),
            host_calls: self.host_calls.min(maxima.host_calls),
            bytes_in: self.bytes_in.min(maxima.bytes_in),
            bytes_out: self.bytes_out.min(maxima.bytes_out),
            records: self.records.min(maxima.records),
            log_lines: self.log_lines.min(maxima.log_lines),
            instances: self.instances.min(maxima.instances),
            steps_per_instance: self.steps_per_instance.min(maxima.steps_per_instance),
            idle: self.idle.min(maxima.idle),
        }
    }

    /// These limits, but for what `settings` says.
    ///
    /// # Errors
    /// A value is 0 where nothing could run then, or is past its maximum.
    pub fn with(&self, settings: &LimitSettings, maxima: &Self) -> Result<Self, LimitError> {
        let mut limits = self.clone();
        if let Some(mib) = settings.memory_mib {
            limits.memory_bytes =
                usize::try_from(mib.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
        }
        let LimitSettings { cpu_ms, wall_ms, host_calls, bytes_in, bytes_out, .. } = *settings;
        let LimitSettings { records, log_lines, instances, steps_per_instance, idle_ms, .. } =
            *settings;
        limits.cpu = cpu_ms.map_or(limits.cpu, Duration::from_millis);
        limits.wall = wall_ms.map_or(limits.wall, Duration::from_millis);
        limits.host_calls = host_calls.unwrap_or(limits.host_calls);
        limits.bytes_in = bytes_in.unwrap_or(limits.bytes_in);
        limits.bytes_out = bytes_out.unwrap_or(limits.bytes_out);
        limits.records = records.unwrap_or(limits.records);
        limits.log_lines = log_lines.unwrap_or(limits.log_lines);
        limits.instances = instances.unwrap_or(limits.instances);
        limits.steps_per_instance = steps_per_instance.unwrap_or(limits.steps_per_instance);
        limits.idle = idle_ms.map_or(limits.idle, Duration::from_millis);
        limits.check(maxima)?;
        Ok(limits)
    }

    /// An error where a value is 0 that must not be, or is past `maxima`.
    pub(crate) fn check(&self, maxima: &Self) -> Result<(), LimitError> {
        for ((field, value), (_, maximum)) in
            self.settings().values().zip(maxima.settings().values())
        {
            if value == 0 && !MAY_BE_NONE.contains(&field) {
                return Err(LimitError::Zero { field });
            }
            if value > maximum {
                return Err(LimitError::PastMaximum { field, value, maximum });
            }
        }
        Ok(())
    }

    /// The same limits as an operator writes them, all of them; parts of a unit are rounded up.
    pub fn settings(&self) -> LimitSettings {
        LimitSettings {
            memory_mib: Some((self.memory_bytes as u64).div_ceil(1 << 20)),
            cpu_ms: Some(millis(self.cpu)),
            wall_ms: Some(millis(self.wall)),
            host_calls: Some(self.host_calls),
            bytes_in: Some(self.bytes_in),
            bytes_out: Some(self.bytes_out),
            records: Some(self.records),
            log_lines: Some(self.log_lines),
            instances: Some(self.instances),
            steps_per_instance: Some(self.steps_per_instance),
            idle_ms: Some(millis(self.idle)),
        }
    }
}

/// A block can do without these.
const MAY_BE_NONE: [&str; 3] = ["host_calls", "records", "log_lines"];

/// What an operator sets of the limits of one block; what is left out is as for every block.
///
/// ```
/// let settings: patchcord_runtime::LimitSettings =
///     serde_json::from_str(r#"{ "memory_mib": 16, "host_calls": 4 }"#)?;
/// assert_eq!(settings.memory_mib, Some(16));
/// assert_eq!(settings.cpu_ms, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Linear memory, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u64>,
    /// Time in which it computes, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Time from its begin to its end, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
    /// Calls of the CRM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_calls: Option<u32>,
    /// Bytes of text that it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
    /// Bytes that it gives to the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    /// Records that the CRM answers with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u32>,
    /// Lines in its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_lines: Option<u32>,
    /// Steps of it at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<u32>,
    /// Steps that one instance of it serves; 1 is a fresh one for every step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_per_instance: Option<u32>,
    /// How long an instance waits for its next step, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_ms: Option<u64>,
}

impl LimitError {
    /// The field of [`LimitSettings`] that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::PastMaximum { field, .. } | Self::Zero { field } => field,
        }
    }
}

impl LimitSettings {
    fn values(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("memory_mib", self.memory_mib),
            ("cpu_ms", self.cpu_ms),
            ("wall_ms", self.wall_ms),
            ("host_calls", self.host_calls.map(u64::from)),
            ("bytes_in", self.bytes_in),
            ("bytes_out", self.bytes_out),
            ("records", self.records.map(u64::from)),
            ("log_lines", self.log_lines.map(u64::from)),
            ("instances", self.instances.map(u64::from)),
            ("steps_per_instance", self.steps_per_instance.map(u64::from)),
            ("idle_ms", self.idle_ms),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
    }
}

/// What an operator sets for every block: what it may use where nothing is set for it, and what may be set at most.
/// What is left out stays as it is; a default above its maximum comes down to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitBounds {
    /// Where nothing is set for a block.
    pub defaults: LimitSettings,
    /// At most.
    pub maxima: LimitSettings,
}

impl LimitBounds {
    /// The limits and the maxima of [`RuntimeConfig`](crate::RuntimeConfig).
    ///
    /// # Errors
    /// A value is 0 where nothing could run then, or a default is past its maximum.
    pub fn limits(&self) -> Result<(Limits, Limits), LimitError> {
        let maxima = Limits::maxima().with(&self.maxima, &Limits::highest())?;
        let limits = Limits::default().within(&maxima).with(&self.defaults, &maxima)?;
        Ok((limits, maxima))
    }
}

/// A limit that cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// More than the operator lets any block have.
    #[error("{field} is {value}, past the maximum of {maximum}")]
    PastMaximum {
        /// Field of [`LimitSettings`].
        field: &'static str,
        /// What it was to be.
        value: u64,
        /// What it may be at most.
        maximum: u64,
    },
    /// No block could run.
    #[error("{field} is 0; it must be at least 1")]
    Zero {
        /// Field of [`LimitSettings`].
        field: &'static str,
    },
}

/// The resources that are limited, by the names that metrics have for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Linear memory.
    Memory,
    /// Entries of its tables: fixed, because what a table holds is the host's memory.
    TableElements,
    /// Time in which the block computes.
    Cpu,
    /// Time from its begin to its end.
    Wall,
    /// Calls of the CRM.
    HostCalls,
    /// Bytes given to the block.
    BytesIn,
    /// Bytes given to the host.
    BytesOut,
    /// Records received.
    Records,
    /// Lines logged.
    LogLines,
}

impl LimitKind {
    /// Its name in metrics and traces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::TableElements => "table_elements",
            Self::Cpu => "cpu",
            Self::Wall => "wall",
            Self::HostCalls => "host_calls",
            Self::BytesIn => "bytes_in",
            Self::BytesOut => "bytes_out",
            Self::Records => "records",
            Self::LogLines => "log_lines",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A duration in the unit of the settings, rounded up, so that no maximum becomes less than it is.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// A number of bytes as a person writes it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    UNITS
        .iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_sizes_exactly() {
        assert_eq!(size(64 << 20), "64 MiB");
        assert_eq!(size(1 << 30), "1 GiB");
        assert_eq!(size(1536 << 10), "1536 KiB");
        assert_eq!(size((1 << 20) + 1), "1048577 bytes");
        assert_eq!(size(0), "0 bytes");
    }

    #[test]
    fn settings_change_what_they_name_and_nothing_else() {
        let settings =
            LimitSettings { memory_mib: Some(16), cpu_ms: Some(20), ..Default::default() };
        let limits = Limits::default().with(&settings, &Limits::maxima()).unwrap();
        let expected =
            Limits { memory_bytes: 16 << 20, cpu: Duration::from_millis(20), ..Limits::default() };
        assert_eq!(limits, expected);
        let unchanged = Limits::default().with(&LimitSettings::default(), &Limits::maxima());
        assert_eq!(unchanged.unwrap(), Limits::default());
    }

    #[test]
    fn limits_survive_being_written_as_settings() {
        for limits in [Limits::default(), Limits::maxima()] {
            let text = serde_json::to_string(&limits.settings()).unwrap();
            let settings = serde_json::from_str(&text).unwrap();
            assert_eq!(Limits::default().with(&settings, &Limits::maxima()).unwrap(), limits);
        }
    }

    #[test]
    fn every_field_past_its_maximum_is_named_with_it() {
        let maxima = Limits::maxima();
        let highest = serde_json::to_value(maxima.settings()).unwrap();
        for (field, maximum) in highest.as_object().unwrap() {
            let maximum = maximum.as_u64().unwrap();
            let set = |value: u64| {
                let settings = serde_json::from_value(serde_json::json!({ field: value })).unwrap();
                Limits::default().with(&settings, &maxima)
            };
            assert!(set(maximum).is_ok(), "{field}");
            let error = set(maximum + 1).unwrap_err().to_string();
            let expected = format!("{field} is {}, past the maximum of {maximum}", maximum + 1);
            assert_eq!(error, expected);
            assert_eq!(set(0).is_ok(), MAY_BE_NONE.contains(&field.as_str()), "{field}");
        }
    }

    #[test]
    fn a_field_that_is_not_known_is_refused() {
        let read = serde_json::from_str::<LimitSettings>(r#"{ "memory": 1 }"#);
        assert!(read.unwrap_err().to_string().contains("memory_mib"));
    }
}
