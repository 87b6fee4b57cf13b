//! The toolchains of the languages: what each needs, how it is got, and how it makes a component. Nothing is downloaded
//! unless that was asked for.

pub(super) mod c;
pub(super) mod javascript;
pub(super) mod python;
pub(super) mod rust;

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::project::Project;

/// Runs a program whose output goes to stderr, so that stdout keeps what was asked for.
fn run(command: &mut Command, what: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("{program} cannot be started"))?;
    if !status.success() {
        bail!("{what} failed ({status}): what is wrong stands above");
    }
    Ok(())
}

/// What a program prints on stdout; none where it cannot be started or fails.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Sees to it that `file` of the project's virtual environment is there: the packages of its `requirements.txt`.
fn need_from_pip(project: &Project, what: &str, file: &Path) -> Result<()> {
    if file.exists() {
        return Ok(());
    }
    let python = project.venv.join("bin/python");
    let requirements = project.folder.join("requirements.txt");
    let commands = [
        format!("python3 -m venv {}", quoted(&project.venv)),
        format!(
            "{} -m pip install --require-hashes --only-binary :all: --requirement {}",
            quoted(&python),
            quoted(&requirements)
        ),
    ];
    if !project.install {
        let mut commands = commands.to_vec();
        commands.push(install_instead(project));
        return Err(project.missing(what, &commands));
    }
    if !python.exists() {
        let mut venv = Command::new("python3");
        run(venv.args(["-m", "venv"]).arg(&project.venv), "making a virtual environment")
            .context("Python 3 with venv is needed (on Debian and Ubuntu: sudo apt-get install python3-venv)")?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install"]);
    pip.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(requirements);
    run(&mut pip, "pip install")
}

/// The command that does by itself what is missing.
fn install_instead(project: &Project) -> String {
    format!("or: patchcord block build --install {}", quoted(&project.folder))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_would_take_it_apart() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/my blocks/it's")), r"'/my blocks/it'\''s'");
    }
}
