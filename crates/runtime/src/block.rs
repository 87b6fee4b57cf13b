//! A loaded block: compiled, checked, linked, and asked for its manifest. What a step costs beyond that is a fresh
//! sandbox; everything that can be refused was refused here.

use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, InstancePre};

use crate::bindings::ActingBlockIndices;
use crate::host::State;
use crate::runtime::Shared;
use crate::{
    Invocation, Invoked, LoadError, Manifest, Operation, StepError, check, crash, imports, invoke,
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
    linked: Linked,
    manifest: Arc<Manifest>,
    digest: String,
    size: usize,
}

/// A component with its imports satisfied and its exports found.
pub(crate) struct Linked {
    pub(crate) instance: InstancePre<State>,
    pub(crate) exports: ActingBlockIndices,
}

impl Block {
    pub(crate) async fn load(shared: Arc<Shared>, bytes: Vec<u8>) -> Result<Self, LoadError> {
        check_header(&bytes)?;
        let compiling = Arc::clone(&shared);
        let compile = move || {
            let component = Component::from_binary(&compiling.engine, &bytes)
                .map_err(|error| LoadError::Refused(format!("{error:#}")))?;
            Ok((component, hex(&Sha256::digest(&bytes)), bytes.len()))
        };
        let (component, digest, size) = tokio::task::spawn_blocking(compile)
            .await
            .map_err(|error| LoadError::Refused(format!("compiling it failed: {error}")))??;
        let linked = link(&shared, &component)?;
        let mut manifest = describe(&shared, &linked).await?;
        if imports::asks_for_actions(&shared.engine, &component) {
            manifest.operations.push(Operation::Execute);
        }
        let manifest = Arc::new(manifest);
        tracing::debug!(id = manifest.id, version = manifest.version, digest, "block loaded");
        Ok(Self { inner: Arc::new(Inner { shared, linked, manifest, digest, size }) })
    }

    /// What the block said of itself when it was loaded.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.inner.manifest
    }

    /// SHA-256 of the component, in lower-case hex.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// Size of the component, in bytes.
    pub fn size(&self) -> usize {
        self.inner.size
    }

    /// What a sandbox of this block is made from.
    pub(crate) fn parts(&self) -> (&Shared, &Linked) {
        (&self.inner.shared, &self.inner.linked)
    }

    /// Runs the block once, in a sandbox of its own, until its deadline at the latest. Whatever the block does wrong is
    /// in the answer. Dropping the future ends the block.
    pub async fn invoke(&self, invocation: Invocation) -> Invoked {
        let Inner { shared, linked, manifest, .. } = &*self.inner;
        invoke::invoke(shared, linked, manifest, invocation).await
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block")
            .field("id", &self.inner.manifest.id)
            .field("version", &self.inner.manifest.version)
            .field("digest", &self.inner.digest)
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
    Ok(Linked { instance, exports })
}

async fn describe(shared: &Shared, linked: &Linked) -> Result<Manifest, LoadError> {
    let failed = |error: StepError| LoadError::Describe(failure(&error));
    let deadline = Instant::now() + shared.config.limits.describe;
    let sandbox = shared.sandbox(deadline).await.map_err(failed)?;
    let state = State::new(shared.config.limits.clone(), None);
    let meter = Arc::clone(&state.meter);
    let mut store = sandbox.store(state);
    let work = async {
        let instance = linked.instance.instantiate_async(&mut store).await;
        let instance = instance.map_err(|error| failed(crash::step_error(&error)))?;
        let block = linked
            .exports
            .load(&mut store, &instance)
            .map_err(|error| LoadError::WrongContract(format!("{error:#}")))?;
        let described = block.call_describe(&mut store).await;
        described.map_err(|error| failed(crash::step_error(&error)))
    };
    let said = invoke::until(deadline, meter.counting(work))
        .await
        .unwrap_or_else(|| Err(failed(StepError::Timeout)))?;
    check::manifest(said)
}

/// The sentence of an error with the frames of the guest below it: whoever loads a block is often its author.
fn failure(error: &StepError) -> String {
    match error {
        StepError::Crashed { message, backtrace } if !backtrace.is_empty() => {
            format!("{message} (in {})", backtrace.join(", called by "))
        }
        StepError::Crashed { message, .. } => message.clone(),
        StepError::Timeout => "it took too long".into(),
        error => error.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
