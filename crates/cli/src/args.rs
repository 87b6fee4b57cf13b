//! The arguments that commands share, and the list of commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use url::Url;

use crate::commands::{account, block, demo, emulator, run, scenario, serve, token};

/// Let a live call ask Dynamics 365 a question.
///
/// Start with `patchcord demo`: it shows a call being answered, and needs no tenant. To set up your own, start
/// `patchcord serve`, then `patchcord account add`, `patchcord account consent`, `patchcord scenario publish` and
/// `patchcord run`.
#[derive(Parser)]
#[command(version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Patchcord {
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How to print.
#[derive(Args, Clone, Copy)]
pub(crate) struct Output {
    /// Print JSON in place of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Answer calls: the HTTP API and the console.
    Serve(serve::ServeArgs),
    /// Start the emulator of Entra ID and Dynamics 365.
    Emulator(emulator::EmulatorArgs),
    /// Run a scenario as a call would.
    Run(run::RunArgs),
    /// List, check, install and try blocks.
    #[command(subcommand)]
    Block(block::BlockCommand),
    /// List, show and publish scenarios.
    #[command(subcommand)]
    Scenario(scenario::ScenarioCommand),
    /// Set up integration accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Make, list and revoke API tokens, on the data folder itself.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Show the whole of it: emulator, server, consent, a scenario and a call.
    Demo(demo::DemoArgs),
}

/// Where the data lies.
#[derive(Args, Clone)]
pub(crate) struct Data {
    /// Data folder: database, key, blocks [default: the platform's data folder for patchcord].
    #[arg(long, env = "PATCHCORD_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Which server to ask, and with what rights.
#[derive(Args, Clone)]
pub(crate) struct Remote {
    /// Address of the server.
    #[arg(long, env = "PATCHCORD_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8460")]
    pub(crate) server: Url,
    /// API token [default: the one that `patchcord serve` left in the data folder].
    #[arg(long, env = "PATCHCORD_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    #[command(flatten)]
    pub(crate) data: Data,
}
