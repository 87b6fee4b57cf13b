//! The audit log: who changed what.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use jiff::Timestamp;
use patchcord::AuditQuery;
use serde::Deserialize;
use uuid::Uuid;

use super::page::{next_page, within};
use crate::parameters::Asked;
use crate::problem::Problem;
use crate::server::Shared;

/// Query of `GET /v1/audit`.
#[derive(Deserialize)]
pub(crate) struct Listing {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    who: Option<String>,
    what: Option<String>,
    before: Option<Uuid>,
    limit: Option<u32>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Asked(Listing { since, until, who, what, before, limit }): Asked<Listing>,
) -> Result<Response, Problem> {
    let limit = within(limit);
    let query = AuditQuery { since, until, who, what, before, limit };
    let entries = shared.patchcord.audit().list(&query).await?;
    let is_full = u32::try_from(entries.len()).is_ok_and(|found| found == limit);
    let last = entries.last().filter(|_| is_full).map(|entry| entry.id);
    let mut response = Json(entries).into_response();
    let AuditQuery { since, until, who, what, .. } = query;
    let link = last.and_then(|last| {
        let texts = [
            ("since", since.map(|time| time.to_string())),
            ("until", until.map(|time| time.to_string())),
            ("who", who),
            ("what", what),
        ];
        next_page("/v1/audit", last, limit, &texts)
    });
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}
