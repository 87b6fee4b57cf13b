//! `patchcord block push`: puts a block into an OCI registry, from where servers can install it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use super::install::signature;
use super::read;
use crate::args::{Output, RegistryArgs};
use crate::output;

#[derive(Args)]
pub(crate) struct PushArgs {
    /// The component (*.wasm).
    file: PathBuf,
    /// Where to, such as oci://ghcr.io/acme/greet:1.0.0.
    address: String,
    /// Its minisign signature [default: the file beside it with `.minisig` after its name, where there is one].
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(super) async fn push(args: PushArgs, how: Output) -> Result<()> {
    let signature = signature(&args.file, args.signature.as_deref())?;
    let signature = signature.map(String::from_utf8).transpose();
    let signature = signature.context("the signature is no text")?;
    let bytes = read(&args.file)?;
    let registries = args.registries.into();
    let by_digest = patchcord::push_block(&registries, &args.address, bytes, signature).await?;
    match how.json {
        true => output::json(&json!({ "address": args.address, "digest_address": by_digest }))?,
        false => say!("Pushed {} (by digest: {by_digest})", args.address),
    }
    Ok(())
}
