//! Signals, caught from the moment at which they are asked for: a process that has said that it is ready must not be
//! ended by a signal that it promises to handle.

use std::future::Future;

use anyhow::{Context, Result};

/// Ready when the process is told to stop, by Ctrl-C or SIGTERM.
///
/// # Errors
/// The operating system does not let signals be caught.
#[cfg(unix)]
pub(crate) fn stop() -> Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::SignalKind;
    let mut interrupted = caught(SignalKind::interrupt())?;
    let mut terminated = caught(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Does `work` at each SIGHUP.
///
/// # Errors
/// The operating system does not let signals be caught.
#[cfg(unix)]
pub(crate) fn at_each_hangup<W: Future<Output = ()> + Send>(
    work: impl Fn() -> W + Send + 'static,
) -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut hung_up = caught(tokio::signal::unix::SignalKind::hangup())?;
    Ok(async move {
        while hung_up.recv().await.is_some() {
            work().await;
        }
    })
}

#[cfg(unix)]
fn caught(kind: tokio::signal::unix::SignalKind) -> Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(kind).context("signals cannot be caught")
}

/// Ready at Ctrl-C.
///
/// # Errors
/// None here.
#[cfg(not(unix))]
pub(crate) fn stop() -> Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// There is no SIGHUP here.
///
/// # Errors
/// None here.
#[cfg(not(unix))]
pub(crate) fn at_each_hangup<W: Future<Output = ()> + Send>(
    _work: impl Fn() -> W + Send + 'static,
) -> Result<impl Future<Output = ()> + Send + 'static> {
    Ok(std::future::pending::<()>())
}
