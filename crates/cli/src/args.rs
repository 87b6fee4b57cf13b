//! The arguments that commands share.

use std::path::PathBuf;

use clap::Args;
use url::Url;

/// How to print.
#[derive(Args, Clone, Copy)]
pub(crate) struct Output {
    /// Print JSON in place of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Where the data lies.
#[derive(Args, Clone)]
pub(crate) struct Data {
    /// Data folder: database, key, blocks [default: the platform's data folder for patchcord].
    #[arg(long, env = "PATCHCORD_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// How OCI registries are asked.
#[derive(Args, Clone)]
pub(crate) struct RegistryArgs {
    /// File with user names and passwords of OCI registries, as `docker login` writes it.
    #[arg(long, env = "PATCHCORD_REGISTRY_AUTH", value_name = "FILE")]
    registry_auth: Option<PathBuf>,
    /// Registry that speaks plain HTTP, such as `registry.internal:5000`; may be given several times. Those on this
    /// machine do so without being named.
    #[arg(
        long,
        env = "PATCHCORD_PLAIN_HTTP_REGISTRIES",
        value_name = "HOST:PORT",
        value_delimiter = ','
    )]
    plain_http_registry: Vec<String>,
}

impl From<RegistryArgs> for patchcord::Registries {
    fn from(args: RegistryArgs) -> Self {
        Self { auth: args.registry_auth, plain_http: args.plain_http_registry }
    }
}

/// Which server to ask, and with what rights.
#[derive(Args, Clone)]
pub(crate) struct Remote {
    /// Address of the server.
    #[arg(
        long,
        env = "PATCHCORD_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8460"
    )]
    pub(crate) server: Url,
    /// API token [default: the one that `patchcord serve` left in the data folder].
    #[arg(long, env = "PATCHCORD_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    #[command(flatten)]
    pub(crate) data: Data,
}
