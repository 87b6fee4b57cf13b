//! Reading rows: conditions, order, pages and counts, and the related rows that belong into them.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::access::{Author, visible};
use super::errors::DataverseError;
use super::query::ast::{Comparison, Expr, MAIN, Operand, Value};
use super::query::cookie::{Cookie, encoded};
use super::query::expand::{Expansion, Related};
use super::query::options::{MAX_PAGE, Options, Order};
use super::query::scope::reference;
use super::query::sql::{Builder, name_of_target, push_column, push_expr};
use super::schema::{Collection, Kind, Schema, Table};
use super::shape::Shape;
use super::storage::table_of;

/// Users and teams are owners too, and have the owner's key beside their own. Source: webapi/query/join-tables.
const OWNERS: [&str; 2] = ["systemuser", "team"];

/// What every read needs beside its query.
pub(crate) struct Reader<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) connection: &'a mut SqliteConnection,
    /// `http://host/api/data/v9.2`, of links.
    pub(crate) base: &'a str,
    /// The page size that the caller prefers.
    pub(crate) page_size: Option<u32>,
    /// Whose rights decide which related rows are read.
    pub(crate) author: &'a Author,
}

/// A page of rows and, where there is more, where it goes on.
pub(crate) struct Page {
    pub(crate) rows: Vec<Json>,
    pub(crate) next: Option<Cookie>,
}

/// A row that was read.
struct Found {
    id: String,
    record: Map<String, Json>,
    /// For each expanded lookup where it points to.
    pointers: Vec<Option<(String, String)>>,
}

/// Which rows of a table, beyond what the options say.
struct Cut<'a> {
    conditions: &'a [Expr],
    limit: u32,
    offset: u32,
    etags: bool,
    /// A column that is answered although it was not selected.
    link: Option<&'a str>,
}

/// The columns of a SELECT: key, version, the lookups that are expanded, then what is answered.
struct Columns<'a> {
    table: &'a Table,
    versioned: bool,
    etags: bool,
    lookups: Vec<&'a str>,
    shape: Shape<'a>,
}

impl<'a> Columns<'a> {
    fn new(table: &'a Table, options: &'a Options, shape: Shape<'a>, etags: bool) -> Self {
        let versioned = table.column("versionnumber").is_some();
        let lookups = options.expand.iter().filter_map(Expansion::lookup).collect();
        Self { table, versioned, etags: etags && versioned, lookups, shape }
    }

    fn expressions(&self) -> Vec<String> {
        let version = if self.versioned { "versionnumber" } else { &self.table.key };
        let mut all =
            vec![format!("{MAIN}.\"{}\"", self.table.key), format!("{MAIN}.\"{version}\"")];
        for lookup in &self.lookups {
            all.push(format!("{MAIN}.\"{lookup}\""));
            all.push(format!("{MAIN}.\"{}\"", table_of(lookup)));
        }
        all.extend(self.shape.expressions());
        all
    }

    fn read(&self, row: &SqliteRow) -> Result<Found, sqlx::Error> {
        let mut record = Map::new();
        if self.etags {
            let version: i64 = row.try_get(1)?;
            record.insert("@odata.etag".to_owned(), json!(format!("W/\"{version}\"")));
        }
        let id: String = row.try_get(0)?;
        self.shape.record(row, 2 + 2 * self.lookups.len(), &mut record)?;
        if OWNERS.contains(&self.table.logical.as_str()) {
            record.insert("ownerid".to_owned(), json!(id));
        }
        let pointer = |at: usize| {
            let id: Option<String> = row.try_get(2 + 2 * at)?;
            let table: Option<String> = row.try_get(3 + 2 * at)?;
            Ok(id.zip(table))
        };
        let pointers = (0..self.lookups.len()).map(pointer).collect::<Result<_, sqlx::Error>>()?;
        Ok(Found { id, record, pointers })
    }
}

/// The selected columns, and the one that links a row to what it was expanded from.
fn selected(options: &Options, link: Option<&str>) -> Option<Vec<String>> {
    let mut names = options.select.clone().filter(|names| !names.is_empty())?;
    if let Some(link) = link
        && !names.iter().any(|name| name == link)
    {
        names.push(link.to_owned());
    }
    Some(names)
}

impl Reader<'_> {
    /// Lists rows. A page size takes `$top` out of force.
    pub(crate) async fn list(
        &mut self,
        table: &Table,
        options: &Options,
        conditions: &[Expr],
    ) -> Result<Page, DataverseError> {
        let size = self.page_size.unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let top = options.top.filter(|_| self.page_size.is_none());
        let (page, offset) = options.page.as_ref().map_or((1, 0), |at| (at.page, at.offset));
        let limit = top.unwrap_or(size);
        let cut = Cut { conditions, limit: limit + 1, offset, etags: true, link: None };
        let mut found = self.rows(table, options, &cut).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let id = |row: Option<&Found>| row.map(|row| row.id.clone()).unwrap_or_default();
        let next = Cookie {
            page: page + 1,
            offset: offset + limit,
            keys: (table.key.clone(), id(found.first()), id(found.last())),
        };
        let rows = self.expanded(found, table, options).await?;
        Ok(Page { rows, next: (more && top.is_none()).then_some(next) })
    }

    /// One row with its etag, or `None`.
    pub(crate) async fn one(
        &mut self,
        table: &Table,
        id: &str,
        options: &Options,
    ) -> Result<Option<Json>, DataverseError> {
        let conditions = key_is(table, id);
        let cut = Cut { conditions: &conditions, limit: 1, offset: 0, etags: true, link: None };
        let found = self.rows(table, options, &cut).await?;
        Ok(self.expanded(found, table, options).await?.pop())
    }

    /// How many rows match, at most one more than `limit`.
    pub(crate) async fn count(
        &mut self,
        table: &Table,
        options: &Options,
        conditions: &[Expr],
        limit: u32,
    ) -> Result<u32, DataverseError> {
        let mut builder = Builder::new(format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM \"{}\" AS {MAIN}",
            table.logical
        ));
        push_where(&mut builder, options.filter.as_ref(), conditions);
        builder.push(" LIMIT ").push_bind(i64::from(limit) + 1).push(")");
        Ok(builder.build_query_scalar().fetch_one(&mut *self.connection).await?)
    }

    async fn rows(
        &mut self,
        table: &Table,
        options: &Options,
        cut: &Cut<'_>,
    ) -> Result<Vec<Found>, DataverseError> {
        let select = selected(options, cut.link);
        let shape = Shape::of_table(self.schema, table, select.as_deref(), &options.annotations);
        let columns = Columns::new(table, options, shape, cut.etags);
        let mut builder = Builder::new(format!(
            "SELECT {} FROM \"{}\" AS {MAIN}",
            columns.expressions().join(", "),
            table.logical
        ));
        push_where(&mut builder, options.filter.as_ref(), cut.conditions);
        push_order(&mut builder, self.schema, table, &options.order);
        builder.push(" LIMIT ").push_bind(i64::from(cut.limit));
        builder.push(" OFFSET ").push_bind(i64::from(cut.offset));
        let rows = builder.build().fetch_all(&mut *self.connection).await?;
        let found: Result<Vec<Found>, sqlx::Error> =
            rows.iter().map(|row| columns.read(row)).collect();
        Ok(found?)
    }

    /// Puts the related rows in; boxed, because what is expanded can hold expansions.
    fn expanded<'r>(
        &'r mut self,
        mut found: Vec<Found>,
        table: &'r Table,
        options: &'r Options,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Json>, DataverseError>> + Send + 'r>>
    {
        Box::pin(async move {
            let nested = options.expand.iter().any(Expansion::is_nested);
            let mut lookups = 0;
            for expansion in &options.expand {
                match &expansion.related {
                    Related::One { targets, .. } => {
                        self.expand_one(&mut found, lookups, expansion, targets).await?;
                        lookups += 1;
                    }
                    Related::Many(collection) => {
                        for row in &mut found {
                            self.expand_many(row, table, expansion, collection, nested).await?;
                        }
                    }
                }
            }
            Ok(found.into_iter().map(|row| Json::Object(row.record)).collect())
        })
    }

    /// A lookup of all rows at once: one query for each table that it points to.
    async fn expand_one(
        &mut self,
        found: &mut [Found],
        at: usize,
        expansion: &Expansion,
        targets: &[String],
    ) -> Result<(), DataverseError> {
        let mut related: HashMap<String, Json> = HashMap::new();
        for target in targets.iter().filter_map(|name| self.schema.by_logical(name)) {
            let pointed = found.iter().filter_map(|row| row.pointers.get(at)?.as_ref());
            let pointed = pointed.filter(|(_, table)| *table == target.logical);
            let mut ids: Vec<&String> = pointed.map(|(id, _)| id).collect();
            ids.sort_unstable();
            ids.dedup();
            if expansion.reference {
                let address = |id: &str| format!("{}/{}({id})", self.base, target.set);
                related.extend(
                    ids.iter().map(|id| ((*id).clone(), json!({"@odata.id": address(id)}))),
                );
                continue;
            }
            let visible = match ids.is_empty() && targets.len() > 1 {
                true => Vec::new(),
                false => visible(self.author, target)?,
            };
            for some in ids.chunks(500) {
                let values = some.iter().map(|id| Value::Text((*id).clone())).collect();
                let Some(key) = target.column(&target.key) else { continue };
                let column = reference(MAIN, Vec::new(), key);
                let mut conditions = visible.clone();
                conditions.push(Expr::OneOf { column, values });
                let limit = u32::try_from(some.len()).unwrap_or(u32::MAX);
                let cut =
                    Cut { conditions: &conditions, limit, offset: 0, etags: false, link: None };
                let rows = self.rows(target, &expansion.options, &cut).await?;
                let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
                let rows = self.expanded(rows, target, &expansion.options).await?;
                related.extend(ids.into_iter().zip(rows));
            }
        }
        for row in found {
            let pointer = row.pointers.get(at).cloned().flatten();
            let value = pointer.and_then(|(id, _)| related.get(&id).cloned());
            row.record.insert(expansion.name.clone(), value.unwrap_or(Json::Null));
        }
        Ok(())
    }

    /// The rows of a collection, and the link to ask for them alone. Pages apply only where an expansion is
    /// nested somewhere. Source: webapi/query/join-tables.
    async fn expand_many(
        &mut self,
        row: &mut Found,
        table: &Table,
        expansion: &Expansion,
        collection: &Collection,
        nested: bool,
    ) -> Result<(), DataverseError> {
        let Some(target) = self.schema.by_logical(collection.table()) else {
            return Ok(());
        };
        let size = self.page_size.filter(|_| nested);
        let limit = expansion.options.top.unwrap_or(MAX_PAGE).min(size.unwrap_or(MAX_PAGE));
        let mut conditions = visible(self.author, target)?;
        conditions.push(belongs_to(collection, target, &row.id));
        let link = match collection {
            Collection::OneToMany { column, .. } if !nested => Some(column.as_str()),
            _ => None,
        };
        let (limit_and_one, etags) = (limit + 1, !nested);
        let cut = Cut { conditions: &conditions, limit: limit_and_one, offset: 0, etags, link };
        let mut found = self.rows(target, &expansion.options, &cut).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let id = |row: Option<&Found>| row.map(|row| row.id.clone()).unwrap_or_default();
        let keys = (target.key.clone(), id(found.first()), id(found.last()));
        let rows = self.expanded(found, target, &expansion.options).await?;
        row.record.insert(expansion.name.clone(), Json::Array(rows));
        let mut link = format!("{}/{}({})/{}", self.base, table.set, row.id, expansion.name);
        let mut options = expansion.text.clone();
        if nested && more {
            let token = Cookie { page: 2, offset: limit, keys }.to_xml();
            options += if options.is_empty() { "" } else { "&" };
            options += &format!("$skiptoken={}", encoded(&token));
        }
        if !options.is_empty() {
            link += &format!("?{options}");
        }
        if more || !nested {
            row.record.insert(format!("{}@odata.nextLink", expansion.name), json!(link));
        }
        Ok(())
    }
}

impl Expansion {
    fn lookup(&self) -> Option<&str> {
        match &self.related {
            Related::One { lookup, .. } => Some(lookup),
            Related::Many(_) => None,
        }
    }
}

/// The condition that a row has this key.
fn key_is(table: &Table, id: &str) -> Vec<Expr> {
    let column = table.column(&table.key);
    column.map(|column| equals(reference(MAIN, Vec::new(), column), id)).into_iter().collect()
}

fn equals(column: super::query::ast::ColumnRef, id: &str) -> Expr {
    let (left, right) = (Operand::Column(column), Operand::Value(Value::Text(id.to_owned())));
    Expr::Compare { left, op: Comparison::Eq, right }
}

/// The condition that a row of `target` is in the collection of the row `id`.
pub(crate) fn belongs_to(collection: &Collection, target: &Table, id: &str) -> Expr {
    match collection {
        Collection::OneToMany { column, .. } => match target.column(column) {
            Some(column) => equals(reference(MAIN, Vec::new(), column), id),
            None => Expr::Constant(false),
        },
        Collection::ManyToMany { key, relation, here, there, .. } => match target.column(key) {
            Some(column) => Expr::Subquery {
                column: reference(MAIN, Vec::new(), column),
                sql: format!("SELECT \"{there}\" FROM \"{relation}\" WHERE \"{here}\" = ?"),
                value: Value::Text(id.to_owned()),
            },
            None => Expr::Constant(false),
        },
    }
}

pub(crate) fn push_where(builder: &mut Builder, filter: Option<&Expr>, conditions: &[Expr]) {
    let mut joint = " WHERE ";
    for condition in conditions.iter().chain(filter) {
        builder.push(joint);
        push_expr(builder, condition, false);
        joint = " AND ";
    }
}

/// Text sorts without case, choices by number, lookups by the primary name of the row pointed to;
/// the primary key last, so that pages neither overlap nor leave gaps.
fn push_order(builder: &mut Builder, schema: &Schema, table: &Table, order: &[Order]) {
    builder.push(" ORDER BY ");
    for Order { column, descending } in order {
        match column.kind {
            Kind::Lookup(_) if column.hops.is_empty() => {
                let name = name_of_target(schema, &column.alias, &column.name, &column.kind);
                builder.push(name).push(" COLLATE DATAVERSE");
            }
            _ => push_column(builder, column),
        }
        builder.push(if *descending { " DESC, " } else { ", " });
    }
    builder.push(format_args!("{MAIN}.\"{}\"", table.key));
}
