//! Statistics: what calls did in the last minutes, and how much more the integration accounts may ask of Dynamics 365.

use std::ops::RangeInclusive;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use patchcord::{LONGEST_INTERVAL, MOST_MINUTES, Statistics, StatisticsQuery};
use serde::Deserialize;

use crate::parameters::{Asked, wrong};
use crate::problem::Problem;
use crate::server::Shared;

/// Query of `GET /v1/statistics`.
#[derive(Deserialize)]
pub(crate) struct Span {
    #[serde(default = "an_hour")]
    minutes: u32,
    #[serde(default = "each_minute")]
    interval: u32,
}

fn an_hour() -> u32 {
    60
}

fn each_minute() -> u32 {
    1
}

pub(crate) async fn of_the_last(
    State(shared): State<Shared>,
    Asked(span): Asked<Span>,
) -> Result<Json<Statistics>, Problem> {
    let minutes = within("minutes", span.minutes, 1..=MOST_MINUTES)?;
    let interval = within("interval", span.interval, 1..=LONGEST_INTERVAL.min(minutes))?;
    Ok(Json(shared.patchcord.statistics(StatisticsQuery { minutes, interval }).await?))
}

fn within(name: &str, given: u32, range: RangeInclusive<u32>) -> Result<u32, Problem> {
    if range.contains(&given) {
        return Ok(given);
    }
    let (from, to) = range.into_inner();
    let detail = format!("{name} is {given}, and must be from {from} to {to}");
    Err(wrong(StatusCode::BAD_REQUEST, detail))
}
