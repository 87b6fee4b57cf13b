//! `patchcord block test`: a block held against the cases that its author wrote down.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use patchcord::runtime::{Block, Crm};
use serde::Serialize;

use crate::args::Output;
use crate::authoring::cases::{Case, CaseFile};
use crate::authoring::project::{Project, ProjectArgs};
use crate::authoring::report::{self, Told};
use crate::authoring::trial::{self, Asked};
use crate::authoring::verdict::{self, Done};
use crate::output;
use patchcord::rehearsal::{CannedCrm, Difference};

use super::show;

#[derive(Args)]
#[command(mut_arg("dir", |dir| {
    dir.value_name("DIR|FILE.wasm").help("Folder of the block's project, which is built first; or a component")
}))]
pub(crate) struct TestArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// File with the cases [default: cases.json in the project's folder, or beside the component].
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Show what each case did, not only those that fail.
    #[arg(long)]
    show: bool,
}

/// How a case went.
#[derive(Serialize)]
struct Report<'a> {
    name: &'a str,
    passed: bool,
    differences: Vec<Difference>,
    /// Host calls for which the case has no answer.
    unanswered: Vec<String>,
    /// Answers that nobody asked for.
    answers_left: usize,
    elapsed_ms: f64,
    done: Done,
}

pub(super) async fn test(args: TestArgs, how: Output) -> Result<()> {
    let is_component = args.project.dir.extension() == Some(OsStr::new("wasm"));
    let (component, beside) = if is_component {
        let file = args.project.dir.clone();
        let folder = file.parent().map(PathBuf::from).unwrap_or_default();
        (file, folder)
    } else {
        let project = Project::open(&args.project)?;
        let folder = project.folder.clone();
        (tokio::task::spawn_blocking(move || project.build()).await??, folder)
    };
    let file = CaseFile::read(&args.cases.unwrap_or_else(|| beside.join("cases.json")))?;
    let runtime = trial::runtime(true)?;
    let block = trial::load(&runtime, &component).await?;
    let mut reports = Vec::new();
    for case in &file.cases {
        let report = run(&block, case).await;
        if !how.json {
            say!("{}", told(&report, args.show));
        }
        reports.push(report);
    }
    let failed = reports.iter().filter(|report| !report.passed).count();
    match how.json {
        true => output::json(&reports)?,
        false => say!("{}", report::sum(reports.len(), failed)),
    }
    report::verdict(failed)
}

async fn run<'a>(block: &Block, case: &'a Case) -> Report<'a> {
    let canned = Arc::new(CannedCrm::new(case.answers.clone()));
    let asked = Asked {
        properties: case.properties.clone(),
        locale: case.locale.clone(),
        deadline: case.deadline_ms.map(Duration::from_millis),
    };
    let begun = Instant::now();
    let tried = trial::run(block, asked, Arc::clone(&canned) as Arc<dyn Crm>).await;
    let elapsed = begun.elapsed();
    let done = Done::of(tried);
    let differences = verdict::differences(&case.expect, &done);
    let unanswered = canned.unanswered();
    Report {
        name: &case.name,
        passed: differences.is_empty() && unanswered.is_empty(),
        differences,
        unanswered,
        answers_left: canned.left(),
        elapsed_ms: elapsed.as_secs_f64() * 1e3,
        done,
    }
}

fn told(report: &Report<'_>, always: bool) -> String {
    let unanswered = report.unanswered.iter();
    let unanswered =
        unanswered.map(|call| format!("the block asked what the case does not answer: {call}"));
    let left = (!report.passed && report.answers_left > 0)
        .then(|| format!("answers that the block did not ask for: {}", report.answers_left));
    let Report { name, passed, elapsed_ms, differences, done, .. } = report;
    let told = Told {
        name,
        passed: *passed,
        elapsed_ms: *elapsed_ms,
        differences,
        notes: unanswered.chain(left).collect(),
        did: (always || !passed).then(|| show::done(done)),
    };
    told.text()
}
