//! What a plain update may not do to a row, because a message of its own does it or because it is over.
//!
//! Sources: the reference of the case and the opportunity table; sales: a qualified lead is read-only.

use http::StatusCode;
use sqlx::SqliteConnection;

use super::errors::DataverseError;
use super::messages::reached_by_message;
use super::payload::Changes;
use super::query::ast::Value;
use super::schema::Table;
use super::write;

const QUALIFIED: i64 = 1;

/// Refuses an update that a request asks for outright.
pub(crate) async fn check_update(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    changes: &Changes,
) -> Result<(), DataverseError> {
    let asked = match changes.values.get("statecode") {
        Some(Value::Integer(state)) => Some(*state),
        _ => None,
    };
    let lead = table.logical == "lead" && asked.is_none();
    if asked.is_none() && !lead {
        return Ok(());
    }
    let current = write::current_state(connection, table, id).await?;
    if lead && current == QUALIFIED {
        let message = "The object cannot be updated because it is read-only.";
        return Err(DataverseError::new(StatusCode::BAD_REQUEST, "0x8004022e", message));
    }
    let refused = asked.filter(|state| *state != current);
    match refused.and_then(|state| reached_by_message(table, state)) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
