//! What Dynamics 365 is made to answer: the words in which a file of test cases says it, and a recording of a run keeps it.

use std::sync::Arc;

use patchcord_runtime::{CrmErrorKind, HostFunction};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Question;
use super::written::{WrittenJson, WrittenObject};

/// What Dynamics 365 answers to one host call.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedAnswer {
    /// The host call that it answers. Left out: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "host_calls")]
    pub call: Option<HostFunction>,
    /// The table, by its entity set name. Left out: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Answers every call that it fits, not only one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeat: bool,
    /// The records that are found, or the one that a write gives back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<WrittenObject>,
    /// Whether more records match than are given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub more: bool,
    /// What a count comes to [default: the number of records].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Key of the record that a create or an upsert makes [default: the key that the host chose].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether an upsert made the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// What an action answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<WrittenJson>,
    /// What a search for a phone number comes to [default: as many as there are records].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// Which of the searches for a phone number it was, the first being 0 [default: the first of the table].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<usize>,
    /// HTTP status of the answer [default: that of a success].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Body of the answer, as `$(integrationResultBody)` has it [default: the records, or nothing].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Arc<str>>,
    /// How old the answer is, where it comes from a cache, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// Whether it stands in for one that Dynamics 365 could not give.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stale: bool,
    /// The error that is answered in place of all that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<CannedError>,
}

impl CannedAnswer {
    /// Whether it answers a question.
    pub fn fits(&self, question: &Question<'_>) -> bool {
        // An action that is bound to no record has a table without a name.
        let on = |table: &str| match question.tables.as_slice() {
            [] => table.is_empty(),
            tables => tables.contains(&table),
        };
        self.call.is_none_or(|wanted| wanted == question.call)
            && self.table.as_deref().is_none_or(on)
    }
}

/// What a search for a phone number comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// There is no number in the text; Dynamics 365 was not asked.
    NoNumber,
    /// No record has it.
    Nobody,
    /// One record has it.
    One,
    /// Several have it.
    Several,
}

/// An error of Dynamics 365.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedError {
    /// Its cause.
    pub kind: ErrorKind,
    /// HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Code of the Dataverse error, such as `0x80040217`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it says.
    #[serde(default)]
    pub message: String,
    /// For `throttled`: the wait that is asked for, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_ms: u64,
    /// Body of the answer, as `$(integrationResultBody)` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Arc<str>>,
}

fn is_false(is: &bool) -> bool {
    !is
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The causes of an error, as in the contract.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// A query or a value is wrong.
    InvalidRequest,
    /// Nobody's consent is in force.
    ConsentRequired,
    /// The consenting user lacks a privilege.
    Forbidden,
    /// There is no such record or table.
    NotFound,
    /// Changed or made by someone else meanwhile.
    Conflict,
    /// Too many requests: to be asked again after a wait.
    Throttled,
    /// No answer in time.
    Timeout,
    /// Not to be had.
    Unavailable,
    /// The account's policy forbids it.
    PolicyDenied,
}

impl From<CrmErrorKind> for ErrorKind {
    fn from(kind: CrmErrorKind) -> Self {
        match kind {
            CrmErrorKind::InvalidRequest => Self::InvalidRequest,
            CrmErrorKind::ConsentRequired => Self::ConsentRequired,
            CrmErrorKind::Forbidden => Self::Forbidden,
            CrmErrorKind::NotFound => Self::NotFound,
            CrmErrorKind::Conflict => Self::Conflict,
            CrmErrorKind::Throttled(_) => Self::Throttled,
            CrmErrorKind::Timeout => Self::Timeout,
            CrmErrorKind::Unavailable => Self::Unavailable,
            CrmErrorKind::PolicyDenied => Self::PolicyDenied,
        }
    }
}

impl CannedError {
    /// As the runtime knows it.
    pub fn kind(&self) -> CrmErrorKind {
        match self.kind {
            ErrorKind::InvalidRequest => CrmErrorKind::InvalidRequest,
            ErrorKind::ConsentRequired => CrmErrorKind::ConsentRequired,
            ErrorKind::Forbidden => CrmErrorKind::Forbidden,
            ErrorKind::NotFound => CrmErrorKind::NotFound,
            ErrorKind::Conflict => CrmErrorKind::Conflict,
            ErrorKind::Throttled => CrmErrorKind::Throttled(self.wait_ms),
            ErrorKind::Timeout => CrmErrorKind::Timeout,
            ErrorKind::Unavailable => CrmErrorKind::Unavailable,
            ErrorKind::PolicyDenied => CrmErrorKind::PolicyDenied,
        }
    }
}

/// Every host call. That none is missing is checked where it is compiled: see `every_host_call_is_listed`.
const HOST_CALLS: [HostFunction; 12] = [
    HostFunction::Query,
    HostFunction::FetchXml,
    HostFunction::Count,
    HostFunction::FindByPhone,
    HostFunction::Retrieve,
    HostFunction::Create,
    HostFunction::Upsert,
    HostFunction::Update,
    HostFunction::Delete,
    HostFunction::Associate,
    HostFunction::Disassociate,
    HostFunction::Execute,
];

/// The schema of a host call's name.
pub fn host_calls(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": HOST_CALLS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_call_is_listed() {
        for call in HOST_CALLS {
            // A new one does not compile here until it is listed above.
            let listed = match call {
                HostFunction::Query
                | HostFunction::FetchXml
                | HostFunction::Count
                | HostFunction::FindByPhone
                | HostFunction::Retrieve
                | HostFunction::Create
                | HostFunction::Upsert
                | HostFunction::Update
                | HostFunction::Delete
                | HostFunction::Associate
                | HostFunction::Disassociate
                | HostFunction::Execute => HOST_CALLS.iter().filter(|other| **other == call),
            };
            assert_eq!(listed.count(), 1, "{call:?}");
        }
    }
}
