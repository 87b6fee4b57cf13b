//! What a developer runs: demo, test, blocks, clients, languages, console, bench, tidy.
//!
//! It is the first thing that a newcomer waits for, so it depends on next to nothing and parses
//! its few arguments by hand. What plain cargo does is left to plain cargo.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool speaks on its terminal"
)]

mod arguments;
mod bench;
mod blocks;
mod clients;
mod console;
mod debian;
mod demo;
mod languages;
mod process;
mod test;
mod tidy;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use arguments::Task;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match Task::parse(&arguments) {
        Ok(Task::Help) => {
            println!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(task) => task,
        Err(wrong) => {
            eprintln!("xtask: {wrong}; `cargo xtask --help` lists what there is");
            return ExitCode::from(2);
        }
    };
    match Workspace::find().and_then(|workspace| run(&task, &workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task, workspace: &Workspace) -> anyhow::Result<()> {
    match task {
        Task::Help => Ok(()),
        Task::Blocks { check } => blocks::run(workspace, *check),
        Task::Clients => clients::run(workspace),
        Task::Languages => languages::run(workspace),
        Task::Console => console::run(workspace),
        Task::Demo { arguments } => demo::run(workspace, arguments),
        Task::Test => test::run(workspace),
        Task::Tidy => tidy::run(workspace),
        Task::Bench { arguments } => bench::run(workspace, arguments),
    }
}
