//! The Web API's routes: the address, the verb and the conditional headers to one operation.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, RawQuery, State as AxumState};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json, json};

use super::auth::{Principal, authenticate};
use super::changes;
use super::errors::DataverseError;
use super::id_of;
use super::query::options::Options;
use super::read;
use super::resource::{self, Resource};
use super::shape::Annotations;
use super::tables::Table;
use crate::server::Origin;
use crate::state::State;

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/api/data/{version}", any(service))
        .route("/api/data/{version}/", any(service))
        .route("/api/data/{version}/{*path}", any(resource))
}

/// One Web API request, authenticated.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) principal: Principal,
    /// `http://host/api/data/v9.2`.
    pub(crate) base: String,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

async fn service(
    state: AxumState<Arc<State>>,
    Path(version): Path<String>,
    origin: Extension<Origin>,
    method: Method,
    query: RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    resource(state, Path((version, String::new())), origin, method, query, headers, body).await
}

async fn resource(
    AxumState(state): AxumState<Arc<State>>,
    Path((version, path)): Path<(String, String)>,
    Extension(Origin(origin)): Extension<Origin>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = async {
        let principal = authenticate(&state, &headers, &origin)?;
        if !["v9.0", "v9.1", "v9.2"].contains(&version.as_str()) {
            return Err(DataverseError::no_segment(&version));
        }
        let call = Call {
            state: &state,
            principal,
            base: format!("{origin}/api/data/{version}"),
            path: &path,
            query: query.as_deref().unwrap_or_default(),
            headers: &headers,
            body: &body,
        };
        call.answer(&method).await
    };
    let mut response = answer.await.unwrap_or_else(DataverseError::into_response);
    let id = uuid::Uuid::new_v4().to_string();
    for name in ["x-ms-service-request-id", "req_id"] {
        if let Ok(value) = id.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

impl Call<'_> {
    async fn answer(&self, method: &Method) -> Result<Response, DataverseError> {
        let target = resource::parse(&self.state.dataverse, self.path)?;
        match (method.as_str(), target) {
            ("GET", Resource::ServiceDocument) => Ok(self.service_document()),
            ("GET", Resource::WhoAmI) => Ok(self.who_am_i()),
            ("GET", Resource::Collection(table)) => self.list(table).await,
            ("GET", Resource::Count(table)) => self.count(table).await,
            ("GET", Resource::Row(table, id)) => self.one(table, &id).await,
            ("POST", Resource::Collection(table)) => changes::create(self, table).await,
            ("PATCH", Resource::Row(table, id)) => changes::patch(self, table, &id).await,
            ("DELETE", Resource::Row(table, id)) => changes::delete(self, table, &id).await,
            _ => Err(DataverseError::wrong_verb(&format!("{}/{}", self.base, self.path))),
        }
    }

    fn service_document(&self) -> Response {
        let tables = self.state.dataverse.tables.all().iter();
        let sets: Vec<Json> = tables
            .map(|table| json!({"name": table.set, "kind": "EntitySet", "url": table.set}))
            .collect();
        let context = format!("{}/$metadata", self.base);
        self.json(StatusCode::OK, &json!({"@odata.context": context, "value": sets}))
    }

    fn who_am_i(&self) -> Response {
        let context = format!("{}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse", self.base);
        let body = json!({
            "@odata.context": context,
            "BusinessUnitId": id_of("businessunit", "root"),
            "UserId": self.principal.system_user,
            "OrganizationId": id_of("organization", &self.state.setup.tenant),
        });
        self.json(StatusCode::OK, &body)
    }

    async fn list(&self, table: &Table) -> Result<Response, DataverseError> {
        let mut options = Options::parse(self.query, table)?;
        options.annotations = self.annotations();
        let size = self.preferred("odata.maxpagesize").and_then(|size| size.parse().ok());
        let size = size.filter(|size| *size > 0);
        let page = read::list(&self.state.dataverse, table, &options, size).await?;
        let mut body = Map::new();
        body.insert("@odata.context".into(), json!(self.context(table, &options, "")));
        if let Some(count) = page.count {
            body.insert("@odata.count".into(), json!(count));
        }
        body.insert("value".into(), Json::Array(page.rows));
        if let Some(cookie) = page.next {
            body.insert("@odata.nextLink".into(), json!(self.next_link(&cookie.to_xml())));
        }
        let paged = size.map(|size| format!("odata.maxpagesize={size}"));
        Ok(self.applied(self.json(StatusCode::OK, &Json::Object(body)), paged))
    }

    /// The options of a request for one row, or of the row that a write answers.
    pub(crate) fn row_options(&self, table: &Table) -> Result<Options, DataverseError> {
        let mut options = Options::for_row(self.query, table)?;
        options.annotations = self.annotations();
        Ok(options)
    }

    fn annotations(&self) -> Annotations {
        Annotations::parse(self.preferred("odata.include-annotations").as_deref())
    }

    /// Says which preferences took effect.
    pub(crate) fn applied(&self, mut response: Response, first: Option<String>) -> Response {
        let annotations = self.preferred("odata.include-annotations");
        let annotations = annotations.map(|list| format!("odata.include-annotations=\"{list}\""));
        let all: Vec<String> = first.into_iter().chain(annotations).collect();
        if let Some(value) = (!all.is_empty()).then(|| all.join(",").parse().ok()).flatten() {
            response.headers_mut().insert("preference-applied", value);
        }
        response
    }

    /// The same address with a paging cookie, encoded twice as Dataverse does.
    fn next_link(&self, cookie: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let kept: Vec<&str> = self
            .query
            .split('&')
            .filter(|part| {
                !part.is_empty()
                    && !part.starts_with("$skiptoken=")
                    && !part.starts_with("%24skiptoken=")
            })
            .collect();
        let query = kept.join("&") + if kept.is_empty() { "" } else { "&" };
        format!("{}/{}?{query}$skiptoken={}", self.base, self.path, encode(cookie))
    }

    async fn count(&self, table: &Table) -> Result<Response, DataverseError> {
        let options = Options::parse(self.query, table)?;
        let count = read::count(&self.state.dataverse, table, &options).await?;
        // Dataverse begins this answer with a byte order mark.
        let body = format!("\u{feff}{count}");
        Ok(([(header::CONTENT_TYPE, "text/plain"), ODATA_VERSION], body).into_response())
    }

    async fn one(&self, table: &Table, id: &str) -> Result<Response, DataverseError> {
        let options = self.row_options(table)?;
        let dataverse = &self.state.dataverse;
        let mut connection = dataverse.pool.acquire().await?;
        let row = read::one(dataverse, &mut connection, table, id, &options).await?;
        let row = row.ok_or_else(|| DataverseError::no_row(&table.logical, id))?;
        let known = self.header("if-none-match");
        if known.is_some_and(|known| row.get("@odata.etag").and_then(Json::as_str) == Some(known)) {
            return Ok(StatusCode::NOT_MODIFIED.into_response());
        }
        Ok(self.applied(self.row(StatusCode::OK, table, &options, row), None))
    }

    /// A single row with its context in front.
    pub(crate) fn row(
        &self,
        status: StatusCode,
        table: &Table,
        options: &Options,
        row: Json,
    ) -> Response {
        let mut body = Map::new();
        body.insert("@odata.context".into(), json!(self.context(table, options, "/$entity")));
        let etag = row.get("@odata.etag").and_then(Json::as_str).and_then(|etag| etag.parse().ok());
        if let Json::Object(members) = row {
            body.extend(members);
        }
        let mut response = self.json(status, &Json::Object(body));
        if let Some(etag) = etag {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }

    fn context(&self, table: &Table, options: &Options, suffix: &str) -> String {
        let columns = match options.select.as_deref() {
            Some(names) if !names.is_empty() => format!("({})", names.join(",")),
            _ => String::new(),
        };
        format!("{}/$metadata#{}{columns}{suffix}", self.base, table.set)
    }

    pub(crate) fn json(&self, status: StatusCode, body: &Json) -> Response {
        let json = (header::CONTENT_TYPE, "application/json; odata.metadata=minimal");
        (status, [json, ODATA_VERSION], body.to_string()).into_response()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    /// The value of a preference, from any of the request's `Prefer` headers.
    pub(crate) fn preferred(&self, name: &str) -> Option<String> {
        let headers = self.headers.get_all("prefer").iter();
        headers.filter_map(|value| value.to_str().ok()).find_map(|text| preference(text, name))
    }
}

/// One preference of a `Prefer` header; a quoted value may hold the commas that part preferences.
fn preference(header: &str, name: &str) -> Option<String> {
    let mut quoted = false;
    header
        .split(|c: char| {
            quoted ^= c == '"';
            !quoted && (c == ',' || c == ';')
        })
        .filter_map(|preference| preference.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

pub(crate) const ODATA_VERSION: (header::HeaderName, &str) =
    (header::HeaderName::from_static("odata-version"), "4.0");

#[cfg(test)]
mod tests {
    use super::preference;

    #[test]
    fn preferences_are_read_with_commas_in_quotes() {
        let header =
            "odata.maxpagesize=5, odata.include-annotations=\"a.b,c.*\",return=representation";
        let read = |name: &str| preference(header, name);
        assert_eq!(read("odata.include-annotations").as_deref(), Some("a.b,c.*"));
        assert_eq!(read("Return").as_deref(), Some("representation"));
        assert_eq!(read("odata.maxpagesize").as_deref(), Some("5"));
        assert_eq!(read("nosuch"), None);
    }
}
