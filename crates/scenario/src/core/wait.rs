//! Wait: lets time pass, but not past the deadline.

use std::time::{Duration, Instant};

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{About, Context, CoreBlock, CoreFailure, CoreOutcome};
use crate::document::LONGEST_MS;
use crate::trace::FailureKind;

/// Properties of Wait.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// How long to wait.
    #[schemars(range(max = LONGEST_MS))]
    milliseconds: u64,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::Wait,
        title: "Wait",
        description: "Lets time pass. The deadline of the run ends it as a timeout.",
        icon: "clock",
        exits: Vec::new(),
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) async fn run(
    properties: Properties,
    context: &Context<'_>,
) -> Result<CoreOutcome, CoreFailure> {
    if properties.milliseconds > LONGEST_MS {
        let message = format!("property `milliseconds`: is more than {LONGEST_MS}");
        return Err(message.into());
    }
    if !context.waits {
        return Ok(CoreOutcome::Leave("next"));
    }
    let over = Instant::now() + Duration::from_millis(properties.milliseconds);
    let until = over.min(context.deadline);
    tokio::select! {
        () = tokio::time::sleep_until(until.into()) => {}
        () = context.cancelled.cancelled() => return Err(CoreFailure::cancelled()),
    }
    if over > context.deadline {
        let message = "the deadline came before the wait was over".to_owned();
        return Err(CoreFailure { kind: FailureKind::Timeout, message });
    }
    Ok(CoreOutcome::Leave("next"))
}
