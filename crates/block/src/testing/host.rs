//! The host functions outside the sandbox: they go to the fake host of the test that runs on this thread. Outside of a
//! test run that is one without answers.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::fake::{Answer, Call, FakeHost};
use crate::dynamics::{Error, ErrorKind};
use crate::log::Level;
use crate::{Manifest, Operation};

thread_local! {
    static CURRENT: RefCell<(FakeHost, Option<Vec<Operation>>)> = RefCell::default();
}

/// As long as it lives the host functions go to one fake host, within what one manifest declares.
pub(super) struct Running {
    before: (FakeHost, Option<Vec<Operation>>),
}

impl Running {
    pub(super) fn enter(fake: FakeHost, manifest: &Manifest) -> Self {
        let now = (fake, Some(manifest.operations.clone()));
        Self { before: CURRENT.replace(now) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        CURRENT.set(std::mem::take(&mut self.before));
    }
}

fn fake() -> FakeHost {
    CURRENT.with_borrow(|(fake, _)| fake.clone())
}

/// Records in a fake host.
pub(crate) struct Records {
    pub(super) rows: Rc<[Value]>,
    pub(super) more: bool,
}

impl Records {
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn more(&self) -> bool {
        self.more
    }

    pub(crate) fn record(&self, index: u32) -> Option<String> {
        self.rows.get(index as usize).map(Value::to_string)
    }

    pub(crate) fn column(&self, index: u32, name: &str) -> Option<String> {
        self.rows.get(index as usize)?.get(name).map(Value::to_string)
    }
}

pub(crate) fn query(entity_set: &str, options: &str) -> Result<Records, Error> {
    let (entity_set, options) = (entity_set.into(), options.into());
    records(Operation::Query, Call::Query { entity_set, options })
}

pub(crate) fn retrieve(entity_set: &str, id: &str, options: &str) -> Result<Records, Error> {
    let (entity_set, id, options) = (entity_set.into(), id.into(), options.into());
    records(Operation::Retrieve, Call::Retrieve { entity_set, id, options })
}

pub(crate) fn create(entity_set: &str, columns: &str) -> Result<String, Error> {
    let (entity_set, columns) = (entity_set.into(), object(columns)?);
    let call = Call::Create { entity_set, columns };
    match answer(Operation::Create, &call)? {
        Answer::Created(id) => Ok(id),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn update(entity_set: &str, id: &str, columns: &str) -> Result<(), Error> {
    let (entity_set, id, columns) = (entity_set.into(), id.into(), object(columns)?);
    done(Operation::Update, Call::Update { entity_set, id, columns })
}

pub(crate) fn delete(entity_set: &str, id: &str) -> Result<(), Error> {
    let (entity_set, id) = (entity_set.into(), id.into());
    done(Operation::Delete, Call::Delete { entity_set, id })
}

fn records(operation: Operation, call: Call) -> Result<Records, Error> {
    match answer(operation, &call)? {
        Answer::Records { rows, more } => Ok(Records { rows: rows.into(), more }),
        other => Err(unfit(&call, &other)),
    }
}

fn done(operation: Operation, call: Call) -> Result<(), Error> {
    match answer(operation, &call)? {
        Answer::Done => Ok(()),
        other => Err(unfit(&call, &other)),
    }
}

fn answer(operation: Operation, call: &Call) -> Result<Answer, Error> {
    let refused = CURRENT.with_borrow(|(_, allowed)| {
        allowed.as_ref().is_some_and(|allowed| !allowed.contains(&operation))
    });
    if refused {
        let message = format!("the manifest does not list the operation of {call:?}");
        return Err(Error::new(ErrorKind::PolicyDenied, message));
    }
    let answer = fake().answer(call);
    answer.unwrap_or_else(|| {
        let message = format!("the fake host has no answer left for {call:?}");
        Err(Error::new(ErrorKind::Unavailable, message))
    })
}

fn unfit(call: &Call, answer: &Answer) -> Error {
    let message = format!("the fake host's next answer, {answer:?}, does not fit {call:?}");
    Error::new(ErrorKind::Unavailable, message)
}

fn object(columns: &str) -> Result<Value, Error> {
    match serde_json::from_str(columns) {
        Ok(Value::Object(columns)) => Ok(Value::Object(columns)),
        _ => Err(Error::new(ErrorKind::InvalidRequest, "the columns are no JSON object")),
    }
}

pub(crate) fn run_id() -> String {
    fake().state().run_id.clone()
}

pub(crate) fn deadline_left() -> u64 {
    fake().state().deadline_left
}

pub(crate) fn locale() -> String {
    fake().state().locale.clone()
}

pub(crate) fn now() -> u64 {
    fake().state().now
}

pub(crate) fn random(count: u32) -> Vec<u8> {
    fake().random(count)
}

pub(crate) fn log(level: Level, message: &str) {
    fake().state().log.push((level, message.into()));
}
