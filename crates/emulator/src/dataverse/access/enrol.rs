//! How people of the directory become users of the organisation, with the role that the directory names.
//!
//! A user is made when somebody first comes, as Dataverse does it. When the directory names another role than
//! it did, that one replaces the roles held; otherwise what clients changed stays.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, SqlitePool};

use super::super::query::ast::Value;
use super::super::schema::Table;
use super::super::{Dataverse, id_of, write};
use super::roles::DEFAULT;
use super::{Author, shares};
use crate::entra::registry::Principal;

/// The business unit that everything belongs to at first.
pub(crate) fn root_unit() -> String {
    id_of("businessunit", "root")
}

/// The `systemuserid` of somebody with this object id.
pub(crate) fn user_id(oid: &str) -> String {
    id_of("systemuser", oid)
}

/// The role that the directory gives.
pub(crate) fn role(principal: &Principal) -> &str {
    principal.role.as_deref().unwrap_or(DEFAULT)
}

/// Makes the tables that rights are read from where an organisation's own document does not bring them.
pub(crate) async fn prepare(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    for (table, here, there) in [
        ("systemuserroles", "systemuserid", "roleid"),
        ("teamroles", "teamid", "roleid"),
        ("teammembership", "systemuserid", "teamid"),
    ] {
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {table} ({here} TEXT NOT NULL, {there} TEXT NOT NULL, \
             PRIMARY KEY ({here}, {there})) STRICT, WITHOUT ROWID"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(pool).await?;
    }
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS emulator_directory_role (systemuserid TEXT NOT NULL PRIMARY KEY, \
         role TEXT NOT NULL) STRICT, WITHOUT ROWID",
    )
    .execute(pool)
    .await?;
    shares::prepare(pool).await
}

/// Makes the rows of the roles that there are, in the name of the user `by`.
pub(crate) async fn add_roles(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    by: &str,
) -> Result<(), sqlx::Error> {
    let Some(table) = dataverse.schema.by_logical("role") else {
        return Ok(());
    };
    for role in dataverse.roles.all() {
        if known(connection, table, &role.id).await? {
            continue;
        }
        let values = [
            ("name", Value::Text(role.name.clone())),
            ("_businessunitid_value", Value::Text(root_unit())),
            ("_businessunitid_value__table", Value::Text("businessunit".to_owned())),
        ];
        add(dataverse, connection, table, (&role.id, by), values).await?;
    }
    Ok(())
}

/// Makes or brings up to date the user for `principal`.
pub(crate) async fn enrol(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    principal: &Principal,
) -> Result<(), sqlx::Error> {
    if connection.is_in_transaction() {
        return enrol_within(dataverse, connection, principal).await;
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    enrol_within(dataverse, &mut transaction, principal).await?;
    transaction.commit().await
}

/// As [`enrol`], within a transaction.
pub(crate) async fn enrol_within(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    principal: &Principal,
) -> Result<(), sqlx::Error> {
    let Some(table) = dataverse.schema.by_logical("systemuser") else {
        return Ok(());
    };
    let id = user_id(&principal.oid);
    if !known(connection, table, &id).await? {
        let text = |value: &str| Value::Text(value.to_owned());
        let application = principal.application_id.as_deref();
        let values = [
            ("firstname", text(&principal.given_name)),
            ("lastname", text(&principal.family_name)),
            ("domainname", text(&principal.upn_or_name)),
            ("internalemailaddress", text(&principal.upn_or_name)),
            ("azureactivedirectoryobjectid", text(&principal.oid)),
            ("applicationid", application.map_or(Value::Null, text)),
            ("isdisabled", Value::Integer(0)),
            ("_businessunitid_value", Value::Text(root_unit())),
            ("_businessunitid_value__table", text("businessunit")),
        ];
        add(dataverse, connection, table, (&id, &id), values).await?;
    }
    give(dataverse, connection, &id, role(principal)).await
}

/// Replaces the roles of a user by the one of this name; an unknown name gives none.
async fn give(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    user: &str,
    role: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM systemuserroles WHERE systemuserid = ?")
        .bind(user)
        .execute(&mut *connection)
        .await?;
    match dataverse.roles.named(role) {
        Some(role) => {
            sqlx::query("INSERT INTO systemuserroles (systemuserid, roleid) VALUES (?, ?)")
                .bind(user)
                .bind(&role.id)
                .execute(&mut *connection)
                .await?;
        }
        None => tracing::warn!(role, "the directory names a security role that there is not"),
    }
    sqlx::query(
        "INSERT OR REPLACE INTO emulator_directory_role (systemuserid, role) VALUES (?, ?)",
    )
    .bind(user)
    .bind(role)
    .execute(connection)
    .await?;
    Ok(())
}

async fn known(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<bool, sqlx::Error> {
    let sql = format!("SELECT 1 FROM \"{}\" WHERE \"{}\" = ?", table.logical, table.key);
    let found: Option<i64> =
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(connection).await?;
    Ok(found.is_some())
}

/// Inserts a row in the name of the user `by`.
async fn add<const N: usize>(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    (id, by): (&str, &str),
    values: [(&str, Value); N],
) -> Result<(), sqlx::Error> {
    let named = values.into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut values: BTreeMap<String, Value> = named.collect();
    let author = Author::system(by.to_owned(), root_unit());
    write::platform_values_of_new(table, id, &author, &mut values);
    write::finish(dataverse, table, &author, &mut values);
    write::insert(connection, table, &values).await
}
