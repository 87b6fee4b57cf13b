//! Between the SDK's types and the generated ones.

use std::time::Duration;

use serde_json::Value;

use super::bindings;
use super::bindings::patchcord::block::{call, dynamics, phone, types};
use crate::dynamics::{Error, ErrorKind, Read, Reference, Write};
use crate::log::Level;
use crate::phone::Search;
use crate::{Effect, Exit, Failure, Manifest, Operation, Outcome, Output, OutputKind};

impl From<Manifest> for bindings::Manifest {
    fn from(manifest: Manifest) -> Self {
        Self {
            id: manifest.id,
            version: manifest.version,
            title: manifest.title,
            category: manifest.category,
            description: manifest.description,
            icon: manifest.icon,
            properties: Value::Object(manifest.properties).to_string(),
            exits: manifest.exits.into_iter().map(Into::into).collect(),
            outputs: manifest.outputs.into_iter().map(Into::into).collect(),
            operations: manifest.operations.into_iter().map(Into::into).collect(),
            selects_account: manifest.selects_account,
            pops_screen: manifest.pops_screen,
        }
    }
}

impl From<Exit> for types::Exit {
    fn from(exit: Exit) -> Self {
        Self { id: exit.id, title: exit.title, description: exit.description }
    }
}

impl From<Output> for types::Output {
    fn from(output: Output) -> Self {
        let kind = match output.kind {
            OutputKind::Variable => types::OutputKind::Variable,
            OutputKind::Recordset => types::OutputKind::Recordset,
        };
        Self { property: output.property, kind, description: output.description }
    }
}

impl From<Operation> for dynamics::Operation {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Query => Self::Query,
            Operation::Retrieve => Self::Retrieve,
            Operation::Create => Self::Create,
            Operation::Update => Self::Update,
            Operation::Delete => Self::Delete,
        }
    }
}

impl From<&Read> for dynamics::ReadOptions {
    fn from(read: &Read) -> Self {
        Self {
            max_records: read.max_records,
            page_size: read.page_size,
            annotations: read.annotations,
            share: read.share,
            max_age_ms: read.max_age.map(millis),
            stale_for_ms: read.stale_for.map(millis),
        }
    }
}

impl From<&Write> for dynamics::WriteOptions {
    fn from(write: &Write) -> Self {
        Self {
            etag: write.etag.clone(),
            returning: write.returning.clone(),
            detect_duplicates: write.detect_duplicates,
        }
    }
}

impl From<&Reference> for dynamics::Reference {
    fn from(record: &Reference) -> Self {
        Self { entity_set: record.entity_set.clone(), key: record.key.clone() }
    }
}

impl From<&Search> for phone::Search {
    fn from(search: &Search) -> Self {
        let Search { entity_set, columns, select, active_only } = search.clone();
        Self { entity_set, columns, select, active_only }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<Level> for call::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}

impl From<Outcome> for types::Outcome {
    fn from(outcome: Outcome) -> Self {
        Self { exit: outcome.exit, effects: outcome.effects.into_iter().map(Into::into).collect() }
    }
}

impl From<Effect> for types::Effect {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::SetVariable(name, value) => Self::SetVariable(types::VariableAssignment {
                name: name.to_string(),
                value: value.to_string(),
            }),
            Effect::SetRecordset(name, records) => Self::SetRecordset(types::RecordsetAssignment {
                name: name.to_string(),
                records: records.into_host(),
            }),
            Effect::SelectAccount(account) => Self::SelectAccount(account.to_string()),
            Effect::PopScreen(entity_set, id) => Self::PopScreen(types::ScreenPop {
                entity_set: entity_set.to_string(),
                id: id.to_string(),
            }),
        }
    }
}

impl From<Failure> for types::Failure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Dynamics(error) => Self::Dynamics(error.into()),
            Failure::InvalidProperties(problem) => Self::InvalidProperties(problem),
            Failure::Other(problem) => Self::Other(problem),
        }
    }
}

impl From<Error> for dynamics::Error {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind.into(),
            status: error.status,
            code: error.code,
            message: error.message,
        }
    }
}

impl From<dynamics::Error> for Error {
    fn from(error: dynamics::Error) -> Self {
        Self {
            kind: error.kind.into(),
            status: error.status,
            code: error.code,
            message: error.message,
        }
    }
}

impl From<ErrorKind> for dynamics::ErrorKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidRequest => Self::InvalidRequest,
            ErrorKind::ConsentRequired => Self::ConsentRequired,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Throttled(wait) => Self::Throttled(millis(wait)),
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Unavailable => Self::Unavailable,
            ErrorKind::PolicyDenied => Self::PolicyDenied,
        }
    }
}

impl From<dynamics::ErrorKind> for ErrorKind {
    fn from(kind: dynamics::ErrorKind) -> Self {
        match kind {
            dynamics::ErrorKind::InvalidRequest => Self::InvalidRequest,
            dynamics::ErrorKind::ConsentRequired => Self::ConsentRequired,
            dynamics::ErrorKind::Forbidden => Self::Forbidden,
            dynamics::ErrorKind::NotFound => Self::NotFound,
            dynamics::ErrorKind::Conflict => Self::Conflict,
            dynamics::ErrorKind::Throttled(wait) => Self::Throttled(Duration::from_millis(wait)),
            dynamics::ErrorKind::Timeout => Self::Timeout,
            dynamics::ErrorKind::Unavailable => Self::Unavailable,
            dynamics::ErrorKind::PolicyDenied => Self::PolicyDenied,
        }
    }
}
