//! A step on wasmtime alone: the same component, the same settings of the engine, the same limits in place, the same
//! calls of the host. Nobody advances the epoch, meters time, counts bytes, keeps a trace or watches a deadline.

mod bindings;
mod host;

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use patchcord_runtime::{Limits, RuntimeConfig, engine_config};
use serde_json::Value;
use wasmtime::component::{
    Component, ComponentExportIndex, HasSelf, InstancePre, Linker, ResourceTable,
};
use wasmtime::{Engine, Store, StoreLimitsBuilder};

use bindings::patchcord::block::types::{Effect, Failure, Outcome};
use host::{Records, State};

/// A component that searches, linked with a host which always finds the same.
pub struct BareWasmtime {
    block: InstancePre<State>,
    run: ComponentExportIndex,
    limits: Limits,
    records: Records,
}

impl BareWasmtime {
    /// Compiles and links the component at `path`; every query will find `records`.
    ///
    /// # Errors
    /// It cannot be read, compiled or linked.
    pub fn load(path: &Path, records: &[Value]) -> Result<Self> {
        let settings = RuntimeConfig::default();
        let engine = Engine::new(&engine_config(&settings))?;
        let component = Component::from_file(&engine, path)?;
        let mut linker = Linker::new(&engine);
        bindings::Block::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)?;
        let block = linker.instantiate_pre(&component)?;
        let run = component.get_export_index(None, "run").context("it has no export `run`")?;
        let records = Records(records.iter().map(Value::to_string).collect());
        Ok(Self { block, run, limits: settings.limits, records })
    }

    /// Instantiates, runs with `properties` (JSON), drops. Returns how many records the block handed on.
    ///
    /// # Errors
    /// The guest trapped, failed, or ended otherwise than by handing one recordset on.
    pub async fn step(&self, properties: &str) -> Result<usize> {
        let mut store = self.store();
        let block = self.block.instantiate_async(&mut store).await?;
        let run =
            block.get_typed_func::<(&str,), (Result<Outcome, Failure>,)>(&mut store, &self.run)?;
        let (Ok(outcome),) = run.call_async(&mut store, (properties,)).await? else {
            bail!("the block failed");
        };
        handed_on(outcome, &mut store.data_mut().table)
    }

    fn store(&self) -> Store<State> {
        let limits = StoreLimitsBuilder::new().memory_size(self.limits.memory_bytes).build();
        let (table, records) = (ResourceTable::new(), self.records.clone());
        let mut store = Store::new(self.block.engine(), State { table, limits, records });
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(self.limits.memory_bytes.saturating_mul(2));
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }
}

fn handed_on(outcome: Outcome, table: &mut ResourceTable) -> Result<usize> {
    ensure!(outcome.exit.is_none(), "the block took the exit {:?}", outcome.exit);
    let mut effects = outcome.effects.into_iter();
    let (Some(Effect::SetRecordset(set)), None) = (effects.next(), effects.next()) else {
        bail!("the block asked for something else than one recordset");
    };
    Ok(table.delete(set.records)?.0.len())
}
