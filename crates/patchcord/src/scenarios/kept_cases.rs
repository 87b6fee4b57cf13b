//! Test cases that designers keep with a scenario. They hold what Dynamics 365 answered about real people, so that they lie
//! sealed in the store, as recordings do; they stay until somebody takes them away or deletes the scenario.

use jiff::Timestamp;
use patchcord_scenario::Problem;
use patchcord_store::{Batch, Document, Expect};
use serde::{Deserialize, Serialize};

use super::precondition::There;
use super::{Precondition, Scenarios, missing};
use crate::Error;
use crate::rehearsal::{Case, MOST_CASES, check_each, wrong};

/// Cases of each scenario, by its name.
pub(super) const CASES: &str = "scenario_cases";
/// What the cases of one scenario hold at most, in bytes of their text: as much as a recording.
const MOST_BYTES: usize = 1 << 20;

/// The cases as they lie in the store, where their revision is that of the document.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    saved_at: Timestamp,
    saved_by: Option<String>,
    cases: Vec<Case>,
}

/// What is known of cases that were saved.
#[derive(Debug, Clone, Serialize)]
pub struct CasesHead {
    /// Changes with each save. Whoever saves names the one that he has seen.
    pub revision: i64,
    /// When they were saved.
    pub saved_at: Timestamp,
    /// Name of the user or API token by whom they were saved.
    pub saved_by: Option<String>,
}

/// Cases that were saved.
#[derive(Debug, Clone, Serialize)]
pub struct SavedCases {
    /// Name of the scenario.
    pub scenario: String,
    /// When and by whom.
    #[serde(flatten)]
    pub head: CasesHead,
}

/// The cases that are kept with a scenario.
#[derive(Debug, Clone, Serialize)]
pub struct KeptCases {
    /// Name of the scenario.
    pub scenario: String,
    /// When and by whom they were saved; none where none ever were.
    #[serde(flatten)]
    pub head: Option<CasesHead>,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

impl Scenarios {
    pub(crate) async fn kept_cases(&self, name: &str) -> Result<KeptCases, Error> {
        self.must_be_there(name).await?;
        let stored = self.stored_cases(name).await?;
        let head = stored.as_ref().map(head);
        let cases = stored.map(|stored| stored.value.cases).unwrap_or_default();
        Ok(KeptCases { scenario: name.to_owned(), head, cases })
    }

    /// Keeps cases in place of those that are there.
    pub(crate) async fn save_cases(
        &self,
        name: &str,
        cases: Vec<Case>,
        precondition: Precondition,
        by: Option<String>,
    ) -> Result<SavedCases, Error> {
        good(&cases).map_err(|problem| Error::Problems(vec![problem]))?;
        let _changing = self.changing.lock().await;
        self.must_be_there(name).await?;
        let before = self.stored_cases(name).await?;
        let there = before.as_ref().map(head).map(|CasesHead { revision, saved_at, saved_by }| {
            There { revision, at: saved_at, by: saved_by }
        });
        precondition.hold(format!("the test cases of the scenario `{name}`"), there)?;
        let expect = before.map_or(Expect::Absent, |before| Expect::Revision(before.revision));
        let mut batch = Batch::new();
        let stored = Stored { saved_at: Timestamp::now(), saved_by: by, cases };
        batch.put_sealed_if(CASES, name, expect, &stored)?;
        self.store.write(batch).await?;
        let saved = self.stored_cases(name).await?.ok_or_else(|| missing(name))?;
        Ok(SavedCases { scenario: name.to_owned(), head: head(&saved) })
    }

    async fn must_be_there(&self, name: &str) -> Result<(), Error> {
        let there = self.plans.get(name).is_some() || self.stored_draft(name).await?.is_some();
        if there { Ok(()) } else { Err(missing(name)) }
    }

    async fn stored_cases(&self, name: &str) -> Result<Option<Document<Stored>>, Error> {
        Ok(self.store.get_sealed::<Stored>(CASES, name).await?)
    }
}

fn head(stored: &Document<Stored>) -> CasesHead {
    let Stored { saved_at, saved_by, .. } = &stored.value;
    CasesHead { revision: stored.revision, saved_at: *saved_at, saved_by: saved_by.clone() }
}

/// Whether the cases can be meant, and can be kept.
fn good(cases: &[Case]) -> Result<(), Problem> {
    let at = || "/cases".to_owned();
    if cases.len() > MOST_CASES {
        return Err(wrong(at(), format!("at most {MOST_CASES} cases are kept with a scenario")));
    }
    check_each(cases)?;
    let text = serde_json::to_vec(cases).map_err(|error| wrong(at(), error.to_string()))?;
    if text.len() > MOST_BYTES {
        let message = format!(
            "they are {} bytes long together: {MOST_BYTES} are kept with a scenario",
            text.len()
        );
        return Err(wrong(at(), message));
    }
    Ok(())
}
