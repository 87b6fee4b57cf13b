//! `patchcord account …`: setting up integration accounts, as on the console.

mod fields;
mod show;

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use url::Url;

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::commands::account_tables::AccountTables;
use crate::output;
use fields::Fields;

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
    /// Make an integration account. Register the redirect URI first: `patchcord account redirect-uri` prints it.
    Add {
        /// Unique name.
        name: String,
        /// Use it where a scenario selects none.
        #[arg(long)]
        default: bool,
        #[command(flatten)]
        fields: Box<Fields>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Change an integration account; what is not given stays.
    Set {
        /// New name.
        #[arg(long)]
        name: Option<String>,
        /// Whether to use it where a scenario selects none.
        #[arg(long, value_name = "BOOL")]
        default: Option<bool>,
        #[command(flatten)]
        fields: Box<Fields>,
        #[command(flatten)]
        which: Named,
    },
    /// Print the redirect URI that the app registration needs (Authentication, platform Web).
    RedirectUri {
        #[command(flatten)]
        remote: Remote,
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
    /// List the tables of Dynamics 365 that the account may use, or show the columns, choices and keys of one.
    Tables(AccountTables),
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
        AccountCommand::List { remote } => {
            let accounts: Vec<Value> = Client::from_args(&remote)?.get(&["accounts"]).await?;
            show::list(&accounts, how)
        }
        AccountCommand::Show(which) => {
            let (client, account) = which.find().await?;
            show(&client, &account, how).await
        }
        AccountCommand::Add { name, default, fields, remote } => {
            let mut body = fields.body(None)?;
            body.insert("name".into(), name.into());
            body.insert("default".into(), default.into());
            let client = Client::from_args(&remote)?;
            let account = client.post(&["accounts"], &Value::Object(body)).await?;
            show(&client, &account, how).await
        }
        AccountCommand::Set { name, default, fields, which } => {
            let (client, old) = which.find().await?;
            let mut body = fields.body(Some(&old))?;
            body.extend(name.map(|name| ("name".to_owned(), name.into())));
            body.extend(default.map(|default| ("default".to_owned(), default.into())));
            let body = serde_json::to_vec(&body)?;
            let account = client.put(&["accounts", id(&old)], body).await?;
            show(&client, &account, how).await
        }
        AccountCommand::RedirectUri { remote } => {
            let answer = redirect_uri(&Client::from_args(&remote)?).await?;
            match how.json {
                true => output::json(&json!({ "redirect_uri": answer })),
                false => {
                    say!("{answer}");
                    Ok(())
                }
            }
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
                say!("Connection is valid.");
            }
            show(&client, &account, how).await
        }
        AccountCommand::Tables(which) => which.run(how).await,
        AccountCommand::Remove(which) => {
            let (client, account) = which.find().await?;
            client.delete(&["accounts", id(&account)]).await?;
            say!("Removed {}", which.account);
            Ok(())
        }
    }
}

async fn show(client: &Client, account: &Value, how: Output) -> Result<()> {
    // Shown so that it can be registered before anybody signs in.
    let redirect_uri = if how.json { None } else { Some(redirect_uri(client).await?) };
    show::one(account, redirect_uri.as_deref(), how)
}

async fn redirect_uri(client: &Client) -> Result<String> {
    let answer: Value = client.get(&["accounts", "redirect-uri"]).await?;
    Ok(output::text(&answer["redirect_uri"]))
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
                say!("Connection is valid.");
            }
            return show(client, &now, how).await;
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
