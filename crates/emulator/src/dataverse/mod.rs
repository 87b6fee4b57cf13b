//! The emulated Dataverse environment: tables in SQLite behind the Web API.
//!
//! One organisation, one business unit, the directory's users as system users with every
//! privilege but that of changing users.

pub(crate) mod auth;
pub(crate) mod changes;
pub(crate) mod definitions;
pub(crate) mod delete;
pub(crate) mod errors;
pub(crate) mod payload;
pub(crate) mod query;
pub(crate) mod read;
pub(crate) mod resource;
pub(crate) mod routes;
pub(crate) mod schema;
pub(crate) mod seed;
pub(crate) mod seed_data;
pub(crate) mod shape;
pub(crate) mod tables;
pub(crate) mod values;
pub(crate) mod write;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};
use uuid::Uuid;

use crate::EmulatorError;
use crate::entra::registry::User;
use tables::{Table, Tables};

pub(crate) struct Dataverse {
    pub(crate) pool: SqlitePool,
    pub(crate) tables: Tables,
    /// `systemuserid` by the user's object id in the directory.
    users: HashMap<String, String>,
    /// The last `versionnumber` given; it grows over the whole organisation.
    version: AtomicI64,
}

/// A stable id for something of the emulator that has a name.
pub(crate) fn id_of(kind: &str, name: &str) -> String {
    const NAMESPACE: Uuid = Uuid::from_u128(0x9a2f_6c1e_58d3_4f7b_a0c4_1e6d_8b35_72f0);
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{name}").as_bytes()).to_string()
}

impl Dataverse {
    /// Opens the database in `file`, or one in memory, and fills an empty one with `seed`
    /// contacts and what belongs to them.
    pub(crate) async fn open(
        file: Option<&Path>,
        seed: u32,
        users: impl Iterator<Item = &User>,
    ) -> Result<Self, EmulatorError> {
        let tables = Tables::built_in()?;
        let pool = connect(file).await?;
        for table in tables.all() {
            make_table(&pool, table).await?;
        }
        let users: Vec<&User> = users.collect();
        let members =
            users.iter().map(|user| (user.id.clone(), id_of("systemuser", &user.id))).collect();
        let dataverse = Self { pool, tables, users: members, version: AtomicI64::new(1_000_000) };
        dataverse.restore_version().await?;
        seed::fill(&dataverse, seed, &users).await?;
        Ok(dataverse)
    }

    pub(crate) fn next_version(&self) -> i64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn system_user(&self, object_id: &str) -> Option<&str> {
        self.users.get(object_id).map(String::as_str)
    }

    async fn restore_version(&self) -> Result<(), sqlx::Error> {
        for table in self.tables.all() {
            let sql = format!("SELECT MAX(versionnumber) FROM \"{}\"", table.logical);
            let highest: Option<i64> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await?;
            self.version.fetch_max(highest.unwrap_or_default(), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Makes a table and its indexes, or adds the columns that a database of an earlier version lacks.
async fn make_table(pool: &SqlitePool, table: &Table) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(table.create_table())).execute(pool).await?;
    let known: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
        .bind(&table.logical)
        .fetch_all(pool)
        .await?;
    for (name, kind) in table.physical_columns() {
        if !known.contains(&name) {
            let sql = format!("ALTER TABLE \"{}\" ADD COLUMN \"{name}\" {kind}", table.logical);
            sqlx::query(AssertSqlSafe(sql)).execute(pool).await?;
        }
    }
    for index in table.create_indexes() {
        sqlx::query(AssertSqlSafe(index)).execute(pool).await?;
    }
    Ok(())
}

/// A database in memory belongs to its one connection, which must therefore never be let go.
async fn connect(file: Option<&Path>) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(60));
    match file {
        Some(file) => {
            let options = SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(Duration::from_secs(30));
            pool.max_connections(4).connect_with(options).await
        }
        None => {
            let options = SqliteConnectOptions::new().in_memory(true);
            let pool = pool.min_connections(1).max_connections(1);
            pool.idle_timeout(None).max_lifetime(None).connect_with(options).await
        }
    }
}

#[cfg(test)]
mod tests;
