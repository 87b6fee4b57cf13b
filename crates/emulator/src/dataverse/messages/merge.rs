//! `Merge`: what belongs to one account, contact, lead or case goes to another, and the one is deactivated.
//!
//! Source: webapi/merge-entity-using-web-api.

use axum::response::Response;
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_privilege, demand_row, privileges};
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::payload::{self, Changes};
use super::super::query::ast::Value;
use super::super::query::sql::Builder;
use super::super::schema::{Collection, Table};
use super::super::write::{self, point};
use super::parameters::{Body, Target, invalid, refused};
use super::{current_state, done, stored_row};

/// Tables whose rows can be merged, each with the state of what was merged.
const MERGEABLE: [(&str, i64); 4] = [("account", 1), ("contact", 1), ("incident", 2), ("lead", 2)];
/// What else a merged case is marked with.
const MERGED_CASE: i64 = 2000;

pub(super) async fn merge(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
) -> Result<Response, DataverseError> {
    let (dataverse, author) = (call.dataverse(), call.author());
    let names = ["Target", "Subordinate", "UpdateContent", "PerformParentingChecks"];
    let body = Body::read(call, "Merge", &names)?;
    let target = body.row(call, connection, "Target", None).await?;
    let subordinate = body.row(call, connection, "Subordinate", None).await?;
    demand_privilege(author, privileges::MERGE)?;
    let parents = body.truth("PerformParentingChecks")?;
    let table = target.table;
    let state = mergeable(&target, &subordinate)?;
    for row in [&target, &subordinate] {
        demand_row(author, connection, table, &row.id, Right::Write).await?;
    }
    if current_state(connection, table, &subordinate.id).await? != 0 {
        return Err(refused(
            "0x80040233",
            "The object is not in a valid state to perform this operation.",
        ));
    }
    if parents {
        same_parent(connection, &target, &subordinate).await?;
    }
    if let Some(content) = body.optional_object("UpdateContent")? {
        let mut changes = payload::from_object(&dataverse.schema, table, content)?;
        // Microsoft's own example sends an empty GUID here.
        changes.id = None;
        write::update(dataverse, connection, table, &target.id, changes, author).await?;
    }
    move_related(call, connection, &target, &subordinate).await?;
    let mut changes = Changes::default();
    changes.values.insert("merged".to_owned(), Value::Integer(1));
    changes.values.insert("statecode".to_owned(), Value::Integer(state));
    if table.logical == "incident" && table.statuses.contains_key(&MERGED_CASE) {
        changes.values.insert("statuscode".to_owned(), Value::Integer(MERGED_CASE));
    }
    point(&mut changes.values, "_masterid_value", &table.logical, target.id);
    write::update(dataverse, connection, table, &subordinate.id, changes, author).await?;
    Ok(done())
}

/// The state that the subordinate will have.
fn mergeable(target: &Target<'_>, subordinate: &Target<'_>) -> Result<i64, DataverseError> {
    let table = target.table.logical.as_str();
    let found = MERGEABLE.iter().find(|(name, _)| *name == table);
    let Some((_, state)) = found else {
        return Err(refused(
            "0x80100008",
            &format!("{table} entity does not support this message."),
        ));
    };
    if subordinate.table.logical != table {
        return Err(invalid("The target and the subordinate of a merge are of different tables."));
    }
    if subordinate.id == target.id {
        return Err(invalid("A row can not be merged with itself."));
    }
    Ok(*state)
}

async fn same_parent(
    connection: &mut SqliteConnection,
    target: &Target<'_>,
    subordinate: &Target<'_>,
) -> Result<(), DataverseError> {
    let columns = ["_parentaccountid_value", "_parentcustomerid_value", "_parentcaseid_value"];
    let master = stored_row(connection, target.table, &target.id).await?;
    let other = stored_row(connection, target.table, &subordinate.id).await?;
    match columns.iter().all(|name| master.get(*name) == other.get(*name)) {
        true => Ok(()),
        false => Err(invalid("Merge warning: sub-entity might lose parenting")),
    }
}

/// Points every lookup to the subordinate, and every link with it, to the target.
async fn move_related(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    target: &Target<'_>,
    subordinate: &Target<'_>,
) -> Result<(), DataverseError> {
    let logical = &target.table.logical;
    let tables = call.dataverse().schema.all().iter().filter(|table| table.members.is_empty());
    for table in tables {
        for column in table.lookups_to(logical) {
            repoint(connection, table, &column.name, target, subordinate).await?;
        }
    }
    for collection in target.table.collections.values() {
        if let Collection::ManyToMany { relation, here, .. } = collection {
            let mut builder =
                Builder::new(format!("UPDATE OR IGNORE \"{relation}\" SET \"{here}\" = "));
            builder.push_bind(target.id.clone()).push(format!(" WHERE \"{here}\" = "));
            builder.push_bind(subordinate.id.clone()).build().execute(&mut *connection).await?;
        }
    }
    Ok(())
}

async fn repoint(
    connection: &mut SqliteConnection,
    table: &Table,
    column: &str,
    target: &Target<'_>,
    subordinate: &Target<'_>,
) -> Result<(), DataverseError> {
    let mut builder = Builder::new(format!("UPDATE \"{}\" SET \"{column}\" = ", table.logical));
    builder.push_bind(target.id.clone()).push(format!(" WHERE \"{column}\" = "));
    builder.push_bind(subordinate.id.clone());
    // A row is not put under itself.
    builder.push(format!(" AND \"{}\" <> ", table.key)).push_bind(target.id.clone());
    builder.build().execute(connection).await?;
    Ok(())
}
