//! What a Web API address points at, found by following it through the rows.

use sqlx::{Row, SqliteConnection};

use super::Dataverse;
use super::errors::DataverseError;
use super::links::Link;
use super::query::scope::NAMESPACE;
use super::query::sql::Builder;
use super::resource::{self, Key, Segment};
use super::schema::{Collection, Column, Table};
use super::storage::table_of;
use super::write;

/// A row, by its table and what names it.
#[derive(Debug, Clone)]
pub(crate) struct RowAt<'a> {
    pub(crate) table: &'a Table,
    pub(crate) key: Key,
}

/// The target of an address below the tables.
pub(crate) enum Address<'a> {
    Set(&'a Table),
    SetCount(&'a Table),
    Row(RowAt<'a>),
    /// A column; with `raw` the bare value.
    Property {
        row: RowAt<'a>,
        column: &'a Column,
        raw: bool,
    },
    /// A lookup that points nowhere.
    Nothing,
    /// The address that a lookup holds.
    LookupRef {
        row: RowAt<'a>,
        column: &'a Column,
        navigation: String,
    },
    Collection {
        row: RowAt<'a>,
        collection: &'a Collection,
    },
    CollectionCount {
        row: RowAt<'a>,
        collection: &'a Collection,
    },
    /// The addresses in a collection, or of one row in it.
    CollectionRef {
        row: RowAt<'a>,
        collection: &'a Collection,
        other: Option<Key>,
    },
    /// A function or action bound to a table or a row.
    Bound {
        table: &'a Table,
        key: Option<Key>,
        name: String,
        arguments: Option<String>,
    },
}

/// Follows `segments`, the first of which names an entity set.
pub(crate) async fn follow<'a>(
    dataverse: &'a Dataverse,
    connection: &mut SqliteConnection,
    segments: &[Segment],
) -> Result<Address<'a>, DataverseError> {
    let (first, rest) = segments.split_first().ok_or_else(resource::query_syntax)?;
    let table = dataverse.schema.by_set(&first.name);
    let table = table.ok_or_else(|| DataverseError::no_segment(&first.name))?;
    match &first.arguments {
        Some(arguments) => {
            let row = RowAt { table, key: resource::key(table, arguments)? };
            Walk { dataverse, connection }.along(row, rest).await
        }
        None => below_set(table, rest),
    }
}

fn below_set<'a>(table: &'a Table, rest: &[Segment]) -> Result<Address<'a>, DataverseError> {
    match rest {
        [] => Ok(Address::Set(table)),
        [count] if count.name == "$count" => Ok(Address::SetCount(table)),
        [bound] => match bound.name.strip_prefix(NAMESPACE) {
            Some(name) => Ok(Address::Bound {
                table,
                key: None,
                name: name.to_owned(),
                arguments: bound.arguments.clone(),
            }),
            None => Err(DataverseError::no_segment(&bound.name)),
        },
        [_, further, ..] => Err(DataverseError::no_segment(&further.name)),
    }
}

/// What a segment after a row leads to.
enum Step<'a> {
    /// Another row, from which the address goes on.
    On(RowAt<'a>),
    End(Address<'a>),
}

struct Walk<'a, 'c> {
    dataverse: &'a Dataverse,
    connection: &'c mut SqliteConnection,
}

impl<'a> Walk<'a, '_> {
    /// Goes on from row to row while lookups and members of collections are named.
    async fn along(
        &mut self,
        mut row: RowAt<'a>,
        mut rest: &[Segment],
    ) -> Result<Address<'a>, DataverseError> {
        loop {
            let Some((segment, further)) = rest.split_first() else {
                return Ok(Address::Row(row));
            };
            match self.step(row, segment, further).await? {
                Step::On(next) => (row, rest) = (next, further),
                Step::End(address) => return Ok(address),
            }
        }
    }

    async fn step(
        &mut self,
        row: RowAt<'a>,
        segment: &Segment,
        further: &[Segment],
    ) -> Result<Step<'a>, DataverseError> {
        let table = row.table;
        if let Some(name) = segment.name.strip_prefix(NAMESPACE) {
            if name == table.logical {
                return Ok(Step::On(row));
            }
            let (name, arguments) = (name.to_owned(), segment.arguments.clone());
            return Ok(Step::End(Address::Bound { table, key: Some(row.key), name, arguments }));
        }
        if let Some(column) = table.column(&segment.name) {
            return property(row, column, further).map(Step::End);
        }
        let next = further.first().map(|segment| segment.name.as_str());
        if let Some(navigation) = table.navigations.get(&segment.name) {
            let column = table.lookup(navigation).ok_or_else(|| unknown(table, segment))?;
            if next == Some("$ref") {
                let navigation = segment.name.clone();
                return Ok(Step::End(Address::LookupRef { row, column, navigation }));
            }
            let pointed = self.pointed(&row, column).await?;
            return Ok(pointed.map_or(Step::End(Address::Nothing), Step::On));
        }
        let collection = table.collections.get(&segment.name);
        let collection = collection.ok_or_else(|| unknown(table, segment))?;
        let Some(key) = &segment.arguments else {
            return Ok(Step::End(match next {
                None => Address::Collection { row, collection },
                Some("$count") => Address::CollectionCount { row, collection },
                Some("$ref") => Address::CollectionRef { row, collection, other: None },
                Some(name) => return Err(DataverseError::no_segment(name)),
            }));
        };
        let member = self.member(collection, key)?;
        if next == Some("$ref") {
            let other = Some(member.key);
            return Ok(Step::End(Address::CollectionRef { row, collection, other }));
        }
        self.check_member(&row, collection, &member).await?;
        Ok(Step::On(member))
    }

    /// The row that a lookup points to.
    async fn pointed(
        &mut self,
        row: &RowAt<'a>,
        column: &Column,
    ) -> Result<Option<RowAt<'a>>, DataverseError> {
        let id = write::need(self.connection, row.table, &row.key).await?;
        let mut builder = Builder::new(format!(
            "SELECT \"{}\", \"{}\" FROM \"{}\" WHERE \"{}\" = ",
            column.name,
            table_of(&column.name),
            row.table.logical,
            row.table.key
        ));
        let found = builder.push_bind(id).build().fetch_one(&mut *self.connection).await?;
        let (id, table): (Option<String>, Option<String>) = (found.try_get(0)?, found.try_get(1)?);
        match id.zip(table) {
            Some((id, table)) => {
                let table = self.dataverse.table(&table)?;
                Ok(Some(RowAt { table, key: Key::Id(id) }))
            }
            None => Ok(None),
        }
    }

    fn member(&self, collection: &Collection, key: &str) -> Result<RowAt<'a>, DataverseError> {
        let table = self.dataverse.table(collection.table())?;
        Ok(RowAt { table, key: resource::key(table, key)? })
    }

    async fn check_member(
        &mut self,
        row: &RowAt<'a>,
        collection: &Collection,
        member: &RowAt<'a>,
    ) -> Result<(), DataverseError> {
        let id = write::need(self.connection, row.table, &row.key).await?;
        let other = write::need(self.connection, member.table, &member.key).await?;
        let link = Link { table: row.table, id: &id, collection, other: &other };
        match link.exists(self.dataverse, self.connection).await? {
            true => Ok(()),
            false => Err(DataverseError::no_row_by(&member.table.logical, &member.key)),
        }
    }
}

fn property<'a>(
    row: RowAt<'a>,
    column: &'a Column,
    further: &[Segment],
) -> Result<Address<'a>, DataverseError> {
    match further {
        [] => Ok(Address::Property { row, column, raw: false }),
        [value] if value.name == "$value" => Ok(Address::Property { row, column, raw: true }),
        [other, ..] => Err(DataverseError::no_segment(&other.name)),
    }
}

/// Source: the troubleshooting page of Web API client errors.
fn unknown(table: &Table, segment: &Segment) -> DataverseError {
    let message = format!(
        "Could not find a property named '{}' on type 'Microsoft.Dynamics.CRM.{}'.",
        segment.name, table.logical
    );
    DataverseError::new(http::StatusCode::NOT_FOUND, "0x80060888", message)
}
