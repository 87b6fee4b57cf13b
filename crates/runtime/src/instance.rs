//! An instance of a block in its sandbox, for one step or for several.

use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::TypedFunc;
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::{ActingBlock, Failure, Outcome};
use crate::block::Linked;
use crate::host::State;
use crate::invoke::turn;
use crate::runtime::Shared;
use crate::{Limits, StepError};

/// A place in the pool.
pub(crate) struct Place(
    #[expect(dead_code, reason = "held, never looked at")] OwnedSemaphorePermit,
);

/// A component that exports something else under the names of the contract.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongExports(pub(crate) String);

/// The block's export of that name.
pub(crate) type Run = TypedFunc<(String,), (Result<Outcome, Failure>,)>;

/// A store, and the block's work in it once it has been instantiated.
pub(crate) struct Instance {
    store: Store<State>,
    run: Option<Run>,
    /// Steps that it has served, the one under way included.
    steps: u32,
    /// Outlives the store that is made in it, or the pool may be found full.
    _place: Place,
}

impl Shared {
    /// Waits for a place in the pool.
    pub(crate) async fn place(&self, deadline: Instant) -> Result<Place, StepError> {
        if self.sandboxes.available_permits() == 0 {
            self.shelf.make_room();
        }
        Ok(Place(turn(&self.sandboxes, deadline, "pool").await?))
    }

    /// An empty sandbox with all limits armed. `copied` is how much the guest may give to the host in one call.
    pub(crate) fn instance(&self, place: Place, state: State, copied: usize) -> Instance {
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.growth);
        store.set_hostcall_fuel(copied);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().check_cpu()?;
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        Instance { store, run: None, steps: 1, _place: place }
    }
}

impl Instance {
    /// The same instance, its limits armed anew for a further step.
    pub(crate) fn again(mut self, state: State, copied: usize) -> Self {
        let state = state.after(self.store.data());
        *self.store.data_mut() = state;
        self.store.set_hostcall_fuel(copied);
        self.store.set_epoch_deadline(1);
        self.steps = self.steps.saturating_add(1);
        self
    }

    /// The store and the block's work in it; the block is instantiated where that has not been done yet. Only this one
    /// export is found and checked: it is done for every step in a fresh sandbox.
    pub(crate) async fn run(
        &mut self,
        linked: &Linked,
    ) -> wasmtime::Result<(&mut Store<State>, Run)> {
        let run = match self.run {
            Some(run) => run,
            None => {
                let instance = linked.instance.instantiate_async(&mut self.store).await?;
                *self.run.insert(instance.get_typed_func(&mut self.store, linked.run)?)
            }
        };
        Ok((&mut self.store, run))
    }

    /// The store and all that the block exports, instantiated for it.
    pub(crate) async fn exports(
        &mut self,
        linked: &Linked,
    ) -> wasmtime::Result<(&mut Store<State>, ActingBlock)> {
        let instance = linked.instance.instantiate_async(&mut self.store).await?;
        let wrong = |error: wasmtime::Error| WrongExports(format!("{error:#}"));
        let block = linked.exports.load(&mut self.store, &instance).map_err(wrong)?;
        Ok((&mut self.store, block))
    }

    pub(crate) fn state(&mut self) -> &mut State {
        self.store.data_mut()
    }

    /// Whether it may serve a further step. One that holds on to records may not: they are those of a call that is over.
    pub(crate) fn may_go_on(&self, limits: &Limits) -> bool {
        self.steps < limits.steps_per_instance && self.store.data().table.is_empty()
    }
}
