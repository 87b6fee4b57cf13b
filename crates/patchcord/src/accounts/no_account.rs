//! What stands where a step has no usable account: every operation fails for the same reason.

use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, Execute, Link, PhoneMatch, PhoneQuery, Query,
    RecordSet, Reference, Retrieve, Upserted,
};

/// No account, and why.
pub(crate) struct NoAccount(pub(crate) CrmError);

type Answered<T> = Result<Answer<T>, CrmError>;

#[async_trait]
impl Crm for NoAccount {
    async fn query(&self, _: &Query<'_>, _: Instant) -> Answered<RecordSet> {
        Err(self.0.clone())
    }

    async fn count(&self, _: &str, _: &str, _: Instant) -> Answered<u64> {
        Err(self.0.clone())
    }

    async fn retrieve(&self, _: &Retrieve<'_>, _: Instant) -> Answered<RecordSet> {
        Err(self.0.clone())
    }

    async fn create(&self, _: &Create<'_>, _: Instant) -> Answered<Created> {
        Err(self.0.clone())
    }

    async fn upsert(&self, _: &Change<'_>, _: Instant) -> Answered<Upserted> {
        Err(self.0.clone())
    }

    async fn update(&self, _: &Change<'_>, _: Instant) -> Answered<Option<RecordSet>> {
        Err(self.0.clone())
    }

    async fn delete(&self, _: Reference<'_>, _: Option<&str>, _: Instant) -> Answered<()> {
        Err(self.0.clone())
    }

    async fn link(&self, _: &Link<'_>, _: Instant) -> Answered<()> {
        Err(self.0.clone())
    }

    async fn execute(&self, _: &Execute<'_>, _: Instant) -> Answered<String> {
        Err(self.0.clone())
    }

    async fn find_by_phone(&self, _: &PhoneQuery<'_>, _: Instant) -> Answered<PhoneMatch> {
        Err(self.0.clone())
    }
}
