//! Blocks: the palette, installing a version, what it may do, trying one.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::{RawQuery, Request, State};
use axum::{Extension, Json};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode};
use patchcord::runtime::{Capability, LimitSettings};
use patchcord::{BlockAnswer, BlockOffer, BlockView};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::moving::capabilities;
use crate::access::Subject;
use crate::body::{JsonBody, whole};
use crate::parameters::{Named, Within};
use crate::problem::{Place, Problem};
use crate::server::Shared;

/// Carries the minisign signature of the block in the body: its `.minisig` file, in base64.
const SIGNATURE: &str = "patchcord-signature";

/// Body of `POST /v1/blocks/{id}/invoke`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invoke {
    #[serde(default)]
    properties: Map<String, Value>,
    account: Option<String>,
    deadline_ms: Option<u64>,
}

/// Body of `PUT /v1/blocks/{id}/grants`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grants {
    capabilities: BTreeSet<Capability>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<Vec<BlockView>> {
    Json(shared.patchcord.blocks())
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(block): Named,
) -> Result<Json<BlockView>, Problem> {
    Ok(Json(shared.patchcord.block(&block)?))
}

pub(crate) async fn install(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<(StatusCode, Extension<Subject>, Json<BlockView>), Problem> {
    let Asked { from, grant } = Asked::read(query.as_deref().unwrap_or_default())?;
    let signature = signature(request.headers())?;
    let bytes = whole(request, &()).await?.to_vec();
    let view = match from {
        None => shared.patchcord.install_block(BlockOffer { bytes, signature, grant }).await?,
        Some(_) if !bytes.is_empty() => {
            let detail = "send a block in the body or name one with `from`, not both";
            return Err(Problem::invalid(detail, Vec::new()));
        }
        Some(from) => shared.patchcord.pull_block(&from, grant).await?,
    };
    let about = Extension(Subject(view.manifest.id.clone()));
    Ok((StatusCode::CREATED, about, Json(view)))
}

pub(crate) async fn grant(
    State(shared): State<Shared>,
    Named(block): Named,
    JsonBody(Grants { capabilities }): JsonBody<Grants>,
) -> Result<Json<BlockView>, Problem> {
    Ok(Json(shared.patchcord.grant_block(&block, capabilities).await?))
}

pub(crate) async fn limit(
    State(shared): State<Shared>,
    Named(block): Named,
    JsonBody(settings): JsonBody<LimitSettings>,
) -> Result<Json<BlockView>, Problem> {
    Ok(Json(shared.patchcord.limit_block(&block, settings).await?))
}

pub(crate) async fn remove(
    State(shared): State<Shared>,
    Within(block, version): Within,
) -> Result<StatusCode, Problem> {
    shared.patchcord.remove_block(&block, &version).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn invoke(
    State(shared): State<Shared>,
    Named(block): Named,
    JsonBody(invoke): JsonBody<Invoke>,
) -> Result<Json<BlockAnswer>, Problem> {
    let Invoke { properties, account, deadline_ms } = invoke;
    let deadline = deadline_ms.map(Duration::from_millis);
    Ok(Json(shared.patchcord.invoke_block(&block, properties, account, deadline).await?))
}

/// What stands behind the question mark when a block is installed. By hand, because a name may come several times.
#[derive(Default)]
struct Asked {
    from: Option<String>,
    grant: BTreeSet<Capability>,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut asked = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "from" => asked.from = Some(value.into_owned()),
                "grant" => asked.grant.extend(capabilities(&value)?),
                other => return Err(wrong(&format!("there is no parameter `{other}`"))),
            }
        }
        Ok(asked)
    }
}

fn wrong(detail: &dyn std::fmt::Display) -> Problem {
    let title = "The address is wrong";
    Problem::new(StatusCode::BAD_REQUEST, "address", title, detail.to_string())
}

fn signature(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(SIGNATURE) else {
        return Ok(None);
    };
    let decoded = BASE64_STANDARD.decode(value.as_bytes()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let detail = format!("the header {SIGNATURE} holds no base64 of a .minisig file");
    text.map(Some).ok_or_else(|| Problem::invalid(detail, Vec::new()))
}

/// The capabilities that were not granted, each as a place that says what it lets the block do.
pub(crate) fn not_granted(missing: &[Capability]) -> Vec<Place> {
    let place = |capability: &Capability| {
        Place::error(format!("/capabilities/{capability}"), capability.meaning())
    };
    missing.iter().map(place).collect()
}
