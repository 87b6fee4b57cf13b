//! Dynamics 365, as the user who consented to the integration account that the run uses at this step. The host holds
//! account, tokens, connections, retries and throttling: an error that arrives here has been retried already as far as the
//! deadline allowed.

mod error;
mod options;
mod query;
mod reference;

pub use error::{Error, ErrorKind};
pub use options::{Read, Write};
pub use query::{Expansion, Order, Query};
pub use reference::Reference;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{RecordId, RecordSet, host};

/// Reads the records that match `options`: OData query options such as an [`ODataQuery`](crate::ODataQuery), or text.
/// What a block asks of its own is better said with a [`Query`].
///
/// # Errors
/// [`Error`] with its cause.
pub fn query(entity_set: impl AsRef<str>, options: impl AsRef<str>) -> Result<RecordSet, Error> {
    host::query(entity_set.as_ref(), options.as_ref()).map(RecordSet::new)
}

/// Reads one record by its primary key; the set holds exactly one. Of `options` only `$select` and `$expand` make sense.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn retrieve(
    entity_set: impl AsRef<str>,
    id: &RecordId,
    options: impl AsRef<str>,
) -> Result<RecordSet, Error> {
    host::retrieve(entity_set.as_ref(), id.as_str(), options.as_ref()).map(RecordSet::new)
}

/// Makes a record of `columns`, which serialize to a JSON object, and returns its primary key. Safe to repeat: the host
/// gives the record a key of the step's own, so that a lost answer cannot make a second record.
///
/// # Errors
/// [`Error`] with its cause.
pub fn create(entity_set: impl AsRef<str>, columns: &impl Serialize) -> Result<RecordId, Error> {
    host::create(entity_set.as_ref(), &json(columns)?).map(RecordId::given)
}

/// Changes the given columns of an existing record. Never makes one.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn update(
    entity_set: impl AsRef<str>,
    id: &RecordId,
    columns: &impl Serialize,
) -> Result<(), Error> {
    host::update(entity_set.as_ref(), id.as_str(), &json(columns)?)
}

/// Removes a record.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn delete(entity_set: impl AsRef<str>, id: &RecordId) -> Result<(), Error> {
    host::delete(entity_set.as_ref(), id.as_str())
}

/// What [`create_with`] has made.
#[derive(Debug)]
pub struct Created {
    /// Primary key of the record.
    pub id: RecordId,
    /// The record, where [`Write::returning`] asked for it.
    pub row: Option<RecordSet>,
}

/// What [`upsert`] has done.
#[derive(Debug)]
pub struct Upserted {
    /// Primary key of the record, where Dynamics 365 told it.
    pub id: Option<RecordId>,
    /// Whether the record was made, where Dynamics 365 told it: it does where [`Write::returning`] asked for the record.
    pub created: Option<bool>,
    /// The record, where [`Write::returning`] asked for it.
    pub row: Option<RecordSet>,
}

/// As [`query`], with a say in how it is answered.
///
/// # Errors
/// [`Error`] with its cause.
pub fn query_with(
    entity_set: impl AsRef<str>,
    options: impl AsRef<str>,
    read: &Read,
) -> Result<RecordSet, Error> {
    host::query_with(entity_set.as_ref(), options.as_ref(), read).map(RecordSet::new)
}

/// Reads the records that match a query in FetchXML, a text that begins with `<fetch`. Needs
/// [`Operation::Query`](crate::Operation::Query).
///
/// # Errors
/// [`Error`] with its cause.
pub fn fetch_xml(
    entity_set: impl AsRef<str>,
    fetch: impl AsRef<str>,
    read: &Read,
) -> Result<RecordSet, Error> {
    host::fetch_xml(entity_set.as_ref(), fetch.as_ref(), read).map(RecordSet::new)
}

/// Number of records for which `filter` holds, an OData condition with every value in it made by
/// [`odata::literal`](crate::odata::literal); of all where it is empty. Dynamics 365 never counts past 5,000. Needs
/// [`Operation::Query`](crate::Operation::Query).
///
/// # Errors
/// [`Error`] with its cause.
pub fn count(entity_set: impl AsRef<str>, filter: impl AsRef<str>) -> Result<u64, Error> {
    host::count(entity_set.as_ref(), filter.as_ref())
}

/// As [`retrieve`], by either kind of key and with a say in how it is answered.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn retrieve_with(
    record: &Reference,
    options: impl AsRef<str>,
    read: &Read,
) -> Result<RecordSet, Error> {
    host::retrieve_with(record, options.as_ref(), read).map(RecordSet::new)
}

/// As [`create`], with conditions, and the record as it was made where that is asked for.
///
/// # Errors
/// [`Error`] with its cause.
pub fn create_with(
    entity_set: impl AsRef<str>,
    columns: &impl Serialize,
    write: &Write,
) -> Result<Created, Error> {
    let (id, row) = host::create_with(entity_set.as_ref(), &json(columns)?, write)?;
    Ok(Created { id: RecordId::given(id), row: row.map(RecordSet::new) })
}

/// Changes the record, or makes it where there is none. Needs [`Operation::Create`](crate::Operation::Create) and
/// [`Operation::Update`](crate::Operation::Update).
///
/// # Errors
/// [`Error`] with its cause.
pub fn upsert(
    record: &Reference,
    columns: &impl Serialize,
    write: &Write,
) -> Result<Upserted, Error> {
    host::upsert(record, &json(columns)?, write)
}

/// As [`update`], by either kind of key, with conditions, and the record as it is afterwards where that is asked for.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn update_with(
    record: &Reference,
    columns: &impl Serialize,
    write: &Write,
) -> Result<Option<RecordSet>, Error> {
    Ok(host::update_with(record, &json(columns)?, write)?.map(RecordSet::new))
}

/// As [`delete`], by either kind of key; where `etag` is given, only the record that still has it.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn delete_with(record: &Reference, etag: Option<&str>) -> Result<(), Error> {
    host::delete_with(record, etag)
}

/// Puts `to` into the collection `relationship` (name of a navigation property) of `record`. Needs
/// [`Operation::Update`](crate::Operation::Update).
///
/// # Errors
/// [`Error`] with its cause.
pub fn associate(record: &Reference, relationship: &str, to: &Reference) -> Result<(), Error> {
    host::associate(record, relationship, to)
}

/// Takes `to` out of the collection `relationship` of `record` again; neither record is removed. Needs
/// [`Operation::Update`](crate::Operation::Update).
///
/// # Errors
/// [`Error`] with its cause.
pub fn disassociate(record: &Reference, relationship: &str, to: &Reference) -> Result<(), Error> {
    host::disassociate(record, relationship, to)
}

/// Carries out an action, on a record or unbound, and reads its answer. A block that calls this imports the interface
/// `actions`, by which the host knows that it wants to; the manifest need not say so. Never repeated once the action
/// may have been carried out.
///
/// ```
/// use patchcord_block::dynamics::{self, Reference};
/// use patchcord_block::testing::FakeHost;
///
/// let fake = FakeHost::new().answers(serde_json::json!({"LeadId": "…"}));
/// # let _ = fake;
/// fn qualify(lead: &Reference) -> Result<serde_json::Value, dynamics::Error> {
///     let parameters = serde_json::json!({"CreateContact": true, "Status": 3});
///     dynamics::execute(Some(lead), "QualifyLead", &parameters)
/// }
/// ```
///
/// # Errors
/// [`Error`] with its cause; `InvalidRequest` where the answer is not of the shape of `T`.
pub fn execute<T: DeserializeOwned>(
    bound_to: Option<&Reference>,
    action: &str,
    parameters: &impl Serialize,
) -> Result<T, Error> {
    let answer = host::execute(bound_to, action, &json(parameters)?)?;
    serde_json::from_str(&answer).map_err(|error| {
        let message = format!("the answer of {action} is of another shape: {error}");
        Error::new(ErrorKind::InvalidRequest, message)
    })
}

fn json(columns: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(columns)
        .map_err(|error| Error::new(ErrorKind::InvalidRequest, format!("columns: {error}")))
}
