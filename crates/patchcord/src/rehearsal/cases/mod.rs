//! Test cases of scenarios: what Dynamics 365 and web servers answer in each, and what is to come of it.

mod done;
mod fetch;
mod file;
mod hosted;
mod made;
mod masked;
mod placed;
mod recorded;
mod rehearse;
mod script;
mod stage;

pub use done::{CallAt, Done, StepDone};
pub use fetch::{Asked, ExpectedFetch, FetchAnswer, FetchFailure};
pub use file::{Case, CaseFile, Expected, ExpectedEnd, schema as cases_schema};
pub(crate) use file::{check_each, wrong};
pub(crate) use hosted::MOST_CASES;
pub use hosted::ScenarioTested;
pub(crate) use made::Material;
pub use made::RecordedCase;
pub use placed::Placed;
pub use rehearse::{CaseReport, Rehearsal};
pub use script::{FetchedAt, Unanswered};
