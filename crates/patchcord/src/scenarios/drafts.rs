//! Drafts: whatever can be read is kept, with what is wrong with it. One draft a scenario, and nobody overwrites it
//! without having seen it.

use jiff::Timestamp;
use patchcord_scenario::{Problem, Scenario};
use patchcord_store::{Batch, Document, Expect};

use super::precondition::There;
use super::record::{DRAFTS, Draft, DraftHead, SavedDraft, ScenarioDraft};
use super::{Precondition, Scenarios, error, errors};
use crate::Error;
use crate::catalog::Pinned;

impl Scenarios {
    /// Keeps a document as the draft of `name`. `base` is the version from which it was made: where nothing is said, that
    /// of the draft before it, or the one that calls get now.
    pub(crate) async fn save_draft(
        &self,
        name: &str,
        text: &[u8],
        base: Option<u64>,
        precondition: Precondition,
        by: Option<String>,
    ) -> Result<SavedDraft, Error> {
        let document = read(name, text)?;
        let _changing = self.changing.lock().await;
        let before = self.stored_draft(name).await?;
        check(name, precondition, before.as_ref())?;
        let expect = before.as_ref().map_or(Expect::Absent, |d| Expect::Revision(d.revision));
        let base = base.or_else(|| match &before {
            Some(before) => before.value.base,
            None => self.plans.get(name).map(|current| current.head.version),
        });
        let draft = Draft { saved_at: Timestamp::now(), saved_by: by, base, document };
        let problems = self.problems(&draft.document);
        name_fits(&problems)?;
        let mut batch = Batch::new();
        batch.put_if(DRAFTS, name, expect, &draft)?;
        self.store.write(batch).await?;
        let saved = self.stored_draft(name).await?.ok_or_else(|| no_draft(name))?;
        Ok(SavedDraft { name: name.to_owned(), head: saved.value.head(saved.revision), problems })
    }

    pub(crate) async fn draft(&self, name: &str) -> Result<ScenarioDraft, Error> {
        let draft = self.stored_draft(name).await?.ok_or_else(|| no_draft(name))?;
        let (head, document) = (draft.value.head(draft.revision), draft.value.document);
        let problems = self.problems(&document);
        let saved = SavedDraft { name: name.to_owned(), head, problems };
        Ok(ScenarioDraft { saved, document })
    }

    pub(crate) async fn discard_draft(
        &self,
        name: &str,
        precondition: Precondition,
    ) -> Result<(), Error> {
        let _changing = self.changing.lock().await;
        let draft = self.stored_draft(name).await?.ok_or_else(|| no_draft(name))?;
        check(name, precondition.or_any(), Some(&draft))?;
        let mut batch = Batch::new();
        batch.delete(DRAFTS, name);
        Ok(self.store.write(batch).await?)
    }

    /// What is wrong with a document, or doubtful.
    pub(crate) fn problems(&self, document: &Scenario) -> Vec<Problem> {
        let pins = self.catalog.pins(document);
        let catalog = Pinned::new(&self.catalog, &pins);
        match patchcord_scenario::check(document.clone(), &catalog) {
            Ok((_, problems)) | Err(problems) => problems,
        }
    }

    /// What is here of this name: the version that calls get, and whether there is a draft.
    pub(crate) async fn here(&self, name: &str) -> Result<(Option<u64>, bool), Error> {
        let version = self.plans.get(name).map(|current| current.head.version);
        Ok((version, self.stored_draft(name).await?.is_some()))
    }

    pub(super) async fn stored_draft(&self, name: &str) -> Result<Option<Document<Draft>>, Error> {
        Ok(self.store.get::<Draft>(DRAFTS, name).await?)
    }
}

impl Draft {
    pub(super) fn head(&self, revision: i64) -> DraftHead {
        let Self { saved_at, saved_by, base, .. } = self;
        DraftHead { revision, saved_at: *saved_at, saved_by: saved_by.clone(), base: *base }
    }
}

/// Reads a document that was sent to `name`.
pub(super) fn read(name: &str, text: &[u8]) -> Result<Scenario, Error> {
    let document =
        patchcord_scenario::parse(text).map_err(|problem| Error::Problems(vec![problem]))?;
    if document.name != name {
        let message =
            format!("the document is named `{}`, but was sent to `{name}`", document.name);
        return Err(Error::Problems(vec![error("/name", message)]));
    }
    Ok(document)
}

/// A draft is kept by its name, so that has to be a name.
pub(super) fn name_fits(problems: &[Problem]) -> Result<(), Error> {
    let of_the_name = problems.iter().filter(|problem| problem.pointer == "/name").cloned();
    let wrong = errors(of_the_name.collect());
    if wrong.is_empty() { Ok(()) } else { Err(Error::Problems(wrong)) }
}

/// Whether whoever changes the draft has seen it as it is.
pub(super) fn check(
    name: &str,
    precondition: Precondition,
    there: Option<&Document<Draft>>,
) -> Result<(), Error> {
    let there = there.map(|draft| {
        let Draft { saved_at: at, saved_by, .. } = &draft.value;
        There { revision: draft.revision, at: *at, by: saved_by.clone() }
    });
    precondition.hold(format!("the draft of the scenario `{name}`"), there)
}

pub(super) fn no_draft(name: &str) -> Error {
    Error::NotFound { what: "draft of a scenario", name: name.to_owned() }
}
