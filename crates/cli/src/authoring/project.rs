//! A block's project on disk, and building it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use super::language::Language;
use super::toolchain;

/// Which project is meant, and where its tools are.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProjectArgs {
    /// Folder of the block's project.
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Install what the language's toolchain lacks into the project: node_modules or .venv.
    #[arg(long)]
    pub(crate) install: bool,
    /// Folder that holds node_modules or the virtual environment [default: the project, and .venv in it].
    #[arg(long, env = "PATCHCORD_BLOCK_TOOLS", value_name = "DIR")]
    pub(crate) tools: Option<PathBuf>,
}

/// A project that can be built.
pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    pub(crate) language: Language,
    /// Where `node_modules` lies.
    pub(super) node: PathBuf,
    /// The virtual environment of Python.
    pub(super) venv: PathBuf,
    /// Whether tools may be installed.
    pub(super) install: bool,
    pub(super) build: PathBuf,
}

impl Project {
    /// The project in a folder.
    pub(crate) fn open(args: &ProjectArgs) -> Result<Self> {
        let language = Language::of(&args.dir)?;
        let folder = args.dir.canonicalize().context("the project's folder")?;
        let tools = args.tools.as_deref().map(std::path::absolute).transpose()?;
        Ok(Self {
            node: tools.clone().unwrap_or_else(|| folder.clone()),
            venv: tools.unwrap_or_else(|| folder.join(".venv")),
            install: args.install,
            build: folder.join("build"),
            folder,
            language,
        })
    }

    /// The same project, with what is built going to another folder.
    pub(crate) fn building_into(self, folder: Option<&Path>) -> Result<Self> {
        let build = folder.map(std::path::absolute).transpose()?;
        Ok(Self { build: build.unwrap_or_else(|| self.build.clone()), ..self })
    }

    /// The folder's name, which the component gets too.
    pub(crate) fn name(&self) -> &str {
        self.folder.file_name().and_then(OsStr::to_str).unwrap_or("block")
    }

    /// Where the component is once the project was built.
    pub(crate) fn component(&self) -> PathBuf {
        self.build.join(format!("{}.wasm", self.name()))
    }

    /// The folder into which everything is built.
    pub(crate) fn build_folder(&self) -> &Path {
        &self.build
    }

    /// Builds the project and returns where the component is. What the toolchain says goes to the terminal.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        std::fs::create_dir_all(&self.build)
            .with_context(|| format!("cannot make {}", self.build.display()))?;
        let component = self.component();
        match self.language {
            Language::Rust => toolchain::rust::build(self, &component),
            Language::JavaScript => toolchain::javascript::build(self, &component),
            Language::Python => toolchain::python::build(self, &component),
            Language::C => toolchain::c::build(self, &component),
        }?;
        ensure!(component.is_file(), "the toolchain left no {}", component.display());
        Ok(component)
    }

    /// An error that says what is missing and by which command it comes.
    pub(super) fn missing(&self, what: &str, commands: &[String]) -> anyhow::Error {
        let lines: String = commands.iter().map(|command| format!("\n  {command}")).collect();
        anyhow!("{what} is missing; this gets it:{lines}")
    }
}
