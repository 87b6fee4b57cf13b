//! What a host is asked about test cases: to run those of a scenario that it keeps, or of a document, and to make one of a
//! run.

use std::collections::BTreeMap;

use patchcord_scenario::{Problem, Scenario, Variables, parse};
use serde::Serialize;
use uuid::Uuid;

use super::file::wrong;
use super::made::Material;
use super::{Case, CaseReport, RecordedCase, Rehearsal};
use crate::Error;
use crate::patchcord::Patchcord;

/// What was tested where a document was sent.
const DOCUMENT: &str = "document";
/// Most cases that are run at once, and that are kept with a scenario.
pub(crate) const MOST_CASES: usize = 500;

/// What became of the test cases of a scenario.
#[derive(Debug, Serialize)]
pub struct ScenarioTested {
    /// Name of the scenario.
    pub scenario: String,
    /// What was tested: `draft`, the number of a version, or `document` where one was sent.
    pub tested: String,
    /// How many cases passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// What is doubtful in the document.
    pub problems: Vec<Problem>,
    /// How each case went, in order.
    pub reports: Vec<CaseReport>,
}

impl Patchcord {
    /// Makes a document ready to be tested: checked as publishing would, but that every integration account is there.
    /// `others` are the documents that it finds where it starts another scenario, before those that are published here.
    ///
    /// # Errors
    /// Every problem of the document, where at least one is an error; those of a scenario that it starts.
    pub fn rehearsal(
        &self,
        document: Scenario,
        others: Vec<Scenario>,
    ) -> Result<Rehearsal, Vec<Problem>> {
        Rehearsal::new(document, others, self.scenarios.shared_catalog())
    }

    /// Runs test cases of a scenario, those that are kept with it where none are given: of `document` where there is one,
    /// of the draft otherwise, and of the version that calls get where there is no draft. Nothing is asked of Dynamics 365
    /// or of a web server, and nothing is kept.
    ///
    /// # Errors
    /// There is no such scenario; the problems of its document or of the cases, each with its place in the request; the
    /// store failed.
    pub async fn test_scenario(
        &self,
        name: &str,
        document: Option<&[u8]>,
        cases: Option<&[Case]>,
    ) -> Result<ScenarioTested, Error> {
        if cases.is_some_and(|cases| cases.len() > MOST_CASES) {
            let message = format!("at most {MOST_CASES} cases are run at once");
            return Err(faults("", vec![wrong("/cases".to_owned(), message)]));
        }
        let (document, tested) = self.to_be_tested(name, document).await?;
        let at = if tested == DOCUMENT { "/document" } else { "" };
        let rehearsal =
            self.rehearsal(document, Vec::new()).map_err(|problems| faults(at, problems))?;
        let kept;
        let cases = match cases {
            Some(cases) => {
                rehearsal.check(cases).map_err(|problem| faults("", vec![problem]))?;
                cases
            }
            // Since they were saved the scenario may have changed: a step that is gone fails its cases alone.
            None => {
                kept = self.kept_cases(name).await?.cases;
                kept.as_slice()
            }
        };
        if cases.is_empty() {
            let message = "no cases are kept with the scenario: send some".to_owned();
            return Err(faults("", vec![wrong("/cases".to_owned(), message)]));
        }
        let mut reports = Vec::with_capacity(cases.len());
        for case in cases {
            reports.push(rehearsal.run(case).await);
        }
        let failed = reports.iter().filter(|report| !report.passed).count();
        Ok(ScenarioTested {
            scenario: name.to_owned(),
            tested,
            passed: reports.len() - failed,
            failed,
            problems: rehearsal.warnings().to_vec(),
            reports,
        })
    }

    async fn to_be_tested(
        &self,
        name: &str,
        document: Option<&[u8]>,
    ) -> Result<(Scenario, String), Error> {
        if let Some(text) = document {
            let document = parse(text).map_err(|problem| faults("/document", vec![problem]))?;
            if document.name != name {
                let named = &document.name;
                let message = format!("the document is named `{named}`, but was sent to `{name}`");
                return Err(faults("/document", vec![wrong("/name".to_owned(), message)]));
            }
            return Ok((document, DOCUMENT.to_owned()));
        }
        match self.draft(name).await {
            Ok(draft) => Ok((draft.document, "draft".to_owned())),
            Err(Error::NotFound { .. }) => {
                let published = self.scenario(name).await?;
                Ok((published.document, published.head.version.to_string()))
            }
            Err(error) => Err(error),
        }
    }
}

impl Patchcord {
    /// Makes a test case of a run, from its recording.
    ///
    /// # Errors
    /// There is no such run, or it was not recorded; it cannot be walked once more from what was recorded; the store
    /// failed.
    pub async fn recorded_case(&self, run: Uuid) -> Result<RecordedCase, Error> {
        let known = self.run(run).await?;
        let recording = self.recording(run).await?;
        let plan = self.scenario_plan(&recording.scenario, recording.version).await?;
        let mut started = BTreeMap::new();
        for (name, version) in &recording.started {
            started.insert(name.clone(), self.scenario_plan(name, *version).await?);
        }
        let variables = Variables::from_call(&recording.variables).unwrap_or_default();
        let material = Material {
            mask: self.runs.mask(&plan, &variables),
            name: format!("{} ends as {} (run {run})", recording.scenario, known.result),
            version: Some(recording.version),
            result: known.result,
            deadline: None,
            recording,
            plan,
            started,
        };
        let made = material.case(self.scenarios.shared_catalog()).await;
        made.map_err(|why| no_case(run, &why))
    }
}

fn no_case(run: Uuid, why: &str) -> Error {
    let message = format!("no test case can be made of the run {run}: {why}");
    Error::Problems(vec![wrong(String::new(), message)])
}

/// Problems, with their place in the request.
fn faults(at: &str, problems: Vec<Problem>) -> Error {
    let placed =
        |problem: Problem| Problem { pointer: format!("{at}{}", problem.pointer), ..problem };
    Error::Problems(problems.into_iter().map(placed).collect())
}
