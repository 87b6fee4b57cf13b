//! The host functions outside the sandbox: they go to the fake host of the test that runs on this thread. Outside of a
//! test run that is one without answers.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::call::Call;
use super::fake::{Answer, FakeHost};
use super::tables;
use crate::dynamics::{Error, ErrorKind, Read, Reference, Upserted, Write};
use crate::log::Level;
use crate::phone::{Found, Search, Verdict};
use crate::{Manifest, Operation, RecordId, RecordSet};

thread_local! {
    static CURRENT: RefCell<(FakeHost, Option<Allowed>)> = RefCell::default();
}

/// What one manifest declares, and the tables that the designer chose.
struct Allowed {
    operations: Vec<Operation>,
    tables: Option<HashSet<String>>,
}

impl Allowed {
    /// What is wrong with a call.
    fn refuses(&self, call: &Call) -> Option<String> {
        if !call.needs().iter().all(|one| self.operations.contains(one)) {
            return Some(format!("the manifest does not list the operation of {call:?}"));
        }
        let known = self.tables.as_ref()?;
        let table = call.tables().into_iter().find(|table| !known.contains(*table))?;
        Some(format!(
            "the table `{table}` is none that the manifest lists or the designer chose: {call:?}"
        ))
    }
}

/// As long as it lives the host functions go to one fake host, within what one manifest declares.
pub(super) struct Running {
    before: (FakeHost, Option<Allowed>),
}

impl Running {
    pub(super) fn enter(fake: FakeHost, manifest: &Manifest, properties: &Value) -> Self {
        let operations = manifest.operations.clone();
        let tables = tables::allowed(manifest, properties);
        Self { before: CURRENT.replace((fake, Some(Allowed { operations, tables }))) }
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
    age: Option<Duration>,
    stale: bool,
}

impl Records {
    fn of(rows: Vec<Value>) -> Self {
        Self { rows: rows.into(), more: false, age: None, stale: false }
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn more(&self) -> bool {
        self.more
    }

    pub(crate) fn age_ms(&self) -> Option<u64> {
        self.age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX))
    }

    pub(crate) fn stale(&self) -> bool {
        self.stale
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
    records(Call::Query { entity_set, options })
}

pub(crate) fn query_with(entity_set: &str, options: &str, read: &Read) -> Result<Records, Error> {
    let (entity_set, options, read) = (entity_set.into(), options.into(), read.clone());
    records(Call::QueryWith { entity_set, options, read })
}

pub(crate) fn fetch_xml(entity_set: &str, fetch: &str, read: &Read) -> Result<Records, Error> {
    let (entity_set, fetch, read) = (entity_set.into(), fetch.into(), read.clone());
    records(Call::FetchXml { entity_set, fetch, read })
}

pub(crate) fn count(entity_set: &str, filter: &str) -> Result<u64, Error> {
    let call = Call::Count { entity_set: entity_set.into(), filter: filter.into() };
    match answer(&call)? {
        Answer::Counted(count) => Ok(count),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn retrieve(entity_set: &str, id: &str, options: &str) -> Result<Records, Error> {
    let (entity_set, id, options) = (entity_set.into(), id.into(), options.into());
    records(Call::Retrieve { entity_set, id, options })
}

pub(crate) fn retrieve_with(
    record: &Reference,
    options: &str,
    read: &Read,
) -> Result<Records, Error> {
    let (record, options, read) = (record.clone(), options.into(), read.clone());
    records(Call::RetrieveWith { record, options, read })
}

pub(crate) fn create(entity_set: &str, columns: &str) -> Result<String, Error> {
    let (entity_set, columns) = (entity_set.into(), object(columns)?);
    let call = Call::Create { entity_set, columns };
    match answer(&call)? {
        Answer::Created(id) => Ok(id),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn create_with(
    entity_set: &str,
    columns: &str,
    write: &Write,
) -> Result<(String, Option<Records>), Error> {
    let (entity_set, columns, write) = (entity_set.into(), object(columns)?, write.clone());
    let call = Call::CreateWith { entity_set, columns, write };
    match answer(&call)? {
        Answer::Created(id) => Ok((id, None)),
        Answer::Upserted { id, created: true, row } => Ok((id, row.map(one))),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn upsert(record: &Reference, columns: &str, write: &Write) -> Result<Upserted, Error> {
    let (record, columns, write) = (record.clone(), object(columns)?, write.clone());
    let call = Call::Upsert { record, columns, write };
    match answer(&call)? {
        Answer::Upserted { id, created, row } => Ok(Upserted {
            id: Some(RecordId::given(id)),
            created: Some(created),
            row: row.map(one).map(RecordSet::new),
        }),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn update(entity_set: &str, id: &str, columns: &str) -> Result<(), Error> {
    let (entity_set, id, columns) = (entity_set.into(), id.into(), object(columns)?);
    done(Call::Update { entity_set, id, columns })
}

pub(crate) fn update_with(
    record: &Reference,
    columns: &str,
    write: &Write,
) -> Result<Option<Records>, Error> {
    let (record, columns, write) = (record.clone(), object(columns)?, write.clone());
    let call = Call::UpdateWith { record, columns, write };
    match answer(&call)? {
        Answer::Done => Ok(None),
        Answer::Value(row) => Ok(Some(one(row))),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn delete(entity_set: &str, id: &str) -> Result<(), Error> {
    let (entity_set, id) = (entity_set.into(), id.into());
    done(Call::Delete { entity_set, id })
}

pub(crate) fn delete_with(record: &Reference, etag: Option<&str>) -> Result<(), Error> {
    done(Call::DeleteWith { record: record.clone(), etag: etag.map(str::to_owned) })
}

pub(crate) fn associate(
    record: &Reference,
    relationship: &str,
    to: &Reference,
) -> Result<(), Error> {
    let (record, relationship, to) = (record.clone(), relationship.into(), to.clone());
    done(Call::Associate { record, relationship, to })
}

pub(crate) fn disassociate(
    record: &Reference,
    relationship: &str,
    to: &Reference,
) -> Result<(), Error> {
    let (record, relationship, to) = (record.clone(), relationship.into(), to.clone());
    done(Call::Disassociate { record, relationship, to })
}

pub(crate) fn execute(
    bound_to: Option<&Reference>,
    action: &str,
    parameters: &str,
) -> Result<String, Error> {
    let (bound_to, action) = (bound_to.cloned(), action.into());
    let call = Call::Execute { bound_to, action, parameters: object(parameters)? };
    match answer(&call)? {
        Answer::Value(value) => Ok(value.to_string()),
        Answer::Done => Ok("null".into()),
        other => Err(unfit(&call, &other)),
    }
}

pub(crate) fn find(
    number: &str,
    searches: &[Search],
    top: u32,
    read: &Read,
) -> Result<Found, Error> {
    let (number, searches, read) = (number.into(), searches.to_vec(), read.clone());
    let call = Call::Find { number, searches, top, read };
    match answer(&call)? {
        Answer::NoNumber => Ok(found(Verdict::NoNumber, None, Vec::new())),
        Answer::Found { search, rows } => Ok(match rows.len() {
            0 => found(Verdict::Nobody, None, rows),
            1 => found(Verdict::One, Some(search), rows),
            _ => found(Verdict::Several, Some(search), rows),
        }),
        other => Err(unfit(&call, &other)),
    }
}

fn found(verdict: Verdict, search: Option<usize>, rows: Vec<Value>) -> Found {
    Found { verdict, search, records: RecordSet::new(Records::of(rows)) }
}

fn one(row: Value) -> Records {
    Records::of(vec![row])
}

fn records(call: Call) -> Result<Records, Error> {
    match answer(&call)? {
        Answer::Records { rows, more, age, stale } => {
            Ok(Records { rows: rows.into(), more, age, stale })
        }
        other => Err(unfit(&call, &other)),
    }
}

fn done(call: Call) -> Result<(), Error> {
    match answer(&call)? {
        Answer::Done => Ok(()),
        other => Err(unfit(&call, &other)),
    }
}

fn answer(call: &Call) -> Result<Answer, Error> {
    let refused = CURRENT.with_borrow(|(_, allowed)| allowed.as_ref()?.refuses(call));
    if let Some(message) = refused {
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
