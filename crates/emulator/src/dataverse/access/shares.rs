//! Rows shared with users and teams beyond what their roles reach.
//!
//! Source: "Sharing and assigning", the AccessRights enumeration.

use sqlx::{SqliteConnection, SqlitePool};

use super::super::errors::DataverseError;
use super::super::query::ast::{Expr, Value};
use super::super::query::scope::reference;
use super::super::schema::Table;
use super::privileges::Right;

/// Makes the table of shares, which is no table of Dataverse's schema here.
pub(crate) async fn prepare(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS emulator_share (objectid TEXT NOT NULL, principalid TEXT NOT NULL, \
         principal TEXT NOT NULL, mask INTEGER NOT NULL, PRIMARY KEY (objectid, principalid)) STRICT, \
         WITHOUT ROWID",
    )
    .execute(pool)
    .await
    .map(|_| ())
}

/// The condition that a row is shared with the user, or with a team of the user's, for `right`.
pub(super) fn shared(table: &Table, alias: &str, user: &str, right: Right) -> Option<Expr> {
    let column = reference(alias, Vec::new(), table.column(&table.key)?);
    let sql = format!(
        "SELECT objectid FROM emulator_share WHERE (mask & {}) <> 0 AND principalid IN (WITH me(id) AS \
         (SELECT ?) SELECT id FROM me UNION SELECT m.teamid FROM teammembership AS m JOIN me \
         ON m.systemuserid = me.id)",
        right.bit()
    );
    Some(Expr::Subquery { column, sql, value: Value::Text(user.to_owned()) })
}

/// Sets the rights to a row that are shared with a principal; none ends the sharing.
pub(crate) async fn set(
    connection: &mut SqliteConnection,
    object: &str,
    (kind, principal): (&str, &str),
    rights: &[Right],
) -> Result<(), DataverseError> {
    let mask = rights.iter().fold(0, |mask, right| mask | right.bit());
    sqlx::query(
        "INSERT INTO emulator_share (objectid, principalid, principal, mask) VALUES (?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET mask = excluded.mask",
    )
    .bind(object)
    .bind(principal)
    .bind(kind)
    .bind(mask)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM emulator_share WHERE mask = 0").execute(connection).await?;
    Ok(())
}

/// A share of a row: the principal's table and id, and the rights.
pub(crate) struct Share {
    pub(crate) kind: String,
    pub(crate) principal: String,
    pub(crate) rights: Vec<Right>,
}

pub(crate) async fn of(
    connection: &mut SqliteConnection,
    object: &str,
) -> Result<Vec<Share>, DataverseError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT principal, principalid, mask FROM emulator_share WHERE objectid = ? ORDER BY principalid",
    )
    .bind(object)
    .fetch_all(connection)
    .await?;
    let share = |(kind, principal, mask): (String, String, i64)| {
        let rights = Right::ALL.into_iter().filter(|right| mask & right.bit() != 0).collect();
        Share { kind, principal, rights }
    };
    Ok(rows.into_iter().map(share).collect())
}
