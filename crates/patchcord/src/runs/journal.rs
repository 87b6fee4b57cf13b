//! What it takes to go on with a run after the host was killed: durable before its first write goes out, removed with its
//! answer.
//!
//! An entry holds what callers said and what Dynamics 365 answered, unmasked, because the run goes on with it: so it is
//! sealed. Entries of many runs are written together, as many as come while the write before is under way; a run that
//! writes nothing and has no idempotency key pays nothing. See `docs/decisions/0009-run-journal.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use patchcord_runtime::HostCall;
use patchcord_scenario::Checkpoint;
use patchcord_store::{Batch, Held, Store, StoreError};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const JOURNAL: &str = "run_journal";
/// Writes that wait for the one that is under way.
const WAITING: usize = 1_024;
/// Writes that are made one.
const AT_ONCE: usize = 128;
/// The name that the process holds whose runs are in the journal.
const HOLDER: &str = "runs";

/// A run that may have to go on in another process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) scenario: String,
    pub(super) version: u64,
    pub(super) started_at: Timestamp,
    /// How long it may take, from when it goes on.
    pub(super) allowance_ms: u64,
    pub(super) variables: Map<String, Value>,
    pub(super) want: Option<Vec<String>>,
    pub(super) locale: String,
    /// Its idempotency key, and the fingerprint of the request that came with it.
    pub(super) key: Option<(String, String)>,
    /// How often it was taken up again.
    pub(super) resumed: u32,
    /// Where it goes on; at its beginning where there is none.
    pub(super) checkpoint: Option<Checkpoint>,
    /// Whether the step that comes next may have begun.
    pub(super) in_doubt: bool,
}

/// The journal of one process.
pub(super) struct Journal {
    store: Store,
    writes: mpsc::Sender<ToWrite>,
    /// Nobody else takes up the runs of this process while it lives.
    held: Mutex<Option<Held>>,
}

struct ToWrite {
    batch: Batch,
    done: Option<oneshot::Sender<Result<(), Arc<StoreError>>>>,
}

/// The journal as one run sees it.
pub(super) struct Journaled {
    journal: Arc<Journal>,
    run: Uuid,
    entry: Entry,
    /// Whether there is an entry already.
    is_open: AtomicBool,
}

impl Journal {
    /// Starts the task that writes, so this needs a Tokio runtime. Where another process on the same folder holds the
    /// journal, the runs of this one are not kept in it.
    pub(super) fn open(store: Store) -> Result<Arc<Self>, StoreError> {
        let held = store.hold(HOLDER)?;
        if held.is_none() {
            tracing::warn!(
                "another process runs on this data folder: runs of this one do not go on after a crash"
            );
        }
        let (writes, waiting) = mpsc::channel(WAITING);
        tokio::spawn(write(store.clone(), waiting));
        Ok(Arc::new(Self { store, writes, held: Mutex::new(held) }))
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Lets another process have it.
    pub(super) fn release(&self) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The runs that were under way when the process ended that had the journal before.
    pub(super) async fn left_over(&self) -> Result<Vec<(Uuid, Entry)>, StoreError> {
        let mut entries = Vec::new();
        for key in self.store.list::<IgnoredAny>(JOURNAL).await?.into_iter().map(|d| d.key) {
            let Ok(run) = Uuid::try_parse(&key) else { continue };
            match self.store.get_sealed::<Entry>(JOURNAL, &key).await {
                Ok(entry) => entries.extend(entry.map(|entry| (run, entry.value))),
                Err(error) => tracing::error!(%error, %run, "a run cannot go on"),
            }
        }
        Ok(entries)
    }

    /// On disk when this returns, after everything that was written before.
    pub(super) async fn commit(&self, batch: Batch) -> Result<(), Arc<StoreError>> {
        let interrupted = || Arc::new(StoreError::Interrupted);
        let (done, written) = oneshot::channel();
        let sent = self.writes.send(ToWrite { batch, done: Some(done) }).await;
        sent.map_err(|_| interrupted())?;
        written.await.unwrap_or_else(|_| Err(interrupted()))
    }

    /// Adds that a run is taken up again, so that one that brings the host down does not do so for ever.
    pub(super) fn note_resumed(&self, batch: &mut Batch, run: Uuid, entry: &Entry) {
        if let Err(error) = batch.put_sealed(JOURNAL, &run.to_string(), entry) {
            tracing::error!(%error, %run, "a run that goes on could not be noted");
        }
    }
}

async fn write(store: Store, mut waiting: mpsc::Receiver<ToWrite>) {
    let mut taken = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut taken, AT_ONCE).await > 0 {
        let (mut batch, mut waiters) = (Batch::new(), Vec::new());
        for item in taken.drain(..) {
            batch.append(item.batch);
            waiters.extend(item.done);
        }
        let written = store.write(batch).await.map_err(Arc::new);
        if let Err(error) = &written {
            tracing::error!(%error, "the journal of runs could not be written");
        }
        for done in waiters {
            done.send(written.clone()).ok();
        }
    }
}

impl Journaled {
    pub(super) fn new(journal: Arc<Journal>, run: Uuid, entry: Entry, is_open: bool) -> Self {
        Self { journal, run, entry, is_open: AtomicBool::new(is_open) }
    }

    /// Adds the run to a batch, before it begins.
    pub(super) fn begin(&self, batch: &mut Batch) -> Result<(), StoreError> {
        batch.put_sealed(JOURNAL, &self.run.to_string(), &self.entry)?;
        self.is_open.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps the run as it is before a step that may write.
    pub(super) async fn before_write(&self, checkpoint: Checkpoint) -> Result<(), String> {
        let cannot = |error: &dyn std::fmt::Display| {
            format!("the host could not keep what it takes to go on after a crash: {error}")
        };
        let batch = self.at(checkpoint, true).map_err(|error| cannot(&error))?;
        self.is_open.store(true, Ordering::Relaxed);
        self.journal.commit(batch).await.map_err(|error| cannot(&error))
    }

    /// Keeps the run as it is after a step that has written, as soon as that can be done without anybody's waiting.
    pub(super) fn after_write(&self, checkpoint: Checkpoint) {
        if let Ok(batch) = self.at(checkpoint, false) {
            // Where too many wait, the step before is repeated after a crash, which does no harm.
            self.journal.writes.try_send(ToWrite { batch, done: None }).ok();
        }
    }

    fn at(&self, checkpoint: Checkpoint, in_doubt: bool) -> Result<Batch, StoreError> {
        let entry = Entry { checkpoint: Some(checkpoint), in_doubt, ..self.entry.clone() };
        let mut batch = Batch::new();
        batch.put_sealed(JOURNAL, &self.run.to_string(), &entry)?;
        Ok(batch)
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Adds to a batch that the run has ended.
    pub(super) fn end(&self, batch: &mut Batch) {
        batch.delete(JOURNAL, &self.run.to_string());
    }
}

/// Whether a call of a host function may have changed something in Dynamics 365.
pub(super) fn wrote(call: &HostCall) -> bool {
    use patchcord_runtime::Operation;
    let reads = |needed: &Operation| matches!(needed, Operation::Query | Operation::Retrieve);
    !call.operation.needs().iter().all(reads)
}
