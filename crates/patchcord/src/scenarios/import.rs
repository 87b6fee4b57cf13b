//! Scenarios that come from another host: all of them become drafts or versions in one write, or none does.

use std::collections::BTreeSet;

use jiff::Timestamp;
use patchcord_scenario::{Problem, Scenario};
use patchcord_store::{Batch, Expect};
use serde::Serialize;

use super::drafts::name_fits;
use super::publish::{New, Published};
use super::record::{DRAFTS, Draft};
use super::{Scenarios, errors};
use crate::Error;
use crate::catalog::Pins;
use crate::routes::RouteList;

/// A document that comes, with what its references to blocks meant where it comes from.
pub(crate) struct Coming {
    /// Its place in the export.
    pub(crate) at: usize,
    pub(crate) document: Scenario,
    pub(crate) pins: Pins,
    pub(crate) note: Option<String>,
}

/// What comes together.
pub(crate) struct Incoming {
    pub(crate) coming: Vec<Coming>,
    /// Whether it is published at once.
    pub(crate) publish: bool,
    /// Whether drafts that are here already give way.
    pub(crate) overwrite: bool,
    /// The routes that come with it; only where it is published.
    pub(crate) routes: Option<RouteList>,
    pub(crate) by: Option<String>,
}

/// A scenario that was imported.
#[derive(Debug, Serialize)]
pub struct ImportedScenario {
    /// Its name.
    pub name: String,
    /// The version that calls get from now on; none for a draft.
    pub version: Option<u64>,
    /// What is wrong with it, or doubtful.
    pub problems: Vec<Problem>,
}

/// With the tables of which its steps must know more than their names.
type Arrived = (ImportedScenario, BTreeSet<String>);

impl Scenarios {
    /// Takes in what comes. Pointers lead into an export: `/scenarios/0/document`.
    pub(crate) async fn import(&self, incoming: Incoming) -> Result<Vec<Arrived>, Error> {
        let _changing = self.changing.lock().await;
        match incoming.publish {
            true => self.arrive(incoming).await,
            false => self.arrive_as_drafts(incoming).await,
        }
    }

    async fn arrive(&self, incoming: Incoming) -> Result<Vec<Arrived>, Error> {
        let Incoming { coming, routes, by, .. } = incoming;
        let names: Vec<String> = coming.iter().map(|one| one.document.name.clone()).collect();
        let (mut prepared, mut faults) = (Vec::new(), Vec::new());
        for Coming { at, document, pins, note } in coming {
            let (pins, warnings) = self.pins_like(&document, &pins);
            let new = New { document, pins, note, by: by.clone(), restores: None, warnings };
            match self.check_new(new).await {
                Ok(good) => prepared.push(good),
                Err(Error::Problems(problems)) => faults.extend(within(at, problems)),
                Err(other) => return Err(other),
            }
        }
        if !faults.is_empty() {
            return Err(Error::Problems(faults));
        }
        let mut batch = Batch::new();
        for one in &prepared {
            one.add_to(&mut batch)?;
        }
        if let Some(routes) = &routes {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let any = super::Precondition::Any;
            let added = self.add_routes(&mut batch, routes, any, by, &names).await;
            added.map_err(|error| match error {
                Error::Problems(faults) => Error::Problems(beside("/routes", faults)),
                other => other,
            })?;
        }
        self.store.write(batch).await?;
        let arrived = prepared.into_iter().map(|one| {
            let Published { saved, tables } = self.take_effect(one);
            let (name, version, problems) = (saved.name, Some(saved.version), saved.problems);
            (ImportedScenario { name, version, problems }, tables)
        });
        let arrived = arrived.collect();
        if let Some(routes) = &routes {
            self.take_routes(routes);
        }
        Ok(arrived)
    }

    async fn arrive_as_drafts(&self, incoming: Incoming) -> Result<Vec<Arrived>, Error> {
        let mut batch = Batch::new();
        let mut arrived = Vec::new();
        for Coming { at, document, .. } in incoming.coming {
            let name = document.name.clone();
            let before = self.stored_draft(&name).await?;
            if before.is_some() && !incoming.overwrite {
                return Err(Error::Taken { what: "a draft of the scenario", name });
            }
            let problems = self.problems(&document);
            name_fits(&problems)
                .map_err(|_| Error::Problems(within(at, errors(problems.clone()))))?;
            let expect = before.map_or(Expect::Absent, |before| Expect::Revision(before.revision));
            let base = self.plans.get(&name).map(|current| current.head.version);
            let (saved_at, saved_by) = (Timestamp::now(), incoming.by.clone());
            batch.put_if(DRAFTS, &name, expect, &Draft { saved_at, saved_by, base, document })?;
            let version = None;
            arrived.push((ImportedScenario { name, version, problems }, BTreeSet::new()));
        }
        self.store.write(batch).await?;
        Ok(arrived)
    }
}

/// Problems of a document as places in an export.
fn within(index: usize, problems: Vec<Problem>) -> Vec<Problem> {
    beside(&format!("/scenarios/{index}/document"), problems)
}

fn beside(at: &str, problems: Vec<Problem>) -> Vec<Problem> {
    let there =
        |problem: Problem| Problem { pointer: format!("{at}{}", problem.pointer), ..problem };
    problems.into_iter().map(there).collect()
}
