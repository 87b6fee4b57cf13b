//! The list of scenarios: what is published and what is a draft, without the documents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::record::{DRAFTS, DraftHead};
use super::{ScenarioSummary, Scenarios};
use crate::Error;
use crate::plans::Ready;

/// A draft as the list reads it.
#[derive(Deserialize)]
struct Line {
    saved_at: Timestamp,
    saved_by: Option<String>,
    base: Option<u64>,
    document: Titled,
}

#[derive(Deserialize)]
struct Titled {
    title: Option<String>,
}

impl Scenarios {
    /// Every scenario, by name.
    pub(crate) async fn list(&self) -> Result<Vec<ScenarioSummary>, Error> {
        let mut listed: BTreeMap<String, ScenarioSummary> = BTreeMap::new();
        for document in self.store.list::<Line>(DRAFTS).await? {
            let Line { saved_at, saved_by, base, document: Titled { title } } = document.value;
            let draft = DraftHead { revision: document.revision, saved_at, saved_by, base };
            let summary = drafted(document.key.clone(), title, draft);
            listed.insert(document.key, summary);
        }
        for (name, current) in self.plans.all() {
            let draft = listed.remove(&name).and_then(|summary| summary.draft);
            let head = current.head.clone();
            let summary = ScenarioSummary {
                name: name.clone(),
                title: current.title.clone(),
                version: Some(head.version),
                published_at: Some(head.published_at),
                published_by: head.published_by,
                can_run: matches!(*current.ready, Ready::Runs(_)),
                draft,
            };
            listed.insert(name, summary);
        }
        Ok(listed.into_values().collect())
    }
}

/// A scenario that was never published.
fn drafted(name: String, title: Option<String>, draft: DraftHead) -> ScenarioSummary {
    ScenarioSummary {
        name,
        title,
        version: None,
        published_at: None,
        published_by: None,
        can_run: false,
        draft: Some(draft),
    }
}
