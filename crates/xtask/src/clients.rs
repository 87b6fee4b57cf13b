//! Installs the clients and servers that were not written here into `target/clients`, for the tests that run
//! them against the emulator and the client: a virtual environment for Python, `node_modules` for Node; and a browser with
//! its driver, for the tests of the console.
//!
//! What is installed is said by `requirements.txt` and `package-lock.json` alone, with the hash of
//! every file, and no package's own script is run. Nothing is written to the source tree, and
//! nothing is done while the inputs are those of the last time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::debian::{need_debian_package, need_from_debian};
use crate::process;
use crate::workspace::Workspace;

/// Written last, so that an installation that was broken off is begun anew.
const STAMP: &str = "installed-from";

/// `cargo xtask clients`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("tests/clients");
    need_debian_package("python3", "python3")?;
    need_from_debian("python3's venv", "python3-venv", has_venv)?;
    need_debian_package("node", "nodejs")?;
    need_debian_package("npm", "npm")?;
    // What signs blocks, and where they can lie.
    need_debian_package("minisign", "minisign")?;
    need_debian_package("docker-registry", "docker-registry")?;
    need_telephones(workspace)?;
    let folder = workspace.clients_folder();
    let python = Installation::new(&folder, "python", &sources, &["requirements.txt"], "python3")?;
    python.unless_current(install_python)?;
    let inputs = ["package.json", "package-lock.json"];
    let node = Installation::new(&folder, "node", &sources, &inputs, "node")?;
    node.unless_current(install_node)?;
    let servers = Installation::new(&folder, "servers", &sources, &inputs, "node")?;
    servers.unless_current(install_node)?;
    // The browser is Debian's: its driver would fetch one of its own.
    need_debian_package("chromium", "chromium")?;
    let tests = workspace.root.join("tests");
    Installation::new(&folder, "browser", &tests, &inputs, "node")?.unless_current(install_node)
}

/// The SIP proxy of `examples/call-flows`, and what places calls through it.
fn need_telephones(workspace: &Workspace) -> Result<()> {
    let settings = workspace.root.join("examples/call-flows/kamailio/kamailio.cfg");
    let takes_settings = || {
        let mut kamailio = Command::new(server("kamailio"));
        process::succeeds(kamailio.arg("-c").arg("-f").arg(&settings))
    };
    for package in ["kamailio", "kamailio-extra-modules", "kamailio-utils-modules"] {
        need_from_debian(package, package, || takes_settings() || is_installed(package))?;
    }
    ensure!(takes_settings(), "kamailio does not take {}", settings.display());
    need_debian_package("sipp", "sip-tester")
}

/// Debian keeps servers where only root's path leads.
fn server(program: &str) -> PathBuf {
    let there = Path::new("/usr/sbin").join(program);
    if there.is_file() { there } else { PathBuf::from(program) }
}

fn is_installed(package: &str) -> bool {
    let asked = ["--show", "--showformat=${db:Status-Status}", package];
    process::output_of(Command::new("dpkg-query").args(asked), "dpkg-query")
        .is_ok_and(|status| status == "installed")
}

pub(crate) fn has_venv() -> bool {
    process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
}

/// What is installed of one language: where they go and what they are made from.
pub(crate) struct Installation {
    folder: PathBuf,
    inputs: Vec<PathBuf>,
    /// The inputs' text and the version of the language.
    stamp: String,
}

impl Installation {
    pub(crate) fn new(
        folder: &Path,
        name: &str,
        sources: &Path,
        inputs: &[&str],
        program: &str,
    ) -> Result<Self> {
        let version = process::output_of(Command::new(program).arg("--version"), program)?;
        let inputs = inputs.iter().map(|file| sources.join(name).join(file)).collect();
        let installation = Self { folder: folder.join(name), inputs, stamp: version };
        installation.read_inputs()
    }

    fn read_inputs(mut self) -> Result<Self> {
        for path in &self.inputs {
            let text = fs::read_to_string(path);
            self.stamp += &text.with_context(|| format!("cannot read {}", path.display()))?;
        }
        Ok(self)
    }

    pub(crate) fn unless_current(&self, install: fn(&Self) -> Result<()>) -> Result<()> {
        let stamp = self.folder.join(STAMP);
        if fs::read_to_string(&stamp).is_ok_and(|before| before == self.stamp) {
            println!("what is installed in {} is up to date", self.folder.display());
            return Ok(());
        }
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)
                .with_context(|| format!("cannot remove {}", self.folder.display()))?;
        }
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot make {}", self.folder.display()))?;
        install(self)?;
        fs::write(&stamp, &self.stamp).with_context(|| format!("cannot write {}", stamp.display()))
    }
}

/// Wheels only: building one would run its code and need what is not pinned.
pub(crate) fn install_python(installation: &Installation) -> Result<()> {
    let folder = &installation.folder;
    process::run(
        Command::new("python3").args(["-m", "venv"]).arg(folder),
        "making a virtual environment",
    )?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install"]);
    pip.args(["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement"]);
    process::run(pip.args(&installation.inputs), "pip install")
}

pub(crate) fn install_node(installation: &Installation) -> Result<()> {
    for input in &installation.inputs {
        let name = input.file_name().context("an input is a file")?;
        fs::copy(input, installation.folder.join(name))
            .with_context(|| format!("cannot copy {}", input.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&installation.folder);
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]);
    process::run(&mut npm, "npm ci")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(folder: &Path, input: &str) -> Installation {
        let inputs = vec![folder.join("input")];
        fs::write(&inputs[0], input).unwrap();
        Installation { folder: folder.join("to"), inputs, stamp: "1".to_owned() }
            .read_inputs()
            .unwrap()
    }

    fn copies(installation: &Installation) -> Result<()> {
        fs::copy(&installation.inputs[0], installation.folder.join("copy"))?;
        Ok(())
    }

    fn fails(_: &Installation) -> Result<()> {
        anyhow::bail!("installed although the inputs are the same")
    }

    #[test]
    fn what_is_current_stays_and_what_changed_or_broke_off_is_made_anew() {
        let name = format!("xtask-clients-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("to")).unwrap();
        fs::write(folder.join("to/left-over"), "").unwrap();
        installation(&folder, "a").unless_current(copies).unwrap();
        assert!(!folder.join("to/left-over").exists());
        installation(&folder, "a").unless_current(fails).unwrap();
        installation(&folder, "b").unless_current(fails).unwrap_err();
        installation(&folder, "a").unless_current(copies).unwrap();
        assert_eq!(fs::read_to_string(folder.join("to/copy")).unwrap(), "a");
        fs::remove_dir_all(folder).unwrap();
    }
}
