//! Deleting a row, with what hangs on it: rows that may not be without it go too, other lookups to it are
//! emptied, and a row that others may not lose stays.

use http::StatusCode;
use sqlx::SqliteConnection;

use super::Dataverse;
use super::errors::DataverseError;
use super::query::sql::Builder;
use super::schema::{Collection, Table};
use super::storage::table_of;

pub(crate) async fn delete(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<(), DataverseError> {
    let mut waiting = vec![(table, id.to_owned())];
    while let Some((table, id)) = waiting.pop() {
        for other in dataverse.schema.all().iter().filter(|other| other.members.is_empty()) {
            for column in other.lookups_to(&table.logical) {
                if other.restrict.contains(&column.name)
                    && !pointing(connection, other, &column.name, &id).await?.is_empty()
                {
                    return Err(associated());
                }
                if other.cascade.contains(&column.name) {
                    let rows = pointing(connection, other, &column.name, &id).await?;
                    waiting.extend(rows.into_iter().map(|row| (other, row)));
                } else {
                    empty(connection, other, &column.name, &id).await?;
                }
            }
        }
        for collection in table.collections.values() {
            if let Collection::ManyToMany { relation, here, .. } = collection {
                remove(connection, relation, here, &id).await?;
            }
        }
        remove(connection, &table.logical, &table.key, &id).await?;
    }
    Ok(())
}

fn associated() -> DataverseError {
    let message =
        "The object you tried to delete is associated with another object and cannot be deleted.";
    DataverseError::new(StatusCode::METHOD_NOT_ALLOWED, "0x80040227", message)
}

async fn remove(
    connection: &mut SqliteConnection,
    table: &str,
    column: &str,
    id: &str,
) -> Result<(), DataverseError> {
    let mut builder = Builder::new(format!("DELETE FROM \"{table}\" WHERE \"{column}\" = "));
    builder.push_bind(id.to_owned()).build().execute(connection).await?;
    Ok(())
}

async fn pointing(
    connection: &mut SqliteConnection,
    table: &Table,
    column: &str,
    id: &str,
) -> Result<Vec<String>, DataverseError> {
    let mut builder = Builder::new(format!(
        "SELECT \"{}\" FROM \"{}\" WHERE \"{column}\" = ",
        table.key, table.logical
    ));
    builder.push_bind(id.to_owned());
    Ok(builder.build_query_scalar().fetch_all(connection).await?)
}

async fn empty(
    connection: &mut SqliteConnection,
    table: &Table,
    column: &str,
    id: &str,
) -> Result<(), DataverseError> {
    let mut builder = Builder::new(format!(
        "UPDATE \"{}\" SET \"{column}\" = NULL, \"{}\" = NULL WHERE \"{column}\" = ",
        table.logical,
        table_of(column)
    ));
    builder.push_bind(id.to_owned()).build().execute(connection).await?;
    Ok(())
}
