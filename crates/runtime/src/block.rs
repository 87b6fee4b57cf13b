//! A loaded block: compiled, checked, linked, and asked for its manifest. What a step costs beyond that is a fresh
//! sandbox; everything that can be refused was refused here.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::bindings::ActingBlockIndices;
use crate::host::State;
use crate::runtime::Shared;
use crate::shelf::Label;
use crate::tables::TableRule;
use crate::telemetry::StepMeters;
use crate::{
    Invocation, Invoked, LimitError, LimitSettings, Limits, LoadError, Manifest, Operation, check,
    imports, invoke, start_up,
};

/// What every component begins with: the magic number, the version and the layer of the binary format.
const COMPONENT_HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// What every core module begins with.
const MODULE_HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

/// A block that is ready to be invoked. Clones are the same block.
#[derive(Clone)]
pub struct Block {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    code: Arc<Code>,
    limits: Limits,
    /// One permit a step that the block may have at once.
    places: Arc<Semaphore>,
    /// Under which its instances wait for further steps.
    label: Label,
}

/// What does not depend on how the block is limited.
struct Code {
    linked: Linked,
    tables: TableRule,
    manifest: Arc<Manifest>,
    meters: StepMeters,
    digest: String,
    size: usize,
}

/// A component with its imports satisfied and its exports found.
pub(crate) struct Linked {
    pub(crate) instance: InstancePre<State>,
    pub(crate) exports: ActingBlockIndices,
    pub(crate) run: ComponentExportIndex,
}

impl Block {
    pub(crate) async fn load(shared: Arc<Shared>, bytes: Vec<u8>) -> Result<Self, LoadError> {
        check_header(&bytes)?;
        let compiling = Arc::clone(&shared);
        let compile = move || {
            let component = Component::from_binary(&compiling.engine, &bytes)
                .map_err(|error| LoadError::Refused(format!("{error:#}")))?;
            Ok((component, digest(&bytes), bytes.len()))
        };
        // Never closed, so that the turn always comes.
        let turn = shared.compiling.acquire().await;
        let compiled = tokio::task::spawn_blocking(compile).await;
        drop(turn);
        let (component, digest, size) = compiled
            .map_err(|error| LoadError::Refused(format!("compiling it failed: {error}")))??;
        let linked = link(&shared, &component)?;
        let mut manifest = check::manifest(start_up::start(&shared, &linked).await?.0)?;
        if imports::asks_for_actions(&shared.engine, &component) {
            manifest.operations.push(Operation::Execute);
        }
        let tables = TableRule::new(manifest.tables.as_deref(), &manifest.properties);
        let (meters, manifest) = (StepMeters::of(&manifest), Arc::new(manifest));
        tracing::debug!(id = manifest.id, version = manifest.version, digest, "block loaded");
        let limits = shared.config.limits.clone();
        let code = Code { linked, tables, manifest, meters, digest, size };
        Ok(Self::new(shared, Arc::new(code), limits))
    }

    fn new(shared: Arc<Shared>, code: Arc<Code>, limits: Limits) -> Self {
        let places = Arc::new(Semaphore::new(limits.instances as usize));
        let label = shared.shelf.label();
        Self { inner: Arc::new(Inner { shared, code, limits, places, label }) }
    }

    /// The same block with other limits: those of the runtime, but for what `settings` says. The code is shared and not
    /// compiled again. How many steps are under way at once is counted anew.
    ///
    /// # Errors
    /// A value is past the maximum that the runtime was set up with, or is 0 where no step could run then.
    pub fn limited(&self, settings: &LimitSettings) -> Result<Self, LimitError> {
        let Inner { shared, code, .. } = &*self.inner;
        let limits = shared.config.limits.with(settings, &shared.config.maxima)?;
        Ok(Self::new(Arc::clone(shared), Arc::clone(code), limits))
    }

    /// What a step of it may use.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// What the block said of itself when it was loaded.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.inner.code.manifest
    }

    /// SHA-256 of the component, in lower-case hex.
    pub fn digest(&self) -> &str {
        &self.inner.code.digest
    }

    /// Size of the component, in bytes.
    pub fn size(&self) -> usize {
        self.inner.code.size
    }

    /// What a sandbox of this block is made from.
    pub(crate) fn parts(&self) -> (&Shared, &Linked) {
        (&self.inner.shared, &self.inner.code.linked)
    }

    /// Runs the block once, in a sandbox of its own, until its deadline at the latest. Whatever the block does wrong is
    /// in the answer. Dropping the future ends the block.
    pub async fn invoke(&self, invocation: Invocation) -> Invoked {
        let Inner { shared, code, limits, places, label } = &*self.inner;
        let Code { linked, tables, manifest, meters, .. } = &**code;
        let step = invoke::Step { shared, linked, tables, manifest, meters, limits, places, label };
        step.invoke(invocation).await
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block")
            .field("id", &self.manifest().id)
            .field("version", &self.manifest().version)
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}

fn check_header(bytes: &[u8]) -> Result<(), LoadError> {
    if bytes.starts_with(&COMPONENT_HEADER) {
        return Ok(());
    }
    let what = if bytes.starts_with(&MODULE_HEADER) {
        "it is a core wasm module, which has yet to be made a component"
    } else if bytes.starts_with(b"\0asm") {
        "it is wasm of a version that is not known"
    } else if bytes.is_empty() {
        "it is empty"
    } else {
        "it does not begin as wasm does"
    };
    Err(LoadError::NotAComponent(what.into()))
}

fn link(shared: &Shared, component: &Component) -> Result<Linked, LoadError> {
    imports::check(&shared.engine, component)?;
    let wrong = |error: wasmtime::Error| LoadError::WrongContract(format!("{error:#}"));
    let instance = shared.linker.instantiate_pre(component).map_err(wrong)?;
    let exports = ActingBlockIndices::new(&instance).map_err(wrong)?;
    let run = component.get_export_index(None, "run");
    let run = run.ok_or_else(|| LoadError::WrongContract("it has no export `run`".into()))?;
    Ok(Linked { instance, exports, run })
}

/// SHA-256 in lower-case hex: what a version of a block is known by.
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;

    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
