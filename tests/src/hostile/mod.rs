//! The hostile blocks: what a component may do to a host that has to bear it, and how the host must call it.
//!
//! Their source is the text format of wasm under `tests/hostile/`: in `deeds/` what goes into the common frame, in
//! `whole/` whole files. None of them was compiled from a language, because no compiler makes what they do. A file without
//! a row in the [`CORPUS`], or a row without its file, is found by the test that walks it.

mod corpus;
mod frame;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use patchcord::runtime::{CrmErrorKind, Invoked, LimitKind, LoadError, StepError};

pub use corpus::CORPUS;
pub use frame::{identity, properties};

/// One hostile block and what must become of it.
#[derive(Debug, Clone, Copy)]
pub struct Hostile {
    /// Name of its file.
    pub name: &'static str,
    /// How it must end.
    pub ends: Ends,
}

/// How a hostile block must end. The texts are what an author or operator must read in the message.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// Not loaded: it is no component.
    NotAComponent(&'static str),
    /// Not loaded: the engine refuses it.
    Refused(&'static str),
    /// Not loaded: it wants what there is not.
    UnknownImports(&'static str),
    /// Not loaded: it lacks what every block has.
    WrongContract(&'static str),
    /// Not loaded: asked what it is, it does not answer.
    Describe(&'static str),
    /// Not loaded: what it says of itself is wrong at this place.
    Manifest(&'static str),
    /// Stopped by a limit.
    Limit(LimitKind),
    /// Trapped, or answered what the contract does not allow.
    Crashed(&'static str),
    /// Ended because it may not do what it did.
    Denied(&'static str),
    /// Its call of Dynamics 365 is refused with this cause.
    CallRefused(CrmErrorKind),
}

impl Ends {
    /// Whether it is found out when it is loaded.
    pub fn at_load(self) -> bool {
        !matches!(self, Self::Limit(_) | Self::Crashed(_) | Self::Denied(_) | Self::CallRefused(_))
    }

    /// # Errors
    /// It ended otherwise.
    pub fn expect_load(self, error: &LoadError) -> Result<()> {
        let words = match (self, error) {
            (Self::NotAComponent(words), LoadError::NotAComponent(_))
            | (Self::Refused(words), LoadError::Refused(_))
            | (Self::UnknownImports(words), LoadError::UnknownImports(_))
            | (Self::WrongContract(words), LoadError::WrongContract(_))
            | (Self::Describe(words), LoadError::Describe(_))
            | (Self::Manifest(words), LoadError::Manifest { .. }) => Some(words),
            _ => None,
        };
        let as_expected = words.is_some_and(|words| error.to_string().contains(words));
        ensure!(as_expected, "expected {self:?}: {error:?}");
        Ok(())
    }

    /// # Errors
    /// It ended otherwise.
    pub fn expect_step(self, invoked: &Invoked) -> Result<()> {
        let as_expected = match (self, &invoked.result) {
            (Self::Limit(kind), Err(StepError::LimitExceeded { kind: hit, .. })) => kind == *hit,
            (Self::Crashed(words), Err(StepError::Crashed { message, backtrace })) => {
                message.contains(words) || backtrace.iter().any(|frame| frame.contains(words))
            }
            (Self::Denied(words), Err(StepError::Crm(error))) => {
                error.kind == CrmErrorKind::PolicyDenied && error.message.contains(words)
            }
            (Self::CallRefused(kind), Ok(_)) => {
                let refused = |call: &patchcord::runtime::HostCall| call.error == Some(kind);
                !invoked.host_calls.is_empty() && invoked.host_calls.iter().all(refused)
            }
            _ => false,
        };
        ensure!(as_expected, "expected {self:?}: {:?}, {:?}", invoked.result, invoked.host_calls);
        Ok(())
    }
}

impl Hostile {
    /// The component, or what it is in place of one.
    ///
    /// # Errors
    /// Its source cannot be read, or is no wasm.
    pub fn build(&self) -> Result<Vec<u8>> {
        let whole = folder("whole").join(format!("{}.wat", self.name));
        if whole.is_file() {
            return Ok(wat::parse_file(&whole)?);
        }
        let file = folder("deeds").join(format!("{}.wat", self.name));
        let deed = std::fs::read_to_string(&file);
        let deed = deed.with_context(|| format!("cannot read {}", file.display()))?;
        let text = frame::around(&deed, &identity(self.name));
        wat::parse_str(&text).with_context(|| self.name.to_owned())
    }
}

/// A block in the frame of the hostile ones that does no harm: it ends at once.
///
/// # Errors
/// The frame is no wasm.
pub fn harmless(name: &str) -> Result<Vec<u8>> {
    let deed = "(func (export \"run\") (param i32 i32) (result i32) (i32.const 0))";
    Ok(wat::parse_str(frame::around(deed, &identity(name)))?)
}

/// The names of all sources, sorted.
///
/// # Errors
/// They cannot be listed.
pub fn sources() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for kind in ["deeds", "whole"] {
        for entry in std::fs::read_dir(folder(kind))? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).context("a name is text")?;
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile").join(kind)
}
