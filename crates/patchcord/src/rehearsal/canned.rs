//! Dynamics 365 as a file says that it answers. A call that has no answer fails and is told, for a block that asks what
//! nobody expected is what a test is to find.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, Link, PhoneMatch,
    PhoneQuery, Query, RecordSet, Reference, Retrieve, Upserted,
};

use super::answering::no_number;
use super::{CannedAnswer, Question};

type Answered<T> = Result<Answer<T>, CrmError>;

/// Where the answers come from.
pub trait Answers: Send + Sync {
    /// The answer to a question; none where there is none.
    fn take(&self, question: &Question<'_>) -> Option<CannedAnswer>;
}

/// Answers from a list, or from wherever else they are found.
pub struct CannedCrm<A = CannedList> {
    answers: A,
    unanswered: Mutex<Vec<String>>,
}

/// Answers, each taken by the first question that it fits.
pub struct CannedList(Mutex<Vec<CannedAnswer>>);

impl CannedCrm {
    /// Answers from `answers`.
    pub fn new(answers: Vec<CannedAnswer>) -> Self {
        Self::from(CannedList(Mutex::new(answers)))
    }

    /// How many answers nobody asked for.
    pub fn left(&self) -> usize {
        locked(&self.answers.0).iter().filter(|answer| !answer.repeat).count()
    }
}

impl Answers for CannedList {
    fn take(&self, question: &Question<'_>) -> Option<CannedAnswer> {
        let mut answers = locked(&self.0);
        let at = answers.iter().position(|answer| answer.fits(question))?;
        Some(if answers[at].repeat { answers[at].clone() } else { answers.remove(at) })
    }
}

impl<A: Answers> From<A> for CannedCrm<A> {
    fn from(answers: A) -> Self {
        Self { answers, unanswered: Mutex::default() }
    }
}

impl<A: Answers> CannedCrm<A> {
    /// The calls for which there was no answer, in order.
    pub fn unanswered(&self) -> Vec<String> {
        locked(&self.unanswered).clone()
    }

    /// The first answer that fits a question.
    fn take(&self, question: &Question<'_>) -> Result<CannedAnswer, CrmError> {
        let Some(answer) = self.answers.take(question) else {
            let what = question.to_string();
            let message = format!("there is no canned answer for {what}: add one to `answers`");
            locked(&self.unanswered).push(what);
            return Err(CrmError::local(CrmErrorKind::Unavailable, message));
        };
        match &answer.error {
            None => Ok(answer),
            Some(error) => Err(error.told()),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl<A: Answers> Crm for CannedCrm<A> {
    async fn query(&self, asked: &Query<'_>, _: Instant) -> Answered<RecordSet> {
        Ok(self.take(&Question::query(asked))?.to_query())
    }

    async fn count(&self, entity_set: &str, filter: &str, _: Instant) -> Answered<u64> {
        Ok(self.take(&Question::count(entity_set, filter))?.to_count())
    }

    async fn retrieve(&self, asked: &Retrieve<'_>, _: Instant) -> Answered<RecordSet> {
        self.take(&Question::retrieve(asked))?.to_retrieve()
    }

    async fn create(&self, asked: &Create<'_>, _: Instant) -> Answered<Created> {
        Ok(self.take(&Question::create(asked))?.to_create(asked))
    }

    async fn upsert(&self, asked: &Change<'_>, _: Instant) -> Answered<Upserted> {
        Ok(self.take(&Question::upsert(asked))?.to_upsert(&asked.write))
    }

    async fn update(&self, asked: &Change<'_>, _: Instant) -> Answered<Option<RecordSet>> {
        Ok(self.take(&Question::update(asked))?.to_update(&asked.write))
    }

    async fn delete(&self, record: Reference<'_>, etag: Option<&str>, _: Instant) -> Answered<()> {
        Ok(self.take(&Question::delete(record, etag))?.done())
    }

    async fn link(&self, asked: &Link<'_>, _: Instant) -> Answered<()> {
        Ok(self.take(&Question::link(asked))?.done())
    }

    async fn execute(&self, asked: &Execute<'_>, _: Instant) -> Answered<String> {
        Ok(self.take(&Question::execute(asked))?.to_execute())
    }

    async fn find_by_phone(&self, asked: &PhoneQuery<'_>, _: Instant) -> Answered<PhoneMatch> {
        // Who has no number is not looked for, so that no answer need be written for it.
        if !asked.number.contains(|c: char| c.is_ascii_digit()) {
            return Ok(no_number());
        }
        Ok(self.take(&Question::find_by_phone(asked))?.to_find_by_phone(asked))
    }
}
