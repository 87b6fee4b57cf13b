//! One operation of the Web API: its address, verb and headers to what is done and answered.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Map, Value as Json, json};
use sqlx::SqliteConnection;

use super::access::{Author, Right, demand, demand_row, restrict, visible};
use super::address::{self, Address, RowAt};
use super::errors::DataverseError;
use super::query::ast::Expr;
use super::query::context::Context;
use super::query::cookie::encoded;
use super::query::expand::Expansion;
use super::query::options::{MAX_PAGE, Options};
use super::read::{Reader, belongs_to};
use super::resource::{self, Segment};
use super::schema::{Collection, Table};
use super::shape::Annotations;
use super::{Dataverse, aggregate, changes, messages, metadata, property, references, write};
use crate::state::State;

/// Who asks, and where.
pub(crate) struct Caller<'a> {
    pub(crate) state: &'a State,
    pub(crate) author: Author,
    /// `http://host/api/data/v9.2`.
    pub(crate) base: &'a str,
}

/// One request, alone or within a `$batch`.
pub(crate) struct Call<'a> {
    pub(crate) caller: &'a Caller<'a>,
    pub(crate) method: &'a Method,
    /// Below the base, decoded.
    pub(crate) path: &'a str,
    /// As it was sent.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

pub(crate) const ODATA_VERSION: (header::HeaderName, &str) =
    (header::HeaderName::from_static("odata-version"), "4.0");

impl Call<'_> {
    pub(crate) fn dataverse(&self) -> &Dataverse {
        &self.caller.state.dataverse
    }

    pub(crate) fn author(&self) -> &Author {
        &self.caller.author
    }

    pub(crate) fn context(&self) -> Context {
        Context {
            now: jiff::Timestamp::now(),
            user: self.author().user.clone(),
            business_unit: self.author().business_unit.clone(),
        }
    }

    /// Carries the request out on `connection`; boxed, because a batch holds requests.
    pub(crate) fn answer<'a>(
        &'a self,
        connection: &'a mut SqliteConnection,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response, DataverseError>> + Send + 'a>> {
        Box::pin(async move {
            let segments = resource::segments(self.path)?;
            let Some(first) = segments.first() else {
                return self.only(Method::GET, self.service_document());
            };
            match first.name.as_str() {
                "$metadata" => return self.only(Method::GET, self.metadata_document()),
                name if metadata::owns(name) => return self.definitions(),
                name if self.dataverse().schema.by_set(name).is_none() => {
                    return messages::unbound(self, connection, &segments).await;
                }
                _ => {}
            }
            self.below_sets(connection, &segments).await
        })
    }

    async fn below_sets(
        &self,
        connection: &mut SqliteConnection,
        segments: &[Segment],
    ) -> Result<Response, DataverseError> {
        let target = address::follow(self.dataverse(), connection, segments).await?;
        match (self.method.as_str(), target) {
            ("GET", Address::Set(table)) => self.list(connection, table, Vec::new()).await,
            ("GET", Address::SetCount(table)) => self.count(connection, table, Vec::new()).await,
            ("GET", Address::Row(row)) => self.one(connection, row).await,
            ("GET", Address::Nothing) => {
                Ok((StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response())
            }
            ("GET", Address::Collection { row, collection }) => {
                let (table, members) = self.members(connection, row, collection).await?;
                self.list(connection, table, members).await
            }
            ("GET", Address::CollectionCount { row, collection }) => {
                let (table, members) = self.members(connection, row, collection).await?;
                self.count(connection, table, members).await
            }
            ("POST", Address::Set(table)) => changes::create(self, connection, table).await,
            ("POST", Address::Collection { row, collection }) => {
                changes::create_in(self, connection, row, collection).await
            }
            ("PATCH", Address::Row(row)) => changes::patch(self, connection, row).await,
            ("DELETE", Address::Row(row)) => changes::delete(self, connection, row).await,
            (_, Address::Property { row, column, raw }) => {
                property::answer(self, connection, row, column, raw).await
            }
            (_, Address::LookupRef { row, column, navigation }) => {
                references::lookup(self, connection, row, column, &navigation).await
            }
            (_, Address::CollectionRef { row, collection, other }) => {
                references::collection(self, connection, row, collection, other).await
            }
            (_, Address::Bound { table, key, name, arguments }) => {
                let bound = messages::Bound { table, key, name, arguments };
                messages::bound(self, connection, bound).await
            }
            _ => Err(self.wrong_verb()),
        }
    }

    fn only(&self, method: Method, response: Response) -> Result<Response, DataverseError> {
        if *self.method == method { Ok(response) } else { Err(self.wrong_verb()) }
    }

    pub(crate) fn wrong_verb(&self) -> DataverseError {
        DataverseError::wrong_verb(&format!("{}/{}", self.caller.base, self.path))
    }

    fn service_document(&self) -> Response {
        let tables = self.dataverse().schema.all().iter().filter(|table| !table.set.is_empty());
        let sets: Vec<Json> = tables
            .map(|table| json!({"name": table.set, "kind": "EntitySet", "url": table.set}))
            .collect();
        let context = format!("{}/$metadata", self.caller.base);
        self.json(StatusCode::OK, &json!({"@odata.context": context, "value": sets}))
    }

    fn metadata_document(&self) -> Response {
        let xml = (header::CONTENT_TYPE, "application/xml");
        (StatusCode::OK, [xml, ODATA_VERSION], self.dataverse().schema.document.clone())
            .into_response()
    }

    fn definitions(&self) -> Result<Response, DataverseError> {
        match *self.method {
            Method::GET => {
                let schema = &self.dataverse().schema;
                let body = metadata::answer(schema, self.caller.base, self.path, self.query)?;
                Ok(self.json(StatusCode::OK, &body))
            }
            _ => Err(metadata::change_refused()),
        }
    }

    /// The table of a collection, and the condition that a row is in it.
    async fn members<'s>(
        &'s self,
        connection: &mut SqliteConnection,
        row: RowAt<'_>,
        collection: &Collection,
    ) -> Result<(&'s Table, Vec<Expr>), DataverseError> {
        let id = write::need(connection, row.table, &row.key).await?;
        demand_row(self.author(), connection, row.table, &id, Right::Read).await?;
        let table = self.dataverse().table(collection.table())?;
        Ok((table, vec![belongs_to(collection, table, &id)]))
    }

    fn reader<'r>(&'r self, connection: &'r mut SqliteConnection) -> Reader<'r> {
        let schema = &self.dataverse().schema;
        let size = self.preferred("odata.maxpagesize").and_then(|size| size.parse().ok());
        let page_size = size.filter(|size| *size > 0);
        Reader { schema, connection, base: self.caller.base, page_size, author: self.author() }
    }

    async fn list(
        &self,
        connection: &mut SqliteConnection,
        table: &Table,
        mut conditions: Vec<Expr>,
    ) -> Result<Response, DataverseError> {
        if self.preferred("odata.track-changes").is_some() {
            return Err(DataverseError::not_implemented("change tracking"));
        }
        conditions.extend(visible(self.author(), table)?);
        let options = self.options(table)?;
        if let Some(query) = &options.query {
            return messages::other_language(self, connection, table, query, &options).await;
        }
        if let Some(apply) = &options.apply {
            let rows = aggregate::run(connection, table, apply, &options, &conditions).await?;
            let context = format!("{}/$metadata#{}", self.caller.base, table.set);
            let body = json!({"@odata.context": context, "value": rows});
            return Ok(self.applied(self.json(StatusCode::OK, &body), None));
        }
        let mut reader = self.reader(connection);
        let page = reader.list(table, &options, &conditions).await?;
        let mut body = Map::new();
        body.insert("@odata.context".into(), json!(self.context_url(table, &options, "")));
        let mut total = -1;
        if options.count {
            let all = reader.count(table, &options, &conditions, MAX_PAGE).await?;
            total = i64::from(all);
            body.insert("@odata.count".into(), json!(all.min(MAX_PAGE)));
        }
        let page_size = reader.page_size;
        self.add_totals(&mut body, &options.annotations, total);
        body.insert("value".into(), Json::Array(page.rows));
        if let Some(cookie) = page.next {
            body.insert("@odata.nextLink".into(), json!(self.next_link(&cookie.to_xml())));
        }
        let paged = page_size.map(|size| format!("odata.maxpagesize={size}"));
        Ok(self.applied(self.json(StatusCode::OK, &Json::Object(body)), paged))
    }

    /// What Dataverse annotates a list with when annotations of its own are asked for.
    pub(crate) fn add_totals(
        &self,
        body: &mut Map<String, Json>,
        annotations: &Annotations,
        total: i64,
    ) {
        let limit = i64::from(MAX_PAGE);
        let version = self.dataverse().metadata_version();
        for (name, value) in [
            ("totalrecordcount", json!(total.min(limit))),
            ("totalrecordcountlimitexceeded", json!(total > limit)),
            ("globalmetadataversion", json!(version)),
        ] {
            let name = format!("Microsoft.Dynamics.CRM.{name}");
            if annotations.wants(&name) {
                body.insert(format!("@{name}"), value);
            }
        }
    }

    /// The options of a request for rows of `table`.
    pub(crate) fn options(&self, table: &Table) -> Result<Options, DataverseError> {
        let schema = &self.dataverse().schema;
        let mut options = Options::parse(self.query, schema, table, &self.context())?;
        restrict(self.author(), schema, &mut options)?;
        self.annotate(&mut options);
        Ok(options)
    }

    /// The options of a request for one row, or of the row that a write answers.
    pub(crate) fn row_options(&self, table: &Table) -> Result<Options, DataverseError> {
        let schema = &self.dataverse().schema;
        let mut options = Options::for_row(self.query, schema, table, &self.context())?;
        restrict(self.author(), schema, &mut options)?;
        self.annotate(&mut options);
        Ok(options)
    }

    fn annotate(&self, options: &mut Options) {
        let preferred = self.preferred("odata.include-annotations");
        options.annotate(&Annotations::parse(preferred.as_deref()));
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

    /// The same address with a paging cookie.
    fn next_link(&self, cookie: &str) -> String {
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
        let path = self.path.trim_matches('/');
        format!("{}/{path}?{query}$skiptoken={}", self.caller.base, encoded(cookie))
    }

    async fn count(
        &self,
        connection: &mut SqliteConnection,
        table: &Table,
        mut conditions: Vec<Expr>,
    ) -> Result<Response, DataverseError> {
        conditions.extend(visible(self.author(), table)?);
        let options = self.options(table)?;
        let all = self.reader(connection).count(table, &options, &conditions, MAX_PAGE).await?;
        // Dataverse begins this answer with a byte order mark.
        let body = format!("\u{feff}{}", all.min(MAX_PAGE));
        Ok(([(header::CONTENT_TYPE, "text/plain"), ODATA_VERSION], body).into_response())
    }

    async fn one(
        &self,
        connection: &mut SqliteConnection,
        row: RowAt<'_>,
    ) -> Result<Response, DataverseError> {
        demand(self.author(), row.table, Right::Read)?;
        let options = self.row_options(row.table)?;
        let id = write::need(connection, row.table, &row.key).await?;
        demand_row(self.author(), connection, row.table, &id, Right::Read).await?;
        let known = self.header("if-none-match").filter(|known| known.starts_with("W/"));
        let plain = options.expand.is_empty() && options.annotations == Annotations::default();
        let found = self.reader(connection).one(row.table, &id, &options).await?;
        let found = found.ok_or_else(|| DataverseError::no_row(&row.table.logical, &id))?;
        let etag = found.get("@odata.etag").and_then(Json::as_str);
        if plain && known.is_some() && known == etag {
            return Ok((StatusCode::NOT_MODIFIED, [ODATA_VERSION]).into_response());
        }
        Ok(self.applied(self.row(StatusCode::OK, row.table, &options, found), None))
    }

    /// The first page of rows, without what is around them.
    pub(crate) async fn page(
        &self,
        connection: &mut SqliteConnection,
        table: &Table,
        options: &Options,
        conditions: &[Expr],
    ) -> Result<Vec<Json>, DataverseError> {
        Ok(self.reader(connection).list(table, options, conditions).await?.rows)
    }

    /// Reads the row `id` for the answer to a write.
    pub(crate) async fn written(
        &self,
        connection: &mut SqliteConnection,
        table: &Table,
        id: &str,
        options: &Options,
    ) -> Result<Json, DataverseError> {
        let found = self.reader(connection).one(table, id, options).await?;
        found.ok_or_else(|| DataverseError::no_row(&table.logical, id))
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
        let context = self.context_url(table, options, "/$entity");
        body.insert("@odata.context".into(), json!(context));
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

    pub(crate) fn context_url(&self, table: &Table, options: &Options, suffix: &str) -> String {
        let columns = context_columns(options);
        let columns = if columns.is_empty() { columns } else { format!("({columns})") };
        format!("{}/$metadata#{}{columns}{suffix}", self.caller.base, table.set)
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

/// `name,primarycontactid(fullname)`, as a context lists what an answer holds.
fn context_columns(options: &Options) -> String {
    let selected = options.select.iter().flatten().cloned();
    let expanded =
        options.expand.iter().map(|Expansion { name, reference, options, .. }| match reference {
            true => format!("{name}/$ref()"),
            false => format!("{name}({})", context_columns(options)),
        });
    selected.chain(expanded).collect::<Vec<_>>().join(",")
}

/// One preference of a `Prefer` header; a quoted value may hold the commas that part preferences.
fn preference(header: &str, name: &str) -> Option<String> {
    let mut quoted = false;
    header
        .split(|c: char| {
            quoted ^= c == '"';
            !quoted && (c == ',' || c == ';')
        })
        .map(|preference| preference.split_once('=').unwrap_or((preference, "true")))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::preference;

    #[test]
    fn preferences_are_read_with_commas_in_quotes() {
        let header = "odata.maxpagesize=5, odata.include-annotations=\"a.b,c.*\",return=representation, odata.continue-on-error";
        let read = |name: &str| preference(header, name);
        assert_eq!(read("odata.include-annotations").as_deref(), Some("a.b,c.*"));
        assert_eq!(read("Return").as_deref(), Some("representation"));
        assert_eq!(read("odata.maxpagesize").as_deref(), Some("5"));
        assert_eq!(read("odata.continue-on-error").as_deref(), Some("true"));
        assert_eq!(read("nosuch"), None);
    }
}
