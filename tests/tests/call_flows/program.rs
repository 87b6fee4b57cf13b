//! A program that runs beside a test and is told to end with it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Ended as its user would end it when the value is dropped, so that it takes its own children along.
pub(crate) struct Program {
    child: Child,
    said: PathBuf,
}

impl Program {
    /// Starts it with what it says going to a file in `folder`.
    pub(crate) fn start(command: &mut Command, folder: &Path, name: &str) -> Self {
        let said = folder.join(format!("{name}.txt"));
        let out = File::create(&said).unwrap();
        let err = out.try_clone().unwrap();
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{name} does not start ({error}): install it with cargo xtask clients")
        });
        Self { child, said }
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.said).unwrap()).into_owned()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end. It must end well.
    pub(crate) fn ends_well(mut self) {
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.said());
    }
}

/// The first line that a program says, which it says when it is ready.
pub(crate) async fn first_line(program: &mut Program) -> String {
    loop {
        if let Some((line, _)) = program.said().split_once('\n') {
            return line.to_owned();
        }
        assert!(program.runs(), "it ended before it was ready");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            Command::new("kill").arg(self.child.id().to_string()).status().ok();
            self.child.wait().ok();
        }
    }
}
