//! What the Rust toolchain has and lacks: its place, the wasm target, the component linker.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The toolchain in use.
pub(crate) struct Toolchain {
    pub(crate) sysroot: PathBuf,
    host: String,
    /// The commit that rustc was built from; the standard library's own paths hold it.
    pub(crate) commit: String,
}

impl Toolchain {
    /// Asks rustc.
    pub(crate) fn probe() -> Result<Self> {
        let sysroot = rustc(&["--print", "sysroot"])?.trim().into();
        let version = rustc(&["--version", "--verbose"])?;
        let (host, commit) = (field(&version, "host")?, field(&version, "commit-hash")?);
        Ok(Self { sysroot, host, commit })
    }

    /// The linker that comes with Rust and turns a core module into a component.
    pub(crate) fn component_linker(&self) -> Result<PathBuf> {
        let program = format!("wasm-component-ld{}", std::env::consts::EXE_SUFFIX);
        let path = self.sysroot.join("lib/rustlib").join(&self.host).join("bin").join(program);
        if !path.is_file() {
            bail!(
                "{} is missing: use the toolchain that rust-toolchain.toml names, installed by rustup",
                path.display()
            );
        }
        Ok(path)
    }
}

/// Adds the wasm target where rustc lacks it.
pub(crate) fn need_wasm_target() -> Result<()> {
    if has_wasm_target()? {
        return Ok(());
    }
    println!("adding the Rust target {WASM_TARGET} …");
    let mut add = Command::new("rustup");
    add.args(["target", "add", WASM_TARGET]);
    process::run(&mut add, "rustup target add").with_context(|| {
        format!("this rustc has no target {WASM_TARGET}, and it cannot be added")
    })?;
    if !has_wasm_target()? {
        bail!(
            "rustup added {WASM_TARGET}, but the rustc in PATH does not see it: use rustup's rustc"
        );
    }
    Ok(())
}

/// Adds a part of the toolchain that a minimal installation lacks, such as `clippy`.
pub(crate) fn need_component(cargo: &mut Command, component: &str) -> Result<()> {
    if process::succeeds(cargo) {
        return Ok(());
    }
    println!("adding the Rust component {component} …");
    let mut add = Command::new("rustup");
    add.args(["component", "add", component]);
    process::run(&mut add, &format!("rustup component add {component}"))
}

fn has_wasm_target() -> Result<bool> {
    let folder = rustc(&["--print", "target-libdir", "--target", WASM_TARGET])?;
    let Ok(entries) = Path::new(folder.trim()).read_dir() else {
        return Ok(false);
    };
    Ok(entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
}

fn rustc(arguments: &[&str]) -> Result<String> {
    process::output_of(Command::new("rustc").args(arguments), "rustc")
}

/// One `name: value` line of `rustc --version --verbose`.
fn field(version: &str, name: &str) -> Result<String> {
    let value = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.map(str::to_owned).with_context(|| format!("rustc does not tell its {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_whole_name() {
        let version =
            "rustc 1.95.0 (abc 2026-04-14)\ncommit-hash: abc\ncommit-date: 2026-04-14\nhost: x\n";
        assert_eq!(field(version, "commit-hash").unwrap(), "abc");
        assert_eq!(field(version, "host").unwrap(), "x");
        assert!(field(version, "commit").is_err());
    }
}
