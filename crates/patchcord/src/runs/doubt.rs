//! The first step of a run that goes on after a crash: it may have begun before, so what it asks for may have been done.
//!
//! A create names its record's key, and an update, an upsert and the tying of records come to the same when they are
//! repeated. What is gone counts as deleted. An action is not carried out again: nobody knows whether it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, Link, PhoneMatch,
    PhoneQuery, Query, RecordSet, Reference, Retrieve, Upserted,
};
use patchcord_scenario::{Layer, StepCall};

type Answered<T> = Result<Answer<T>, CrmError>;

/// Stands over the first step that reaches the CRM.
#[derive(Default)]
pub(super) struct InDoubt {
    is_over: AtomicBool,
}

impl Layer for InDoubt {
    fn over(&self, crm: Arc<dyn Crm>, _call: &StepCall) -> Arc<dyn Crm> {
        match self.is_over.swap(true, Ordering::Relaxed) {
            true => crm,
            false => Arc::new(Repeated { crm }),
        }
    }
}

/// A CRM that may have been asked the same before.
struct Repeated {
    crm: Arc<dyn Crm>,
}

/// Takes a failure for a success where it shows that the work has been done.
fn done_before(answered: Answered<()>, kind: CrmErrorKind) -> Answered<()> {
    match answered {
        Err(error) if error.kind == kind => {
            let answer = Answer::fresh((), error.status.unwrap_or(204), "");
            Ok(Answer { requests: error.requests, spent: error.spent, ..answer })
        }
        other => other,
    }
}

#[async_trait]
impl Crm for Repeated {
    async fn query(&self, asked: &Query<'_>, deadline: Instant) -> Answered<RecordSet> {
        self.crm.query(asked, deadline).await
    }

    async fn count(&self, entity_set: &str, filter: &str, deadline: Instant) -> Answered<u64> {
        self.crm.count(entity_set, filter, deadline).await
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, deadline: Instant) -> Answered<RecordSet> {
        self.crm.retrieve(asked, deadline).await
    }

    async fn create(&self, asked: &Create<'_>, deadline: Instant) -> Answered<Created> {
        self.crm.create(asked, deadline).await
    }

    async fn upsert(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Upserted> {
        self.crm.upsert(asked, deadline).await
    }

    async fn update(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Option<RecordSet>> {
        self.crm.update(asked, deadline).await
    }

    async fn delete(
        &self,
        record: Reference<'_>,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Answered<()> {
        done_before(self.crm.delete(record, etag, deadline).await, CrmErrorKind::NotFound)
    }

    async fn link(&self, asked: &Link<'_>, deadline: Instant) -> Answered<()> {
        let shows_it = if asked.tie { CrmErrorKind::Conflict } else { CrmErrorKind::NotFound };
        done_before(self.crm.link(asked, deadline).await, shows_it)
    }

    async fn execute(&self, asked: &Execute<'_>, _deadline: Instant) -> Answered<String> {
        let message = format!(
            "the host was started again during this step; it is not known whether Dynamics 365 has carried out {}, so \
             it was not sent again",
            asked.action
        );
        Err(CrmError::local(CrmErrorKind::Unavailable, message))
    }

    async fn find_by_phone(
        &self,
        asked: &PhoneQuery<'_>,
        deadline: Instant,
    ) -> Answered<PhoneMatch> {
        self.crm.find_by_phone(asked, deadline).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use patchcord_runtime::testing::StubCrm;

    use super::*;

    const GONE: Reference<'_> = Reference { entity_set: "contacts", key: "1" };

    fn over(failure: CrmErrorKind) -> (InDoubt, Arc<StubCrm>) {
        let stub = StubCrm::new().failing(CrmError::local(failure, "no")).recording();
        (InDoubt::default(), Arc::new(stub))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    fn at(step: &str, visit: u32) -> StepCall {
        StepCall {
            run: String::new(),
            step: step.to_owned(),
            visit,
            step_key: uuid::Uuid::nil(),
            locale: String::new(),
            deadline: soon(),
            account: None,
            properties: serde_json::Value::Null,
            layer: None,
            counted: true,
        }
    }

    #[tokio::test]
    async fn what_is_gone_counts_as_deleted_in_the_first_step_only() {
        let (layer, stub) = over(CrmErrorKind::NotFound);
        let first = layer.over(stub.clone(), &at("delete", 1));
        assert!(first.delete(GONE, None, soon()).await.is_ok());
        let later = layer.over(stub, &at("delete", 2));
        assert_eq!(
            later.delete(GONE, None, soon()).await.unwrap_err().kind,
            CrmErrorKind::NotFound
        );
    }

    #[tokio::test]
    async fn records_that_are_tied_already_count_as_tied() {
        let (layer, stub) = over(CrmErrorKind::Conflict);
        let crm = layer.over(stub, &at("tie", 1));
        let link = |tie| Link { record: GONE, relationship: "accounts", to: GONE, tie };
        assert!(crm.link(&link(true), soon()).await.is_ok());
        assert!(crm.link(&link(false), soon()).await.is_err());
    }

    #[tokio::test]
    async fn an_action_is_not_sent_again_and_a_read_is() {
        let (layer, stub) = (InDoubt::default(), Arc::new(StubCrm::new().recording()));
        let crm = layer.over(stub.clone(), &at("win", 1));
        let action = Execute { bound_to: None, action: "WinOpportunity", parameters: "{}" };
        let refused = crm.execute(&action, soon()).await.unwrap_err();
        assert_eq!(refused.kind, CrmErrorKind::Unavailable);
        assert!(refused.message.contains("WinOpportunity"), "{refused}");
        assert!(stub.calls().is_empty());
        assert!(crm.count("contacts", "", soon()).await.is_ok());
        assert_eq!(stub.calls().len(), 1);
    }
}
