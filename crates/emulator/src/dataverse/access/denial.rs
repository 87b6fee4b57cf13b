//! What is answered to somebody without the right, in Dataverse's words.

use http::StatusCode;
use sqlx::{Row, SqliteConnection};

use super::super::errors::DataverseError;
use super::super::query::sql::Builder;
use super::super::schema::{Ownership, Table};
use super::privileges::{self, Right};
use super::{Author, Held};

/// A privilege is missing: 403 `0x80040220`; whoever has no role at all is told that: `0x80042f09`.
pub(super) fn privilege(author: &Author, name: &str, table: Option<&Table>) -> DataverseError {
    let held = author.rights.held.as_ref();
    if held.is_some_and(|held| held.role_count() == 0) {
        return no_roles(&author.user, name);
    }
    let limit = author.rights.limit.as_ref();
    let lacking = held.filter(|held| held.privileges().iter().all(|(known, ..)| *known != name));
    let (user, held) = match (lacking.or(limit), &author.on_behalf_by) {
        (None, _) => (&author.user, None),
        (Some(held), Some(caller)) if lacking.is_none() => (caller, Some(held)),
        (Some(held), _) => (&author.user, Some(held)),
    };
    let described = held.map_or_else(String::new, |held| principal(user, 8, held));
    let message = missing(&described, name, table, &author.user);
    DataverseError::new(StatusCode::FORBIDDEN, "0x80040220", message)
}

fn no_roles(user: &str, name: &str) -> DataverseError {
    let message = format!(
        "RetrievePrivilegeForUser: The user with id {user} has not been assigned any roles. They need a \
         role with the {name} privilege."
    );
    DataverseError::new(StatusCode::FORBIDDEN, "0x80042f09", message)
}

/// An owner that could not read what it would own: 403 `0x80040299`.
pub(super) fn owner(
    id: &str,
    kind: i32,
    held: &Held,
    table: &Table,
    caller: &str,
) -> DataverseError {
    let name = privileges::privilege(table, Right::Read);
    let missing = missing(&principal(id, kind, held), &name, Some(table), caller);
    let message = format!("Read Privilege Check For Owner failed with exception: {missing}");
    DataverseError::new(StatusCode::FORBIDDEN, "0x80040299", message)
}

/// `kind` is the type code of users, 8, or of teams, 9.
fn principal(id: &str, kind: i32, held: &Held) -> String {
    let (all, unit) = (held.known_privileges(), &held.unit);
    let privileges = held.privileges().len();
    match kind {
        9 => format!(
            "Principal team (Id={id}, type=9, teamType=0, privilegeCount={privileges}, \
             MetadataCachePrivilegesCount={all}, businessUnitId={unit})"
        ),
        _ => format!(
            "Principal user (Id={id}, type=8, roleCount={}, privilegeCount={privileges}, accessMode='0 \
             Read-Write', MetadataCachePrivilegesCount={all}, businessUnitId={unit})",
            held.role_count()
        ),
    }
}

fn missing(principal: &str, name: &str, table: Option<&Table>, caller: &str) -> String {
    let id = privileges::privilege_id(name);
    let of = table.map_or_else(String::new, |table| {
        format!(
            " on OTC={} for entity '{}' (LocalizedName='{}')",
            table.type_code, table.logical, table.label
        )
    });
    format!(
        "{principal}, is missing {name} privilege (Id={id}){of}. context.Caller={caller}. Consider adding \
         missed privilege to one of the principal (user/team) roles."
    )
}

/// The privilege does not reach the row: 403 `0x80048306`.
pub(super) async fn row(
    author: &Author,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    right: Right,
) -> Result<DataverseError, DataverseError> {
    let mut found = [None, None, None];
    if table.ownership == Ownership::User {
        let mut builder = Builder::new(format!(
            "SELECT _ownerid_value, _ownerid_value__table, {} FROM \"{}\" WHERE \"{}\" = ",
            if table.column("_owningbusinessunit_value").is_some() {
                "_owningbusinessunit_value"
            } else {
                "NULL"
            },
            table.logical,
            table.key
        ));
        let row = builder.push_bind(id.to_owned()).build().fetch_optional(connection).await?;
        for (at, value) in found.iter_mut().enumerate() {
            *value = match &row {
                Some(row) => row.try_get::<Option<String>, _>(at)?,
                None => None,
            };
        }
    }
    let [owner, kind, unit] = found;
    let nobody = || uuid::Uuid::nil().to_string();
    let message = format!(
        "SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: {id}, OwnerId: {},  OwnerIdType: \
         {} and CallingUser: {}. ObjectTypeCode: {}, objectBusinessUnitId: {}, AccessRights: {} ",
        owner.unwrap_or_else(nobody),
        if kind.as_deref() == Some("team") { 9 } else { 8 },
        author.user,
        table.type_code,
        unit.unwrap_or_else(nobody),
        right.access()
    );
    Ok(DataverseError::new(StatusCode::FORBIDDEN, "0x80048306", message))
}
