//! What a block asked of the fake host.

use serde_json::Value;

use crate::Operation;
use crate::dynamics::{Read, Reference, Write};
use crate::phone::Search;

/// A call of Dynamics 365 that a block made.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are the arguments of the functions of `dynamics`")]
pub enum Call {
    /// `dynamics::query`.
    Query { entity_set: String, options: String },
    /// `dynamics::retrieve`.
    Retrieve { entity_set: String, id: String, options: String },
    /// `dynamics::create`.
    Create { entity_set: String, columns: Value },
    /// `dynamics::update`.
    Update { entity_set: String, id: String, columns: Value },
    /// `dynamics::delete`.
    Delete { entity_set: String, id: String },
    /// `dynamics::query_with`.
    QueryWith { entity_set: String, options: String, read: Read },
    /// `dynamics::fetch_xml`.
    FetchXml { entity_set: String, fetch: String, read: Read },
    /// `dynamics::count`.
    Count { entity_set: String, filter: String },
    /// `dynamics::retrieve_with`.
    RetrieveWith { record: Reference, options: String, read: Read },
    /// `dynamics::create_with`.
    CreateWith { entity_set: String, columns: Value, write: Write },
    /// `dynamics::upsert`.
    Upsert { record: Reference, columns: Value, write: Write },
    /// `dynamics::update_with`.
    UpdateWith { record: Reference, columns: Value, write: Write },
    /// `dynamics::delete_with`.
    DeleteWith { record: Reference, etag: Option<String> },
    /// `dynamics::associate`.
    Associate { record: Reference, relationship: String, to: Reference },
    /// `dynamics::disassociate`.
    Disassociate { record: Reference, relationship: String, to: Reference },
    /// `dynamics::execute`.
    Execute { bound_to: Option<Reference>, action: String, parameters: Value },
    /// `phone::find`.
    Find { number: String, searches: Vec<Search>, top: u32, read: Read },
}

impl Call {
    /// What a manifest must list for it.
    pub(super) fn needs(&self) -> &'static [Operation] {
        match self {
            Self::Query { .. }
            | Self::QueryWith { .. }
            | Self::FetchXml { .. }
            | Self::Count { .. }
            | Self::Find { .. } => &[Operation::Query],
            Self::Retrieve { .. } | Self::RetrieveWith { .. } => &[Operation::Retrieve],
            Self::Create { .. } | Self::CreateWith { .. } => &[Operation::Create],
            Self::Upsert { .. } => &[Operation::Create, Operation::Update],
            Self::Update { .. }
            | Self::UpdateWith { .. }
            | Self::Associate { .. }
            | Self::Disassociate { .. } => &[Operation::Update],
            Self::Delete { .. } | Self::DeleteWith { .. } => &[Operation::Delete],
            // That a block calls it is what asks for it.
            Self::Execute { .. } => &[],
        }
    }

    /// The tables that it names. What a query reads beside them, by `$expand` or a link of FetchXML, is not looked into.
    pub(super) fn tables(&self) -> Vec<&str> {
        match self {
            Self::Query { entity_set, .. }
            | Self::QueryWith { entity_set, .. }
            | Self::FetchXml { entity_set, .. }
            | Self::Count { entity_set, .. }
            | Self::Retrieve { entity_set, .. }
            | Self::Create { entity_set, .. }
            | Self::CreateWith { entity_set, .. }
            | Self::Update { entity_set, .. }
            | Self::Delete { entity_set, .. } => vec![entity_set],
            Self::RetrieveWith { record, .. }
            | Self::Upsert { record, .. }
            | Self::UpdateWith { record, .. }
            | Self::DeleteWith { record, .. } => vec![&record.entity_set],
            Self::Associate { record, to, .. } | Self::Disassociate { record, to, .. } => {
                vec![&record.entity_set, &to.entity_set]
            }
            Self::Execute { bound_to, .. } => {
                bound_to.iter().map(|record| record.entity_set.as_str()).collect()
            }
            Self::Find { searches, .. } => {
                searches.iter().map(|search| search.entity_set.as_str()).collect()
            }
        }
    }
}
