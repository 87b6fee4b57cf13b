//! The roles that a user or a team holds, directly and by membership, and how far they reach.
//!
//! One query a request reads all of it; what roles grant is in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::super::Dataverse;
use super::super::errors::DataverseError;
use super::super::schema::Schema;
use super::roles::{Depth, Role, Roles};

/// The rows that a privilege reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    All,
    /// Those of the owners, and those of the business units.
    Some {
        units: Vec<String>,
        owners: Vec<String>,
    },
}

/// What somebody may do. The default is the platform itself, which may do everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rights {
    pub(super) held: Option<Arc<Held>>,
    /// Of the user who acts on behalf of another: only what both may do is done.
    pub(super) limit: Option<Arc<Held>>,
}

impl Rights {
    pub(crate) fn of(held: Held) -> Self {
        Self { held: Some(Arc::new(held)), limit: None }
    }

    /// The same, and no more than `other` holds.
    pub(crate) fn within(mut self, other: &Rights) -> Self {
        self.limit = other.held.clone();
        self
    }

    /// Whether a role given to the user itself, and not by way of a team, grants the privilege.
    pub(crate) fn directly(&self, privilege: &str) -> bool {
        self.held.as_ref().is_none_or(|held| held.directly(privilege))
    }

    /// How far a privilege reaches; `None` where it is not held.
    pub(crate) fn reach(&self, privilege: &str) -> Option<Reach> {
        let Some(held) = &self.held else {
            return Some(Reach::All);
        };
        let limit = match &self.limit {
            Some(limit) => limit.depths(privilege).map(|(depth, _)| depth).max()?,
            None => Depth::Organization,
        };
        held.reach(privilege, limit)
    }
}

/// A role with the business unit for which it counts.
#[derive(Debug)]
struct Given {
    role: String,
    unit: String,
    direct: bool,
}

/// The roles of a user or a team.
#[derive(Debug)]
pub(crate) struct Held {
    roles: Arc<Roles>,
    given: Vec<Given>,
    pub(crate) unit: String,
    pub(crate) disabled: bool,
    /// The role that the directory named when it was last looked at.
    pub(crate) from_directory: Option<String>,
    /// The user or team itself, and the teams of a user.
    owners: Vec<String>,
    /// Business units with the unit above each.
    tree: Vec<(String, Option<String>)>,
}

impl Held {
    /// What the user `id` holds; `None` where there is no such user.
    pub(crate) async fn of_user(
        dataverse: &Dataverse,
        connection: &mut SqliteConnection,
        id: &str,
    ) -> Result<Option<Self>, DataverseError> {
        Self::load(dataverse, connection, id, of_user(&dataverse.schema)).await
    }

    /// What the team `id` holds; `None` where there is no such team.
    pub(crate) async fn of_team(
        dataverse: &Dataverse,
        connection: &mut SqliteConnection,
        id: &str,
    ) -> Result<Option<Self>, DataverseError> {
        Self::load(dataverse, connection, id, of_team(&dataverse.schema)).await
    }

    async fn load(
        dataverse: &Dataverse,
        connection: &mut SqliteConnection,
        id: &str,
        sql: String,
    ) -> Result<Option<Self>, DataverseError> {
        type Line = (String, String, Option<String>, i64);
        let lines: Vec<Line> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(connection).await?;
        let Some((_, unit, _, disabled)) = lines.iter().find(|line| line.0 == "self") else {
            return Ok(None);
        };
        let unit = if unit.is_empty() { super::enrol::root_unit() } else { unit.clone() };
        let mut held = Self {
            roles: Arc::clone(&dataverse.roles),
            given: Vec::new(),
            disabled: *disabled != 0,
            from_directory: None,
            owners: vec![id.to_owned()],
            tree: Vec::new(),
            unit: unit.clone(),
        };
        for (kind, id, other, _) in lines {
            let other_unit = || other.clone().unwrap_or_else(|| unit.clone());
            match kind.as_str() {
                "role" => held.given.push(Given { role: id, unit: unit.clone(), direct: true }),
                "team role" => {
                    held.given.push(Given { role: id, unit: other_unit(), direct: false });
                }
                "team" => held.owners.push(id),
                "unit" => held.tree.push((id, other)),
                "directory" => held.from_directory = Some(id),
                _ => {}
            }
        }
        Ok(Some(held))
    }

    /// The depths to which a privilege is granted, each with its business unit.
    fn depths<'a>(&'a self, privilege: &'a str) -> impl Iterator<Item = (Depth, &'a str)> + 'a {
        self.roles().filter_map(move |(role, unit)| Some((role.depth(privilege)?, unit)))
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = (&Role, &str)> {
        self.given.iter().filter_map(|given| Some((self.roles.get(&given.role)?, &*given.unit)))
    }

    pub(crate) fn role_count(&self) -> usize {
        self.given.len()
    }

    /// The privileges held, the deepest grant of each, with its business unit.
    pub(crate) fn privileges(&self) -> Vec<(&str, Depth, &str)> {
        let mut held = Vec::new();
        for name in self.roles.privileges() {
            let granted = self.roles().filter_map(|(role, unit)| Some((role.depth(name)?, unit)));
            if let Some((depth, unit)) = granted.max_by_key(|(depth, _)| *depth) {
                held.push((name.as_str(), depth, unit));
            }
        }
        held
    }

    pub(crate) fn known_privileges(&self) -> usize {
        self.roles.privileges().len()
    }

    fn directly(&self, privilege: &str) -> bool {
        let direct = self.given.iter().filter(|given| given.direct);
        let mut roles = direct.filter_map(|given| self.roles.get(&given.role));
        roles.any(|role| role.depth(privilege).is_some())
    }

    fn reach(&self, privilege: &str, limit: Depth) -> Option<Reach> {
        let mut units = BTreeSet::new();
        let mut held = false;
        for (depth, unit) in self.depths(privilege) {
            held = true;
            match depth.min(limit) {
                Depth::Organization => return Some(Reach::All),
                Depth::Parent => units.extend(self.below(unit)),
                Depth::BusinessUnit => {
                    units.insert(unit.to_owned());
                }
                Depth::User => {}
            }
        }
        let owners = self.owners.clone();
        held.then(|| Reach::Some { units: units.into_iter().collect(), owners })
    }

    /// A business unit and those below it.
    fn below(&self, unit: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([unit.to_owned()]);
        loop {
            let before = found.len();
            let children = self
                .tree
                .iter()
                .filter(|(_, parent)| parent.as_ref().is_some_and(|parent| found.contains(parent)));
            let children: Vec<String> = children.map(|(id, _)| id.clone()).collect();
            found.extend(children);
            if found.len() == before {
                return found;
            }
        }
    }
}

/// A query for the user `?1`: kind of line, id, another id, a number. A part whose table an organisation's own
/// document lacks is left out.
fn of_user(schema: &Schema) -> String {
    let has = |table: &str, column: &str| {
        schema.by_logical(table).is_some_and(|table| table.column(column).is_some())
    };
    let unit = column(has("systemuser", "_businessunitid_value"), "_businessunitid_value", "''");
    let disabled = column(has("systemuser", "isdisabled"), "isdisabled", "0");
    let mut parts = vec![
        format!(
            "SELECT 'self', COALESCE({unit}, ''), NULL, COALESCE({disabled}, 0) FROM systemuser \
             WHERE systemuserid = ?1"
        ),
        "SELECT 'role', roleid, NULL, 0 FROM systemuserroles WHERE systemuserid = ?1".to_owned(),
        "SELECT 'directory', role, NULL, 0 FROM emulator_directory_role WHERE systemuserid = ?1"
            .to_owned(),
    ];
    if has("team", "teamid") {
        let unit = column(has("team", "_businessunitid_value"), "t._businessunitid_value", "NULL");
        let from = "teammembership AS m JOIN team AS t ON t.teamid = m.teamid";
        parts.push(format!(
            "SELECT 'team', t.teamid, {unit}, 0 FROM {from} WHERE m.systemuserid = ?1"
        ));
        parts.push(format!(
            "SELECT 'team role', r.roleid, {unit}, 0 FROM {from} JOIN teamroles AS r \
             ON r.teamid = t.teamid WHERE m.systemuserid = ?1"
        ));
    }
    parts.extend(units(schema));
    parts.join(" UNION ALL ")
}

/// The same for the team `?1`.
fn of_team(schema: &Schema) -> String {
    let mut parts = vec![
        "SELECT 'self', COALESCE(_businessunitid_value, ''), NULL, 0 FROM team WHERE teamid = ?1"
            .to_owned(),
        "SELECT 'role', roleid, NULL, 0 FROM teamroles WHERE teamid = ?1".to_owned(),
    ];
    parts.extend(units(schema));
    parts.join(" UNION ALL ")
}

fn column<'a>(has: bool, name: &'a str, otherwise: &'a str) -> &'a str {
    if has { name } else { otherwise }
}

fn units(schema: &Schema) -> Option<String> {
    let table = schema.by_logical("businessunit")?;
    let parent = "_parentbusinessunitid_value";
    let parent = column(table.column(parent).is_some(), parent, "NULL");
    Some(format!("SELECT 'unit', businessunitid, {parent}, 0 FROM businessunit"))
}
