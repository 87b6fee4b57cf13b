//! Rows shared with others: GrantAccess, ModifyAccess, RevokeAccess, and what somebody may do with a row.
//!
//! Sources: "Sharing and assigning", the messages' reference pages.

use axum::response::Response;
use serde_json::{Value as Json, json};
use sqlx::SqliteConnection;

use super::super::access::{Author, Held, Right, Rights, demand_row, may, shares};
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::schema::Ownership;
use super::parameters::{Arguments, Body, Target, invalid, refer, refused, wrong};
use super::{Bound, done, result};

/// `GrantAccess`, and `ModifyAccess`, which sets in place of adding.
pub(super) async fn grant(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Response, DataverseError> {
    let body = Body::read(call, name, &["Target", "PrincipalAccess"])?;
    let target = body.row(call, connection, "Target", None).await?;
    let access = body.object("PrincipalAccess")?;
    let mask = access.get("AccessMask").and_then(Json::as_str).unwrap_or_default();
    let mut rights = rights(mask)?;
    let missing = || invalid("Required field 'Principal' is missing");
    let principal = access.get("Principal").ok_or_else(missing)?;
    let principal = refer(call, connection, principal, None).await?.ok_or_else(missing)?;
    let principal = principal_of(&principal)?;
    shareable(call, connection, &target).await?;
    for right in &rights {
        demand_row(call.author(), connection, target.table, &target.id, *right).await?;
    }
    if name == "GrantAccess" {
        let known = shares::of(connection, &target.id).await?;
        let known = known.into_iter().find(|share| share.principal == principal.1);
        rights.extend(known.into_iter().flat_map(|share| share.rights));
    }
    shares::set(connection, &target.id, principal, &rights).await?;
    Ok(done())
}

pub(super) async fn revoke(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
) -> Result<Response, DataverseError> {
    let body = Body::read(call, "RevokeAccess", &["Target", "Revokee"])?;
    let target = body.row(call, connection, "Target", None).await?;
    let revokee = body.row(call, connection, "Revokee", None).await?;
    let revokee = principal_of(&revokee)?;
    shareable(call, connection, &target).await?;
    shares::set(connection, &target.id, revokee, &[]).await?;
    Ok(done())
}

async fn shareable(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    target: &Target<'_>,
) -> Result<(), DataverseError> {
    if target.table.ownership != Ownership::User {
        let message = format!("{} entity does not support this message.", target.table.logical);
        return Err(refused("0x80100008", &message));
    }
    demand_row(call.author(), connection, target.table, &target.id, Right::Share).await
}

/// Table and id of a user or a team.
fn principal_of<'a>(target: &'a Target<'_>) -> Result<(&'a str, &'a str), DataverseError> {
    match target.table.logical.as_str() {
        kind @ ("systemuser" | "team") => Ok((kind, &target.id)),
        other => Err(wrong(&format!("A principal was expected, and this is a '{other}'."))),
    }
}

/// Reads `ReadAccess, WriteAccess`.
fn rights(mask: &str) -> Result<Vec<Right>, DataverseError> {
    let names = mask.split(',').map(str::trim).filter(|name| !["", "None"].contains(name));
    let right = |name: &str| {
        Right::from_access(name).ok_or_else(|| {
            wrong(&format!(
                "Cannot convert the literal '{name}' to the expected type \
                 'Microsoft.Dynamics.CRM.AccessRights'."
            ))
        })
    };
    names.map(right).collect()
}

fn names(rights: &[Right]) -> String {
    let names: Vec<String> = rights.iter().map(|right| right.access()).collect();
    if names.is_empty() { "None".to_owned() } else { names.join(", ") }
}

/// `RetrieveSharedPrincipalsAndAccess(Target=@p1)`
pub(super) async fn shared(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    let arguments = Arguments::read(call, arguments, &["Target"])?;
    let target = arguments.row(call, connection, "Target").await?;
    demand_row(call.author(), connection, target.table, &target.id, Right::Read).await?;
    let shares = shares::of(connection, &target.id).await?;
    let shares = shares.iter().map(|share| {
        let principal = json!({
            "@odata.type": format!("#Microsoft.Dynamics.CRM.{}", share.kind),
            "ownerid": share.principal,
            format!("{}id", share.kind): share.principal,
        });
        json!({"AccessMask": names(&share.rights), "Principal": principal})
    });
    let members = json!({"PrincipalAccesses": shares.collect::<Vec<_>>()});
    Ok(result(call, "RetrieveSharedPrincipalsAndAccessResponse", members))
}

/// `systemusers(…)/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@p1)`, teams' too.
pub(super) async fn principal_access(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let arguments = Arguments::read(call, bound.arguments.as_deref(), &["Target"])?;
    let target = arguments.row(call, connection, "Target").await?;
    let principal = bound.row(connection).await?;
    let dataverse = call.dataverse();
    let held = match principal.table.logical.as_str() {
        "team" => Held::of_team(dataverse, connection, &principal.id).await?,
        _ => Held::of_user(dataverse, connection, &principal.id).await?,
    };
    let missing = || DataverseError::no_row(&principal.table.logical, &principal.id);
    let held = held.ok_or_else(missing)?;
    let business_unit = held.unit.clone();
    let rights = Rights::of(held);
    let asked = Author { user: principal.id.clone(), business_unit, on_behalf_by: None, rights };
    let mut found = Vec::new();
    for right in Right::ALL.into_iter().filter(|right| *right != Right::Create) {
        let may = may(&asked, connection, target.table, &target.id, right).await;
        if may.unwrap_or(false) {
            found.push(right);
        }
    }
    let members = json!({"AccessRights": names(&found)});
    Ok(result(call, "RetrievePrincipalAccessResponse", members))
}
