//! Publishing: a document that passes its checks becomes a version that never changes, and calls get it from then on.
//! Runs under way end on the version with which they began.

use std::collections::BTreeSet;

use jiff::Timestamp;
use patchcord_scenario::{Plan, Problem, Scenario};
use patchcord_store::{Batch, Expect};

use super::asked::Asked;
use super::drafts::{check, no_draft, read};
use super::record::{DRAFTS, PUBLISHED, VERSIONS, version_key};
use super::{Precondition, PublishedScenario, Saved, ScenarioVersion, Scenarios, warning};
use crate::Error;
use crate::catalog::{Pinned, Pins};
use crate::plans::{Current, Ready};
use crate::prepare::tables_with_lookups;

/// A document on its way to become a version.
pub(crate) struct New {
    pub(crate) document: Scenario,
    pub(crate) pins: Pins,
    pub(crate) note: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) restores: Option<u64>,
    /// What is to be told beside what the checks find.
    pub(crate) warnings: Vec<Problem>,
}

/// What became of it.
pub(crate) struct Published {
    pub(crate) saved: Saved,
    /// The tables of which its steps must know more than their names.
    pub(crate) tables: BTreeSet<String>,
}

/// A version that is good, and is nowhere yet.
pub(super) struct Prepared {
    name: String,
    published: PublishedScenario,
    /// What the version before it is in the store.
    expect: Expect,
    current: Current,
    problems: Vec<Problem>,
}

impl Scenarios {
    /// Publishes a document at once. A draft stays as it is: it may be somebody else's.
    pub(crate) async fn publish(
        &self,
        name: &str,
        text: &[u8],
        note: Option<String>,
        by: Option<String>,
    ) -> Result<Published, Error> {
        let document = read(name, text)?;
        let _changing = self.changing.lock().await;
        let pins = self.catalog.pins(&document);
        let (restores, warnings) = (None, Vec::new());
        self.put(New { document, pins, note, by, restores, warnings }, Batch::new()).await
    }

    /// Publishes the draft of `name`, which is none any more then. A draft that was made from another version than the one
    /// that calls get now is only published by who names that one as `over`.
    pub(crate) async fn publish_draft(
        &self,
        name: &str,
        precondition: Precondition,
        over: Option<u64>,
        note: Option<String>,
        by: Option<String>,
    ) -> Result<Published, Error> {
        let _changing = self.changing.lock().await;
        let draft = self.stored_draft(name).await?.ok_or_else(|| no_draft(name))?;
        check(name, precondition.or_any(), Some(&draft))?;
        let (base, document) = (draft.value.base, draft.value.document);
        if let Some(current) = self.plans.get(name)
            && ![base, over].contains(&Some(current.head.version))
        {
            let ScenarioVersion { version, published_at, published_by, .. } = &current.head;
            let (name, by) = (name.to_owned(), published_by.clone());
            let (version, at) = (*version, *published_at);
            return Err(Error::PublishedMeanwhile { name, base, version, at, by });
        }
        let pins = self.catalog.pins(&document);
        let mut batch = Batch::new();
        batch.delete(DRAFTS, name);
        let (restores, warnings) = (None, Vec::new());
        self.put(New { document, pins, note, by, restores, warnings }, batch).await
    }

    /// Publishes the document of an earlier version as a new one, on the versions of blocks that it had as far as they
    /// are still there.
    pub(crate) async fn roll_back(
        &self,
        name: &str,
        version: u64,
        note: Option<String>,
        by: Option<String>,
    ) -> Result<Published, Error> {
        let _changing = self.changing.lock().await;
        let PublishedScenario { document, pins, .. } = self.version(name, version).await?;
        let (pins, warnings) = self.pins_like(&document, &pins);
        let restores = Some(version);
        self.put(New { document, pins, note, by, restores, warnings }, Batch::new()).await
    }

    /// The pins of a document: those that it is wanted with, and others, which are told, where these cannot be had.
    pub(super) fn pins_like(&self, document: &Scenario, wanted: &Pins) -> (Pins, Vec<Problem>) {
        let mut pins = self.catalog.pins(document);
        let mut warnings = Vec::new();
        for (index, instance) in document.blocks.iter().enumerate() {
            let reference = &instance.block;
            let (Some(now), Some(then)) = (pins.get_mut(reference), wanted.get(reference)) else {
                continue;
            };
            if self.catalog.has(reference, then) {
                *now = then.clone();
            } else if now.digest != then.digest {
                let message = format!(
                    "`{reference}` was {} (SHA-256 {}), which cannot be had here: {} is used in its place",
                    then.version, then.digest, now.version
                );
                warnings.push(warning(format!("/blocks/{index}/block"), message));
            }
        }
        (pins, warnings)
    }

    async fn put(&self, new: New, mut batch: Batch) -> Result<Published, Error> {
        let prepared = self.check_new(new).await?;
        prepared.add_to(&mut batch)?;
        self.store.write(batch).await?;
        Ok(self.take_effect(prepared))
    }

    /// Checks a document that is to be published.
    pub(super) async fn check_new(&self, new: New) -> Result<Prepared, Error> {
        let New { document, pins, note, by, restores, mut warnings } = new;
        let pinned = Pinned::new(&self.catalog, &pins);
        let (plan, problems) =
            patchcord_scenario::check(document, &pinned).map_err(Error::Problems)?;
        warnings.extend(problems);
        let asked = pinned.into_asked();
        let name = plan.scenario().name.clone();
        let before = self.store.get::<ScenarioVersion>(PUBLISHED, &name).await?;
        let (last, expect) = match before {
            Some(before) => (before.value.version, Expect::Revision(before.revision)),
            None => (self.last_version(&name).await?, Expect::Absent),
        };
        let (version, published_at, published_by) = (last + 1, Timestamp::now(), by);
        let published = PublishedScenario {
            head: ScenarioVersion { version, published_at, published_by, note, restores },
            document: plan.scenario().clone(),
            pins,
        };
        let current = current(&published, plan, asked);
        Ok(Prepared { name, published, expect, current, problems: warnings })
    }

    /// Lets calls get a version that has been written.
    pub(super) fn take_effect(&self, prepared: Prepared) -> Published {
        let Prepared { name, published, current, problems, .. } = prepared;
        let version = published.head.version;
        let by = published.head.published_by.as_deref().unwrap_or_default();
        tracing::info!(
            target: "patchcord::audit", scenario = name, version, by, "a scenario was published"
        );
        self.plans.put(name.clone(), current);
        let tables = tables_with_lookups(&published.document);
        Published { saved: Saved { name, version, problems }, tables }
    }
}

impl Prepared {
    /// Has it written, if nobody else publishes meanwhile.
    pub(super) fn add_to(&self, batch: &mut Batch) -> Result<(), Error> {
        let Self { name, published, .. } = self;
        batch.put_if(PUBLISHED, name, self.expect, published)?;
        let key = version_key(name, published.head.version);
        batch.put_if(VERSIONS, &key, Expect::Absent, published)?;
        Ok(())
    }
}

fn current(published: &PublishedScenario, plan: Plan, asked: Asked) -> Current {
    let (head, pins) = (published.head.clone(), published.pins.clone());
    let title = published.document.title.clone();
    let ready = Ready::runs(plan.with_version(head.version)).into();
    Current { head, title, pins, ready, asked }
}
