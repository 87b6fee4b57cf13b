//! Trying scenarios out.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use patchcord::rehearsal::Visit;
use patchcord::{Replay, TryAnswer, TryRequest};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::body::JsonBody;
use crate::parameters::Named;
use crate::problem::{Place, Problem};
use crate::server::Shared;

/// Body of `POST /v1/scenarios/{name}/try`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Try {
    document: Option<Box<RawValue>>,
    version: Option<u64>,
    #[serde(default)]
    variables: Map<String, Value>,
    locale: Option<String>,
    deadline_ms: Option<u64>,
    #[serde(default = "yes")]
    dry_run: bool,
    replay: Option<Replayed>,
    #[serde(default)]
    live_reads: bool,
    #[serde(default)]
    case: bool,
    run: Option<Uuid>,
}

/// The run that is walked once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replayed {
    run: Uuid,
    from: Option<Beginning>,
    #[serde(default)]
    afresh: bool,
}

/// Where that begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    step: String,
    visit: Option<u32>,
}

fn yes() -> bool {
    true
}

pub(crate) async fn attempt(
    State(shared): State<Shared>,
    Named(scenario): Named,
    JsonBody(attempt): JsonBody<Try>,
) -> Result<Json<TryAnswer>, Problem> {
    Ok(Json(shared.patchcord.try_scenario(attempt.request(scenario)?).await?))
}

impl Try {
    fn request(self, scenario: String) -> Result<TryRequest, Problem> {
        if self.live_reads && self.replay.is_none() {
            let place = Place::error("/live_reads", "says something of a replay only");
            return Err(Problem::invalid("`problems` names each wrong place", vec![place]));
        }
        let live_reads = self.live_reads;
        let replay = self.replay.map(|Replayed { run, from, afresh }| {
            let from =
                from.map(|Beginning { step, visit }| Visit { step, visit: visit.unwrap_or(1) });
            Replay { run, from, live_reads, afresh }
        });
        Ok(TryRequest {
            scenario,
            document: self.document.map(|document| document.get().as_bytes().to_vec()),
            version: self.version,
            variables: self.variables,
            locale: self.locale,
            deadline: self.deadline_ms.map(Duration::from_millis),
            writes: !self.dry_run,
            replay,
            case: self.case,
            run: self.run,
        })
    }
}
