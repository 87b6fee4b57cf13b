//! The host functions inside the sandbox, in the SDK's own types.

use super::bindings::patchcord::block::{actions, call, dynamics, phone};
use crate::dynamics::{Error, Read, Reference, Upserted, Write};
use crate::log::Level;
use crate::phone::{Found, Search, Verdict};
use crate::{RecordId, RecordSet};

pub(crate) use dynamics::RecordSet as Records;

pub(crate) fn query(entity_set: &str, options: &str) -> Result<Records, Error> {
    Ok(dynamics::query(entity_set, options)?)
}

pub(crate) fn retrieve(entity_set: &str, id: &str, options: &str) -> Result<Records, Error> {
    Ok(dynamics::retrieve(entity_set, id, options)?)
}

pub(crate) fn create(entity_set: &str, columns: &str) -> Result<String, Error> {
    Ok(dynamics::create(entity_set, columns)?)
}

pub(crate) fn update(entity_set: &str, id: &str, columns: &str) -> Result<(), Error> {
    Ok(dynamics::update(entity_set, id, columns)?)
}

pub(crate) fn delete(entity_set: &str, id: &str) -> Result<(), Error> {
    Ok(dynamics::delete(entity_set, id)?)
}

pub(crate) fn query_with(entity_set: &str, options: &str, read: &Read) -> Result<Records, Error> {
    Ok(dynamics::query_with(entity_set, options, read.into())?)
}

pub(crate) fn fetch_xml(entity_set: &str, fetch: &str, read: &Read) -> Result<Records, Error> {
    Ok(dynamics::fetch_xml(entity_set, fetch, read.into())?)
}

pub(crate) fn count(entity_set: &str, filter: &str) -> Result<u64, Error> {
    Ok(dynamics::count(entity_set, filter)?)
}

pub(crate) fn retrieve_with(
    record: &Reference,
    options: &str,
    read: &Read,
) -> Result<Records, Error> {
    Ok(dynamics::retrieve_with(&record.into(), options, read.into())?)
}

pub(crate) fn create_with(
    entity_set: &str,
    columns: &str,
    write: &Write,
) -> Result<(String, Option<Records>), Error> {
    let created = dynamics::create_with(entity_set, columns, &write.into())?;
    Ok((created.id, created.row))
}

pub(crate) fn upsert(record: &Reference, columns: &str, write: &Write) -> Result<Upserted, Error> {
    let done = dynamics::upsert(&record.into(), columns, &write.into())?;
    Ok(Upserted {
        id: done.id.map(RecordId::given),
        created: done.created,
        row: done.row.map(RecordSet::new),
    })
}

pub(crate) fn update_with(
    record: &Reference,
    columns: &str,
    write: &Write,
) -> Result<Option<Records>, Error> {
    Ok(dynamics::update_with(&record.into(), columns, &write.into())?)
}

pub(crate) fn delete_with(record: &Reference, etag: Option<&str>) -> Result<(), Error> {
    Ok(dynamics::delete_with(&record.into(), etag)?)
}

pub(crate) fn associate(
    record: &Reference,
    relationship: &str,
    to: &Reference,
) -> Result<(), Error> {
    Ok(dynamics::associate(&record.into(), relationship, &to.into())?)
}

pub(crate) fn disassociate(
    record: &Reference,
    relationship: &str,
    to: &Reference,
) -> Result<(), Error> {
    Ok(dynamics::disassociate(&record.into(), relationship, &to.into())?)
}

pub(crate) fn execute(
    bound_to: Option<&Reference>,
    action: &str,
    parameters: &str,
) -> Result<String, Error> {
    let record = bound_to.map(Into::into);
    Ok(actions::execute(record.as_ref(), action, parameters)?)
}

pub(crate) fn find(
    number: &str,
    searches: &[Search],
    top: u32,
    read: &Read,
) -> Result<Found, Error> {
    let searches: Vec<_> = searches.iter().map(Into::into).collect();
    let found = phone::find(number, &searches, top, read.into())?;
    let verdict = match found.verdict {
        phone::Verdict::NoNumber => Verdict::NoNumber,
        phone::Verdict::Nobody => Verdict::Nobody,
        phone::Verdict::One => Verdict::One,
        phone::Verdict::Several => Verdict::Several,
    };
    let (search, records) = (found.search.map(|at| at as usize), RecordSet::new(found.records));
    Ok(Found { verdict, search, records })
}

pub(crate) fn log(level: Level, message: &str) {
    call::log(level.into(), message);
}

pub(crate) use call::{deadline_left, locale, now, random, run_id};
