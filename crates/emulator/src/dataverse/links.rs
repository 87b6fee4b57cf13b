//! Associating rows with each other, and ending that: what stands behind `$ref`.

use sqlx::SqliteConnection;

use super::Dataverse;
use super::access::Author;
use super::errors::DataverseError;
use super::payload::Changes;
use super::query::ast::Value;
use super::query::sql::Builder;
use super::schema::{Collection, Table};
use super::storage::table_of;
use super::write::{self, point};

/// A row of `table`, one of its collections, and a row at the other end.
pub(crate) struct Link<'a> {
    pub(crate) table: &'a Table,
    pub(crate) id: &'a str,
    pub(crate) collection: &'a Collection,
    pub(crate) other: &'a str,
}

impl Link<'_> {
    /// Puts the other row into the collection; nothing happens where it is in it already.
    pub(crate) async fn add(
        &self,
        dataverse: &Dataverse,
        connection: &mut SqliteConnection,
        author: &Author,
    ) -> Result<(), DataverseError> {
        match self.collection {
            Collection::OneToMany { table, column, .. } => {
                let child = dataverse.table(table)?;
                let mut changes = Changes::default();
                point(&mut changes.values, column, &self.table.logical, self.id.to_owned());
                // Boxed: an update can bring parties, which are linked too.
                let update =
                    write::update(dataverse, connection, child, self.other, changes, author);
                Box::pin(update).await
            }
            Collection::ManyToMany { relation, here, there, .. } => {
                let mut builder = Builder::new(format!(
                    "INSERT OR IGNORE INTO \"{relation}\" (\"{here}\", \"{there}\") VALUES ("
                ));
                builder.push_bind(self.id.to_owned()).push(", ");
                builder.push_bind(self.other.to_owned()).push(")");
                builder.build().execute(connection).await?;
                Ok(())
            }
        }
    }

    /// Takes the other row out of the collection; it stays.
    pub(crate) async fn remove(
        &self,
        dataverse: &Dataverse,
        connection: &mut SqliteConnection,
        author: &Author,
    ) -> Result<(), DataverseError> {
        match self.collection {
            Collection::OneToMany { table, column, .. } => {
                let child = dataverse.table(table)?;
                let mut changes = Changes::default();
                changes.values.insert(column.clone(), Value::Null);
                changes.values.insert(table_of(column), Value::Null);
                write::update(dataverse, connection, child, self.other, changes, author).await
            }
            Collection::ManyToMany { relation, here, there, .. } => {
                let mut builder =
                    Builder::new(format!("DELETE FROM \"{relation}\" WHERE \"{here}\" = "));
                builder.push_bind(self.id.to_owned());
                builder.push(format!(" AND \"{there}\" = ")).push_bind(self.other.to_owned());
                builder.build().execute(connection).await?;
                Ok(())
            }
        }
    }

    /// Whether the other row is in the collection.
    pub(crate) async fn exists(
        &self,
        dataverse: &Dataverse,
        connection: &mut SqliteConnection,
    ) -> Result<bool, DataverseError> {
        let (table, one, other) = match self.collection {
            Collection::OneToMany { table, column, .. } => {
                (table.clone(), column.clone(), dataverse.table(table)?.key.clone())
            }
            Collection::ManyToMany { relation, here, there, .. } => {
                (relation.clone(), here.clone(), there.clone())
            }
        };
        let mut builder = Builder::new(format!("SELECT 1 FROM \"{table}\" WHERE \"{one}\" = "));
        builder.push_bind(self.id.to_owned());
        builder.push(format!(" AND \"{other}\" = ")).push_bind(self.other.to_owned());
        let found: Option<i64> = builder.build_query_scalar().fetch_optional(connection).await?;
        Ok(found.is_some())
    }
}
