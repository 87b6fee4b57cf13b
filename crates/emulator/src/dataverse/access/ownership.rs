//! Rights that a write needs beyond those to the row itself: for the rows that its lookups point to, and for
//! whom it gives the row to.
//!
//! Source: "Security roles and privileges": Append and Append To both, to associate; Assign, to give away.

use sqlx::SqliteConnection;

use super::super::Dataverse;
use super::super::errors::DataverseError;
use super::super::query::ast::Value;
use super::super::query::sql::Builder;
use super::super::schema::{Ownership, Table};
use super::super::storage::table_of;
use super::super::write::{Values, point};
use super::{Author, Held, Reach, Right, Rights, demand, demand_row, denial, privileges};

const OWNER: &str = "_ownerid_value";

/// Whether the author may let a row, `id` where it exists already, point to the rows that `values` says.
pub(crate) async fn check_lookups(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    (table, id): (&Table, Option<&str>),
    values: &Values,
    author: &Author,
) -> Result<(), DataverseError> {
    for column in table.columns.iter().filter(|column| column.is_lookup()) {
        let (Some(Value::Text(other)), Some(Value::Text(target))) =
            (values.get(&column.name), values.get(&table_of(&column.name)))
        else {
            continue;
        };
        if column.name == OWNER || column.logical.starts_with("owning") {
            continue;
        }
        match id {
            Some(id) => demand_row(author, connection, table, id, Right::Append).await?,
            None => demand(author, table, Right::Append)?,
        }
        let target = dataverse.table(target)?;
        demand_row(author, connection, target, other, Right::AppendTo).await?;
    }
    Ok(())
}

/// Whether the author may give a row, `id` where it exists already, to the owner that `values` says, and
/// whether that owner could read it. Sets the business unit that the row then is of.
pub(crate) async fn check_owner(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    (table, id): (&Table, Option<&str>),
    values: &mut Values,
    author: &Author,
) -> Result<(), DataverseError> {
    let (Some(Value::Text(owner)), Some(Value::Text(kind))) =
        (values.get(OWNER).cloned(), values.get(&table_of(OWNER)).cloned())
    else {
        return Ok(());
    };
    if id.is_none() && owner == author.user {
        return Ok(());
    }
    let current = match id {
        Some(id) => owner_of(connection, table, id).await?,
        None => Some(author.user.clone()),
    };
    if current.as_ref() != Some(&owner) {
        match id {
            Some(id) => demand_row(author, connection, table, id, Right::Assign).await?,
            None => demand(author, table, Right::Assign)?,
        }
        if author.rights.held.is_some() {
            can_own(dataverse, connection, table, (&kind, &owner), author).await?;
        }
    }
    let unit = unit_of(connection, &kind, &owner).await?;
    if let Some(unit) = unit.filter(|_| table.column("_owningbusinessunit_value").is_some()) {
        point(values, "_owningbusinessunit_value", "businessunit", unit);
    }
    Ok(())
}

async fn owner_of(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<Option<String>, DataverseError> {
    if table.ownership != Ownership::User {
        return Ok(None);
    }
    let mut builder = Builder::new(format!(
        "SELECT {OWNER} FROM \"{}\" WHERE \"{}\" = ",
        table.logical, table.key
    ));
    let found: Option<Option<String>> =
        builder.push_bind(id.to_owned()).build_query_scalar().fetch_optional(connection).await?;
    Ok(found.flatten())
}

/// The business unit of a user or a team.
async fn unit_of(
    connection: &mut SqliteConnection,
    kind: &str,
    id: &str,
) -> Result<Option<String>, DataverseError> {
    let (table, key) =
        if kind == "team" { ("team", "teamid") } else { ("systemuser", "systemuserid") };
    let mut builder =
        Builder::new(format!("SELECT _businessunitid_value FROM {table} WHERE {key} = "));
    let found: Option<Option<String>> =
        builder.push_bind(id.to_owned()).build_query_scalar().fetch_optional(connection).await?;
    Ok(found.flatten())
}

async fn can_own(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    (kind, owner): (&str, &str),
    author: &Author,
) -> Result<(), DataverseError> {
    let team = kind == "team";
    let held = match team {
        true => Held::of_team(dataverse, connection, owner).await?,
        false => Held::of_user(dataverse, connection, owner).await?,
    };
    let Some(held) = held else {
        return Ok(());
    };
    let rights = Rights::of(held);
    let name = privileges::privilege(table, Right::Read);
    let reach: Option<Reach> = rights.reach(&name);
    match (&rights.held, reach) {
        (Some(held), None) => {
            Err(denial::owner(owner, if team { 9 } else { 8 }, held, table, &author.user))
        }
        _ => Ok(()),
    }
}
