//! C: bindings made here, a core module by Zig's compiler of PyPI, and a component around it made here too.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;
use wit_component::ComponentEncoder;

use super::{need_from_pip, output, run};
use crate::authoring::contract;
use crate::authoring::project::Project;

pub(in crate::authoring) fn build(project: &Project, component: &Path) -> Result<()> {
    let mut compiler = compiler(project)?;
    let bindings = project.build_folder().join("bindings");
    let generated = generate(project, &bindings)?;
    let module = project.build_folder().join("core.wasm");
    compiler.current_dir(&project.folder);
    compiler.args(["cc", "-target", "wasm32-wasi", "-mexec-model=reactor", "-Os", "-flto", "-s"]);
    compiler.arg("-I").arg(&bindings).arg("-o").arg(&module);
    compiler.args(sources(project)?).args(generated);
    run(&mut compiler, "the C compiler")?;
    let module = std::fs::read(&module).context("what the C compiler made")?;
    std::fs::write(component, componentized(&module)?)
        .with_context(|| format!("cannot write {}", component.display()))
}

/// Zig, as a program or as the package of PyPI.
fn compiler(project: &Project) -> Result<Command> {
    if output(Command::new("zig").arg("version")).is_some() {
        return Ok(Command::new("zig"));
    }
    let python = project.venv.join("bin/python");
    let installed = output(Command::new(&python).args(["-c", "import ziglang"])).is_some();
    let there = if installed { python.clone() } else { project.venv.join("no-ziglang") };
    need_from_pip(project, "Zig, whose C compiler is used,", &there)?;
    let mut command = Command::new(python);
    command.args(["-m", "ziglang"]);
    Ok(command)
}

/// Every C file of the project's folder.
fn sources(project: &Project) -> Result<Vec<PathBuf>> {
    let entries = project.folder.read_dir().context("the project's folder")?;
    let files = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "c")).collect();
    files.sort();
    Ok(files)
}

/// Writes the bindings and returns what is to be compiled and linked of them.
fn generate(project: &Project, to: &Path) -> Result<Vec<PathBuf>> {
    let mut resolve = Resolve::default();
    let own = project.folder.join(contract::FOLDER).join("block.wit");
    let wit = std::fs::read_to_string(own).unwrap_or_else(|_| contract::WIT.to_owned());
    let package = resolve.push_str("block.wit", &wit)?;
    let world = resolve.select_world(&[package], Some(contract::WORLD))?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default().build().generate(&mut resolve, world, &mut files)?;
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let mut compiled = Vec::new();
    for (name, contents) in files.iter() {
        let path = to.join(name);
        // One that is the same keeps its time, so that nothing is compiled anew for it.
        if std::fs::read(&path).ok().as_deref() != Some(contents) {
            std::fs::write(&path, contents)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        if !name.ends_with(".h") {
            compiled.push(path);
        }
    }
    Ok(compiled)
}

/// The component around a core module that holds the types of its world.
fn componentized(module: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module).context("the module holds no types of the contract")?;
    encoder.encode().context(
        "no component can be made of the module: what it imports is to be had of the contract only, and what of the C \
         library needs an operating system (files, printing, clocks) is not",
    )
}
