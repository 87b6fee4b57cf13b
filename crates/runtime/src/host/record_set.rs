//! The records that the host holds for the guest: looked at one by one, each crossing as text.

use wasmtime::component::Resource;

use super::State;
use super::crm_call::millis;
use crate::RecordSet;
use crate::bindings::patchcord::block::dynamics::HostRecordSet;

impl HostRecordSet for State {
    fn count(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<u32> {
        Ok(u32::try_from(self.table.get(&set)?.count()).unwrap_or(u32::MAX))
    }

    fn more(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&set)?.more())
    }

    fn record(&mut self, set: Resource<RecordSet>, index: u32) -> wasmtime::Result<Option<String>> {
        let record = self.table.get(&set)?.record(index as usize).map(str::to_owned);
        self.cross_in(record.as_ref().map_or(0, String::len))?;
        Ok(record)
    }

    fn column(
        &mut self,
        set: Resource<RecordSet>,
        index: u32,
        name: String,
    ) -> wasmtime::Result<Option<String>> {
        let column = self.table.get(&set)?.column_json(index as usize, &name).map(str::to_owned);
        self.cross_out(name.len())?;
        self.cross_in(column.as_ref().map_or(0, String::len))?;
        Ok(column)
    }

    fn age_ms(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<Option<u64>> {
        Ok(self.table.get(&set)?.age().map(millis))
    }

    fn stale(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&set)?.stale())
    }

    fn drop(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<()> {
        self.table.delete(set)?;
        Ok(())
    }
}
