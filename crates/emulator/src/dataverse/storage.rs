//! The database: a SQLite table for each Dataverse table, one for each many-to-many relation, a view for
//! what several tables have in common.
//!
//! Typed columns and indexes on keys, lookups and telephone numbers, so that a look-up costs what it costs
//! in a database. Text compares by a collation of its own, because SQLite knows case in ASCII only.

use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};

use super::schema::{Collection, Column, Schema, Table};

/// Beside a lookup: the logical name of the table that it points to.
pub(crate) fn table_of(lookup: &str) -> String {
    format!("{lookup}__table")
}

/// A database in memory belongs to its one connection, which must therefore never be let go.
pub(crate) async fn connect(file: Option<&Path>) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(60));
    let options = SqliteConnectOptions::new().collation("DATAVERSE", compare).with_regexp();
    match file {
        Some(file) => {
            let options = options
                .filename(file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(Duration::from_secs(30));
            pool.max_connections(4).connect_with(options).await
        }
        None => {
            let pool = pool.min_connections(1).max_connections(1);
            let pool = pool.idle_timeout(None).max_lifetime(None);
            pool.connect_with(options.in_memory(true)).await
        }
    }
}

/// Letter by letter, because lower-casing a whole text makes a final sigma of what is none in a longer one.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        let left = left.bytes().map(|byte| byte.to_ascii_lowercase());
        return left.cmp(right.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    left.chars().flat_map(char::to_lowercase).cmp(right.chars().flat_map(char::to_lowercase))
}

/// Makes what the schema needs and the database lacks.
pub(crate) async fn prepare(pool: &SqlitePool, schema: &Schema) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for table in schema.all().iter().filter(|table| table.members.is_empty()) {
        make_table(&mut transaction, table).await?;
        for (relation, here, there) in relations(table) {
            make_relation(&mut transaction, relation, here, there).await?;
        }
    }
    for table in schema.all().iter().filter(|table| !table.members.is_empty()) {
        make_view(&mut transaction, schema, table).await?;
    }
    transaction.commit().await
}

async fn run(connection: &mut SqliteConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql)).execute(connection).await.map(|_| ())
}

async fn make_table(connection: &mut SqliteConnection, table: &Table) -> Result<(), sqlx::Error> {
    let columns = physical_columns(table);
    let list: Vec<String> =
        columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
    let sql = format!(
        "CREATE TABLE IF NOT EXISTS \"{}\" ({}, PRIMARY KEY (\"{}\")) STRICT",
        table.logical,
        list.join(", "),
        table.key
    );
    run(connection, sql).await?;
    let known: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
        .bind(&table.logical)
        .fetch_all(&mut *connection)
        .await?;
    for (name, kind) in columns.iter().filter(|(name, _)| !known.contains(name)) {
        let sql = format!("ALTER TABLE \"{}\" ADD COLUMN \"{name}\" {kind}", table.logical);
        run(connection, sql).await?;
    }
    for sql in indexes(table) {
        run(connection, sql).await?;
    }
    Ok(())
}

fn physical_columns(table: &Table) -> Vec<(String, &'static str)> {
    let mut columns = Vec::new();
    for column in &table.columns {
        columns.push((column.name.clone(), column.kind.sql()));
        if column.is_lookup() {
            columns.push((table_of(&column.name), "TEXT"));
        }
    }
    columns
}

/// Rows without a value are left out of an index: most columns of most rows have none.
fn indexes(table: &Table) -> impl Iterator<Item = String> + '_ {
    let logical = &table.logical;
    let lookups = table.columns.iter().filter(|column| is_followed_back(column));
    let names = table.indexes.iter().chain(lookups.map(|column| &column.name));
    let plain = names.filter(|name| table.column(name).is_some()).map(move |name| {
        format!(
            "CREATE INDEX IF NOT EXISTS \"{logical}.{name}\" ON \"{logical}\" (\"{name}\") \
             WHERE \"{name}\" IS NOT NULL"
        )
    });
    let keys = table.keys.iter().map(move |key| {
        let columns: Vec<String> = key.columns.iter().map(|name| format!("\"{name}\"")).collect();
        let columns = columns.join(", ");
        format!(
            "CREATE UNIQUE INDEX IF NOT EXISTS \"{logical}.key.{}\" ON \"{logical}\" ({columns})",
            key.name
        )
    });
    plain.chain(keys)
}

/// Whether rows are looked for by this lookup: not for who made them, but for whom they belong to.
fn is_followed_back(column: &Column) -> bool {
    const SERVICE: [&str; 5] =
        ["systemuser", "team", "businessunit", "transactioncurrency", "organization"];
    column.is_lookup()
        && (column.logical == "ownerid"
            || column.targets().iter().any(|target| !SERVICE.contains(&target.as_str())))
}

fn relations(table: &Table) -> impl Iterator<Item = (&str, &str, &str)> {
    table.collections.values().filter_map(|collection| match collection {
        Collection::ManyToMany { relation, here, there, .. } => {
            Some((relation.as_str(), here.as_str(), there.as_str()))
        }
        Collection::OneToMany { .. } => None,
    })
}

async fn make_relation(
    connection: &mut SqliteConnection,
    relation: &str,
    here: &str,
    there: &str,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "CREATE TABLE IF NOT EXISTS \"{relation}\" (\"{here}\" TEXT NOT NULL, \"{there}\" TEXT NOT NULL, \
         PRIMARY KEY (\"{here}\", \"{there}\")) STRICT, WITHOUT ROWID"
    );
    run(connection, sql).await?;
    let sql = format!(
        "CREATE INDEX IF NOT EXISTS \"{relation}.{there}\" ON \"{relation}\" (\"{there}\")"
    );
    run(connection, sql).await
}

async fn make_view(
    connection: &mut SqliteConnection,
    schema: &Schema,
    table: &Table,
) -> Result<(), sqlx::Error> {
    let members = table.members.iter().filter_map(|member| schema.by_logical(member));
    let parts = members.map(|member| {
        let columns = physical_columns(table).into_iter().map(|(name, _)| {
            let lookup = name.strip_suffix("__table").unwrap_or(&name);
            match member.column(lookup) {
                Some(_) => format!("\"{name}\""),
                None => format!("NULL AS \"{name}\""),
            }
        });
        let columns: Vec<String> = columns.collect();
        format!("SELECT {} FROM \"{}\"", columns.join(", "), member.logical)
    });
    let parts: Vec<String> = parts.collect();
    let view = &table.logical;
    run(connection, format!("DROP VIEW IF EXISTS \"{view}\"")).await?;
    if parts.is_empty() {
        return make_table(connection, table).await;
    }
    run(connection, format!("CREATE VIEW \"{view}\" AS {}", parts.join(" UNION ALL "))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compared_without_case_in_every_script() {
        assert_eq!(compare("Müller", "MÜLLER"), Ordering::Equal);
        assert_eq!(compare("ΟΔΟΣ", "οδοσ"), Ordering::Equal);
        assert_eq!(compare("abc", "ABD"), Ordering::Less);
        assert_eq!(compare("zoë", "ZOE"), Ordering::Greater);
    }
}
