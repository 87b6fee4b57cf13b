//! An integration account as the sandbox sees it: the runtime's [`Crm`] on top of the Dynamics client.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use dynamics::{Query, ReadOptions, RecordKey, WriteOptions};
use patchcord_dynamics as dynamics;
use patchcord_runtime::{Answer, Crm, CrmError, CrmErrorKind, RecordSet, RowId};

/// A bound account.
pub(crate) struct AccountCrm {
    client: Arc<dynamics::Client>,
}

impl AccountCrm {
    pub(super) fn new(client: Arc<dynamics::Client>) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Crm for AccountCrm {
    async fn query(
        &self,
        entity_set: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError> {
        let (query, read) = (Query::OData(options), ReadOptions::default());
        let answer = self.client.query(entity_set, query, &read, deadline);
        let answer = answer.await.map_err(error)?;
        Ok(with(answer, |page| RecordSet::new(page.records, page.more)))
    }

    async fn retrieve(
        &self,
        entity_set: &str,
        id: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError> {
        let key = RecordKey::parse(id).map_err(error)?;
        let read = ReadOptions::default();
        let answer = self.client.retrieve(entity_set, &key, options, &read, deadline).await;
        Ok(with(answer.map_err(error)?, |record| RecordSet::new(vec![record], false)))
    }

    async fn create(
        &self,
        entity_set: &str,
        row: RowId,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<String>, CrmError> {
        let write = WriteOptions::default();
        let answer = self.client.create(entity_set, row, columns, &write, deadline).await;
        Ok(with(answer.map_err(error)?, |written| written.id.to_string()))
    }

    async fn update(
        &self,
        entity_set: &str,
        id: &str,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError> {
        let (key, write) = (RecordKey::parse(id).map_err(error)?, WriteOptions::default());
        let answer = self.client.update(entity_set, &key, columns, &write, deadline).await;
        Ok(with(answer.map_err(error)?, |_| ()))
    }

    async fn delete(
        &self,
        entity_set: &str,
        id: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError> {
        let key = RecordKey::parse(id).map_err(error)?;
        let answer = self.client.delete(entity_set, &key, None, deadline).await;
        Ok(with(answer.map_err(error)?, |()| ()))
    }
}

fn with<A, B>(answer: dynamics::Answer<A>, map: impl FnOnce(A) -> B) -> Answer<B> {
    Answer { value: map(answer.value), status: answer.status, body: answer.body }
}

fn error(error: dynamics::Error) -> CrmError {
    use dynamics::ErrorKind;
    let kind = match error.kind {
        ErrorKind::InvalidRequest => CrmErrorKind::InvalidRequest,
        ErrorKind::ConsentRequired => CrmErrorKind::ConsentRequired,
        ErrorKind::Forbidden => CrmErrorKind::Forbidden,
        ErrorKind::NotFound => CrmErrorKind::NotFound,
        ErrorKind::Conflict => CrmErrorKind::Conflict,
        ErrorKind::Throttled(ms) => CrmErrorKind::Throttled(ms),
        ErrorKind::Timeout => CrmErrorKind::Timeout,
        ErrorKind::Unavailable => CrmErrorKind::Unavailable,
        ErrorKind::PolicyDenied => CrmErrorKind::PolicyDenied,
    };
    CrmError {
        kind,
        status: error.status,
        code: error.code,
        message: error.message,
        body: error.body,
    }
}

/// Stands where a step has no usable account: every operation fails for the same reason.
pub(crate) struct NoAccount(pub(crate) CrmError);

#[async_trait]
impl Crm for NoAccount {
    async fn query(&self, _: &str, _: &str, _: Instant) -> Result<Answer<RecordSet>, CrmError> {
        Err(self.0.clone())
    }

    async fn retrieve(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: Instant,
    ) -> Result<Answer<RecordSet>, CrmError> {
        Err(self.0.clone())
    }

    async fn create(
        &self,
        _: &str,
        _: RowId,
        _: &str,
        _: Instant,
    ) -> Result<Answer<String>, CrmError> {
        Err(self.0.clone())
    }

    async fn update(&self, _: &str, _: &str, _: &str, _: Instant) -> Result<Answer<()>, CrmError> {
        Err(self.0.clone())
    }

    async fn delete(&self, _: &str, _: &str, _: Instant) -> Result<Answer<()>, CrmError> {
        Err(self.0.clone())
    }
}
