//! How cases are told on the terminal: a line for each with its verdict and time, under it what is not as expected, and
//! at the end how many passed.

use anyhow::{Result, bail};
use patchcord::rehearsal::Difference;

/// What is told of a case, of a block or of a scenario.
pub(crate) struct Told<'a> {
    pub(crate) name: &'a str,
    pub(crate) passed: bool,
    pub(crate) elapsed_ms: f64,
    pub(crate) differences: &'a [Difference],
    /// Sentences about what was asked and not answered, and what was not asked for.
    pub(crate) notes: Vec<String>,
    /// What it did, where that is to be shown.
    pub(crate) did: Option<String>,
}

impl Told<'_> {
    pub(crate) fn text(&self) -> String {
        let verdict = if self.passed { "ok    " } else { "FAILED" };
        let mut text = format!("{verdict}  {}   {:.1} ms", self.name, self.elapsed_ms);
        let mut add = |title: &str, body: &str| {
            text += &format!("\n  {title}");
            text.extend(body.lines().map(|line| format!("\n    {line}")));
        };
        for difference in self.differences {
            add(&format!("{} (- expected, + came)", difference.what), &difference.diff);
        }
        self.notes.iter().for_each(|note| add(note, ""));
        if let Some(did) = &self.did {
            add("what it did", did);
        }
        text
    }
}

/// The last line.
pub(crate) fn sum(cases: usize, failed: usize) -> String {
    format!("{} of {cases} cases passed", cases - failed)
}

/// Ends the command as one that failed, where a case has.
pub(crate) fn verdict(failed: usize) -> Result<()> {
    match failed {
        0 => Ok(()),
        1 => bail!("1 case failed"),
        failed => bail!("{failed} cases failed"),
    }
}
