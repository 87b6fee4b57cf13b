//! `patchcord demo`: the whole of it, with real parts: the emulator and the server as processes of their own, a consent
//! through their pages, a scenario published and a call placed over HTTP.

mod process;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use patchcord::new_secret;
use patchcord_emulator::Visitor;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use url::Url;

use super::account::begin_consent;
use super::run::{call, print};
use super::scenario::publish;
use crate::client::Client;
use crate::{output, signals};
use process::Child;

const SCENARIO: &str = include_str!("../../../../../examples/scenarios/identify-caller.json");
const ACCOUNT: &str = "Dynamics 365 (demo)";
/// Who signs in to the console of the demo.
const USER: &str = "demo";
const STEPS: usize = 5;

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// End after the call in place of staying up until Ctrl-C.
    #[arg(long)]
    once: bool,
    /// Wait for Enter before each step.
    #[arg(long)]
    step: bool,
    /// Folder with the blocks (*.wasm), as `cargo xtask blocks` builds them.
    #[arg(long, env = "PATCHCORD_BLOCKS", value_name = "DIR", default_value = "target/blocks")]
    blocks: PathBuf,
}

/// What the emulator says when it is ready.
#[derive(Deserialize)]
pub(crate) struct Emulator {
    http_url: Url,
    client_id: String,
    client_secret: String,
    user: String,
    password: String,
    authorization_url: String,
    token_url: String,
    api_url: String,
    pub(crate) sample_caller: Caller,
}

#[derive(Deserialize)]
pub(crate) struct Caller {
    pub(crate) full_name: String,
    pub(crate) phone: String,
}

/// What the server says when it is ready.
#[derive(Deserialize)]
struct Server {
    url: Url,
    console: String,
    token_file: PathBuf,
}

pub(crate) async fn run(args: DemoArgs) -> Result<()> {
    let mut stage = Stage { step: args.step, done: 0, open: false, folder: TempDir::new()? };
    let shown = tokio::select! {
        biased;
        // The parts are processes of their own, and end with what has started them.
        () = output::unread() => return Ok(()),
        shown = show(&args, &mut stage) => shown,
    };
    if shown.is_err() && stage.open {
        // The reason stands on a line of its own.
        say!("failed");
    }
    shown
}

async fn show(args: &DemoArgs, stage: &mut Stage) -> Result<()> {
    ensure!(
        args.blocks.is_dir(),
        "there are no blocks in {}: build them with `cargo xtask blocks`, or say with --blocks where they are",
        args.blocks.display()
    );
    stage.begin("Start the emulator of Entra ID and Dynamics 365")?;
    let (mut emulator_process, emulator) = start_emulator(stage, args.once).await?;
    stage.end(&format!("{} (an emulator: nothing here is real data)", emulator.http_url));

    stage.begin("Start the Patchcord server")?;
    let (mut server_process, server) = start_server(stage, args).await?;
    let token = std::fs::read_to_string(&server.token_file)?;
    let token = SecretString::from(token.trim());
    let client = Client::new(server.url.clone(), token.clone())?;
    stage.end(server.url.as_str());

    stage.begin("Set up an integration account; sign in and consent as the demo user")?;
    let who = consent(&client, &emulator).await.context("the consent did not come about")?;
    stage.end(&format!("Connection is valid, as {who}"));

    stage.begin("Publish the scenario identify-caller")?;
    let saved = publish(&client, SCENARIO.as_bytes().to_vec()).await?;
    stage.end(&format!("version {}", saved["version"]));

    let caller = &emulator.sample_caller;
    stage.begin(&format!("Place a call from {}", caller.phone))?;
    let answer = place_call(&client, caller).await;
    let answer = answer.with_context(|| still_up(&mut emulator_process, &mut server_process))?;
    stage.end("answered");

    say!();
    print(&client, &answer).await?;
    say!("\nThe caller is {}.", caller.full_name);
    if args.once {
        return Ok(());
    }
    let password = add_user(&client).await?;
    invite(&server, &emulator, &token, &password);
    tokio::select! {
        () = signals::stop()? => Ok(()),
        status = emulator_process.ended() => bail!("the emulator ended by itself: {status}"),
        status = server_process.ended() => bail!("the server ended by itself: {status}"),
    }
}

/// Tells what is being done, and where its files lie.
struct Stage {
    step: bool,
    done: usize,
    /// Whether a step has begun and not ended.
    open: bool,
    folder: TempDir,
}

impl Stage {
    fn begin(&mut self, what: &str) -> Result<()> {
        self.done += 1;
        self.open = true;
        output::write(format_args!("[{}/{STEPS}] {what} … ", self.done));
        if self.step {
            output::write(format_args!("(Enter) "));
            std::io::stdin().read_line(&mut String::new())?;
        }
        Ok(())
    }

    fn end(&mut self, what: &str) {
        self.open = false;
        say!("{what}");
    }

    fn folder(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

/// `port` where it is free and the demo stays up for people to come by; a free one otherwise.
fn address(port: u16, once: bool) -> String {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port));
    let free = !once && TcpListener::bind(wanted).is_ok();
    if free { wanted.to_string() } else { "127.0.0.1:0".to_owned() }
}

async fn start_emulator(stage: &Stage, once: bool) -> Result<(Child, Emulator)> {
    let arguments = [
        "emulator",
        "--json",
        "--http",
        &address(8470, once),
        "--https",
        &address(8471, once),
        "--data",
        &stage.folder("emulator"),
    ];
    Child::start("the emulator", &arguments).await
}

async fn start_server(stage: &Stage, args: &DemoArgs) -> Result<(Child, Server)> {
    let arguments = [
        "serve",
        "--json",
        "--listen",
        &address(8460, args.once),
        "--data",
        &stage.folder("patchcord"),
        "--blocks",
        &args.blocks.display().to_string(),
    ];
    Child::start("the server", &arguments).await
}

/// Makes an account of the emulator the default one, and consents as its user.
pub(crate) async fn consent(client: &Client, emulator: &Emulator) -> Result<String> {
    let body = json!({
        "name": ACCOUNT, "default": true, "client_id": emulator.client_id,
        "client_secret": emulator.client_secret, "authorization_url": emulator.authorization_url,
        "token_url": emulator.token_url, "api_url": emulator.api_url,
    });
    let account: Value = client.post(&["accounts"], &body).await?;
    let link = begin_consent(client, &account, false).await?;
    let page = Visitor::new(&emulator.user, &emulator.password)?.visit(&link).await?;
    ensure!(page.status.is_success(), "the sign-in ended at {}: {}", page.status, page.text);
    let id = account["id"].as_str().unwrap_or_default();
    let account: Value = client.get(&["accounts", id]).await?;
    ensure!(account["state"] == "valid", "the account says: {}", account["reason"]);
    let name = account["identity"]["user_name"].as_str();
    Ok(name.unwrap_or(&emulator.user).to_owned())
}

/// Places the call and makes sure that it was really answered with the caller's name.
async fn place_call(client: &Client, caller: &Caller) -> Result<Value> {
    let from = Map::from_iter([("item.from".to_owned(), Value::from(caller.phone.as_str()))]);
    let answer = call(client, "identify-caller", from, Some(8_000), None).await?;
    if let Some(message) = answer["failure"]["message"].as_str() {
        bail!("the run failed: {message}");
    }
    let name = answer["variables"]["caller_name"].as_str();
    ensure!(
        answer["result"] == "known" && name == Some(&caller.full_name),
        "the scenario ended with the result {} and the caller {}, where {} was expected",
        answer["result"],
        answer["variables"]["caller_name"],
        caller.full_name
    );
    Ok(answer)
}

/// Why a call may have failed: which of the parts is down.
fn still_up(emulator: &mut Child, server: &mut Child) -> String {
    match (emulator.is_up(), server.is_up()) {
        (false, _) => "the call failed: the emulator has stopped".to_owned(),
        (_, false) => "the call failed: the server has stopped".to_owned(),
        (true, true) => "the call failed".to_owned(),
    }
}

/// Somebody who can sign in to the console. Returns the password.
async fn add_user(client: &Client) -> Result<SecretString> {
    let password = new_secret();
    let user =
        json!({ "name": USER, "role": "administrator", "password": password.expose_secret() });
    client.post::<Value>(&["users"], &user).await.context("no user can be made")?;
    Ok(password)
}

fn invite(server: &Server, emulator: &Emulator, token: &SecretString, password: &SecretString) {
    say!("\nConsole   {}", server.console);
    say!("          sign in as {USER} with the password {}", password.expose_secret());
    say!("          programs use the API token {}", token.expose_secret());
    say!("Emulator  {}", emulator.http_url);
    say!(
        "\nPlace another call:\n  curl -s {}v1/scenarios/identify-caller/runs -H 'Authorization: Bearer {}' \\\n    \
         -H 'Content-Type: application/json' -d '{{\"variables\": {{\"item.from\": \"{}\"}}}}'\n\nCtrl-C stops everything.",
        server.url,
        token.expose_secret(),
        emulator.sample_caller.phone
    );
}
