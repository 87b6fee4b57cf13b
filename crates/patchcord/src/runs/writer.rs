//! Writes traces down after the answer, many at once. A caller never waits for it: where too many wait, traces are lost
//! and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use patchcord_store::{Batch, Store};
use tokio::sync::{mpsc, oneshot};

use super::recent::weight;
use super::{RECORDINGS, RUNS, Run};
use crate::rehearsal::Recorder;

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

/// A run that is over, and what was recorded of it.
pub(super) struct Ended {
    pub(super) run: Arc<Run>,
    pub(super) recorder: Option<Arc<Recorder>>,
}

/// For how long what is written is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) traces: SignedDuration,
    pub(super) recordings: SignedDuration,
}

impl Kept {
    /// Adds to a batch that what is older is removed.
    pub(super) fn prune(self, batch: &mut Batch) {
        let now = Timestamp::now();
        batch.prune(RUNS, now - self.traces).prune(RECORDINGS, now - self.recordings);
    }
}

enum ToWrite {
    Run(Ended),
    /// Answered once everything before it is written.
    Flush(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task, so this needs a Tokio runtime. What it writes is `kept` for so long.
    pub(super) fn start(store: Store, kept: Kept) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        let waiting_bytes = Arc::default();
        tokio::spawn(write_down(store, kept, waiting, Arc::clone(&waiting_bytes)));
        Self { sender, waiting_bytes }
    }

    pub(super) fn write(&self, ended: Ended) {
        let bytes = ended.weight();
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > WAITING_BYTES || self.sender.try_send(ToWrite::Run(ended)).is_err() {
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

impl Ended {
    fn weight(&self) -> usize {
        weight(&self.run) + self.recorder.as_ref().map_or(0, |recorder| recorder.weight())
    }

    /// Adds the trace and the recording to a batch. Says whether the trace could be added.
    pub(super) fn put(&self, batch: &mut Batch) -> bool {
        let run = &*self.run;
        let key = run.run.to_string();
        if let Err(error) = batch.put_labelled(RUNS, &key, run, run.labels()) {
            lost(1);
            tracing::error!(%error, run = key, "the trace of a run was lost");
            return false;
        }
        if let Some(recorder) = &self.recorder {
            let recording = recorder.recording(&run.scenario, run.version, &run.steps);
            if let Err(error) = batch.put_sealed(RECORDINGS, &key, &recording) {
                tracing::error!(%error, run = key, "the recording of a run was lost");
            }
        }
        true
    }
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
    kept: Kept,
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
                ToWrite::Run(ended) => {
                    bytes += ended.weight();
                    traces += u64::from(ended.put(&mut batch));
                }
                ToWrite::Flush(done) => flushed.push(done),
            }
        }
        if traces > 0 {
            kept.prune(&mut batch);
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
