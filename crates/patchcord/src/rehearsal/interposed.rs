//! A CRM with something in between that sees every question and every answer, and may answer in the CRM's place.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, Execute, Link, PhoneMatch, PhoneQuery, Query,
    RecordSet, Reference, Retrieve, Upserted,
};

use super::kept::KeptAnswer;
use super::{CannedAnswer, Question};

type Answered<T> = Result<Answer<T>, CrmError>;

/// What is in between.
pub(super) trait Between: Send + Sync {
    /// The answer in place of the CRM's; none where that is to be asked.
    fn instead(&self, question: &Question<'_>) -> Option<Result<CannedAnswer, CrmError>> {
        let _ = question;
        None
    }

    /// The CRM is asked; what is returned comes back with the answer.
    fn asks(&self, question: &Question<'_>) -> Option<usize> {
        let _ = question;
        None
    }

    /// The CRM has answered.
    fn answered(&self, asked: usize, answer: KeptAnswer) {
        let _ = (asked, answer);
    }
}

/// A CRM with something in between.
pub(super) struct Interposed<B> {
    pub(super) crm: Arc<dyn Crm>,
    pub(super) between: B,
}

/// One host call: the answer from in between, or else the CRM's, which is told.
macro_rules! through {
    ($self:ident, $question:expr, $instead:expr, $asked:expr) => {{
        let question = $question;
        if let Some(answer) = $self.between.instead(&question) {
            let answer = answer?;
            return match &answer.error {
                Some(error) => Err(error.told()),
                None => $instead(answer),
            };
        }
        let asked = $self.between.asks(&question);
        let answered = $asked.await;
        if let Some(asked) = asked {
            $self.between.answered(asked, KeptAnswer::of(&answered));
        }
        answered
    }};
}

#[async_trait]
impl<B: Between> Crm for Interposed<B> {
    async fn query(&self, asked: &Query<'_>, deadline: Instant) -> Answered<RecordSet> {
        through!(
            self,
            Question::query(asked),
            |answer: CannedAnswer| Ok(answer.to_query()),
            self.crm.query(asked, deadline)
        )
    }

    async fn count(&self, entity_set: &str, filter: &str, deadline: Instant) -> Answered<u64> {
        through!(
            self,
            Question::count(entity_set, filter),
            |answer: CannedAnswer| Ok(answer.to_count()),
            self.crm.count(entity_set, filter, deadline)
        )
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, deadline: Instant) -> Answered<RecordSet> {
        through!(
            self,
            Question::retrieve(asked),
            |answer: CannedAnswer| answer.to_retrieve(),
            self.crm.retrieve(asked, deadline)
        )
    }

    async fn create(&self, asked: &Create<'_>, deadline: Instant) -> Answered<Created> {
        through!(
            self,
            Question::create(asked),
            |answer: CannedAnswer| Ok(answer.to_create(asked)),
            self.crm.create(asked, deadline)
        )
    }

    async fn upsert(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Upserted> {
        through!(
            self,
            Question::upsert(asked),
            |answer: CannedAnswer| Ok(answer.to_upsert(&asked.write)),
            self.crm.upsert(asked, deadline)
        )
    }

    async fn update(&self, asked: &Change<'_>, deadline: Instant) -> Answered<Option<RecordSet>> {
        through!(
            self,
            Question::update(asked),
            |answer: CannedAnswer| Ok(answer.to_update(&asked.write)),
            self.crm.update(asked, deadline)
        )
    }

    async fn delete(
        &self,
        record: Reference<'_>,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Answered<()> {
        through!(
            self,
            Question::delete(record, etag),
            |answer: CannedAnswer| Ok(answer.done()),
            self.crm.delete(record, etag, deadline)
        )
    }

    async fn link(&self, asked: &Link<'_>, deadline: Instant) -> Answered<()> {
        through!(
            self,
            Question::link(asked),
            |answer: CannedAnswer| Ok(answer.done()),
            self.crm.link(asked, deadline)
        )
    }

    async fn execute(&self, asked: &Execute<'_>, deadline: Instant) -> Answered<String> {
        through!(
            self,
            Question::execute(asked),
            |answer: CannedAnswer| Ok(answer.to_execute()),
            self.crm.execute(asked, deadline)
        )
    }

    async fn find_by_phone(
        &self,
        asked: &PhoneQuery<'_>,
        deadline: Instant,
    ) -> Answered<PhoneMatch> {
        through!(
            self,
            Question::find_by_phone(asked),
            |answer: CannedAnswer| Ok(answer.to_find_by_phone(asked)),
            self.crm.find_by_phone(asked, deadline)
        )
    }
}
