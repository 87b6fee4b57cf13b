//! The emulated Dataverse environment: tables in SQLite behind the Web API.
//!
//! One organisation with one business unit, whose members are the directory's users.

pub(crate) mod access;
pub(crate) mod address;
pub(crate) mod aggregate;
pub(crate) mod auth;
pub(crate) mod batch;
pub(crate) mod call;
pub(crate) mod changes;
pub(crate) mod delete;
pub(crate) mod duplicates;
pub(crate) mod errors;
pub(crate) mod fetch;
pub(crate) mod formatted;
pub(crate) mod links;
pub(crate) mod messages;
pub(crate) mod metadata;
pub(crate) mod numbering;
pub(crate) mod payload;
pub(crate) mod property;
pub(crate) mod query;
pub(crate) mod read;
pub(crate) mod references;
pub(crate) mod resource;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod seed;
pub(crate) mod seed_data;
pub(crate) mod shape;
pub(crate) mod storage;
pub(crate) mod values;
pub(crate) mod write;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::{AssertSqlSafe, SqlitePool};
use uuid::Uuid;

use crate::EmulatorError;
use crate::entra::registry::Principal;
use access::enrol;
use access::roles::Roles;
use errors::DataverseError;
use schema::{Schema, Table};

pub(crate) struct Dataverse {
    pub(crate) pool: SqlitePool,
    pub(crate) schema: Schema,
    pub(crate) roles: Arc<Roles>,
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
    /// contacts and what belongs to them. The members among `people` become its users.
    pub(crate) async fn open(
        schema: Schema,
        file: Option<&Path>,
        seed: seed::Seed,
        people: &[Principal],
    ) -> Result<Self, EmulatorError> {
        let pool = storage::connect(file).await?;
        storage::prepare(&pool, &schema).await?;
        enrol::prepare(&pool).await?;
        let roles = Arc::new(Roles::built_in(&schema)?);
        let dataverse = Self { pool, schema, roles, version: AtomicI64::new(1_000_000) };
        dataverse.restore_version().await?;
        let members: Vec<&Principal> = people.iter().filter(|person| person.member).collect();
        seed::fill(&dataverse, seed, &members).await?;
        Ok(dataverse)
    }

    pub(crate) fn next_version(&self) -> i64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A table that the schema itself names.
    pub(crate) fn table(&self, logical: &str) -> Result<&Table, DataverseError> {
        self.schema.by_logical(logical).ok_or_else(|| DataverseError::no_table(logical))
    }

    /// What Dataverse calls the global metadata version: it changes with the tables, which here never do.
    pub(crate) fn metadata_version(&self) -> &'static str {
        "1000000"
    }

    async fn restore_version(&self) -> Result<(), sqlx::Error> {
        let tables = self.schema.all().iter().filter(|table| table.members.is_empty());
        for table in tables.filter(|table| table.column("versionnumber").is_some()) {
            let sql = format!("SELECT MAX(versionnumber) FROM \"{}\"", table.logical);
            let highest: Option<i64> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await?;
            self.version.fetch_max(highest.unwrap_or_default(), Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
