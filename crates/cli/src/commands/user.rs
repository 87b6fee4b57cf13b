//! `patchcord user …`: who signs in to the console, on the data folder itself: to set a server up unattended, and to come
//! back in where nobody can.

use std::io::Read;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use patchcord::{Role, new_secret};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::args::{Data, Output};
use crate::local::Access;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user. Without --password-stdin a password is made and shown once.
    Add {
        /// Name with which the user signs in; case does not matter.
        name: String,
        /// What the user may do; each role includes those before it.
        #[arg(long, value_enum)]
        role: RoleArg,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        data: Data,
    },
    /// List the users.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Set the password of a user, whose sessions end. Without --password-stdin one is made and shown once.
    Password {
        /// Name of the user.
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        data: Data,
    },
    /// Change the role of a user.
    Role {
        /// Name of the user.
        name: String,
        /// What the user may do.
        #[arg(value_enum)]
        role: RoleArg,
        #[command(flatten)]
        data: Data,
    },
    /// Remove a user, whose sessions end.
    Remove {
        /// Name of the user.
        name: String,
        #[command(flatten)]
        data: Data,
    },
}

/// Where a password comes from. It is never an argument: those are seen by all who may list processes.
#[derive(Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from standard input, a line.
    #[arg(long)]
    password_stdin: bool,
}

/// What a user may do.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArg {
    /// Look at accounts, scenarios, blocks and runs.
    Viewer,
    /// Draft, publish and route scenarios, try them and blocks.
    Designer,
    /// Change accounts, blocks, users and tokens, and read the audit log.
    Administrator,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Viewer => Self::Viewer,
            RoleArg::Designer => Self::Designer,
            RoleArg::Administrator => Self::Administrator,
        }
    }
}

pub(crate) async fn run(command: UserCommand, how: Output) -> Result<()> {
    match command {
        UserCommand::Add { name, role, password, data } => {
            let (access, password) = (data.open_access().await?, password.take()?);
            let user = access.users.add(&name, role.into(), &password.secret).await?;
            access.note("user.add", &user.name).await?;
            password.tell(&user.name, how)
        }
        UserCommand::List { data } => list(&data.open_access().await?, how).await,
        UserCommand::Password { name, password, data } => {
            let (access, password) = (data.open_access().await?, password.take()?);
            let user = access.users.set_password(&name, &password.secret).await?;
            access.note("user.password", &user.name).await?;
            password.tell(&user.name, how)
        }
        UserCommand::Role { name, role, data } => {
            let access = data.open_access().await?;
            let user = access.users.set_role(&name, role.into()).await?;
            access.note("user.role", &user.name).await?;
            say!("{} is {} from the next request on", user.name, output::text(&json!(user.role)));
            Ok(())
        }
        UserCommand::Remove { name, data } => {
            let access = data.open_access().await?;
            let user = access.users.remove(&name).await?;
            access.note("user.remove", &user.name).await?;
            say!("Removed {}", user.name);
            Ok(())
        }
    }
}

async fn list(access: &Access, how: Output) -> Result<()> {
    let users = access.users.list().await?;
    if how.json {
        return output::json(&users);
    }
    let mut table = output::table(&["Name", "Role", "Since", "Password set"]);
    for user in users {
        let role = output::text(&json!(user.role));
        table.add_row([
            user.name,
            role,
            user.created_at.to_string(),
            user.password_set_at.to_string(),
        ]);
    }
    let empty = "There is no user yet; `patchcord user add NAME --role administrator` makes one.";
    output::list(&table, empty);
    Ok(())
}

/// A password, and whether it was made here.
struct Password {
    secret: SecretString,
    made: bool,
}

impl PasswordArgs {
    fn take(&self) -> Result<Password> {
        if !self.password_stdin {
            return Ok(Password { secret: new_secret(), made: true });
        }
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("the password cannot be read")?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains('\n') {
            bail!("standard input holds several lines; a password is one");
        }
        Ok(Password { secret: line.into(), made: false })
    }
}

impl Password {
    /// Shows a password that nobody knows yet.
    fn tell(&self, name: &str, how: Output) -> Result<()> {
        let made = self.made.then(|| self.secret.expose_secret());
        match (how.json, made) {
            (true, made) => return output::json(&json!({ "name": name, "password": made })),
            (false, Some(password)) => {
                say!("{password}");
                eprintln!("The password of {name}. Keep it: it is not shown again.");
            }
            (false, None) => say!("The password of {name} is set"),
        }
        Ok(())
    }
}
