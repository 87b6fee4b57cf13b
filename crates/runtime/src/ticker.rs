//! Advances the engine's epoch while guests run, so that a guest which computes is interrupted now and then. One thread
//! a runtime; it sleeps for good while nothing runs, and ends with the runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

use crate::RuntimeError;

pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

struct Shared {
    running: AtomicUsize,
    stopped: AtomicBool,
}

impl Ticker {
    pub(crate) fn start(engine: Engine, tick: Duration) -> Result<Self, RuntimeError> {
        let shared =
            Arc::new(Shared { running: AtomicUsize::new(0), stopped: AtomicBool::new(false) });
        let watched = Arc::clone(&shared);
        let handle = thread::Builder::new()
            .name("patchcord-epoch".into())
            .spawn(move || watched.tick(&engine, tick))
            .map_err(|error| RuntimeError::Engine(format!("no thread for its clock: {error}")))?;
        Ok(Self { shared, thread: handle.thread().clone() })
    }

    /// Keeps the epoch advancing for as long as the answer lives.
    pub(crate) fn running(&self) -> Running<'_> {
        if self.shared.running.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Running(&self.shared)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Shared {
    fn tick(&self, engine: &Engine, tick: Duration) {
        while !self.stopped.load(Ordering::SeqCst) {
            if self.running.load(Ordering::SeqCst) == 0 {
                thread::park();
            } else {
                thread::sleep(tick);
                engine.increment_epoch();
            }
        }
    }
}

/// Says that a guest is at work.
pub(crate) struct Running<'a>(&'a Shared);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_thread_ends_with_it() {
        let mut config = wasmtime::Config::new();
        let engine = Engine::new(config.epoch_interruption(true)).unwrap();
        let ticker = Ticker::start(engine, Duration::from_millis(1)).unwrap();
        let thread = Arc::downgrade(&ticker.shared);
        drop(ticker.running());
        drop(ticker);
        for _ in 0..10_000 {
            if thread.strong_count() == 0 {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("the thread outlives its ticker");
    }

    #[test]
    fn it_ticks_while_something_runs() {
        let mut config = wasmtime::Config::new();
        let engine = Engine::new(config.epoch_interruption(true)).unwrap();
        let ticker = Ticker::start(engine.clone(), Duration::from_millis(1)).unwrap();
        for _ in 0..3 {
            let running = ticker.running();
            let mut store = wasmtime::Store::new(&engine, ());
            store.set_epoch_deadline(3);
            let wasm = wat::parse_str("(module (func (export \"f\") (loop $l (br $l))))").unwrap();
            let module = wasmtime::Module::new(&engine, wasm).unwrap();
            let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
            let spin = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
            let error = spin.call(&mut store, ()).unwrap_err();
            let trap = error.downcast_ref::<wasmtime::Trap>();
            assert_eq!(trap, Some(&wasmtime::Trap::Interrupt), "{error:?}");
            drop(running);
            thread::sleep(Duration::from_millis(5));
        }
    }
}
