//! `patchcord block new`: a project to begin with.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::args::Output;
use crate::authoring::language::Language;
use crate::authoring::template;
use crate::output;

#[derive(Args)]
pub(crate) struct NewArgs {
    /// Name of the block, such as `greet-caller`: its id becomes example.NAME.
    name: String,
    /// The language to write it in.
    #[arg(long, default_value = "rust")]
    language: Language,
    /// Folder to make [default: one named after the block, here].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn new(args: &NewArgs, how: Output) -> Result<()> {
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    template::write(&folder, &args.name, args.language)?;
    if how.json {
        return output::json(&json!({ "folder": folder, "id": format!("example.{}", args.name) }));
    }
    let (folder, main) = (folder.display(), main_file(args.language));
    say!("Made {folder}: the block is in {folder}/{main}, its test cases in {folder}/cases.json");
    say!("Next:");
    if args.language == Language::Rust {
        say!("  patchcord block build {folder}");
    } else {
        say!(
            "  patchcord block build --install {folder}   (installs the language's tools into it)"
        );
    }
    say!("  patchcord block test {folder}");
    say!("  patchcord dev {folder}   (beside a running `patchcord serve`)");
    Ok(())
}

fn main_file(language: Language) -> &'static str {
    match language {
        Language::Rust => "src/lib.rs",
        other => other.marker(),
    }
}
