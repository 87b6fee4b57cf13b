//! Log: writes a line into the trace of the run.
//!
//! It is cut, and the log of the server gets it, as the lines of other blocks are.

use patchcord_runtime::{LogLevel, LogLine, Manifest};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{About, Context, CoreBlock, CoreOutcome};

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
    let Properties { message, level } = properties;
    let line = LogLine::worded(level.into(), message);
    line.tell();
    context.log.push(line);
    CoreOutcome::Leave("next")
}
