//! `patchcord token …`: API tokens, made on the data folder itself so that the first one needs no other.

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use patchcord::Scope;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use crate::args::{Data, Output};
use crate::output;

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make an API token. It is shown once.
    Create {
        /// What it is for.
        name: String,
        /// What its bearer may do; each scope includes those before it.
        #[arg(long, value_enum, default_value_t = ScopeArg::Run)]
        scope: ScopeArg,
        #[command(flatten)]
        data: Data,
    },
    /// List the API tokens, without the tokens.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Revoke an API token.
    Revoke {
        /// Its id, as `patchcord token list` shows it.
        id: Uuid,
        #[command(flatten)]
        data: Data,
    },
}

/// What the bearer of a token may do.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ScopeArg {
    /// Run scenarios and read their traces.
    Run,
    /// Publish scenarios and try blocks.
    Design,
    /// Change integration accounts and install blocks.
    Administer,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Run => Self::Run,
            ScopeArg::Design => Self::Design,
            ScopeArg::Administer => Self::Administer,
        }
    }
}

pub(crate) async fn run(command: TokenCommand, how: Output) -> Result<()> {
    match command {
        TokenCommand::Create { name, scope, data } => {
            let access = data.open_access().await?;
            let issued = access.tokens.issue(&name, scope.into()).await?;
            access.note("token.create", &issued.id.to_string()).await?;
            let token = issued.token.expose_secret();
            match how.json {
                true => output::json(&json!({ "id": issued.id, "token": token }))?,
                false => {
                    say!("{token}");
                    eprintln!(
                        "Keep it: it is not shown again. `patchcord token revoke {}` revokes it.",
                        issued.id
                    );
                }
            }
        }
        TokenCommand::List { data } => {
            let tokens = data.open_access().await?.tokens.list().await?;
            if how.json {
                let public = |t: &patchcord::ApiToken| json!({ "id": t.id, "name": t.name, "scope": t.scope, "created_at": t.created_at });
                return output::json(&tokens.iter().map(public).collect::<Vec<_>>());
            }
            let mut table = output::table(&["Id", "Name", "Scope", "Created"]);
            for token in tokens {
                let scope = output::text(&json!(token.scope));
                table.add_row([
                    token.id.to_string(),
                    token.name,
                    scope,
                    token.created_at.to_string(),
                ]);
            }
            let empty = "There is no API token yet; `patchcord token create NAME` makes one.";
            output::list(&table, empty);
        }
        TokenCommand::Revoke { id, data } => {
            let access = data.open_access().await?;
            access.tokens.revoke(id).await?;
            access.note("token.revoke", &id.to_string()).await?;
            say!("Revoked {id}; a server that is running takes note within five seconds");
        }
    }
    Ok(())
}
