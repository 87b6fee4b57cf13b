//! `cargo xtask test`: what CI runs, cheapest first, and nothing that CI does not run.
//!
//! Every cargo command takes `--workspace`, so that features resolve alike and each dependency is
//! compiled once for checking and once for running. `--all-targets` includes the benchmarks:
//! under `cargo test` criterion runs each once, without measuring. Advisories and licences are
//! `cargo deny`'s, which is not run here because it would have to be built first; the crates that
//! `deny.toml` bans are checked by `tidy`.

use std::num::NonZero;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::debian::need_debian_package;
use crate::workspace::Workspace;
use crate::{blocks, clients, console, demo, languages, process, tidy, toolchain};

/// Tests that run at once, a core: most of them wait, for a deadline, for a browser or for a program that they have started.
const TESTS_A_CORE: usize = 2;

/// A name and the work.
type Step = (&'static str, fn(&Workspace) -> Result<()>);

const STEPS: [Step; 11] = [
    ("format", format),
    ("tidy", tidy::run),
    ("blocks", |workspace| blocks::run(workspace, false)),
    ("clients", clients::run),
    ("console", console::run),
    ("clippy", clippy),
    ("languages", languages::run),
    ("tests", |workspace| cargo_test(workspace, "--all-targets")),
    ("doc tests", |workspace| cargo_test(workspace, "--doc")),
    ("documentation", documentation),
    ("demo", demo_once),
];

/// Runs the steps in order, stops at the first that fails, and sums up.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    need_debian_package("cc", "gcc")?;
    let mut times = Vec::new();
    let mut failure = None;
    for (index, (name, work)) in STEPS.iter().enumerate() {
        println!("\n=== [{}/{}] {name}", index + 1, STEPS.len());
        let start = Instant::now();
        let result = work(workspace);
        times.push(start.elapsed());
        if let Err(error) = result {
            failure = Some(error.context(format!("step `{name}`")));
            break;
        }
    }
    let names: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    println!("\n{}", summary(&names, &times, failure.is_some()));
    failure.map_or(Ok(()), Err)
}

/// One line a step; the last of `times` is the step that failed, where one did.
fn summary(names: &[&str], times: &[Duration], failed: bool) -> String {
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let line = |(index, name): (usize, &&str)| {
        let Some(time) = times.get(index) else {
            return format!("{name:width$}  not run");
        };
        let outcome = if failed && index + 1 == times.len() { "FAILED" } else { "ok" };
        format!("{name:width$}  {outcome:7} {:8.1} s", time.as_secs_f64())
    };
    names.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn format(workspace: &Workspace) -> Result<()> {
    toolchain::need_component(&mut workspace.cargo(&["fmt", "--version"]), "rustfmt")?;
    process::run(&mut workspace.cargo(&["fmt", "--all", "--check"]), "cargo fmt --check")
        .map_err(|error| anyhow!("{error}: run `cargo fmt --all`"))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    toolchain::need_component(&mut workspace.cargo(&["clippy", "--version"]), "clippy")?;
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    process::run(&mut workspace.cargo(&arguments), "cargo clippy")
}

fn cargo_test(workspace: &Workspace, what: &str) -> Result<()> {
    let mut command = workspace.cargo(&["test", "--workspace", what]);
    command.env("PATCHCORD_BLOCKS", workspace.blocks_folder());
    command.env("PATCHCORD_CLIENTS", workspace.clients_folder());
    command.env("PATCHCORD_LANGUAGES", workspace.languages_folder());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    command.env("RUST_TEST_THREADS", (cores * TESTS_A_CORE).to_string());
    process::run(&mut command, "cargo test")
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo(&["doc", "--workspace", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "--deny warnings"), "cargo doc")
}

/// With the program that the tests have built and run: a plain build resolves features differently and would compile
/// wasmtime once more.
fn demo_once(workspace: &Workspace) -> Result<()> {
    process::run(demo::program(workspace).arg("--once"), "patchcord demo --once")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_tells_done_failed_and_not_run_apart() {
        let times = [Duration::from_millis(1500), Duration::from_secs(61)];
        let names = ["format", "tidy", "blocks"];
        assert_eq!(
            summary(&names, &times, true),
            "format  ok           1.5 s\ntidy    FAILED      61.0 s\nblocks  not run"
        );
        assert!(!summary(&names[..2], &times, false).contains("FAILED"));
    }
}
