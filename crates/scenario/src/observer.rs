//! Who looks on while a run is under way: to tell of it, to keep what it takes to go on after a crash, and to put
//! something between its steps and what is outside of it.

use std::sync::Arc;

use async_trait::async_trait;
use patchcord_runtime::Crm;

use crate::blocks::{Catalog, StepCall};
use crate::engine::Checkpoint;
use crate::fetch::{FetchError, FetchRequest, Fetched};
use crate::trace::StepTrace;

/// What may be known of a run while it is under way. It is told on the way of the call, so it must be quick.
#[async_trait]
pub trait Observer: Send + Sync {
    /// A step begins. `place` says which one, as [`StepTrace::place`] does; `block` is `id@version`.
    fn step_began(&self, place: &str, block: &str, visit: u32) {
        let _ = (place, block, visit);
    }

    /// A step has ended. `checkpoint` gives the run as it is now, for whoever wants to keep it.
    fn step_ended(&self, step: &StepTrace, checkpoint: &dyn Fn() -> Checkpoint) {
        let _ = (step, checkpoint);
    }

    /// Called before each step that may change anything outside the run; it begins when this returns. Given up at the
    /// step's deadline.
    ///
    /// # Errors
    /// Why it must not begin; it fails as *unavailable* then.
    async fn before_write(&self, checkpoint: Checkpoint) -> Result<(), String> {
        let _ = checkpoint;
        Ok(())
    }
}

/// Looks away.
pub(crate) struct Unobserved;

impl Observer for Unobserved {}

/// Something between the steps of a run and what is outside of it: the CRM, and the web servers of Fetch URL.
#[async_trait]
pub trait Layer: Send + Sync {
    /// What one step gets in place of `crm`.
    fn over(&self, crm: Arc<dyn Crm>, call: &StepCall) -> Arc<dyn Crm>;

    /// Answers a request of Fetch URL, by its deadline. `step` says which one it is, as [`StepTrace::place`] does.
    ///
    /// # Errors
    /// As [`Catalog::fetch`], which is asked unless something else is said.
    async fn fetch(
        &self,
        catalog: &dyn Catalog,
        request: FetchRequest,
        step: &str,
        visit: u32,
    ) -> Result<Fetched, FetchError> {
        let _ = (step, visit);
        catalog.fetch(request).await
    }
}
