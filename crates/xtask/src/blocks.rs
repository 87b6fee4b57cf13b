//! Builds the blocks into components under `target/blocks`, one file a block, named after its
//! folder.
//!
//! The linker that comes with Rust makes the component, so no further tool is needed. It is set
//! for this build only: a wasm build of anything else keeps its usual linker. Machine paths are
//! mapped away, so that the same source gives the same bytes everywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Package, TargetKind};

use crate::process;
use crate::toolchain::{self, Toolchain, WASM_TARGET};
use crate::workspace::Workspace;

/// `\0asm`, then the version and layer of a component. A core module has another.
const COMPONENT_HEADER: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/// In place of 1 MiB: no more than a block needs that reads JSON of the depth that it may be given. Putting a sandbox back as it
/// was takes the longer, the more memory there is to look through.
const STACK: &str = "-Clink-arg=-zstack-size=131072";

struct Block {
    package: String,
    /// The folder's name, and the stem of the file that is handed on.
    name: String,
    /// The stem of the file that cargo makes.
    artifact: String,
}

/// `cargo xtask blocks`: builds and hands on, or only compares.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let changed = build(workspace, check)?;
    if check && !changed.is_empty() {
        bail!("not up to date in target/blocks: {} (cargo xtask blocks)", changed.join(", "));
    }
    let folder = workspace.blocks_folder();
    match changed.len() {
        0 => println!("the blocks in {} are up to date", folder.display()),
        _ => println!("new in {}: {}", folder.display(), changed.join(", ")),
    }
    Ok(())
}

/// Builds all blocks and returns the names of those whose bytes changed; with `check` nothing is
/// written to `target/blocks`.
pub(crate) fn build(workspace: &Workspace, check: bool) -> Result<Vec<String>> {
    toolchain::need_wasm_target()?;
    let toolchain = Toolchain::probe()?;
    let blocks = blocks_of(workspace)?;
    process::run(&mut cargo_build(workspace, &toolchain, &blocks)?, "building the blocks")?;
    let folder = workspace.blocks_folder();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut changed = Vec::new();
    for block in blocks {
        if hand_on(workspace, &folder, &block, check)? {
            changed.push(block.name);
        }
    }
    Ok(changed)
}

fn blocks_of(workspace: &Workspace) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for member in &workspace.members {
        if let Some(name) = workspace.folder_of(member).strip_prefix("blocks/") {
            let artifact = artifact_of(member).with_context(|| {
                format!("blocks/{name}/Cargo.toml: a block needs crate-type cdylib")
            })?;
            blocks.push(Block {
                package: member.name.to_string(),
                name: name.to_owned(),
                artifact,
            });
        }
    }
    if blocks.is_empty() {
        bail!("there is no package under blocks/");
    }
    blocks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(blocks)
}

fn artifact_of(member: &Package) -> Option<String> {
    let library = member.targets.iter().find(|target| target.is_kind(TargetKind::CDyLib))?;
    Some(library.name.replace('-', "_"))
}

fn cargo_build(workspace: &Workspace, toolchain: &Toolchain, blocks: &[Block]) -> Result<Command> {
    let mut command = workspace.cargo(&["build", "--profile", "block", "--target", WASM_TARGET]);
    for block in blocks {
        command.args(["--package", &block.package]);
    }
    command.arg("--target-dir").arg(&workspace.target);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", toolchain.component_linker()?);
    // Encoded, because a path may hold a space; it also keeps a RUSTFLAGS of the developer's out.
    let mut flags = path_mappings(workspace, toolchain);
    flags.push(STACK.to_owned());
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    Ok(command)
}

/// The later a mapping, the more it counts: the target folder is usually within the root, and a
/// mirror of the registry unpacks the same crates into a folder of another name.
fn path_mappings(workspace: &Workspace, toolchain: &Toolchain) -> Vec<String> {
    let library = toolchain.sysroot.join("lib/rustlib/src/rust");
    let mut mappings = vec![
        (workspace.root.clone(), "/patchcord".to_owned()),
        (workspace.target.clone(), "/target".to_owned()),
        (library, format!("/rustc/{}", toolchain.commit)),
    ];
    if let Some(home) = cargo_home() {
        let registries = home.join("registry/src").read_dir().into_iter().flatten().flatten();
        let registries = registries.map(|entry| (entry.path(), "/cargo/registry".to_owned()));
        mappings.push((home, "/cargo".to_owned()));
        mappings.extend(registries);
    }
    let flag =
        |(from, to): (PathBuf, String)| format!("--remap-path-prefix={}={to}", from.display());
    mappings.into_iter().map(flag).collect()
}

fn cargo_home() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// Returns whether the file in `folder` differed. One that does not is left alone, so that
/// whoever watches it or caches by its time sees no change.
fn hand_on(workspace: &Workspace, folder: &Path, block: &Block, check: bool) -> Result<bool> {
    let built =
        workspace.target.join(WASM_TARGET).join("block").join(format!("{}.wasm", block.artifact));
    let bytes = fs::read(&built).with_context(|| format!("cannot read {}", built.display()))?;
    if !bytes.starts_with(&COMPONENT_HEADER) {
        bail!("{} is no component: the component linker was not used", built.display());
    }
    let handed = folder.join(format!("{}.wasm", block.name));
    if fs::read(&handed).is_ok_and(|before| before == bytes) {
        return Ok(false);
    }
    if !check {
        // Never half a block, for a server that reads the folder meanwhile.
        let draft = folder.join(format!("{}.wasm.draft", block.name));
        fs::write(&draft, &bytes)
            .and_then(|()| fs::rename(&draft, &handed))
            .with_context(|| format!("cannot write {}", handed.display()))?;
    }
    Ok(true)
}
