//! The plans in memory: what calls find under a name, what scenarios start, and a few of earlier versions, for runs that
//! have begun on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use dashmap::DashMap;
use moka::sync::Cache;
use patchcord_scenario::{Plan, Problem};

use crate::catalog::Pins;
use crate::scenarios::{Asked, ScenarioVersion};

/// Blocks in the plans of earlier versions that are held at most: some dozens of megabytes.
const EARLIER_BLOCKS: u64 = 20_000;

/// What calls find under a name.
pub(crate) enum Ready {
    Runs(Arc<Plan>),
    /// It passed its checks once and does not any more: a block or an account has gone.
    Broken(Vec<Problem>),
}

impl Ready {
    pub(crate) fn runs(plan: Plan) -> Self {
        Self::Runs(Arc::new(plan))
    }
}

/// The version of a scenario that calls get.
pub(crate) struct Current {
    pub(crate) head: ScenarioVersion,
    pub(crate) title: Option<String>,
    pub(crate) pins: Pins,
    pub(crate) ready: Arc<Ready>,
    /// What its checks found in the catalogue.
    pub(crate) asked: Asked,
}

/// Every scenario that calls can get.
pub(crate) struct Plans {
    current: DashMap<String, Arc<Current>>,
    earlier: Cache<(String, u64), Arc<Plan>>,
}

impl Default for Plans {
    fn default() -> Self {
        let blocks = |_: &(String, u64), plan: &Arc<Plan>| {
            u32::try_from(plan.scenario().blocks.len()).unwrap_or(u32::MAX)
        };
        let earlier = Cache::builder().weigher(blocks).max_capacity(EARLIER_BLOCKS).build();
        Self { current: DashMap::new(), earlier }
    }
}

impl Plans {
    /// The plan of the version that calls get, or of exactly this one; none where it is not at hand.
    pub(crate) fn plan(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        if let Some(Ready::Runs(plan)) = self.ready(name).as_deref()
            && version.is_none_or(|version| version == plan.version())
        {
            return Some(Arc::clone(plan));
        }
        self.earlier.get(&(name.to_owned(), version?))
    }

    /// What a call to `name` runs.
    pub(crate) fn ready(&self, name: &str) -> Option<Arc<Ready>> {
        self.current.get(name).map(|current| Arc::clone(&current.ready))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Current>> {
        self.current.get(name).map(|current| Arc::clone(&current))
    }

    /// Every scenario, by name.
    pub(crate) fn all(&self) -> BTreeMap<String, Arc<Current>> {
        let all = self.current.iter();
        all.map(|entry| (entry.key().clone(), Arc::clone(entry.value()))).collect()
    }

    pub(crate) fn put(&self, name: String, current: Current) {
        self.current.insert(name, Arc::new(current));
    }

    pub(crate) fn remove(&self, name: &str) {
        self.current.remove(name);
    }

    pub(crate) fn keep_earlier(&self, name: &str, version: u64, plan: Arc<Plan>) {
        self.earlier.insert((name.to_owned(), version), plan);
    }

    /// What was found good is to be looked at again.
    pub(crate) fn forget_earlier(&self) {
        self.earlier.invalidate_all();
    }
}
