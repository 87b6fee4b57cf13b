//! A runtime: one engine, one pool of sandboxes, one linker. Blocks keep what they need of it alive.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Cache, Engine};

use crate::host::State;
use crate::shelf::Shelf;
use crate::ticker::Ticker;
use crate::{Block, LoadError, RuntimeConfig, RuntimeError, bindings, engine};

/// Components that are compiled at the same time.
const COMPILED_AT_ONCE: usize = 2;

/// Loads blocks and runs them in sandboxes. Clones are the same runtime.
#[derive(Clone)]
pub struct Runtime {
    shared: Arc<Shared>,
}

/// What the blocks of a runtime share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    cache: Option<Cache>,
    pub(crate) linker: Linker<State>,
    pub(crate) config: RuntimeConfig,
    /// One permit a sandbox: the pool itself would refuse, not wait.
    pub(crate) sandboxes: Arc<Semaphore>,
    /// Instances between two steps. Each holds a permit.
    pub(crate) shelf: Arc<Shelf>,
    /// One permit a component that is being compiled: it takes a core, and half a GiB where it brings an interpreter.
    pub(crate) compiling: Semaphore,
    pub(crate) ticker: Ticker,
}

impl Runtime {
    /// Sets up a runtime: reserves address space for its sandboxes, and makes the folder for compiled artefacts.
    pub fn new(config: RuntimeConfig) -> Result<Self, RuntimeError> {
        config.limits.check(&config.maxima)?;
        let (engine, cache) = engine::engine(&config)?;
        let mut linker = Linker::new(&engine);
        bindings::ActingBlock::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| {
            state
        })
        .map_err(|error| RuntimeError::Engine(format!("{error:#}")))?;
        let ticker = Ticker::start(engine.clone(), config.tick)?;
        let sandboxes = Arc::new(Semaphore::new(config.max_instances as usize));
        let shelf = Arc::default();
        let compiling = Semaphore::new(COMPILED_AT_ONCE);
        let shared = Shared { engine, cache, linker, config, sandboxes, shelf, compiling, ticker };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// How many blocks were taken from the folder for compiled artefacts instead of being compiled.
    pub fn cache_hits(&self) -> usize {
        self.shared.cache.as_ref().map_or(0, Cache::cache_hits)
    }

    /// Compiles a component (or takes it from the cache), checks it against the contract and asks it for its manifest.
    /// Compiling happens on a thread of its own; it takes some milliseconds for a block in Rust, seconds for one that
    /// brings an interpreter.
    pub async fn load(&self, bytes: &[u8]) -> Result<Block, LoadError> {
        Block::load(Arc::clone(&self.shared), bytes.to_vec()).await
    }

    /// [`load`](Self::load) from a file.
    pub async fn load_file(&self, path: &Path) -> Result<Block, LoadError> {
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        Block::load(Arc::clone(&self.shared), bytes).await
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
