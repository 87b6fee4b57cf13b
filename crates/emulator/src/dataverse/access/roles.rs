//! The security roles and what they grant, from `data/roles.toml`.
//!
//! Roles are rows too, which anybody with the right can read and give; what a role grants is here alone, so a
//! role that a client creates grants nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use super::super::id_of;
use super::super::schema::Schema;
use super::privileges::{self, Right};
use crate::EmulatorError;

/// How far a privilege reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Depth {
    #[serde(rename = "user")]
    User,
    #[serde(rename = "business unit")]
    BusinessUnit,
    #[serde(rename = "parent")]
    Parent,
    #[serde(rename = "organization")]
    Organization,
}

impl Depth {
    /// Its name in the PrivilegeDepth enumeration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Depth::User => "Basic",
            Depth::BusinessUnit => "Local",
            Depth::Parent => "Deep",
            Depth::Organization => "Global",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    roles: Vec<Described>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    #[serde(default)]
    everything: bool,
    #[serde(default)]
    except: HashSet<String>,
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    privileges: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    tables: Vec<String>,
    rights: String,
    depth: Depth,
}

/// A role, ready to be asked.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) name: String,
    everything: bool,
    except: HashSet<String>,
    depths: BTreeMap<String, Depth>,
}

impl Role {
    /// How far the role grants a privilege.
    pub(crate) fn depth(&self, privilege: &str) -> Option<Depth> {
        match self.everything {
            true => (!self.except.contains(privilege)).then_some(Depth::Organization),
            false => self.depths.get(privilege).copied(),
        }
    }
}

/// All roles, by id.
#[derive(Debug)]
pub(crate) struct Roles {
    all: Vec<Role>,
    by_id: HashMap<String, usize>,
    /// Every privilege that the organisation's tables make.
    privileges: BTreeSet<String>,
}

/// Of a user whose directory names no role: whoever could do everything before there were roles still can.
pub(crate) const DEFAULT: &str = "System Administrator";

impl Roles {
    pub(crate) fn built_in(schema: &Schema) -> Result<Self, EmulatorError> {
        let wrong = |reason: String| EmulatorError::BuiltIn { what: "roles.toml", reason };
        let document: Document = toml::from_str(include_str!("../../data/roles.toml"))
            .map_err(|error| wrong(error.to_string()))?;
        let roles = document.roles.into_iter().map(Role::read).collect::<Result<Vec<_>, _>>();
        let all = roles.map_err(wrong)?;
        let by_id = all.iter().enumerate().map(|(at, role)| (role.id.clone(), at)).collect();
        Ok(Self { all, by_id, privileges: privileges::all(schema) })
    }

    pub(crate) fn all(&self) -> &[Role] {
        &self.all
    }

    pub(crate) fn privileges(&self) -> &BTreeSet<String> {
        &self.privileges
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Role> {
        self.by_id.get(id).and_then(|at| self.all.get(*at))
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Role> {
        self.all.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }
}

impl Role {
    fn read(described: Described) -> Result<Self, String> {
        let mut depths = BTreeMap::new();
        let mut give = |privilege: String, depth: Depth| {
            let known = depths.entry(privilege).or_insert(depth);
            *known = depth.max(*known);
        };
        for grant in &described.grants {
            for word in grant.rights.split_whitespace() {
                let right = Right::ALL
                    .into_iter()
                    .find(|right| format!("{right:?}").eq_ignore_ascii_case(word))
                    .ok_or_else(|| format!("{}: there is no right {word}", described.name))?;
                for table in &grant.tables {
                    give(format!("prv{right:?}{table}"), grant.depth);
                }
            }
        }
        for privilege in described.privileges {
            give(privilege, Depth::Organization);
        }
        Ok(Self {
            id: id_of("role", &described.name),
            name: described.name,
            everything: described.everything,
            except: described.except,
            depths,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_name_privileges_that_there_are() {
        let roles = Roles::built_in(&Schema::load(None).unwrap()).unwrap();
        for role in roles.all() {
            for name in role.depths.keys().chain(&role.except) {
                let unneeded =
                    ["prvAssign", "prvShare"].iter().any(|start| name.starts_with(start));
                assert!(unneeded || roles.privileges().contains(name), "{}: {name}", role.name);
            }
        }
    }

    #[test]
    fn the_deeper_of_two_grants_counts() {
        let roles = Roles::built_in(&Schema::load(None).unwrap()).unwrap();
        let sales = roles.named("salesperson").unwrap();
        assert_eq!(sales.depth("prvReadAccount"), Some(Depth::BusinessUnit));
        assert_eq!(sales.depth("prvWriteAccount"), Some(Depth::User));
        assert_eq!(sales.depth("prvDeleteQueue"), None);
        assert_eq!(roles.named("Delegate").unwrap().depth("prvReadAccount"), None);
    }
}
