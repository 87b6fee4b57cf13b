//! A query for rows: which columns come back, under which names.
//!
//! Columns without a value are left out, as the Web API does with FetchXML. The primary key comes back
//! unasked, but not from a query for distinct rows, whose rows stand for several.

use serde_json::{Map, Value as Json, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::super::errors::DataverseError;
use super::super::query::ast::MAIN;
use super::super::query::hierarchies::parent_of;
use super::super::query::options::MAX_PAGE;
use super::super::query::sql::Builder;
use super::super::schema::{Kind, Table};
use super::super::shape::{ATTRIBUTE, Annotations, FORMATTED, Output, Shape};
use super::document::{Attribute, Columns, Entity, Fetch};
use super::names::{Names, Row};
use super::paging::{Edge, Part, cookie};
use super::plan::Node;
use super::select::{Sort, keys, push_rows, push_sort, sorts};
use super::{Answer, fault};

/// The currency of a money column comes along with it: fetchxml/page-results.
const CURRENCY: &str = "transactioncurrencyid";

/// How many rows stand below a row in its hierarchy.
struct Children {
    name: String,
    attribute: String,
    sql: String,
}

/// The columns of the answer.
struct Selection<'a> {
    outputs: Vec<Output<'a>>,
    children: Vec<Children>,
    /// Columns of the main table, as the answer's context lists them.
    context: Vec<String>,
    with_key: bool,
}

pub(crate) struct Query<'a, 'q> {
    pub(crate) names: &'q Names<'a>,
    pub(crate) fetch: &'q Fetch,
    pub(crate) plan: &'q Node<'a>,
    pub(crate) annotations: &'q Annotations,
    pub(crate) preferred_size: Option<u32>,
    pub(crate) total: bool,
}

impl<'a> Query<'a, '_> {
    pub(crate) async fn run(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Answer, DataverseError> {
        let fetch = self.fetch;
        let table = self.names.main()?.table;
        let selection = self.selection()?;
        let sorts = sorts(self.names, &fetch.entity)?;
        let edges = if fetch.distinct { Vec::new() } else { edges(&sorts, table) };
        let names: Vec<&str> = edges.iter().map(|(name, _)| name.as_str()).collect();
        let part = Part::of(fetch, self.preferred_size, &names)?;
        let context = selection.context.clone();
        let layout = Layout::new(self, selection, edges, table);
        let rows = self.rows(connection, &layout.columns, &sorts, part).await?;
        let more = rows.len() > part.size as usize && fetch.top.is_none();
        let rows = rows.get(..rows.len().min(part.size as usize)).unwrap_or_default();
        let records: Result<Vec<Json>, sqlx::Error> =
            rows.iter().map(|row| layout.record(row, self.annotations)).collect();
        // Queries ordered by the columns of a link have no cookie: fetchxml/page-results.
        let by_link = sorts.iter().any(|sort| sort.cookie.is_none());
        let cookie = (more && !by_link).then(|| layout.cookie(part.page, rows));
        let total = match self.total || fetch.total {
            true => Some(self.count(connection, &layout).await?),
            false => None,
        };
        Ok(Answer { rows: records?, more, cookie, total, columns: context })
    }

    async fn rows(
        &self,
        connection: &mut SqliteConnection,
        columns: &[String],
        sorts: &[Sort<'_>],
        part: Part,
    ) -> Result<Vec<SqliteRow>, DataverseError> {
        let distinct = if self.fetch.distinct { "DISTINCT " } else { "" };
        let mut builder = Builder::new(format!("SELECT {distinct}{}", columns.join(", ")));
        push_rows(&mut builder, self.plan);
        let mut joint = " ORDER BY ";
        for sort in sorts {
            builder.push(joint);
            push_sort(&mut builder, self.names.schema, sort, self.fetch.raw_order);
            joint = ", ";
        }
        if !self.fetch.distinct {
            for key in keys(self.plan) {
                builder.push(joint).push(key);
                joint = ", ";
            }
        }
        builder.push(" LIMIT ").push_bind(i64::from(part.size) + 1);
        let offset = i64::try_from(part.offset).unwrap_or(i64::MAX);
        builder.push(" OFFSET ").push_bind(offset);
        Ok(builder.build().fetch_all(connection).await?)
    }

    /// How many rows there are, at most one more than a page can have.
    async fn count(
        &self,
        connection: &mut SqliteConnection,
        layout: &Layout<'_>,
    ) -> Result<i64, DataverseError> {
        let what = match self.fetch.distinct {
            true => format!("DISTINCT {}", layout.columns.join(", ")),
            false => "1".to_owned(),
        };
        let mut builder = Builder::new(format!("SELECT COUNT(*) FROM (SELECT {what}"));
        push_rows(&mut builder, self.plan);
        builder.push(" LIMIT ").push_bind(i64::from(MAX_PAGE) + 1).push(")");
        Ok(builder.build_query_scalar().fetch_one(connection).await?)
    }

    fn selection(&self) -> Result<Selection<'a>, DataverseError> {
        let mut selection = Selection {
            outputs: Vec::new(),
            children: Vec::new(),
            context: Vec::new(),
            with_key: !self.fetch.distinct,
        };
        selection.add(self.names, &self.fetch.entity)?;
        let main = self.names.main()?;
        if selection.with_key
            && let Some(key) = main.table.column(&main.table.key)
            && !selection.outputs.iter().any(|output| output.name == key.name)
        {
            selection.push(main, &key.logical, None)?;
        }
        let mut names: Vec<&str> =
            selection.outputs.iter().map(|output| output.name.as_str()).collect();
        names.extend(selection.children.iter().map(|children| children.name.as_str()));
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(fault("0x80041130", "FetchXML should have unique aliases."));
        }
        if names.is_empty() {
            return Err(fault("0x8004111e", "A required attribute was not specified."));
        }
        Ok(selection)
    }
}

/// Where in a row of the database what is of the answer.
struct Layout<'a> {
    shape: Shape<'a>,
    columns: Vec<String>,
    children: Vec<Children>,
    children_at: usize,
    version_at: Option<usize>,
    /// The columns of a paging cookie, with their expressions; rows that stand for several have none.
    edges: Vec<(String, String)>,
    edges_at: usize,
}

impl<'a> Layout<'a> {
    fn new(
        query: &Query<'_, 'a>,
        selection: Selection<'a>,
        edges: Vec<(String, String)>,
        table: &Table,
    ) -> Self {
        let Selection { outputs, children, with_key, .. } = selection;
        let shape = Shape::new(query.names.schema, outputs, query.annotations, false);
        let mut columns = shape.expressions();
        let children_at = columns.len();
        columns.extend(children.iter().map(|children| children.sql.clone()));
        let versioned = with_key && table.column("versionnumber").is_some();
        let version_at = versioned.then_some(columns.len());
        columns.extend(versioned.then(|| format!("{MAIN}.versionnumber")));
        let edges_at = columns.len();
        columns.extend(edges.iter().map(|(_, sql)| sql.clone()));
        Self { shape, columns, children, children_at, version_at, edges, edges_at }
    }

    fn record(&self, row: &SqliteRow, annotations: &Annotations) -> Result<Json, sqlx::Error> {
        let mut record = Map::new();
        if let Some(at) = self.version_at {
            let version: i64 = row.try_get(at)?;
            record.insert("@odata.etag".to_owned(), json!(format!("W/\"{version}\"")));
        }
        self.shape.record(row, 0, &mut record)?;
        for (at, children) in self.children.iter().enumerate() {
            children.record(row.try_get(self.children_at + at)?, annotations, &mut record);
        }
        Ok(Json::Object(record))
    }

    fn cookie(&self, page: u32, rows: &[SqliteRow]) -> String {
        let edge = |(at, (name, _)): (usize, &(String, String))| {
            let value = |row: &SqliteRow| row.try_get(self.edges_at + at).ok().flatten();
            Edge {
                name: name.clone(),
                first: rows.first().and_then(value),
                last: rows.last().and_then(value),
            }
        };
        cookie(page, &self.edges.iter().enumerate().map(edge).collect::<Vec<_>>())
    }
}

/// What a cookie holds of a row: the columns of the order, and the key.
fn edges(sorts: &[Sort<'_>], table: &Table) -> Vec<(String, String)> {
    let mut edges: Vec<(String, String)> = Vec::new();
    for sort in sorts.iter().filter(|sort| sort.column.hops.is_empty()) {
        let Some(name) = &sort.cookie else { continue };
        if !edges.iter().any(|(known, _)| known == name) && *name != table.key {
            let sql = format!("CAST({}.\"{}\" AS TEXT)", sort.column.alias, sort.column.name);
            edges.push((name.clone(), sql));
        }
    }
    let key = format!("'{{' || upper({MAIN}.\"{}\") || '}}'", table.key);
    edges.push((table.key.clone(), key));
    edges
}

impl<'a> Selection<'a> {
    fn add(&mut self, names: &Names<'a>, entity: &Entity) -> Result<(), DataverseError> {
        let row = names.row(entity.id)?;
        match &entity.columns {
            Columns::None => {}
            Columns::Unnamed if entity.id > 0 => {}
            Columns::All | Columns::Unnamed => {
                for column in &row.table.columns {
                    self.push(row, &column.logical, None)?;
                }
            }
            Columns::Named(attributes) => {
                for attribute in attributes {
                    self.named(row, attribute)?;
                }
            }
        }
        for link in &entity.links {
            self.add(names, &link.entity)?;
        }
        Ok(())
    }

    fn named(&mut self, row: &Row<'a>, attribute: &Attribute) -> Result<(), DataverseError> {
        if attribute.aggregate.is_some() || attribute.group {
            let message = "An error occurred while processing Aggregates in Query";
            return Err(fault("0x8004111a", message));
        }
        if attribute.count_children {
            return self.push_children(row, attribute);
        }
        if row.table.attribute(&attribute.name).is_none() && is_name_of(row.table, &attribute.name)
        {
            return Err(DataverseError::not_implemented(&format!(
                "the virtual attribute '{}' as a column of FetchXML",
                attribute.name
            )));
        }
        self.push(row, &attribute.name, attribute.alias.as_deref())?;
        let column = row.attribute(&attribute.name)?;
        let brings_currency = column.kind == Kind::Money && row.sql == MAIN && self.with_key;
        if brings_currency && row.table.attribute(CURRENCY).is_some() {
            self.push(row, CURRENCY, None)?;
        }
        Ok(())
    }

    /// Adds a column, once.
    fn push(
        &mut self,
        row: &Row<'a>,
        attribute: &str,
        alias: Option<&str>,
    ) -> Result<(), DataverseError> {
        let column = row.attribute(attribute)?;
        let is_main = row.sql == MAIN;
        let name = match alias {
            Some(alias) => alias.to_owned(),
            None if is_main => column.name.clone(),
            None => format!("{}.{}", row.name, column.logical),
        };
        let twice = |output: &Output<'_>| output.name == name && output.alias == row.sql;
        if alias.is_none() && self.outputs.iter().any(twice) {
            return Ok(());
        }
        if is_main {
            self.context.push(if alias.is_some() { &column.logical } else { &column.name }.clone());
        }
        self.outputs.push(Output {
            table: row.table,
            column,
            alias: row.sql.clone(),
            name,
            aliased: alias.is_some() || !is_main,
        });
        Ok(())
    }

    /// Source: query-hierarchical-data, "Retrieve the number of hierarchically related child records".
    fn push_children(
        &mut self,
        row: &Row<'a>,
        attribute: &Attribute,
    ) -> Result<(), DataverseError> {
        let name = attribute.alias.clone();
        let name =
            name.ok_or_else(|| fault("0x80041109", "Invalid alias for aggregate operation."))?;
        row.attribute(&attribute.name)?;
        let Table { logical, key, .. } = row.table;
        let parent = parent_of(row.table).ok_or_else(|| {
            let message = format!(
                "This query uses a hierarchical operator, but the {logical} entity doesn't have a \
                 hierarchical relationship."
            );
            fault("0x80047020", message)
        })?;
        let sql = format!(
            "(SELECT COUNT(*) FROM \"{logical}\" AS c WHERE c.\"{}\" = {}.\"{key}\")",
            parent.name, row.sql
        );
        self.children.push(Children { name, attribute: attribute.name.clone(), sql });
        Ok(())
    }
}

impl Children {
    fn record(&self, count: i64, annotations: &Annotations, record: &mut Map<String, Json>) {
        for (annotation, value) in
            [(ATTRIBUTE, json!(self.attribute)), (FORMATTED, json!(count.to_string()))]
        {
            if annotations.wants(annotation) {
                record.insert(format!("{}@{annotation}", self.name), value);
            }
        }
        record.insert(self.name.clone(), json!(count));
    }
}

/// `primarycontactidname` and the like: columns that Dataverse only makes up.
fn is_name_of(table: &Table, name: &str) -> bool {
    name.strip_suffix("name").is_some_and(|base| table.attribute(base).is_some())
}
