//! Programs that cargo does not bring: installed by apt where that is possible, and otherwise
//! asked for in one line. Nothing is installed that is already there.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Makes sure that `program` is in `PATH`, from the Debian package `package`.
pub(crate) fn need_debian_package(program: &str, package: &str) -> Result<()> {
    need_from_debian(program, package, || find(program).is_some())
}

/// Makes sure that `there` holds, from the Debian package `package`; `what` names it in an error.
pub(crate) fn need_from_debian(what: &str, package: &str, there: impl Fn() -> bool) -> Result<()> {
    if there() {
        return Ok(());
    }
    if find("apt-get").is_none() || !is_root() {
        bail!(
            "`{what}` is missing: install it (on Debian and Ubuntu: sudo apt-get install {package})"
        );
    }
    println!("installing the Debian package {package}, for `{what}` …");
    if install(package).is_err() {
        // A fresh container image comes without package lists.
        process::run(&mut apt(&["update"]), "apt-get update")?;
        install(package)?;
    }
    if !there() {
        bail!("`{what}` is missing although the package {package} was installed");
    }
    Ok(())
}

fn install(package: &str) -> Result<()> {
    process::run(&mut apt(&["install", "--yes", package]), &format!("apt-get install {package}"))
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments);
    command
}

fn find(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

fn is_root() -> bool {
    process::output_of(Command::new("id").arg("-u"), "id").is_ok_and(|uid| uid.trim() == "0")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_there_is_found_and_nothing_is_installed() {
        assert!(find("sh").is_some());
        assert!(find("patchcord-no-such-program").is_none());
        need_debian_package("sh", "patchcord-no-such-package").unwrap();
    }
}
