//! Printing: tables for people, JSON for programs. Nothing else writes to standard output.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

use patchcord::runtime::{HostCall, TracedAttempt};
use patchcord::scenario::StepTrace;
pub(crate) use patchcord::scenario::plain as text;

/// Whether somebody waits for [`UNREAD`].
static IS_WAITED_FOR: AtomicBool = AtomicBool::new(false);
/// Told when nobody reads any further what is printed.
static UNREAD: Notify = Notify::const_new();

/// Prints a line, as `println!` does.
macro_rules! say {
    () => { $crate::output::write(format_args!("\n")) };
    ($($told:tt)*) => { $crate::output::line(format_args!($($told)*)) };
}

pub(crate) fn line(told: Arguments<'_>) {
    write(format_args!("{told}\n"));
}

/// Prints a part of a line, at once. Whoever reads may have read enough, as `head` does: the program ends then, and quietly.
pub(crate) fn write(told: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_fmt(told).and_then(|()| out.flush()) {
        if error.kind() != ErrorKind::BrokenPipe {
            eprintln!("patchcord: what there is to say cannot be written: {error}");
            std::process::exit(1);
        }
        if !IS_WAITED_FOR.load(Ordering::Relaxed) {
            std::process::exit(0);
        }
        UNREAD.notify_one();
    }
}

/// Ready when nobody reads any further. The program does not end by itself then: whoever waits for this has started
/// something that has to be ended before.
pub(crate) async fn unread() {
    IS_WAITED_FOR.store(true, Ordering::Relaxed);
    UNREAD.notified().await;
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints a value as one line of JSON: what a program waits for.
pub(crate) fn json_line(value: &impl Serialize) -> Result<()> {
    say!("{}", serde_json::to_string(value)?);
    Ok(())
}

/// A table in the one style.
pub(crate) fn table(titles: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(
            titles.iter().map(|title| Cell::new(title).add_attribute(comfy_table::Attribute::Bold)),
        );
    table
}

/// Prints a table, or, where it has no row, what to do about that.
pub(crate) fn list(table: &Table, empty: &str) {
    match table.row_count() {
        0 => say!("{empty}"),
        _ => say!("{table}"),
    }
}

/// A cell for a number.
pub(crate) fn number(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A point in time to the second, in UTC.
pub(crate) fn moment(value: &Value) -> String {
    let text = text(value);
    match text.split_once('.') {
        Some((seconds, _)) => format!("{}Z", seconds.replace('T', " ")),
        None => text,
    }
}

/// Text of a JSON value, cut where a table would become unreadable; `--json` has it whole.
pub(crate) fn short(value: &Value) -> String {
    const LONGEST: usize = 100;
    let whole = match value {
        Value::Array(records) => format!("{} record(s): {value}", records.len()),
        other => text(other),
    };
    match whole.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &whole[..at]),
        None => whole,
    }
}

/// The steps of a run.
pub(crate) fn steps(steps: &[StepTrace]) -> Table {
    let mut table = table(&["#", "Step", "Block", "Exit", "ms", "Dynamics 365"]);
    for (index, step) in steps.iter().enumerate() {
        let exit = step.exit.as_deref().unwrap_or("(end)");
        let exit = match &step.failure {
            Some(failure) => Cell::new(format!("{exit}: {}", failure.message)).fg(Color::Red),
            None => Cell::new(exit).fg(Color::Green),
        };
        let calls = step.host_calls.iter().map(|call| {
            let answer = call.status.map_or("no answer".to_owned(), |status| status.to_string());
            format!("{} {} → {answer}{}", operation(call), call.entity_set, way(call))
        });
        table.add_row([
            number(index + 1),
            Cell::new(&step.title),
            Cell::new(&step.block),
            exit,
            number(format!("{:.1}", step.elapsed_us as f64 / 1e3)),
            Cell::new(calls.collect::<Vec<_>>().join("\n")),
        ]);
    }
    table
}

/// What a call went through before its answer, where that was more than one request at once.
fn way(call: &HostCall) -> String {
    let ended = |attempt: &TracedAttempt| match (attempt.status, &attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, error) => error.clone().unwrap_or_else(|| "no answer".to_owned()),
    };
    let attempts: Vec<_> = call.attempts.iter().map(ended).collect();
    let mut told = Vec::new();
    if !attempts.is_empty() {
        told.push(format!("{} requests: {}", attempts.len(), attempts.join(", ")));
    }
    let pauses: u64 = call.attempts.iter().map(|attempt| attempt.pause_us).sum();
    for (us, why) in [
        (u64::from(call.gate_us), "until the account might send"),
        (u64::from(call.token_us), "for a token"),
        (pauses, "between requests"),
    ] {
        if us >= 1_000 {
            told.push(format!("waited {} ms {why}", us / 1_000));
        }
    }
    if told.is_empty() { String::new() } else { format!(" ({})", told.join("; ")) }
}

fn operation(call: &HostCall) -> String {
    serde_json::to_value(call.operation).map(|value| text(&value)).unwrap_or_default()
}
