//! Who may do what: the rights that every operation asks for, and the condition that leaves of a table what
//! somebody may see.
//!
//! A privilege says to what depth rows can be reached; below the whole organisation owner, business unit and
//! shares of the row decide. Source: "How access to a record is determined".

mod denial;
pub(crate) mod enrol;
mod filters;
mod held;
pub(crate) mod ownership;
pub(crate) mod privileges;
pub(crate) mod roles;
pub(crate) mod shares;

use sqlx::SqliteConnection;

use super::errors::DataverseError;
use super::query::ast::{Expr, MAIN, Value};
use super::query::scope::reference;
use super::query::sql::Builder;
use super::read::push_where;
use super::schema::{Ownership, Table};
pub(crate) use filters::restrict;
pub(crate) use held::{Held, Reach, Rights};
pub(crate) use privileges::Right;

/// As whom a request acts.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    /// `systemuserid`.
    pub(crate) user: String,
    pub(crate) business_unit: String,
    /// The user who acts on behalf of `user`, where somebody does.
    pub(crate) on_behalf_by: Option<String>,
    pub(crate) rights: Rights,
}

impl Author {
    /// The platform itself, for whom nothing is checked, in the name of a user.
    pub(crate) fn system(user: String, business_unit: String) -> Self {
        Self { user, business_unit, on_behalf_by: None, rights: Rights::default() }
    }
}

/// Whether the author may do this with rows of the table at all.
pub(crate) fn demand(author: &Author, table: &Table, right: Right) -> Result<(), DataverseError> {
    reach(author, table, right).map(|_| ())
}

/// Whether the author has a privilege that is of no table.
pub(crate) fn demand_privilege(author: &Author, name: &str) -> Result<(), DataverseError> {
    match author.rights.reach(name) {
        Some(_) => Ok(()),
        None => Err(denial::privilege(author, name, None)),
    }
}

fn reach(author: &Author, table: &Table, right: Right) -> Result<Reach, DataverseError> {
    if !privileges::exists(table, right) {
        return Ok(Reach::All);
    }
    let name = privileges::privilege(table, right);
    let found = author.rights.reach(&name);
    found.ok_or_else(|| denial::privilege(author, &name, Some(table)))
}

/// Whether the author may do this with the row `id`, which exists.
pub(crate) async fn demand_row(
    author: &Author,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    right: Right,
) -> Result<(), DataverseError> {
    match may(author, connection, table, id, right).await? {
        true => Ok(()),
        false => Err(denial::row(author, connection, table, id, right).await?),
    }
}

/// Whether the row `id` is within the author's reach; an error where the privilege itself is missing.
pub(crate) async fn may(
    author: &Author,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    right: Right,
) -> Result<bool, DataverseError> {
    let reach = reach(author, table, right)?;
    let Some(within) = within(author, table, right, &reach, MAIN) else {
        return Ok(true);
    };
    let mut builder = Builder::new(format!("SELECT 1 FROM \"{}\" AS {MAIN}", table.logical));
    push_where(&mut builder, Some(&within), &[]);
    builder.push(format!(" AND {MAIN}.\"{}\" = ", table.key)).push_bind(id.to_owned());
    let found: Option<i64> = builder.build_query_scalar().fetch_optional(connection).await?;
    Ok(found.is_some())
}

/// The conditions that leave of a table what the author may read.
pub(crate) fn visible(author: &Author, table: &Table) -> Result<Vec<Expr>, DataverseError> {
    visible_as(author, table, MAIN)
}

/// The same for the rows of a table that stand in a query under `alias`.
pub(crate) fn visible_as(
    author: &Author,
    table: &Table,
    alias: &str,
) -> Result<Vec<Expr>, DataverseError> {
    let reach = reach(author, table, Right::Read)?;
    Ok(within(author, table, Right::Read, &reach, alias).into_iter().collect())
}

/// The condition that a row is within reach; `None` where every row is.
fn within(
    author: &Author,
    table: &Table,
    right: Right,
    reach: &Reach,
    alias: &str,
) -> Option<Expr> {
    let Reach::Some { units, owners } = reach else {
        return None;
    };
    let one_of = |name: &str, ids: &[String]| {
        let column = reference(alias, Vec::new(), table.column(name)?);
        let values = ids.iter().map(|id| Value::Text(id.clone())).collect();
        Some(Expr::OneOf { column, values })
    };
    match table.ownership {
        Ownership::User => {
            let mut ways = vec![one_of("_ownerid_value", owners)?];
            ways.extend(one_of("_owningbusinessunit_value", units).filter(|_| !units.is_empty()));
            ways.extend(shares::shared(table, alias, &author.user, right));
            Some(Expr::Or(ways))
        }
        Ownership::Business if table.logical == "systemuser" && units.is_empty() => {
            one_of(&table.key, owners)
        }
        Ownership::Business => {
            let own = [author.business_unit.clone()];
            let units = if units.is_empty() { &own[..] } else { &units[..] };
            let name =
                if table.logical == "businessunit" { &table.key } else { "_businessunitid_value" };
            one_of(name, units)
        }
        Ownership::Organization | Ownership::None => None,
    }
}
