//! Host functions that answer every query with the same records and count nothing. What no search calls traps, so that
//! a block which does more than it should cannot be measured by mistake.

use std::sync::Arc;

use wasmtime::StoreLimits;
use wasmtime::component::{Resource, ResourceTable};

use super::bindings::patchcord::block::dynamics::{
    Created, ReadOptions, Reference, Upserted, WriteOptions,
};
use super::bindings::patchcord::block::{call, dynamics, phone, types};

/// Records as JSON texts; clones share them.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Records(pub(super) Arc<[String]>);

/// What lies in the store beside the guest.
pub(super) struct State {
    pub(super) table: ResourceTable,
    pub(super) limits: StoreLimits,
    pub(super) records: Records,
}

type Answered<T> = wasmtime::Result<Result<T, dynamics::Error>>;

fn not_here<T>(function: &str) -> wasmtime::Result<T> {
    Err(wasmtime::Error::msg(format!("a search is not expected to call {function}")))
}

impl types::Host for State {}

impl dynamics::Host for State {
    async fn query(&mut self, _: String, _: String) -> Answered<Resource<Records>> {
        not_here("query")
    }

    async fn retrieve(&mut self, _: String, _: String, _: String) -> Answered<Resource<Records>> {
        not_here("retrieve")
    }

    async fn create(&mut self, _: String, _: String) -> Answered<String> {
        not_here("create")
    }

    async fn update(&mut self, _: String, _: String, _: String) -> Answered<()> {
        not_here("update")
    }

    async fn delete(&mut self, _: String, _: String) -> Answered<()> {
        not_here("delete")
    }

    async fn query_with(
        &mut self,
        _: String,
        _: String,
        _: ReadOptions,
    ) -> Answered<Resource<Records>> {
        Ok(Ok(self.table.push(self.records.clone())?))
    }

    async fn fetch_xml(
        &mut self,
        _: String,
        _: String,
        _: ReadOptions,
    ) -> Answered<Resource<Records>> {
        not_here("fetch-xml")
    }

    async fn count(&mut self, _: String, _: String) -> Answered<u64> {
        not_here("count")
    }

    async fn retrieve_with(
        &mut self,
        _: Reference,
        _: String,
        _: ReadOptions,
    ) -> Answered<Resource<Records>> {
        not_here("retrieve-with")
    }

    async fn create_with(&mut self, _: String, _: String, _: WriteOptions) -> Answered<Created> {
        not_here("create-with")
    }

    async fn upsert(&mut self, _: Reference, _: String, _: WriteOptions) -> Answered<Upserted> {
        not_here("upsert")
    }

    async fn update_with(
        &mut self,
        _: Reference,
        _: String,
        _: WriteOptions,
    ) -> Answered<Option<Resource<Records>>> {
        not_here("update-with")
    }

    async fn delete_with(&mut self, _: Reference, _: Option<String>) -> Answered<()> {
        not_here("delete-with")
    }

    async fn associate(&mut self, _: Reference, _: String, _: Reference) -> Answered<()> {
        not_here("associate")
    }

    async fn disassociate(&mut self, _: Reference, _: String, _: Reference) -> Answered<()> {
        not_here("disassociate")
    }
}

impl phone::Host for State {
    async fn find(
        &mut self,
        _: String,
        _: Vec<phone::Search>,
        _: u32,
        _: ReadOptions,
    ) -> Answered<phone::Found> {
        not_here("find")
    }
}

impl dynamics::HostRecordSet for State {
    fn count(&mut self, set: Resource<Records>) -> wasmtime::Result<u32> {
        Ok(u32::try_from(self.table.get(&set)?.0.len())?)
    }

    fn more(&mut self, _: Resource<Records>) -> wasmtime::Result<bool> {
        Ok(false)
    }

    fn record(&mut self, set: Resource<Records>, index: u32) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&set)?.0.get(index as usize).cloned())
    }

    fn column(
        &mut self,
        _: Resource<Records>,
        _: u32,
        _: String,
    ) -> wasmtime::Result<Option<String>> {
        not_here("column")
    }

    fn age_ms(&mut self, _: Resource<Records>) -> wasmtime::Result<Option<u64>> {
        not_here("age-ms")
    }

    fn stale(&mut self, _: Resource<Records>) -> wasmtime::Result<bool> {
        not_here("stale")
    }

    fn drop(&mut self, set: Resource<Records>) -> wasmtime::Result<()> {
        self.table.delete(set)?;
        Ok(())
    }
}

impl call::Host for State {
    fn run_id(&mut self) -> wasmtime::Result<String> {
        not_here("run-id")
    }

    fn deadline_left(&mut self) -> wasmtime::Result<u64> {
        not_here("deadline-left")
    }

    fn locale(&mut self) -> wasmtime::Result<String> {
        not_here("locale")
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        not_here("now")
    }

    fn random(&mut self, _: u32) -> wasmtime::Result<Vec<u8>> {
        not_here("random")
    }

    fn log(&mut self, _: call::Level, _: String) -> wasmtime::Result<()> {
        not_here("log")
    }
}
