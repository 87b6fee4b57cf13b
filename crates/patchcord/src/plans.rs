//! The plans of the published scenarios: what calls find under a name, and what scenarios start.

use std::sync::Arc;

use dashmap::DashMap;
use patchcord_scenario::{Plan, Problem};

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

/// The plans that calls get now, by name.
#[derive(Default)]
pub(crate) struct Plans {
    current: DashMap<String, Arc<Ready>>,
}

impl Plans {
    pub(crate) fn set(&self, name: String, ready: Ready) {
        self.current.insert(name, Arc::new(ready));
    }

    /// What a call to `name` runs.
    pub(crate) fn ready(&self, name: &str) -> Option<Arc<Ready>> {
        self.current.get(name).map(|ready| Arc::clone(&ready))
    }

    /// The plan that calls to `name` get, where it is of this version.
    pub(crate) fn plan(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        match self.ready(name)?.as_ref() {
            Ready::Runs(plan) if version.is_none_or(|version| version == plan.version()) => {
                Some(Arc::clone(plan))
            }
            _ => None,
        }
    }
}
