//! What makes the host stop a guest, and the limits on its memory and tables. Growing past one traps at once: a guest that
//! went on with a refused allocation would only abort later, and say less.

use wasmtime::ResourceLimiter;

use crate::limits::size;
use crate::{CrmError, LimitKind};

/// Entries of one table: an interpreter compiled to wasm has some ten thousand. The pool is made of the same size.
pub(crate) const TABLE_ELEMENTS: usize = 65_536;

/// Why the host stopped a guest. Travels through wasm as the error of a host function or of the engine's hooks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// Past a limit, which is named with its value.
    #[error("the block went past its limit of {1}")]
    Limit(LimitKind, String),
    /// What the contract does not allow.
    #[error("{0}")]
    Forbidden(String),
    /// What the manifest or the account's policy does not allow.
    #[error(transparent)]
    Denied(CrmError),
}

impl Stop {
    pub(crate) fn limit(kind: LimitKind, limit: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(Self::Limit(kind, limit.into()))
    }

    pub(crate) fn forbidden(why: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(Self::Forbidden(why.into()))
    }
}

/// Bounds linear memory and tables of one sandbox. The pool has bounds too, and would refuse without a reason.
pub(crate) struct GrowthLimit {
    memory_bytes: usize,
    /// Of all memories together.
    used: usize,
}

impl GrowthLimit {
    pub(crate) fn new(memory_bytes: usize) -> Self {
        Self { memory_bytes, used: 0 }
    }

    /// Goes on from what `before` let the same instance grow to.
    pub(crate) fn continuing(self, before: &Self) -> Self {
        Self { used: before.used, ..self }
    }
}

impl ResourceLimiter for GrowthLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.memory_bytes {
            let limit = format!("{} of memory", size(self.memory_bytes as u64));
            return Err(Stop::limit(LimitKind::Memory, limit));
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS {
            let limit = format!("{TABLE_ELEMENTS} table elements");
            return Err(Stop::limit(LimitKind::TableElements, limit));
        }
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}
