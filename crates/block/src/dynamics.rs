//! Dynamics 365, as the user who consented to the integration account that the run uses at this step. The host holds
//! account, tokens, connections, retries and throttling: an error that arrives here has been retried already as far as the
//! deadline allowed.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{EntitySet, RecordId, RecordSet, host};

/// Why Dynamics 365 did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The cause.
    pub kind: ErrorKind,
    /// HTTP status of the answer, where there was one.
    pub status: Option<u16>,
    /// Code of the Dataverse error, such as `0x80040217`, where there was one.
    pub code: Option<String>,
    /// What went wrong, for a person. Holds no secret.
    pub message: String,
}

/// The cause of an error, told apart as far as a designer can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is wrong: a query, a column, a value. Repeating it cannot help.
    InvalidRequest,
    /// The consent of the account's user is missing, expired or revoked.
    ConsentRequired,
    /// The user who consented lacks a privilege in Dynamics 365.
    Forbidden,
    /// There is no such record or table.
    NotFound,
    /// The record was changed or made by someone else meanwhile, or a duplicate rule refused it.
    Conflict,
    /// Dynamics 365 asks to wait this long, which is longer than the run's deadline allows.
    Throttled(Duration),
    /// The run's deadline passed.
    Timeout,
    /// Dynamics 365 or Entra ID cannot be reached, or failed on its side.
    Unavailable,
    /// The block's manifest or the account's policy does not allow this.
    PolicyDenied,
}

/// Codes of Dataverse for a record that is not there: ObjectDoesNotExist and RecordNotFoundByEntityKey.
const NO_SUCH_RECORD: [&str; 2] = ["0x80040217", "0x80060891"];

impl Error {
    /// An error of this kind without an answer of Dynamics 365 behind it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, status: None, code: None, message: message.into() }
    }

    /// Whether it is the record that is missing, and not the table: a misspelt table is a mistake of the scenario, a
    /// missing record is an answer.
    pub fn is_missing_record(&self) -> bool {
        let code = self.code.as_deref();
        self.kind == ErrorKind::NotFound && code.is_some_and(|code| NO_SUCH_RECORD.contains(&code))
    }
}

/// Reads the records that match `options`: OData query options such as an [`ODataQuery`](crate::ODataQuery), an
/// [`odata::Query`](crate::odata::Query) or text.
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

/// How a read may be answered. Without a say in it: one page, from Dynamics 365, for this block alone.
///
/// ```
/// use std::time::Duration;
/// use patchcord_block::dynamics::{self, Read};
///
/// # fn run() -> Result<(), dynamics::Error> {
/// let read = Read::new().max_records(200).max_age(Duration::from_secs(60)).share();
/// let queues = dynamics::query_with("queues", "$select=name", &read)?;
/// if queues.age().is_some() { /* from the cache */ }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Read {
    pub(crate) max_records: Option<u32>,
    pub(crate) page_size: Option<u32>,
    pub(crate) annotations: bool,
    pub(crate) share: bool,
    pub(crate) max_age: Option<Duration>,
    pub(crate) stale_for: Option<Duration>,
}

impl Read {
    /// One page, from Dynamics 365.
    pub fn new() -> Self {
        Self::default()
    }

    /// Follows the pages of Dynamics 365 until so many records are there.
    pub fn max_records(self, count: u32) -> Self {
        Self { max_records: Some(count), ..self }
    }

    /// Records that one page may hold.
    pub fn page_size(self, count: u32) -> Self {
        Self { page_size: Some(count), ..self }
    }

    /// Formatted values and the names of looked-up records too: `statuscode@OData.Community.Display.V1.FormattedValue`.
    pub fn annotations(self) -> Self {
        Self { annotations: true, ..self }
    }

    /// Shares one request with identical reads that are under way at the same moment.
    pub fn share(self) -> Self {
        Self { share: true, ..self }
    }

    /// An answer of the host's cache will do that is at most so old.
    pub fn max_age(self, age: Duration) -> Self {
        Self { max_age: Some(age), ..self }
    }

    /// Where Dynamics 365 is down, throttling or late, an answer will do that is at most so old.
    pub fn stale_for(self, age: Duration) -> Self {
        Self { stale_for: Some(age), ..self }
    }
}

/// Conditions of a write, and what it is to give back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Write {
    pub(crate) etag: Option<String>,
    pub(crate) returning: Option<String>,
    pub(crate) detect_duplicates: bool,
}

impl Write {
    /// Unconditional, and nothing given back.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only where the record still has this etag (its column `@odata.etag`); otherwise the write fails as a conflict.
    pub fn if_unchanged(self, etag: impl Into<String>) -> Self {
        Self { etag: Some(etag.into()), ..self }
    }

    /// Gives back these columns as they are after the write.
    pub fn returning<'a>(self, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns: Vec<_> = columns.into_iter().collect();
        Self { returning: Some(columns.join(",")), ..self }
    }

    /// Lets the duplicate rules of Dynamics 365 refuse the record.
    pub fn detect_duplicates(self) -> Self {
        Self { detect_duplicates: true, ..self }
    }
}

/// A record, named: its table, and its primary key or an alternate key.
///
/// ```
/// use patchcord_block::dynamics::Reference;
///
/// let account = Reference::by("accounts", [("accountnumber", "A'1")]);
/// assert_eq!(account.to_string(), "accounts(accountnumber='A''1')");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub(crate) entity_set: String,
    pub(crate) key: String,
}

impl Reference {
    /// The record with this primary key.
    pub fn new(entity_set: impl AsRef<str>, id: &RecordId) -> Self {
        Self { entity_set: entity_set.as_ref().into(), key: id.as_str().into() }
    }

    /// The record for which the columns of an alternate key have these values.
    pub fn by<'a, V: crate::odata::Literal>(
        entity_set: impl AsRef<str>,
        columns: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Self {
        let column = |(name, value): (&str, V)| format!("{name}={}", value.literal());
        let key: Vec<_> = columns.into_iter().map(column).collect();
        Self { entity_set: entity_set.as_ref().into(), key: key.join(",") }
    }
}

/// As in a Web API URL.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.entity_set, self.key)
    }
}

impl From<(&EntitySet, &RecordId)> for Reference {
    fn from((entity_set, id): (&EntitySet, &RecordId)) -> Self {
        Self::new(entity_set, id)
    }
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
