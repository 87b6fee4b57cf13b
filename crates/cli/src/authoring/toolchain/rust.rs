//! Rust: cargo, its target for wasm, and the linker beside it that makes components.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{output, run};
use crate::authoring::project::Project;

const TARGET: &str = "wasm32-unknown-unknown";
/// Set for this build only: a wasm build of anything else keeps its usual linker.
const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";

pub(in crate::authoring) fn build(project: &Project, component: &Path) -> Result<()> {
    let linker = linker(project)?;
    need_target(project)?;
    let built = cargo_build(project, &linker)?;
    std::fs::copy(&built, component)
        .with_context(|| format!("cannot copy {}", built.display()))
        .map(drop)
}

/// Builds, and returns where cargo says that the component is.
fn cargo_build(project: &Project, linker: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&project.folder).env(LINKER, linker);
    cargo.args(["build", "--release", "--lib", "--target", TARGET]);
    cargo.arg("--message-format=json-render-diagnostics");
    let built = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let built = built.context("cargo cannot be started")?;
    if !built.status.success() {
        bail!("cargo build failed ({}): what is wrong stands above", built.status);
    }
    let said = String::from_utf8_lossy(&built.stdout);
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    // The project's own artefact comes last, after those of what it depends on.
    let files = messages.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    let files = files.filter_map(|file| Some(PathBuf::from(file.as_str()?)));
    let wasm: Vec<PathBuf> =
        files.filter(|file| file.extension() == Some(OsStr::new("wasm"))).collect();
    let wasm = wasm.into_iter().next_back();
    wasm.context(
        "cargo made no wasm file: Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`",
    )
}

/// The linker that comes with Rust and turns a core module into a component.
fn linker(project: &Project) -> Result<PathBuf> {
    let rustc = |asked: &str| {
        output(Command::new("rustc").current_dir(&project.folder).args(["--print", asked]))
    };
    let (Some(sysroot), Some(host)) = (rustc("sysroot"), rustc("host-tuple")) else {
        let how = "install it by rustup, as https://rustup.rs says".to_owned();
        let what = concat!("Rust (", env!("CARGO_PKG_RUST_VERSION"), " or newer)");
        return Err(project.missing(what, &[how]));
    };
    let name = format!("wasm-component-ld{}", std::env::consts::EXE_SUFFIX);
    let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin").join(name);
    match linker.is_file() {
        true => Ok(linker),
        false => {
            let how = "rustup toolchain install stable".to_owned();
            Err(project.missing(&format!("Rust's component linker ({})", linker.display()), &[how]))
        }
    }
}

fn need_target(project: &Project) -> Result<()> {
    let has = || {
        let mut rustc = Command::new("rustc");
        rustc.current_dir(&project.folder);
        let folder = output(rustc.args(["--print", "target-libdir", "--target", TARGET]));
        let entries = folder.and_then(|folder| Path::new(&folder).read_dir().ok());
        entries
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    };
    if has() {
        return Ok(());
    }
    let how = format!("rustup target add {TARGET}");
    if !project.install {
        return Err(project.missing(&format!("Rust's target {TARGET}"), &[how]));
    }
    let mut rustup = Command::new("rustup");
    run(rustup.current_dir(&project.folder).args(["target", "add", TARGET]), &how)
}
