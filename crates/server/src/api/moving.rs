//! Export and import: scenarios on their way to another host.

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::extract::{RawQuery, Request, State};
use axum::{Extension, Json};
use http::{HeaderName, StatusCode, header};
use patchcord::runtime::Capability;
use patchcord::{Bundle, ImportPreview, ImportRequest, Imported, Selected};

use crate::access::{Caller, Needs};
use crate::body::whole;
use crate::problem::Problem;
use crate::server::Shared;

pub(crate) async fn export(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Json<Bundle>, Problem> {
    let Wanted { selected, routes } = Wanted::read(query.as_deref())?;
    Ok(Json(shared.patchcord.export(&selected, routes).await?))
}

pub(crate) async fn export_with_blocks(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<([(HeaderName, &'static str); 1], Vec<u8>), Problem> {
    let Wanted { selected, routes } = Wanted::read(query.as_deref())?;
    let zip = shared.patchcord.export_with_blocks(&selected, routes).await?;
    Ok(([(header::CONTENT_TYPE, "application/zip")], zip))
}

pub(crate) async fn import(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Json<Imported>, Problem> {
    let mut import = how(query.as_deref())?;
    import.bytes = whole(request, &()).await?.to_vec();
    import.may_install = caller.has(Needs::Administer);
    import.by = Some(caller.name());
    Ok(Json(shared.patchcord.import(import).await?))
}

/// What an import would do. What is said of publishing and overwriting changes nothing of it.
pub(crate) async fn preview(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Json<ImportPreview>, Problem> {
    let mut import = how(query.as_deref())?;
    import.bytes = whole(request, &()).await?.to_vec();
    Ok(Json(shared.patchcord.preview_import(import).await?))
}

/// What is to be exported. By hand, because a name may come several times.
#[derive(Default)]
struct Wanted {
    selected: Vec<Selected>,
    routes: bool,
}

impl Wanted {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut wanted = Self::default();
        for (name, value) in parameters(query) {
            match name.as_str() {
                "scenario" => wanted.selected.push(value.parse().map_err(wrong)?),
                "routes" => wanted.routes = read(&name, &value)?,
                _ => return Err(unknown(&name)),
            }
        }
        Ok(wanted)
    }
}

fn how(query: Option<&str>) -> Result<ImportRequest, Problem> {
    let mut import = ImportRequest::default();
    for (name, value) in parameters(query) {
        match name.as_str() {
            "publish" => import.publish = read(&name, &value)?,
            "overwrite" => import.overwrite = read(&name, &value)?,
            "routes" => import.routes = read(&name, &value)?,
            "skip" => drop(import.skip.insert(value)),
            "rename" => import.names.push(renaming(&name, &value)?),
            "account" => import.accounts.push(renaming(&name, &value)?),
            "grant" => import.grant.extend(capabilities(&value)?),
            _ => return Err(unknown(&name)),
        }
    }
    Ok(import)
}

/// `old=new`.
fn renaming(name: &str, value: &str) -> Result<(String, String), Problem> {
    let (old, new) =
        value.split_once('=').ok_or_else(|| wrong(format!("`{name}={value}`: write `old=new`")))?;
    Ok((old.to_owned(), new.to_owned()))
}

/// Capabilities with commas between them.
pub(super) fn capabilities(text: &str) -> Result<BTreeSet<Capability>, Problem> {
    let each = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    each.map(|text| text.parse().map_err(|error| wrong(format!("{error}")))).collect()
}

fn parameters(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn read<T: FromStr>(name: &str, value: &str) -> Result<T, Problem> {
    value.parse().map_err(|_| wrong(format!("`{name}={value}` cannot be read")))
}

fn unknown(name: &str) -> Problem {
    wrong(format!("there is no parameter `{name}`"))
}

fn wrong(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "address", "The address is wrong", detail)
}
