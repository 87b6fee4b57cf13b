//! From the types of the contract to the host's own, and back. No rule lives here.

use std::time::Duration;

use crate::bindings::Manifest as WitManifest;
use crate::bindings::patchcord::block::{call, dynamics, phone, types};
use crate::{
    CrmError, CrmErrorKind, Exit, LogLevel, Manifest, Operation, Output, OutputKind, PhoneSearch,
    ReadOptions, Reference, ScreenPop, WriteOptions,
};

/// The manifest, its schema still to be parsed.
pub(crate) fn manifest(said: WitManifest, properties: serde_json::Value) -> Manifest {
    Manifest {
        id: said.id,
        version: said.version,
        title: said.title,
        category: said.category,
        description: said.description,
        icon: said.icon,
        properties,
        tables: None,
        exits: said.exits.into_iter().map(Exit::from).collect(),
        outputs: said.outputs.into_iter().map(Output::from).collect(),
        operations: said.operations.into_iter().map(Operation::from).collect(),
        selects_account: said.selects_account,
        pops_screen: said.pops_screen,
    }
}

impl From<types::Exit> for Exit {
    fn from(exit: types::Exit) -> Self {
        Self { id: exit.id, title: exit.title, description: exit.description }
    }
}

impl From<types::Output> for Output {
    fn from(output: types::Output) -> Self {
        let kind = match output.kind {
            types::OutputKind::Variable => OutputKind::Variable,
            types::OutputKind::Recordset => OutputKind::Recordset,
        };
        Self { property: output.property, kind, description: output.description }
    }
}

impl From<types::ScreenPop> for ScreenPop {
    fn from(pop: types::ScreenPop) -> Self {
        Self { entity_set: pop.entity_set, id: pop.id }
    }
}

impl From<dynamics::Operation> for Operation {
    fn from(operation: dynamics::Operation) -> Self {
        match operation {
            dynamics::Operation::Query => Self::Query,
            dynamics::Operation::Retrieve => Self::Retrieve,
            dynamics::Operation::Create => Self::Create,
            dynamics::Operation::Update => Self::Update,
            dynamics::Operation::Delete => Self::Delete,
        }
    }
}

impl From<dynamics::ReadOptions> for ReadOptions {
    fn from(read: dynamics::ReadOptions) -> Self {
        Self {
            max_records: read.max_records,
            page_size: read.page_size,
            annotations: read.annotations,
            share: read.share,
            max_age: read.max_age_ms.map(Duration::from_millis),
            stale_for: read.stale_for_ms.map(Duration::from_millis),
        }
    }
}

impl From<dynamics::WriteOptions> for WriteOptions {
    fn from(write: dynamics::WriteOptions) -> Self {
        let dynamics::WriteOptions { etag, returning, detect_duplicates } = write;
        Self { etag, returning, detect_duplicates }
    }
}

impl<'a> From<&'a dynamics::Reference> for Reference<'a> {
    fn from(record: &'a dynamics::Reference) -> Self {
        Self { entity_set: &record.entity_set, key: &record.key }
    }
}

impl From<phone::Search> for PhoneSearch {
    fn from(search: phone::Search) -> Self {
        let phone::Search { entity_set, columns, select, active_only } = search;
        Self { entity_set, columns, select, active_only }
    }
}

impl From<call::Level> for LogLevel {
    fn from(level: call::Level) -> Self {
        match level {
            call::Level::Trace => Self::Trace,
            call::Level::Debug => Self::Debug,
            call::Level::Info => Self::Info,
            call::Level::Warn => Self::Warn,
            call::Level::Error => Self::Error,
        }
    }
}

impl From<dynamics::ErrorKind> for CrmErrorKind {
    fn from(kind: dynamics::ErrorKind) -> Self {
        match kind {
            dynamics::ErrorKind::InvalidRequest => Self::InvalidRequest,
            dynamics::ErrorKind::ConsentRequired => Self::ConsentRequired,
            dynamics::ErrorKind::Forbidden => Self::Forbidden,
            dynamics::ErrorKind::NotFound => Self::NotFound,
            dynamics::ErrorKind::Conflict => Self::Conflict,
            dynamics::ErrorKind::Throttled(wait) => Self::Throttled(wait),
            dynamics::ErrorKind::Timeout => Self::Timeout,
            dynamics::ErrorKind::Unavailable => Self::Unavailable,
            dynamics::ErrorKind::PolicyDenied => Self::PolicyDenied,
        }
    }
}

impl From<CrmErrorKind> for dynamics::ErrorKind {
    fn from(kind: CrmErrorKind) -> Self {
        match kind {
            CrmErrorKind::InvalidRequest => Self::InvalidRequest,
            CrmErrorKind::ConsentRequired => Self::ConsentRequired,
            CrmErrorKind::Forbidden => Self::Forbidden,
            CrmErrorKind::NotFound => Self::NotFound,
            CrmErrorKind::Conflict => Self::Conflict,
            CrmErrorKind::Throttled(wait) => Self::Throttled(wait),
            CrmErrorKind::Timeout => Self::Timeout,
            CrmErrorKind::Unavailable => Self::Unavailable,
            CrmErrorKind::PolicyDenied => Self::PolicyDenied,
        }
    }
}

impl From<CrmError> for dynamics::Error {
    fn from(error: CrmError) -> Self {
        Self {
            kind: error.kind.into(),
            status: error.status,
            code: error.code,
            message: error.message,
        }
    }
}

impl From<dynamics::Error> for CrmError {
    fn from(error: dynamics::Error) -> Self {
        Self {
            kind: error.kind.into(),
            status: error.status,
            code: error.code,
            message: error.message,
            body: None,
            requests: 0,
            spent: Default::default(),
        }
    }
}
