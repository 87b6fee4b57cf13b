//! Deleting a scenario: calls do not get it any more, and its draft and its test cases are gone. Its versions stay, because
//! runs refer to them: a roll-back brings it back, and a new one of the same name goes on counting.

use patchcord_store::Batch;

use super::kept_cases::CASES;
use super::record::{DRAFTS, PUBLISHED};
use super::{Scenarios, missing};
use crate::Error;

impl Scenarios {
    pub(crate) async fn delete(&self, name: &str) -> Result<(), Error> {
        let _changing = self.changing.lock().await;
        let published = self.plans.get(name).is_some();
        if !published && self.stored_draft(name).await?.is_none() {
            return Err(missing(name));
        }
        let routes = self.routes.leading_to(name);
        if !routes.is_empty() {
            return Err(Error::ScenarioInUse { name: name.to_owned(), routes });
        }
        let mut batch = Batch::new();
        batch.delete(PUBLISHED, name).delete(DRAFTS, name).delete(CASES, name);
        self.store.write(batch).await?;
        self.plans.remove(name);
        tracing::info!(target: "patchcord::audit", scenario = name, "a scenario was deleted");
        Ok(())
    }
}
