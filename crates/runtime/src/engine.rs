//! The settings of the wasm engine, all in one place. They are part of the key of every cached artefact, so that
//! changing one makes blocks compile anew; nothing here depends on a block.

use std::path::Path;
use std::sync::LazyLock;

use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy,
    PoolingAllocationConfig,
};

use crate::stop::TABLE_ELEMENTS;
use crate::{RuntimeConfig, RuntimeError};

/// Core instances within one block: a language runtime brings several modules, a Rust block three.
const CORE_INSTANCES_PER_BLOCK: u32 = 64;
/// Linear memories within one block: its own, and those of the modules that an interpreter's toolchain puts around it.
/// Reserved for every sandbox, so that no mixture of blocks finds the pool short of them; it is address space, no memory.
const MEMORIES_PER_BLOCK: u32 = 4;
/// Tables within one block: its own function table, and those that link its modules.
const TABLES_PER_BLOCK: u32 = 8;
/// Memory of a block, and of its tables, that is put back as it was by writing it, where the kernel says which pages were
/// written. Past it pages are given back to the kernel, which is dear: it interrupts every processor that runs a thread
/// of this process, and the next guest pays a fault for each page.
const REWRITTEN_BYTES: usize = 512 << 10;

/// Whether the kernel says which pages were written (`PAGEMAP_SCAN`, Linux 6.7). Where it does not, rewriting would have to
/// be blind and cost more than giving the pages back.
static KERNEL_TELLS_PAGES: LazyLock<bool> = LazyLock::new(|| {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(1).total_tables(1).total_stacks(1).total_core_instances(1);
    pool.pagemap_scan(Enabled::Yes);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).is_ok()
});

/// The engine, and its cache where there is one.
pub(crate) fn engine(settings: &RuntimeConfig) -> Result<(Engine, Option<Cache>), RuntimeError> {
    if settings.max_instances == 0 {
        return Err(RuntimeError::Engine("max_instances is 0".into()));
    }
    let mut config = engine_config(settings);
    let cache = settings.cache.as_deref().map(cache).transpose()?;
    config.cache(cache.clone());
    let engine = Engine::new(&config);
    engine.map(|engine| (engine, cache)).map_err(|error| RuntimeError::Engine(format!("{error:#}")))
}

/// The settings of the engine, but for its cache of compiled artefacts: what a measurement against wasmtime alone has to
/// share with the runtime to be fair.
pub fn engine_config(settings: &RuntimeConfig) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        // Bounds are checked by the guest's code and not by the processor, so that a memory which grows, and one that
        // shrinks again for the next guest, needs no change of its protection: each is a call of the kernel that
        // interrupts the other processors, and all threads of the process take turns at it.
        .signals_based_traps(false)
        .memory_reservation(settings.maxima.memory_bytes as u64)
        .memory_guard_size(0)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(32))
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    config
}

fn pool(settings: &RuntimeConfig) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(settings.max_instances)
        .total_core_instances(settings.max_instances.saturating_mul(CORE_INSTANCES_PER_BLOCK))
        .max_core_instances_per_component(CORE_INSTANCES_PER_BLOCK)
        .total_memories(settings.max_instances.saturating_mul(MEMORIES_PER_BLOCK))
        .max_memories_per_component(MEMORIES_PER_BLOCK)
        .max_memory_size(settings.maxima.memory_bytes)
        .total_tables(settings.max_instances.saturating_mul(TABLES_PER_BLOCK))
        .max_tables_per_component(TABLES_PER_BLOCK)
        .max_tables_per_module(TABLES_PER_BLOCK)
        .table_elements(TABLE_ELEMENTS)
        .total_stacks(settings.max_instances);
    if *KERNEL_TELLS_PAGES {
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(REWRITTEN_BYTES)
            .table_keep_resident(REWRITTEN_BYTES);
    }
    pool
}

fn cache(folder: &Path) -> Result<Cache, RuntimeError> {
    let failed = |why: String| RuntimeError::Cache(format!("{}: {why}", folder.display()));
    make_private(folder).map_err(|error| failed(error.to_string()))?;
    let folder = folder.canonicalize().map_err(|error| failed(error.to_string()))?;
    let mut config = CacheConfig::new();
    config.with_directory(folder.clone());
    Cache::new(config).map_err(|error| failed(format!("{error:#}")))
}

/// Refuses a folder that others may write to. Only its owner may change the mode of a folder, so that changing it also
/// refuses one that belongs to somebody else.
#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mode = std::fs::metadata(folder)?.permissions().mode();
    if mode & 0o022 != 0 {
        let why = format!("others may write to it (mode {:03o}, 700 is needed)", mode & 0o777);
        return Err(std::io::Error::other(why));
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}
