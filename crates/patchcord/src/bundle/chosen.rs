//! Which scenarios of an export are taken in, and under which names.

use std::collections::BTreeSet;

use super::import::ImportRequest;
use super::{Bundle, BundledBlock, BundledScenario, NamedAccount, fault};
use crate::Error;
use crate::routes::RouteList;

/// What is left of an export.
pub(super) struct Chosen {
    /// Each with its place in the export.
    pub(super) scenarios: Vec<(usize, BundledScenario)>,
    pub(super) routes: Option<RouteList>,
    /// The integration accounts that they name.
    pub(super) accounts: Vec<NamedAccount>,
    /// The blocks that they need.
    pub(super) blocks: Vec<BundledBlock>,
}

impl Chosen {
    /// Leaves out what is skipped, and gives the others the names that they get here, in the routes too.
    pub(super) fn of(bundle: Bundle, request: &ImportRequest) -> Result<Self, Error> {
        let Bundle { scenarios, mut routes, accounts, blocks, .. } = bundle;
        let ImportRequest { skip, names, .. } = request;
        let known: BTreeSet<&str> = scenarios.iter().map(|one| &*one.document.name).collect();
        let told = skip.iter().chain(names.iter().map(|(old, _)| old));
        if let Some(unknown) = told.into_iter().find(|name| !known.contains(name.as_str())) {
            let known: Vec<&str> = known.into_iter().collect();
            let message = format!("`{unknown}` is not among them; there are: {}", known.join(", "));
            return Err(fault("/scenarios", message));
        }
        let all = scenarios.len();
        let mut scenarios: Vec<(usize, BundledScenario)> =
            scenarios.into_iter().enumerate().collect();
        scenarios.retain(|(_, one)| !skip.contains(&one.document.name));
        let here = |name: &mut String| {
            if let Some((_, new)) = names.iter().find(|(old, _)| old == name) {
                name.clone_from(new);
            }
        };
        scenarios.iter_mut().for_each(|(_, one)| here(&mut one.document.name));
        if let Some(list) = &mut routes {
            list.routes.iter_mut().for_each(|route| here(&mut route.scenario));
            list.default.iter_mut().for_each(here);
        }
        twice(&scenarios)?;
        let whole = scenarios.len() == all;
        let mut chosen = Self { scenarios, routes, accounts, blocks };
        if !whole {
            chosen.leave_out_what_none_needs();
        }
        Ok(chosen)
    }

    fn leave_out_what_none_needs(&mut self) {
        let Self { scenarios, accounts, blocks, .. } = self;
        accounts.retain(|account| {
            let named = |(at, _): &(usize, _)| {
                let within = format!("/scenarios/{at}/");
                account.at.iter().any(|pointer| pointer.starts_with(&within))
            };
            scenarios.iter().any(named)
        });
        blocks.retain(|block| {
            let mut pins = scenarios.iter().flat_map(|(_, one)| one.pins.values());
            pins.any(|pin| *pin == block.pin())
        });
    }
}

/// A name stands for one document.
fn twice(scenarios: &[(usize, BundledScenario)]) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    for (at, scenario) in scenarios {
        let name = &scenario.document.name;
        if !names.insert(name) {
            let pointer = format!("/scenarios/{at}/document/name");
            return Err(fault(pointer, format!("`{name}` stands in it twice")));
        }
    }
    Ok(())
}
