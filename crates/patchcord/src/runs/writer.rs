//! Writes traces down after the answer, many at once. A caller never waits for it: where too many wait, traces are lost
//! and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use patchcord_store::{Batch, Store};
use tokio::sync::{mpsc, oneshot};

use super::recent::weight;
use super::{RUNS, Run};

/// Runs that wait to be written; past it traces are lost rather than calls slowed down.
pub(super) const WAITING: usize = 4_096;
/// What they take at most, roughly, in bytes: blocks say how long the trace of a run is.
const WAITING_BYTES: usize = 128 << 20;
/// Runs written in one go.
const AT_ONCE: usize = 256;
/// How long a trace waits for others to be written with it: a durable write costs as much for one as for many.
const GATHERED: Duration = Duration::from_millis(100);

/// The way to the task that writes.
pub(super) struct Writer {
    sender: mpsc::Sender<ToWrite>,
    waiting_bytes: Arc<AtomicUsize>,
}

enum ToWrite {
    Run(Arc<Run>),
    /// Answered once everything before it is written.
    Flush(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task, so this needs a Tokio runtime. Traces are `kept` for so long.
    pub(super) fn start(store: Store, kept: SignedDuration) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        let waiting_bytes = Arc::default();
        tokio::spawn(write_down(store, kept, waiting, Arc::clone(&waiting_bytes)));
        Self { sender, waiting_bytes }
    }

    pub(super) fn write(&self, run: Arc<Run>) {
        let bytes = weight(&run);
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > WAITING_BYTES || self.sender.try_send(ToWrite::Run(run)).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            lost(1);
        }
    }

    /// Returns once everything so far is on disk.
    pub(super) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.sender.send(ToWrite::Flush(done)).await.is_ok() {
            // An error means that the writer has ended, and with it all that waited.
            written.await.ok();
        }
    }
}

fn lost(traces: u64) {
    metrics::counter!("patchcord_traces_lost_total").increment(traces);
}

/// Adds the trace of a run to a batch. Says whether that could be done.
pub(super) fn put(batch: &mut Batch, run: &Run) -> bool {
    let put = batch.put_labelled(RUNS, &run.run.to_string(), run, run.labels());
    if let Err(error) = put {
        lost(1);
        tracing::error!(%error, run = %run.run, "the trace of a run was lost");
        return false;
    }
    true
}

/// Waits for something to write, then takes what comes within [`GATHERED`] as well, unless somebody waits for it to be
/// written. False once nothing will come any more.
async fn gather(waiting: &mut mpsc::Receiver<ToWrite>, taken: &mut Vec<ToWrite>) -> bool {
    let Some(first) = waiting.recv().await else { return false };
    let until = tokio::time::Instant::now() + GATHERED;
    let mut hurry = matches!(first, ToWrite::Flush(_));
    taken.push(first);
    while taken.len() < AT_ONCE && !hurry {
        let Ok(Some(next)) = tokio::time::timeout_at(until, waiting.recv()).await else { break };
        hurry = matches!(next, ToWrite::Flush(_));
        taken.push(next);
    }
    true
}

async fn write_down(
    store: Store,
    kept: SignedDuration,
    mut waiting: mpsc::Receiver<ToWrite>,
    waiting_bytes: Arc<AtomicUsize>,
) {
    let mut taken = Vec::with_capacity(AT_ONCE);
    while gather(&mut waiting, &mut taken).await {
        let mut flushed = Vec::new();
        let mut batch = Batch::new();
        let (mut traces, mut bytes) = (0, 0);
        for item in taken.drain(..) {
            match item {
                ToWrite::Run(run) => {
                    bytes += weight(&run);
                    traces += u64::from(put(&mut batch, &run));
                }
                ToWrite::Flush(done) => flushed.push(done),
            }
        }
        if traces > 0 {
            batch.prune(RUNS, Timestamp::now() - kept);
        }
        if let Err(error) = store.write(batch).await {
            lost(traces);
            tracing::error!(%error, traces, "traces of runs were lost");
        }
        waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        for done in flushed {
            done.send(()).ok();
        }
    }
}
