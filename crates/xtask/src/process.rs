//! Running other programs, and saying what takes how long.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Runs a program whose output goes to the terminal; `what` names the work in the error.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// Runs a program and takes what it prints on stdout; its stderr goes to the terminal.
pub(crate) fn output_of(command: &mut Command, what: &str) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("{what} failed ({})", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program can be started and succeeds, without showing anything.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// Puts another program in this one's place where the platform can do that, so that Ctrl-C and
/// the exit status are that program's own; elsewhere waits for it and ends with its status.
pub(crate) fn become_program(command: &mut Command) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(error).with_context(|| cannot_start(command))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().with_context(|| cannot_start(command))?;
        std::process::exit(status.code().unwrap_or(1))
    }
}

/// Does numbered work under a heading, and says how long it took.
pub(crate) fn step<T>(
    number: usize,
    of: usize,
    what: &str,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    println!("[{number}/{of}] {what} …");
    let start = Instant::now();
    let done = work()?;
    println!("[{number}/{of}] {what}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_work_and_a_missing_program_its_name() {
        let failed = run(&mut Command::new("false"), "counting").unwrap_err();
        assert!(failed.to_string().starts_with("counting failed"), "{failed}");
        let missing = run(&mut Command::new("patchcord-no-such-program"), "x").unwrap_err();
        assert!(missing.to_string().contains("patchcord-no-such-program"), "{missing}");
    }

    #[test]
    fn output_is_taken() {
        let output = output_of(Command::new("echo").arg("hello"), "echo").unwrap();
        assert_eq!(output, "hello\n");
        assert!(!succeeds(&mut Command::new("false")));
    }
}
