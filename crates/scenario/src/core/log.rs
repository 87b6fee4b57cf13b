//! Log: writes a line into the trace of the run.
//!
//! The line may hold what a caller said: the log of the server gets it as it gets the lines of other blocks, at *debug*
//! only, under the target `patchcord::guest`.

use patchcord_runtime::{LogLevel, LogLine, Manifest};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{About, Context, CoreBlock, CoreOutcome};

/// What the trace keeps of a line, in bytes; as of the lines of other blocks.
const MOST_BYTES: usize = 4_096;

/// Properties of Log.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// The text.
    message: String,
    /// How much it matters.
    #[serde(default)]
    level: Level,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Level {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::Log,
        title: "Log",
        description: "Writes a line into the trace of the run.",
        icon: "note",
        exits: Vec::new(),
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) fn run(properties: Properties, context: &mut Context<'_>) -> CoreOutcome {
    let Properties { mut message, level } = properties;
    if message.len() > MOST_BYTES {
        message.truncate(message.floor_char_boundary(MOST_BYTES));
        message.push('…');
    }
    let level = LogLevel::from(level);
    tracing::debug!(target: "patchcord::guest", level = level.name(), ?message);
    context.log.push(LogLine { level, message });
    CoreOutcome::Leave("next")
}
