//! The interface `dynamics`: what a block may do to the CRM. The capability is checked, the deadline handed on and the
//! call recorded here; accounts, tokens and HTTP are the [`Crm`]'s business.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use serde::de::IgnoredAny;
use wasmtime::component::Resource;

use super::State;
use super::state::Step;
use crate::bindings::patchcord::block::dynamics::{Error, Host, HostRecordSet};
use crate::limits::Stop;
use crate::{Answer, Crm, CrmError, CrmErrorKind, HostCall, Operation, RecordSet};

type Answered<T> = wasmtime::Result<Result<T, Error>>;

impl State {
    /// Makes one call of the CRM on behalf of the guest.
    async fn crm<T, F>(
        &mut self,
        operation: Operation,
        entity_set: String,
        call: impl FnOnce(Arc<dyn Crm>, String, Instant) -> F,
    ) -> wasmtime::Result<Result<T, CrmError>>
    where
        F: Future<Output = Result<Answer<T>, CrmError>>,
    {
        let (meter, allowed) = (Arc::clone(&self.meter), self.limits.host_calls);
        let step = self.step()?;
        step.calls += 1;
        if step.calls > allowed {
            return Err(Stop::limit(format!("{allowed} calls of the CRM")));
        }
        let begun = Instant::now();
        step.trace.pending = Some((operation, entity_set.clone(), begun));
        let answered = match step.refusal(operation) {
            Some(refusal) => Err(refusal),
            None => {
                let crm = Arc::clone(&step.invocation.crm);
                meter.parked(call(crm, entity_set.clone(), step.invocation.deadline)).await
            }
        };
        step.trace.pending = None;
        Ok(step.record(operation, entity_set, begun, answered))
    }

    /// Keeps records for the guest, which gets a handle.
    fn keep(&mut self, answered: Result<RecordSet, CrmError>) -> Answered<Resource<RecordSet>> {
        match answered {
            Ok(records) => Ok(Ok(self.table.push(records)?)),
            Err(error) => self.refuse(error),
        }
    }

    fn refuse<T>(&mut self, error: CrmError) -> Answered<T> {
        self.cross(error.message.len())?;
        Ok(Err(error.into()))
    }
}

impl Step {
    fn refusal(&self, operation: Operation) -> Option<CrmError> {
        if self.manifest.operations.contains(&operation) {
            return None;
        }
        let name = format!("{operation:?}").to_lowercase();
        let message = format!("the manifest of {} does not list {name}", self.manifest.id);
        Some(CrmError::local(CrmErrorKind::PolicyDenied, message))
    }

    fn record<T>(
        &mut self,
        operation: Operation,
        entity_set: String,
        begun: Instant,
        answered: Result<Answer<T>, CrmError>,
    ) -> Result<T, CrmError> {
        let mut call = HostCall::begun(operation, entity_set, begun);
        let result = match answered {
            Ok(answer) => {
                call.status = Some(answer.status);
                self.trace.last_answer = Some((answer.status, answer.body));
                Ok(answer.value)
            }
            Err(error) => {
                call.status = error.status;
                call.error = Some(error.kind);
                call.code.clone_from(&error.code);
                call.message = Some(error.message.clone());
                if let Some(status) = error.status {
                    let body = error.body.clone().unwrap_or_else(|| Arc::from(""));
                    self.trace.last_answer = Some((status, body));
                }
                Err(error)
            }
        };
        self.trace.host_calls.push(call);
        result
    }
}

impl Host for State {
    async fn query(
        &mut self,
        entity_set: String,
        options: String,
    ) -> Answered<Resource<RecordSet>> {
        self.cross(entity_set.len() + options.len())?;
        let answered = self
            .crm(Operation::Query, entity_set, |crm, entity_set, deadline| async move {
                crm.query(&entity_set, &options, deadline).await
            })
            .await?;
        self.keep(answered)
    }

    async fn retrieve(
        &mut self,
        entity_set: String,
        id: String,
        options: String,
    ) -> Answered<Resource<RecordSet>> {
        self.cross(entity_set.len() + id.len() + options.len())?;
        let answered = self
            .crm(Operation::Retrieve, entity_set, |crm, entity_set, deadline| async move {
                crm.retrieve(&entity_set, &id, &options, deadline).await
            })
            .await?;
        self.keep(answered)
    }

    async fn create(&mut self, entity_set: String, columns: String) -> Answered<String> {
        self.cross(entity_set.len() + columns.len())?;
        let row = self.step()?.next_row();
        let answered = self
            .crm(Operation::Create, entity_set, |crm, entity_set, deadline| async move {
                require_object(&columns)?;
                crm.create(&entity_set, row, &columns, deadline).await
            })
            .await?;
        match answered {
            Ok(id) => {
                self.cross(id.len())?;
                Ok(Ok(id))
            }
            Err(error) => self.refuse(error),
        }
    }

    async fn update(&mut self, entity_set: String, id: String, columns: String) -> Answered<()> {
        self.cross(entity_set.len() + id.len() + columns.len())?;
        let answered = self
            .crm(Operation::Update, entity_set, |crm, entity_set, deadline| async move {
                require_object(&columns)?;
                crm.update(&entity_set, &id, &columns, deadline).await
            })
            .await?;
        answered.map_or_else(|error| self.refuse(error), |()| Ok(Ok(())))
    }

    async fn delete(&mut self, entity_set: String, id: String) -> Answered<()> {
        self.cross(entity_set.len() + id.len())?;
        let answered = self
            .crm(Operation::Delete, entity_set, |crm, entity_set, deadline| async move {
                crm.delete(&entity_set, &id, deadline).await
            })
            .await?;
        answered.map_or_else(|error| self.refuse(error), |()| Ok(Ok(())))
    }
}

impl HostRecordSet for State {
    fn count(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<u32> {
        Ok(u32::try_from(self.table.get(&set)?.count()).unwrap_or(u32::MAX))
    }

    fn more(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&set)?.more())
    }

    fn record(&mut self, set: Resource<RecordSet>, index: u32) -> wasmtime::Result<Option<String>> {
        let record = self.table.get(&set)?.record(index as usize).map(str::to_owned);
        self.cross(record.as_ref().map_or(0, String::len))?;
        Ok(record)
    }

    fn column(
        &mut self,
        set: Resource<RecordSet>,
        index: u32,
        name: String,
    ) -> wasmtime::Result<Option<String>> {
        let column = self.table.get(&set)?.column_json(index as usize, &name).map(str::to_owned);
        self.cross(name.len() + column.as_ref().map_or(0, String::len))?;
        Ok(column)
    }

    fn drop(&mut self, set: Resource<RecordSet>) -> wasmtime::Result<()> {
        self.table.delete(set)?;
        Ok(())
    }
}

fn require_object(columns: &str) -> Result<(), CrmError> {
    serde_json::from_str::<HashMap<String, IgnoredAny>>(columns).map(drop).map_err(|error| {
        let message = format!("the columns are no JSON object: {error}");
        CrmError::local(CrmErrorKind::InvalidRequest, message)
    })
}
