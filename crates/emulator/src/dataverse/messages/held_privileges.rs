//! Questions about privileges, and who is in a team.
//!
//! Source: the reference pages of RetrieveUserPrivileges, RetrieveUserPrivilegeByPrivilegeName,
//! RetrieveTeamPrivileges, AddMembersTeam and RemoveMembersTeam.

use axum::response::Response;
use serde_json::{Value as Json, json};
use sqlx::SqliteConnection;

use super::super::access::{Held, Right, demand_row, privileges};
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::parameters::{Arguments, Body, refer, wrong};
use super::{Bound, done, result};

/// `RetrieveUserPrivileges()`, `RetrieveTeamPrivileges()`, and a user's by the name of one.
pub(super) async fn retrieve(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let (message, name) = (bound.name.clone(), "PrivilegeName");
    let one = message == "RetrieveUserPrivilegeByPrivilegeName";
    let takes: &[&str] = if one { &[name] } else { &[] };
    let arguments = Arguments::read(call, bound.arguments.as_deref(), takes)?;
    let wanted = if one { Some(arguments.text(name)?) } else { None };
    let principal = bound.row(connection).await?;
    let (dataverse, id) = (call.dataverse(), &principal.id);
    demand_row(call.author(), connection, principal.table, id, Right::Read).await?;
    let held = match principal.table.logical.as_str() {
        "team" => Held::of_team(dataverse, connection, id).await?,
        _ => Held::of_user(dataverse, connection, id).await?,
    };
    let held = held.ok_or_else(|| DataverseError::no_row(&principal.table.logical, id))?;
    let privileges = held.privileges().into_iter();
    let privileges =
        privileges.filter(|(name, ..)| wanted.as_ref().is_none_or(|wanted| wanted == name));
    let described: Vec<Json> = privileges
        .map(|(name, depth, unit)| {
            json!({
                "Depth": depth.name(),
                "PrivilegeId": privileges::privilege_id(name),
                "BusinessUnitId": unit,
                "PrivilegeName": name,
                "RecordFilterId": uuid::Uuid::nil(),
                "RecordFilterUniqueName": "",
            })
        })
        .collect();
    Ok(result(call, &format!("{message}Response"), json!({"RolePrivileges": described})))
}

/// `AddMembersTeam` and `RemoveMembersTeam`.
pub(super) async fn members(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let adds = bound.name == "AddMembersTeam";
    let body = Body::read(call, &bound.name, &["Members"])?;
    let team = bound.row(connection).await?;
    demand_row(call.author(), connection, team.table, &team.id, Right::Write).await?;
    let sql = match adds {
        true => "INSERT OR IGNORE INTO teammembership (systemuserid, teamid) VALUES (?, ?)",
        false => "DELETE FROM teammembership WHERE systemuserid = ? AND teamid = ?",
    };
    for member in body.list("Members")? {
        let user = refer(call, connection, member, Some("systemuser")).await?;
        let user = user.ok_or_else(|| wrong("A user was expected in 'Members'."))?;
        sqlx::query(sql).bind(user.id).bind(&team.id).execute(&mut *connection).await?;
    }
    Ok(done())
}
