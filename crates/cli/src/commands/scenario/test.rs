//! `patchcord scenario test`: scenarios held against the cases beside them, on this machine, without a server or a tenant.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use patchcord::rehearsal::{CallAt, CaseReport, Done, FetchedAt};
use patchcord::scenario::Problem;
use serde::Serialize;

use super::cases::{self, Cases, Fault};
use crate::args::Output;
use crate::authoring::bench::{Bench, BlockFolders};
use crate::authoring::report::{self, Told};
use crate::commands::block::show;
use crate::output;

#[derive(Args)]
pub(crate) struct TestArgs {
    /// File of cases (NAME.test.json), document with one beside it (NAME.json), or folder of them [default: this folder].
    #[arg(value_name = "FILE|DIR")]
    targets: Vec<PathBuf>,
    #[command(flatten)]
    blocks: BlockFolders,
    /// Show what each case did, not only those that fail.
    #[arg(long)]
    show: bool,
}

/// What became of a file of cases.
#[derive(Serialize)]
struct Tested {
    file: PathBuf,
    /// Why none of it was run: in which file, and where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Faulty>,
    /// What is doubtful in the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Faulty>,
    reports: Vec<CaseReport>,
}

/// A problem, with the file in which it is.
#[derive(Serialize)]
struct Faulty {
    file: PathBuf,
    #[serde(flatten)]
    problem: Problem,
}

pub(super) async fn test(args: TestArgs, how: Output) -> Result<()> {
    let files = cases::files(&args.targets)?;
    let bench = Bench::open(args.blocks).await?;
    let mut all = Vec::new();
    for file in files {
        let tested = one(&bench, file, args.show, how).await;
        all.push(tested?);
    }
    bench.close().await;
    if how.json {
        output::json(&all)?;
    }
    let reports = || all.iter().flat_map(|tested| &tested.reports);
    let failed = reports().filter(|report| !report.passed).count();
    if !how.json {
        println!("{}", report::sum(reports().count(), failed));
    }
    match all.iter().filter(|tested| !tested.faults.is_empty()).count() {
        0 => report::verdict(failed),
        1 => bail!("1 file was not run"),
        files => bail!("{files} files were not run"),
    }
}

/// Runs the cases of one file, and tells of each when it is over.
async fn one(bench: &Bench, file: PathBuf, show: bool, how: Output) -> Result<Tested> {
    let mut tested = Tested { file, faults: Vec::new(), warnings: Vec::new(), reports: Vec::new() };
    if !how.json {
        println!("{}", tested.file.display());
    }
    if let Err(faults) = tested.run(bench, show, how).await? {
        tested.faults = faults;
    }
    if !how.json {
        tested.faults.iter().for_each(Faulty::print);
    }
    Ok(tested)
}

impl Tested {
    async fn run(
        &mut self,
        bench: &Bench,
        show: bool,
        how: Output,
    ) -> Result<Result<(), Vec<Faulty>>> {
        let cases = match Cases::read(&self.file)? {
            Ok(cases) => cases,
            Err(Fault { file, problem }) => return Ok(Err(vec![Faulty { file, problem }])),
        };
        let of_document = |problem| Faulty { file: cases.scenario.clone(), problem };
        let rehearsal = match bench.host.rehearsal(cases.document, cases.others) {
            Ok(rehearsal) => rehearsal,
            Err(problems) => return Ok(Err(problems.into_iter().map(of_document).collect())),
        };
        self.warnings = rehearsal.warnings().iter().cloned().map(of_document).collect();
        if !how.json {
            self.warnings.iter().for_each(Faulty::print);
        }
        if let Err(problem) = rehearsal.check(&cases.file.cases) {
            return Ok(Err(vec![Faulty { file: self.file.clone(), problem }]));
        }
        for case in &cases.file.cases {
            let report = rehearsal.run(case).await;
            if !how.json {
                println!("{}", told(&report, show));
            }
            self.reports.push(report);
        }
        Ok(Ok(()))
    }
}

impl Faulty {
    /// A line with the place.
    fn print(&self) {
        let severity = serde_json::json!(self.problem.severity);
        println!("{}: {}: {}", output::text(&severity), self.file.display(), self.problem);
    }
}

fn told(report: &CaseReport, always: bool) -> String {
    // That a step is missing is told before any case is run.
    let CaseReport { name, passed, differences, unanswered, left, elapsed_ms, done, missing: _ } =
        report;
    let unanswered = unanswered.iter().map(|asked| {
        format!("the step {} asked what the case does not answer: {}", asked.at.step, asked.call)
    });
    let left = left.iter().map(|answer| format!("nobody asked for the answer to {answer}"));
    let told = Told {
        name,
        passed: *passed,
        elapsed_ms: *elapsed_ms,
        differences,
        notes: unanswered.chain(left).collect(),
        did: (always || !passed).then(|| way(done)),
    };
    told.text()
}

/// The way of a run: each step with what it asked, then how it ended and what it set.
fn way(done: &Done) -> String {
    let mut lines = Vec::new();
    for step in &done.steps {
        lines.push(step.way.clone());
        let requests = done.requests.iter().filter(|call| call.at == step.at);
        lines.extend(requests.flat_map(|CallAt { call, .. }| show::call(call)).map(inward));
        let fetches = done.fetches.iter().filter(|fetch| fetch.at == step.at);
        lines
            .extend(fetches.map(|FetchedAt { asked, .. }| {
                inward(format!("→ {} {}", asked.method, asked.url))
            }));
        lines.extend(step.failure.iter().map(|failure| inward(failure.clone())));
    }
    lines.push(format!("result {}", done.result));
    lines.extend(done.variables.iter().map(|(name, value)| show::set("variable", name, value)));
    lines.extend(done.answer.iter().map(|(name, value)| show::set("answer", name, value)));
    lines.extend(done.screen_pop.iter().map(|pop| format!("pops {}({})", pop.entity_set, pop.id)));
    lines.join("\n")
}

fn inward(line: String) -> String {
    format!("  {line}")
}
