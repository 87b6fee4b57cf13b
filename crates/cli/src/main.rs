//! The `patchcord` command. Thin: it reads arguments, asks the server or the parts, and prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command does")]

mod args;
mod client;
mod commands;
mod local;
mod output;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use args::{Command, Patchcord};

#[tokio::main]
async fn main() -> ExitCode {
    let Patchcord { output, command } = Patchcord::parse();
    log_to_stderr();
    let done = match command {
        Command::Serve(args) => commands::serve::run(args, output).await,
        Command::Emulator(args) => commands::emulator::run(args, output).await,
        Command::Run(args) => commands::run::run(args, output).await,
        Command::Block(command) => commands::block::run(command, output).await,
        Command::Scenario(command) => commands::scenario::run(command, output).await,
        Command::Account(command) => commands::account::run(command, output).await,
        Command::Token(command) => commands::token::run(command, output).await,
        Command::Demo(args) => commands::demo::run(args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchcord: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("PATCHCORD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
