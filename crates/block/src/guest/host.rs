//! The host functions inside the sandbox, in the SDK's own types.

use super::bindings::patchcord::block::{call, dynamics};
use crate::dynamics::Error;
use crate::log::Level;

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

pub(crate) fn log(level: Level, message: &str) {
    call::log(level.into(), message);
}

pub(crate) use call::{deadline_left, locale, now, random, run_id};
