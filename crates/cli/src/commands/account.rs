//! `patchcord account …`: setting up integration accounts, as on the console.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use url::Url;

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

/// How long the command waits for somebody to sign in.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// List the integration accounts.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Show an integration account.
    Show(Named),
    /// Make an integration account.
    Add {
        /// Unique name.
        name: String,
        /// Application (client) ID of the app registration.
        #[arg(long)]
        client_id: String,
        /// File with the client secret; `-` reads it from standard input.
        #[arg(long, value_name = "FILE")]
        client_secret_file: PathBuf,
        /// OAuth 2.0 authorization endpoint (v1 or v2).
        #[arg(long, value_name = "URL")]
        authorization_url: Url,
        /// OAuth 2.0 token endpoint (v1 or v2).
        #[arg(long, value_name = "URL")]
        token_url: Url,
        /// Root of the Web API, such as `https://org.crm.dynamics.com/api/data/v9.2`.
        #[arg(long, value_name = "URL")]
        api_url: Url,
        /// Use it where a scenario selects none.
        #[arg(long)]
        default: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Change an integration account; what is not given stays.
    Set {
        /// New name.
        #[arg(long)]
        name: Option<String>,
        /// Application (client) ID of the app registration.
        #[arg(long)]
        client_id: Option<String>,
        /// File with the client secret; `-` reads it from standard input.
        #[arg(long, value_name = "FILE")]
        client_secret_file: Option<PathBuf>,
        /// OAuth 2.0 authorization endpoint (v1 or v2).
        #[arg(long, value_name = "URL")]
        authorization_url: Option<Url>,
        /// OAuth 2.0 token endpoint (v1 or v2).
        #[arg(long, value_name = "URL")]
        token_url: Option<Url>,
        /// Root of the Web API.
        #[arg(long, value_name = "URL")]
        api_url: Option<Url>,
        /// Whether to use it where a scenario selects none.
        #[arg(long, value_name = "BOOL")]
        default: Option<bool>,
        #[command(flatten)]
        which: Named,
    },
    /// Request token: print the address at which to sign in and consent, and wait until it is done.
    Consent {
        /// Ask for consent on behalf of the whole organisation; needs an Entra ID administrator.
        #[arg(long)]
        organisation: bool,
        #[command(flatten)]
        which: Named,
    },
    /// Test connection: ask Dynamics 365 who the account's user is.
    Test(Named),
    /// Remove an integration account with its secrets.
    Remove(Named),
}

/// An account by its name.
#[derive(Args)]
pub(crate) struct Named {
    /// Name of the integration account.
    account: String,
    #[command(flatten)]
    remote: Remote,
}

impl Named {
    async fn find(&self) -> Result<(Client, Value)> {
        let client = Client::from_args(&self.remote)?;
        let account = find(&client, &self.account).await?;
        Ok((client, account))
    }
}

async fn find(client: &Client, name: &str) -> Result<Value> {
    let accounts: Vec<Value> = client.get(&["accounts"]).await?;
    let found = accounts.into_iter().find(|account| account["name"] == name);
    found.ok_or_else(|| anyhow!("there is no integration account `{name}`"))
}

fn id(account: &Value) -> &str {
    account["id"].as_str().unwrap_or_default()
}

pub(crate) async fn run(command: AccountCommand, how: Output) -> Result<()> {
    match command {
        AccountCommand::List { remote } => list(&Client::from_args(&remote)?, how).await,
        AccountCommand::Show(which) => show(&which.find().await?.1, how),
        AccountCommand::Add {
            name,
            client_id,
            client_secret_file,
            authorization_url,
            token_url,
            api_url,
            default,
            remote,
        } => {
            let client = Client::from_args(&remote)?;
            let body = json!({
                "name": name, "default": default, "client_id": client_id,
                "client_secret": secret(&client_secret_file)?, "authorization_url": authorization_url,
                "token_url": token_url, "api_url": api_url,
            });
            show(&client.post(&["accounts"], &body).await?, how)
        }
        AccountCommand::Set {
            name,
            client_id,
            client_secret_file,
            authorization_url,
            token_url,
            api_url,
            default,
            which,
        } => {
            let (client, old) = which.find().await?;
            let given = json!({
                "name": name, "client_id": client_id, "authorization_url": authorization_url,
                "token_url": token_url, "api_url": api_url, "default": default,
                "client_secret": client_secret_file.as_deref().map(secret).transpose()?,
            });
            let body = serde_json::to_vec(&changed(&old, given))?;
            show(&client.put(&["accounts", id(&old)], body).await?, how)
        }
        AccountCommand::Consent { organisation, which } => {
            let (client, account) = which.find().await?;
            consent(&client, &account, organisation, how).await
        }
        AccountCommand::Test(which) => {
            let (client, account) = which.find().await?;
            let account: Value =
                client.post(&["accounts", id(&account), "test"], &json!({})).await?;
            if !how.json {
                println!("Connection is valid.");
            }
            show(&account, how)
        }
        AccountCommand::Remove(which) => {
            let (client, account) = which.find().await?;
            client.delete(&["accounts", id(&account)]).await?;
            println!("Removed {}", which.account);
            Ok(())
        }
    }
}

/// The settings of `old` with what is given put in their place.
fn changed(old: &Value, given: Value) -> Value {
    const SETTINGS: [&str; 7] =
        ["name", "default", "client_id", "authorization_url", "token_url", "api_url", "policy"];
    let mut body: Map<String, Value> =
        SETTINGS.iter().map(|name| ((*name).to_owned(), old[*name].clone())).collect();
    let given = given.as_object().cloned().unwrap_or_default();
    body.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
    Value::Object(body)
}

fn secret(file: &Path) -> Result<String> {
    let mut text = String::new();
    match file.as_os_str() == "-" {
        true => std::io::stdin().read_to_string(&mut text).map(drop),
        false => std::fs::read_to_string(file).map(|read| text = read),
    }
    .with_context(|| format!("cannot read the client secret from {}", file.display()))?;
    // A file ends with a newline that is no part of the secret.
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

async fn list(client: &Client, how: Output) -> Result<()> {
    let accounts: Vec<Value> = client.get(&["accounts"]).await?;
    if how.json {
        return output::json(&accounts);
    }
    let mut table = output::table(&["Name", "Default", "State", "API URL"]);
    for account in &accounts {
        let default = if account["default"] == true { "yes" } else { "" };
        let row = [output::text(&account["name"]), default.to_owned()];
        table.add_row(row.into_iter().chain([state(account), output::text(&account["api_url"])]));
    }
    let empty = "There is no integration account yet; `patchcord account add` makes one.";
    output::list(&table, empty);
    Ok(())
}

fn state(account: &Value) -> String {
    match account["state"].as_str() {
        Some("valid") => "valid".to_owned(),
        _ => format!("consent required: {}", output::text(&account["reason"])),
    }
}

fn show(account: &Value, how: Output) -> Result<()> {
    if how.json {
        return output::json(account);
    }
    let mut table = output::table(&["Field", "Value"]);
    let secret = if account["client_secret_set"] == true { "set" } else { "not set" };
    for (title, field) in [
        ("name", "name"),
        ("default account", "default"),
        ("client ID", "client_id"),
        ("authorization URL", "authorization_url"),
        ("token URL", "token_url"),
        ("API URL", "api_url"),
    ] {
        table.add_row([title.to_owned(), output::text(&account[field])]);
    }
    table.add_row(["client secret", secret]);
    table.add_row(["state".to_owned(), state(account)]);
    let identity = &account["identity"];
    if !identity.is_null() {
        let name = identity["user_name"]
            .as_str()
            .map_or_else(|| output::text(&identity["user_id"]), str::to_owned);
        table.add_row(["consenting user".to_owned(), name]);
        table.add_row(["organisation".to_owned(), output::text(&identity["organization_id"])]);
    }
    println!("{table}");
    Ok(())
}

async fn consent(client: &Client, account: &Value, organisation: bool, how: Output) -> Result<()> {
    let link = begin_consent(client, account, organisation).await?;
    eprintln!("Open this address in a browser, sign in and consent:\n\n  {link}\n\nWaiting …");
    let before = account["since"].clone();
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now: Value = client.get(&["accounts", id(account)]).await?;
        // A consent begins a new state, even where the old one was valid too.
        if now["state"] == "valid" && now["since"] != before && !now["identity"].is_null() {
            if !how.json {
                println!("Connection is valid.");
            }
            return show(&now, how);
        }
    }
    bail!("nobody has signed in within {} minutes", PATIENCE.as_secs() / 60)
}

/// Where to sign in for an account.
pub(crate) async fn begin_consent(
    client: &Client,
    account: &Value,
    organisation: bool,
) -> Result<Url> {
    let query = organisation.then_some(("organisation", "true"));
    let begun: Value = client.post_query(&["accounts", id(account), "consent"], query).await?;
    let link =
        begun["authorize_url"].as_str().context("the server named no address to sign in at")?;
    Ok(Url::parse(link)?)
}
