//! Rehearsals: blocks and scenarios that run against a Dynamics 365 which answers what it is told to, with whoever wrote
//! them listening; and what a run was answered, recorded and played again.

mod answer;
mod answering;
mod canned;
mod cases;
mod difference;
mod expected;
mod interposed;
mod kept;
mod question;
mod recorder;
mod recording;
mod rehearser;
mod replayer;
mod traced;
mod written;

pub use answer::{CannedAnswer, CannedError, ErrorKind, Found, host_calls};
pub use canned::{Answers, CannedCrm, CannedList};
pub use cases::{
    Asked, CallAt, Case, CaseFile, CaseReport, Done, Expected, ExpectedEnd, ExpectedFetch,
    FetchAnswer, FetchFailure, FetchedAt, Placed, RecordedCase, Rehearsal, ScenarioTested,
    StepDone, Unanswered, cases_schema,
};
pub(crate) use cases::{MOST_CASES, Material, check_each, wrong};
pub use difference::{Difference, Differences, Parts, Want, sides};
pub use expected::{ExpectedCall, ExpectedFailure, ExpectedPop};
pub use question::Question;
pub(crate) use recorder::Recorder;
pub use recording::{CannedFetch, RecordedCall, RecordedFetch, RecordedStep, Recording, Visit};
pub(crate) use rehearser::Rehearser;
pub use rehearser::UnsentRequest;
pub(crate) use replayer::Replayer;
pub use replayer::{AskedQuestion, Unrecorded};
pub use traced::{TracedCall, TracedCrm};
pub use written::{WrittenJson, WrittenObject};

#[cfg(test)]
mod tests;
