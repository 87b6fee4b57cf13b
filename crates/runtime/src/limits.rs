//! What makes the host stop a guest, and the limit on its memory. Growing past it traps at once: a guest that went on
//! with a refused allocation would only abort later, and say less.

use wasmtime::ResourceLimiter;

/// Why the host stopped a guest. Travels through wasm as the error of a host function or of the engine's hooks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// Past a limit, which is named with its value.
    #[error("the block went past its limit of {0}")]
    Limit(String),
    /// What the contract does not allow.
    #[error("{0}")]
    Forbidden(String),
}

impl Stop {
    pub(crate) fn limit(limit: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(Self::Limit(limit.into()))
    }

    pub(crate) fn forbidden(why: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(Self::Forbidden(why.into()))
    }
}

/// Bounds the linear memory of one sandbox, the sum of its memories. The pool is made of the same size, and would refuse without a reason.
pub(crate) struct MemoryLimit {
    bytes: usize,
    used: usize,
}

impl MemoryLimit {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { bytes, used: 0 }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.bytes {
            return Err(Stop::limit(format!("{} of memory", size(self.bytes as u64))));
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
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}

/// A number of bytes as a person writes it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    UNITS
        .iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::{MemoryLimit, size};
    use wasmtime::ResourceLimiter;

    #[test]
    fn the_memories_of_a_block_count_together() {
        const PAGE: usize = 64 << 10;
        let mut limit = MemoryLimit::new(4 * PAGE);
        assert!(limit.memory_growing(0, 2 * PAGE, None).is_ok(), "one begins");
        assert!(limit.memory_growing(0, PAGE, None).is_ok(), "another begins");
        assert!(limit.memory_growing(PAGE, 3 * PAGE, None).is_err(), "5 pages in all");
        assert!(limit.memory_growing(PAGE, 2 * PAGE, None).is_ok(), "4 pages in all");
    }

    #[test]
    fn writes_sizes_exactly() {
        assert_eq!(size(64 << 20), "64 MiB");
        assert_eq!(size(1 << 30), "1 GiB");
        assert_eq!(size(1536 << 10), "1536 KiB");
        assert_eq!(size((1 << 20) + 1), "1048577 bytes");
        assert_eq!(size(0), "0 bytes");
    }
}
