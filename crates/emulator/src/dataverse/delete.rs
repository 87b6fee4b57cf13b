//! Deleting a row, with what hangs on it: rows that may not be without it go too, other lookups
//! to it are emptied.

use sqlx::SqliteConnection;

use super::Dataverse;
use super::errors::DataverseError;
use super::query::sql::Builder;
use super::tables::Table;

pub(crate) async fn delete(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<(), DataverseError> {
    let mut waiting = vec![(table, id.to_owned())];
    while let Some((table, id)) = waiting.pop() {
        let mut builder = Builder::new(format!("DELETE FROM \"{}\" WHERE", table.logical));
        builder.push(format_args!(" \"{}\" = ", table.key)).push_bind(id.clone());
        builder.build().execute(&mut *connection).await?;
        for other in dataverse.tables.all() {
            for column in other.lookups_to(&table.logical) {
                if other.cascade.contains(&column.logical) {
                    let rows = pointing(connection, other, &column.name, &id).await?;
                    waiting.extend(rows.into_iter().map(|row| (other, row)));
                } else {
                    empty(connection, other, &column.name, &id).await?;
                }
            }
        }
    }
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
        "UPDATE \"{}\" SET \"{column}\" = NULL, \"{column}__table\" = NULL WHERE \"{column}\" = ",
        table.logical
    ));
    builder.push_bind(id.to_owned()).build().execute(connection).await?;
    Ok(())
}
