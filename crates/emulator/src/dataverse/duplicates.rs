//! Duplicate detection, which a request has to ask for: `MSCRM.SuppressDuplicateDetection: false`.
//!
//! The rules are those that a new organisation has published: accounts, contacts and leads with the same
//! e-mail address, accounts and contacts with the same name. Source: "Detect duplicate data using the Web API".

use http::StatusCode;
use sqlx::SqliteConnection;

use super::call::Call;
use super::errors::DataverseError;
use super::payload::Changes;
use super::query::ast::Value;
use super::query::sql::{Builder, push_value};
use super::schema::Table;

/// Tables with the sets of columns that make a row another's duplicate.
const RULES: [(&str, &[&str]); 5] = [
    ("account", &["name"]),
    ("account", &["emailaddress1"]),
    ("contact", &["firstname", "lastname"]),
    ("contact", &["emailaddress1"]),
    ("lead", &["emailaddress1"]),
];

/// Refuses what would be a duplicate of a row other than `own`.
pub(crate) async fn check(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    changes: &Changes,
    own: Option<&str>,
) -> Result<(), DataverseError> {
    let asked = call.header("mscrm.suppressduplicatedetection");
    if !asked.is_some_and(|value| value.eq_ignore_ascii_case("false")) {
        return Ok(());
    }
    for (_, columns) in RULES.iter().filter(|(name, _)| *name == table.logical) {
        let values: Option<Vec<&Value>> =
            columns.iter().map(|name| changes.values.get(*name)).collect();
        let Some(values) = values.filter(|values| !values.contains(&&Value::Null)) else {
            continue;
        };
        let mut builder = Builder::new(format!("SELECT 1 FROM \"{}\" WHERE 1", table.logical));
        for (name, value) in columns.iter().zip(values) {
            builder.push(format!(" AND \"{name}\" = "));
            push_value(&mut builder, value);
        }
        if let Some(own) = own {
            builder.push(format!(" AND \"{}\" <> ", table.key)).push_bind(own.to_owned());
        }
        let found: Option<i64> =
            builder.push(" LIMIT 1").build_query_scalar().fetch_optional(&mut *connection).await?;
        if found.is_some() {
            let message = "A record was not created or updated because a duplicate of the current record \
                           already exists.";
            return Err(DataverseError::new(
                StatusCode::PRECONDITION_FAILED,
                "0x80040333",
                message,
            ));
        }
    }
    Ok(())
}
