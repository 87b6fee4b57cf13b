//! The versions of blocks that are at hand, and which of them a reference means. No disk and no waiting here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use patchcord_runtime::{Capability, LimitSettings};
use patchcord_scenario::ScenarioBlock;
use semver::Version;

use super::installed::Installed;
use super::record::Grants;
use super::reference::Reference;

/// Every version of every block, and what is granted to each id.
#[derive(Default)]
pub(crate) struct Shelf {
    versions: BTreeMap<String, BTreeMap<Version, Arc<Installed>>>,
    grants: HashMap<String, Grants>,
    limits: HashMap<String, LimitSettings>,
}

/// What a reference comes to.
pub(crate) enum Sought {
    Found(Arc<Installed>),
    /// There is a version, but it may not be used; why.
    Waits(String),
    /// There is no such block, or no such version of it.
    Missing,
}

impl Shelf {
    pub(crate) fn put(&mut self, installed: Arc<Installed>) {
        let versions = self.versions.entry(installed.id().to_owned()).or_default();
        versions.insert(installed.version().clone(), installed);
    }

    pub(crate) fn take(&mut self, id: &str, version: &Version) {
        if let Some(versions) = self.versions.get_mut(id) {
            versions.remove(version);
        }
        self.versions.retain(|_, versions| !versions.is_empty());
    }

    pub(crate) fn set_grants(&mut self, id: &str, grants: Grants) {
        self.grants.insert(id.to_owned(), grants);
    }

    pub(crate) fn set_limits(&mut self, id: &str, limits: LimitSettings) {
        self.limits.insert(id.to_owned(), limits);
    }

    /// What is set of the limits of a block.
    pub(crate) fn limits(&self, id: &str) -> LimitSettings {
        self.limits.get(id).copied().unwrap_or_default()
    }

    pub(crate) fn grants(&self, id: &str) -> Grants {
        self.grants.get(id).cloned().unwrap_or_default()
    }

    pub(crate) fn version(&self, id: &str, version: &Version) -> Option<&Arc<Installed>> {
        self.versions.get(id)?.get(version)
    }

    /// The versions of a block, newest first; releases before those in development.
    pub(crate) fn versions(&self, id: &str) -> Vec<&Arc<Installed>> {
        let mut versions: Vec<_> =
            self.versions.get(id).into_iter().flat_map(BTreeMap::values).collect();
        versions.sort_by_key(|installed| {
            std::cmp::Reverse((installed.version().pre.is_empty(), installed.version().clone()))
        });
        versions
    }

    /// The signature that came with the bytes of this digest.
    pub(crate) fn signature_of(&self, digest: &str) -> Option<String> {
        let all = self.versions.values().flat_map(BTreeMap::values);
        let mut same = all.filter(|installed| installed.digest() == digest);
        same.find_map(|installed| installed.record.signature.clone())
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.versions.keys().cloned().collect()
    }

    /// What a version asks for and has not been granted.
    pub(crate) fn missing(&self, installed: &Installed) -> Vec<Capability> {
        let grants = self.grants.get(installed.id());
        let granted = |c: &Capability| grants.is_some_and(|grants| grants.capabilities.contains(c));
        let asked = installed.manifest().capabilities();
        asked.into_iter().filter(|capability| !granted(capability)).collect()
    }

    /// The newest version within the range that may be used.
    pub(crate) fn find(&self, reference: &Reference) -> Sought {
        let mut waits = None;
        for installed in self.versions(&reference.id) {
            if reference.takes(installed.version()) {
                match self.usable(installed) {
                    Ok(()) => return Sought::Found(Arc::clone(installed)),
                    Err(why) => drop(waits.get_or_insert(why)),
                }
            }
        }
        waits.map_or(Sought::Missing, Sought::Waits)
    }

    /// Exactly this version, if it may be used.
    pub(crate) fn exactly(&self, id: &str, version: &Version) -> Sought {
        match self.version(id, version) {
            None => Sought::Missing,
            Some(installed) => match self.usable(installed) {
                Ok(()) => Sought::Found(Arc::clone(installed)),
                Err(why) => Sought::Waits(why),
            },
        }
    }

    fn usable(&self, installed: &Installed) -> Result<(), String> {
        let missing = self.missing(installed);
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = missing.iter().map(Capability::to_string).collect();
        Err(format!(
            "the block `{}@{}` waits until an administrator grants what it asks for: {}",
            installed.id(),
            installed.version(),
            names.join(", ")
        ))
    }
}
