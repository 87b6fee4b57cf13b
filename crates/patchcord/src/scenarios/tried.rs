//! What somebody wants to try of a scenario: a document, the draft, or a version, made a plan as publishing would make it.

use std::sync::Arc;

use patchcord_scenario::{Plan, Scenario};
use serde::{Deserialize, Serialize};

use super::drafts::read;
use super::{Scenarios, missing};
use crate::Error;
use crate::catalog::Pinned;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriedDocument {
    /// The one that came with the request.
    Given,
    /// The draft.
    Draft,
    /// A published version.
    Version,
}

impl Scenarios {
    /// The plan of `document`, or of this version; where neither is given, of the draft or else of what calls get.
    ///
    /// # Errors
    /// There is nothing of the kind; the problems of a document that publishing would refuse.
    pub(crate) async fn to_try(
        &self,
        name: &str,
        document: Option<&[u8]>,
        version: Option<u64>,
    ) -> Result<(TriedDocument, Arc<Plan>), Error> {
        if let Some(document) = document {
            return Ok((TriedDocument::Given, self.unpublished(read(name, document)?)?));
        }
        let current = || self.plans.get(name).map(|current| current.head.version);
        let version = match version {
            Some(version) => version,
            None => match self.stored_draft(name).await? {
                Some(draft) => {
                    return Ok((TriedDocument::Draft, self.unpublished(draft.value.document)?));
                }
                None => current().ok_or_else(|| missing(name))?,
            },
        };
        Ok((TriedDocument::Version, self.plan(name, version).await?))
    }

    fn unpublished(&self, document: Scenario) -> Result<Arc<Plan>, Error> {
        let pins = self.catalog.pins(&document);
        let catalog = Pinned::new(&self.catalog, &pins);
        let (plan, _) = patchcord_scenario::check(document, &catalog).map_err(Error::Problems)?;
        Ok(Arc::new(plan))
    }
}
