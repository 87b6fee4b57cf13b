//! The interface `dynamics`: what a block may do to the records of the CRM. Each function turns the guest's arguments
//! into one request; what all of them have in common is in `crm_call.rs`.

use wasmtime::component::Resource;

use super::State;
use super::crm_call::{Answered, Asked, require_object};
use super::shape;
use crate::bindings::patchcord::block::dynamics::{
    self as wit, Host, ReadOptions, Reference, WriteOptions,
};
use crate::{Change, Create, Created, HostFunction, Link, Query, QueryText, RecordSet, Retrieve};

type Records = Resource<RecordSet>;

impl Host for State {
    async fn query(&mut self, entity_set: String, options: String) -> Answered<Records> {
        self.read(HostFunction::Query, entity_set, options, Default::default()).await
    }

    async fn query_with(
        &mut self,
        entity_set: String,
        options: String,
        read: ReadOptions,
    ) -> Answered<Records> {
        let read = self.capped(read);
        self.read(HostFunction::Query, entity_set, options, read).await
    }

    async fn fetch_xml(
        &mut self,
        entity_set: String,
        fetch: String,
        read: ReadOptions,
    ) -> Answered<Records> {
        let read = self.capped(read);
        self.read(HostFunction::FetchXml, entity_set, fetch, read).await
    }

    async fn count(&mut self, entity_set: String, filter: String) -> Answered<u64> {
        self.cross_out(entity_set.len() + filter.len())?;
        let asked = Asked {
            function: HostFunction::Count,
            tables: vec![entity_set.clone()],
            shape: shape::count(&entity_set, &filter),
            bytes: filter.len(),
        };
        let counted =
            self.crm(asked, |crm, deadline| async move {
                crm.count(&entity_set, &filter, deadline).await
            })
            .await?;
        counted.map_or_else(|error| self.refuse(error), |answer| Ok(Ok(answer.value)))
    }

    async fn retrieve(
        &mut self,
        entity_set: String,
        id: String,
        options: String,
    ) -> Answered<Records> {
        let record = Reference { entity_set, key: id };
        self.retrieve_by(record, options, Default::default()).await
    }

    async fn retrieve_with(
        &mut self,
        record: Reference,
        options: String,
        read: ReadOptions,
    ) -> Answered<Records> {
        self.retrieve_by(record, options, self.capped(read)).await
    }

    async fn create(&mut self, entity_set: String, columns: String) -> Answered<String> {
        match self.make(entity_set, columns, Default::default()).await? {
            Ok(created) => Ok(Ok(created.id)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn create_with(
        &mut self,
        entity_set: String,
        columns: String,
        write: WriteOptions,
    ) -> Answered<wit::Created> {
        match self.make(entity_set, columns, write.into()).await? {
            Ok(Created { id, row }) => Ok(Ok(wit::Created { id, row: self.hold_row(row)? })),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn upsert(
        &mut self,
        record: Reference,
        columns: String,
        write: WriteOptions,
    ) -> Answered<wit::Upserted> {
        self.cross_out(length(&record) + columns.len())?;
        let write = write.into();
        let told = Asked {
            function: HostFunction::Upsert,
            tables: vec![record.entity_set.clone()],
            shape: shape::write((&record).into(), &columns),
            bytes: columns.len(),
        };
        let answered = self
            .crm(told, |crm, deadline| async move {
                require_object("columns", &columns)?;
                let asked = Change { record: (&record).into(), columns: &columns, write };
                crm.upsert(&asked, deadline).await
            })
            .await?;
        let upserted = match answered {
            Ok(answer) => answer.value,
            Err(error) => return self.refuse(error),
        };
        self.cross_in(upserted.id.as_ref().map_or(0, String::len))?;
        let row = self.hold_row(upserted.row)?;
        Ok(Ok(wit::Upserted { id: upserted.id, created: upserted.created, row }))
    }

    async fn update(&mut self, entity_set: String, id: String, columns: String) -> Answered<()> {
        let record = Reference { entity_set, key: id };
        let changed = self.change(record, columns, Default::default()).await?;
        Ok(changed.map(drop))
    }

    async fn update_with(
        &mut self,
        record: Reference,
        columns: String,
        write: WriteOptions,
    ) -> Answered<Option<Records>> {
        match self.change(record, columns, write.into()).await? {
            Ok(row) => Ok(Ok(self.hold_row(row)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn delete(&mut self, entity_set: String, id: String) -> Answered<()> {
        self.remove(Reference { entity_set, key: id }, None).await
    }

    async fn delete_with(&mut self, record: Reference, etag: Option<String>) -> Answered<()> {
        self.remove(record, etag).await
    }

    async fn associate(
        &mut self,
        record: Reference,
        relationship: String,
        to: Reference,
    ) -> Answered<()> {
        self.link(HostFunction::Associate, record, relationship, to).await
    }

    async fn disassociate(
        &mut self,
        record: Reference,
        relationship: String,
        to: Reference,
    ) -> Answered<()> {
        self.link(HostFunction::Disassociate, record, relationship, to).await
    }
}

impl State {
    async fn read(
        &mut self,
        function: HostFunction,
        entity_set: String,
        text: String,
        read: crate::ReadOptions,
    ) -> Answered<Records> {
        self.cross_out(entity_set.len() + text.len())?;
        let told = Asked {
            function,
            tables: vec![entity_set.clone()],
            shape: shape::query(&entity_set, written(function, &text)),
            bytes: text.len(),
        };
        let answered = self
            .crm(told, move |crm, deadline| async move {
                let text = written(function, &text);
                crm.query(&Query { entity_set: &entity_set, text, read }, deadline).await
            })
            .await?;
        self.keep(answered)
    }

    async fn retrieve_by(
        &mut self,
        record: Reference,
        options: String,
        read: crate::ReadOptions,
    ) -> Answered<Records> {
        self.cross_out(length(&record) + options.len())?;
        let told = Asked {
            function: HostFunction::Retrieve,
            tables: vec![record.entity_set.clone()],
            shape: shape::retrieve((&record).into(), &options),
            bytes: options.len(),
        };
        let answered = self
            .crm(told, |crm, deadline| async move {
                let asked = Retrieve { record: (&record).into(), options: &options, read };
                crm.retrieve(&asked, deadline).await
            })
            .await?;
        self.keep(answered)
    }

    async fn make(
        &mut self,
        entity_set: String,
        columns: String,
        write: crate::WriteOptions,
    ) -> Answered<Created> {
        self.cross_out(entity_set.len() + columns.len())?;
        let row = self.step()?.next_row();
        let told = Asked {
            function: HostFunction::Create,
            tables: vec![entity_set.clone()],
            shape: shape::create(&entity_set, &columns),
            bytes: columns.len(),
        };
        let answered = self
            .crm(told, move |crm, deadline| async move {
                require_object("columns", &columns)?;
                let asked = Create { entity_set: &entity_set, row, columns: &columns, write };
                crm.create(&asked, deadline).await
            })
            .await?;
        match answered {
            Ok(answer) => {
                self.cross_in(answer.value.id.len())?;
                Ok(Ok(answer.value))
            }
            Err(error) => self.refuse(error),
        }
    }

    async fn change(
        &mut self,
        record: Reference,
        columns: String,
        write: crate::WriteOptions,
    ) -> Answered<Option<RecordSet>> {
        self.cross_out(length(&record) + columns.len())?;
        let told = Asked {
            function: HostFunction::Update,
            tables: vec![record.entity_set.clone()],
            shape: shape::write((&record).into(), &columns),
            bytes: columns.len(),
        };
        let answered = self
            .crm(told, |crm, deadline| async move {
                require_object("columns", &columns)?;
                let asked = Change { record: (&record).into(), columns: &columns, write };
                crm.update(&asked, deadline).await
            })
            .await?;
        answered.map_or_else(|error| self.refuse(error), |answer| Ok(Ok(answer.value)))
    }

    async fn remove(&mut self, record: Reference, etag: Option<String>) -> Answered<()> {
        self.cross_out(length(&record) + etag.as_ref().map_or(0, String::len))?;
        let told = Asked {
            function: HostFunction::Delete,
            tables: vec![record.entity_set.clone()],
            shape: shape::delete((&record).into()),
            bytes: 0,
        };
        let answered = self
            .crm(told, |crm, deadline| async move {
                crm.delete((&record).into(), etag.as_deref(), deadline).await
            })
            .await?;
        answered.map_or_else(|error| self.refuse(error), |_| Ok(Ok(())))
    }

    async fn link(
        &mut self,
        function: HostFunction,
        record: Reference,
        relationship: String,
        to: Reference,
    ) -> Answered<()> {
        self.cross_out(length(&record) + relationship.len() + length(&to))?;
        let tie = function == HostFunction::Associate;
        let (from, other) = ((&record).into(), (&to).into());
        let asked = Link { record: from, relationship: &relationship, to: other, tie };
        let told = Asked {
            function,
            tables: vec![record.entity_set.clone(), to.entity_set.clone()],
            shape: shape::link(&asked),
            bytes: 0,
        };
        let answered = self
            .crm(told, move |crm, deadline| async move {
                let (record, to) = ((&record).into(), (&to).into());
                let asked = Link { record, relationship: &relationship, to, tie };
                crm.link(&asked, deadline).await
            })
            .await?;
        answered.map_or_else(|error| self.refuse(error), |_| Ok(Ok(())))
    }
}

/// The text of a query, in the language that belongs to the function.
fn written(function: HostFunction, text: &str) -> QueryText<'_> {
    match function {
        HostFunction::FetchXml => QueryText::FetchXml(text),
        _ => QueryText::OData(text),
    }
}

fn length(record: &Reference) -> usize {
    record.entity_set.len() + record.key.len()
}
