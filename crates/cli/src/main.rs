//! The `patchcord` command. Thin: it reads arguments, asks the server or the parts, and prints.
#![allow(clippy::print_stderr, reason = "telling what is wrong is what a command does")]

#[macro_use]
mod output;

mod args;
mod authoring;
mod client;
mod commands;
mod local;
mod signals;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use tracing_subscriber::EnvFilter;

use args::Output;
use commands::{account, block, demo, dev, emulator, route, run, scenario, serve, token, user};

/// A call is handed from thread to thread, and what one thread has allocated another gives back: the allocator of the
/// system lets threads wait for each other there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Let a live call ask Dynamics 365 a question.
///
/// Start with `patchcord demo`: it shows a call being answered, and needs no tenant. To set up your own, start
/// `patchcord serve`, then `patchcord account add`, `patchcord account consent`, `patchcord scenario publish` and
/// `patchcord run`.
#[derive(Parser)]
#[command(version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
struct Patchcord {
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer calls: the HTTP API and the console.
    Serve(serve::ServeArgs),
    /// Start the emulator of Entra ID and Dynamics 365.
    Emulator(emulator::EmulatorArgs),
    /// Run a scenario as a call would.
    Run(run::RunArgs),
    /// Make, build, check, test, install and try blocks.
    #[command(subcommand)]
    Block(Box<block::BlockCommand>),
    /// Watch a block's folder: build, install on the server and run it again at each change.
    Dev(dev::DevArgs),
    /// Draft, check, test, publish, compare and move scenarios.
    #[command(subcommand)]
    Scenario(Box<scenario::ScenarioCommand>),
    /// List, set and test the routes by which calls that name no scenario get one.
    #[command(subcommand)]
    Route(route::RouteCommand),
    /// Set up integration accounts.
    #[command(subcommand)]
    Account(Box<account::AccountCommand>),
    /// Make, list and revoke API tokens, on the data folder itself.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Add, list and remove who signs in to the console, and set passwords, on the data folder itself.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Show the whole of it: emulator, server, consent, a scenario and a call.
    Demo(demo::DemoArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Patchcord { output, command } = Patchcord::parse();
    log_to_stderr(default_level(&command));
    let done = match command {
        Command::Serve(args) => serve::run(args, output).await,
        Command::Emulator(args) => emulator::run(args, output).await,
        Command::Run(args) => run::run(args, output).await,
        Command::Block(command) => block::run(*command, output).await,
        Command::Dev(args) => dev::run(args, output).await,
        Command::Scenario(command) => scenario::run(*command, output).await,
        Command::Route(command) => route::run(command, output).await,
        Command::Account(command) => account::run(*command, output).await,
        Command::Token(command) => token::run(command, output).await,
        Command::User(command) => user::run(command, output).await,
        Command::Demo(args) => demo::run(args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchcord: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is logged where nobody says otherwise. On an author's own machine, what the parts tell an operator is in the way
/// of what the block or the scenario did.
fn default_level(command: &Command) -> &'static str {
    match command {
        Command::Block(_) | Command::Dev(_) | Command::Scenario(_) => "warn",
        _ => "info",
    }
}

fn log_to_stderr(default: &str) {
    let filter =
        EnvFilter::try_from_env("PATCHCORD_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
