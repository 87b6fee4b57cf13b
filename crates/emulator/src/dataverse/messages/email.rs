//! `SendEmail`: marks an e-mail as sent. Nothing leaves the emulator.
//!
//! Source: the SendEmail action's reference page, and the error codes of e-mail.

use axum::response::Response;
use serde_json::json;
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_row};
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::payload::Changes;
use super::super::query::ast::Value;
use super::super::query::sql::Builder;
use super::super::values;
use super::super::write;
use super::parameters::{Body, Target, refused};
use super::{Bound, result, stored_row};

const COMPLETED: i64 = 1;
const SENT: i64 = 3;
/// To, cc and bcc, among the participation types of a party.
const RECIPIENTS: &str = "2, 3, 4";

pub(super) async fn send(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let body = Body::read(call, "SendEmail", &["IssueSend", "TrackingToken"])?;
    body.truth("IssueSend")?;
    let email = bound.row(connection).await?;
    demand_row(call.author(), connection, email.table, &email.id, Right::Write).await?;
    let row = stored_row(connection, email.table, &email.id).await?;
    if row.get("statecode") != Some(&Value::Integer(0)) {
        return Err(refused(
            "0x80040233",
            "The object is not in a valid state to perform this operation.",
        ));
    }
    has_recipient(call, connection, &email).await?;
    let mut changes = Changes::default();
    changes.values.insert("statecode".to_owned(), Value::Integer(COMPLETED));
    changes.values.insert("statuscode".to_owned(), Value::Integer(SENT));
    for name in ["senton", "actualend"] {
        changes.values.insert(name.to_owned(), Value::Text(values::now()));
    }
    write::update(call.dataverse(), connection, email.table, &email.id, changes, call.author())
        .await?;
    let subject = match row.get("subject") {
        Some(Value::Text(subject)) => Some(subject),
        _ => None,
    };
    Ok(result(call, "SendEmailResponse", json!({ "Subject": subject })))
}

async fn has_recipient(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    email: &Target<'_>,
) -> Result<(), DataverseError> {
    let parties = call.dataverse().table("activityparty")?;
    let mut builder = Builder::new(format!(
        "SELECT 1 FROM \"{}\" WHERE participationtypemask IN ({RECIPIENTS}) AND _activityid_value = ",
        parties.logical
    ));
    builder.push_bind(email.id.clone()).push(" LIMIT 1");
    let found: Option<i64> = builder.build_query_scalar().fetch_optional(connection).await?;
    match found {
        Some(_) => Ok(()),
        None => Err(refused(
            "0x80040b04",
            "The e-mail must have at least one recipient before it can be sent",
        )),
    }
}
