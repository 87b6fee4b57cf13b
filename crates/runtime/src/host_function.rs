//! The host functions that call the CRM, by the names that a trace shows, and what a manifest must list for each. The
//! contract's enum of operations cannot grow without breaking older blocks; this one can.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// A host function that calls the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostFunction {
    /// `query` and `query-with`.
    Query,
    /// `fetch-xml`.
    FetchXml,
    /// `count`.
    Count,
    /// `phone.find`.
    FindByPhone,
    /// `retrieve` and `retrieve-with`.
    Retrieve,
    /// `create` and `create-with`.
    Create,
    /// `upsert`.
    Upsert,
    /// `update` and `update-with`.
    Update,
    /// `delete` and `delete-with`.
    Delete,
    /// `associate`.
    Associate,
    /// `disassociate`.
    Disassociate,
    /// `actions.execute`.
    Execute,
}

impl HostFunction {
    /// The name that a trace and the log have for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FetchXml => "fetch-xml",
            Self::Count => "count",
            Self::FindByPhone => "find-by-phone",
            Self::Retrieve => "retrieve",
            Self::Create => "create",
            Self::Upsert => "upsert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Associate => "associate",
            Self::Disassociate => "disassociate",
            Self::Execute => "execute",
        }
    }

    /// The operations that a block's manifest must list, all of them.
    pub fn needs(self) -> &'static [Operation] {
        match self {
            Self::Query | Self::FetchXml | Self::Count | Self::FindByPhone => &[Operation::Query],
            Self::Retrieve => &[Operation::Retrieve],
            Self::Create => &[Operation::Create],
            Self::Upsert => &[Operation::Create, Operation::Update],
            Self::Update | Self::Associate | Self::Disassociate => &[Operation::Update],
            Self::Delete => &[Operation::Delete],
            Self::Execute => &[Operation::Execute],
        }
    }
}
