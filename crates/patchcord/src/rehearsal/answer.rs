//! What Dynamics 365 is made to answer: the words in which a file of test cases says it, and a recording of a run keeps it.

use patchcord_runtime::{CrmErrorKind, HostFunction};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What Dynamics 365 answers to one host call.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedAnswer {
    /// The host call that it answers. Left out: any.
    #[schemars(schema_with = "host_calls")]
    pub call: Option<HostFunction>,
    /// The table, by its entity set name. Left out: any.
    pub table: Option<String>,
    /// Answers every call that it fits, not only one.
    #[serde(default)]
    pub repeat: bool,
    /// The records that are found, or the one that a write gives back.
    #[serde(default)]
    pub records: Vec<Map<String, Value>>,
    /// Whether more records match than are given.
    #[serde(default)]
    pub more: bool,
    /// What a count comes to [default: the number of records].
    pub count: Option<u64>,
    /// Key of the record that a create or an upsert makes [default: the key that the host chose].
    pub id: Option<String>,
    /// Whether an upsert made the record.
    pub created: Option<bool>,
    /// What an action answers.
    pub value: Option<Value>,
    /// The error that is answered in place of all that.
    pub error: Option<CannedError>,
}

/// An error of Dynamics 365.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedError {
    /// Its cause.
    pub kind: ErrorKind,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Code of the Dataverse error, such as `0x80040217`.
    pub code: Option<String>,
    /// What it says.
    #[serde(default)]
    pub message: String,
    /// For `throttled`: the wait that is asked for, in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
}

/// The causes of an error, as in the contract.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
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
