//! `patchcord scenario try`: walks a scenario as a call would have it walked, and shows what it would write.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use patchcord::TryAnswer;
use patchcord::rehearsal::{AskedQuestion, Unrecorded, UnsentRequest, Visit};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{body, read};
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::commands::run::{print_variables, variable};
use crate::output;

#[derive(Args)]
pub(crate) struct TryArgs {
    /// Name of the scenario. Its draft is tried, or else what calls get.
    name: String,
    /// A variable of the call, such as `item.from=+13175550125` (text) or `item.priority:=2` (JSON); may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable, conflicts_with = "replay")]
    variables: Vec<(String, Value)>,
    /// A JSON file with variables of the call; those given by --var come on top.
    #[arg(long = "variables", value_name = "FILE", conflicts_with = "replay")]
    file: Option<PathBuf>,
    /// Try this document (JSON), which need not be saved.
    #[arg(long, value_name = "FILE", conflicts_with = "version")]
    document: Option<PathBuf>,
    /// Try this published version.
    #[arg(long, value_name = "VERSION")]
    version: Option<u64>,
    /// Really write what the scenario writes, instead of showing it.
    #[arg(long, conflicts_with = "replay")]
    write: bool,
    /// Walk this run, or this trial of the last half hour, once more, with the answers that it got.
    #[arg(long, value_name = "RUN")]
    replay: Option<Uuid>,
    /// Begin the replay at this step, and at this visit of it [default: at its first].
    #[arg(long, value_name = "STEP[/VISIT]", requires = "replay", value_parser = visit)]
    from: Option<Visit>,
    /// Read from Dynamics 365 what the replayed run was not answered.
    #[arg(long, requires = "replay")]
    live_reads: bool,
    /// Use no recorded answer from where the replay begins: read everything anew, and show what would be written.
    #[arg(long, requires = "replay", conflicts_with = "live_reads")]
    afresh: bool,
    /// Milliseconds within which it is to be over.
    #[arg(long, value_name = "MS")]
    deadline_ms: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

/// Reads `find`, `find/2`, or `start/1/find/2` within a scenario that the step `start` started.
fn visit(text: &str) -> Result<Visit, String> {
    let whole = |step: &str, visit: u32| Visit { step: step.to_owned(), visit };
    match text.rsplit_once('/') {
        Some((step, visit)) if text.matches('/').count() % 2 == 1 => {
            let visit = visit.parse().ok().filter(|visit| *visit > 0);
            visit.map(|visit| whole(step, visit)).ok_or_else(|| {
                "a visit is a number: 1 is the first time that the run comes to the step".to_owned()
            })
        }
        _ => Ok(whole(text, 1)),
    }
}

pub(crate) async fn run(args: TryArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let asked = request(&args)?;
    let answer: TryAnswer = client.post(&["scenarios", &args.name, "try"], &asked).await?;
    match how.json {
        true => output::json(&answer)?,
        false => print(&answer),
    }
    match &answer.call.failure {
        Some(failure) => bail!("it failed at `{}`: {}", failure.step, failure.message),
        None => Ok(()),
    }
}

fn request(args: &TryArgs) -> Result<Value> {
    let mut variables: Map<String, Value> = match &args.file {
        Some(file) => serde_json::from_slice(&read(file)?)
            .with_context(|| format!("{} holds no variables: a JSON object", file.display()))?,
        None => Map::new(),
    };
    variables.extend(args.variables.iter().cloned());
    let document: Option<Value> = match &args.document {
        Some(file) => Some(
            serde_json::from_slice(&read(file)?)
                .with_context(|| format!("{} is no JSON", file.display()))?,
        ),
        None => None,
    };
    let from = args.from.as_ref().map(|from| json!(from));
    let afresh = args.afresh.then_some(Value::Bool(true));
    let replay = args
        .replay
        .map(|run| body(vec![("run", Some(json!(run))), ("from", from), ("afresh", afresh)]));
    Ok(body(vec![
        ("document", document),
        ("version", args.version.map(Value::from)),
        ("variables", (!variables.is_empty()).then(|| variables.into())),
        ("deadline_ms", args.deadline_ms.map(Value::from)),
        ("dry_run", args.write.then_some(Value::Bool(false))),
        ("replay", replay),
        ("live_reads", args.live_reads.then_some(Value::Bool(true))),
    ]))
}

fn print(answer: &TryAnswer) {
    let call = &answer.call;
    say!("{}", output::steps(&answer.steps));
    if answer.rebuilt > 0 {
        say!("The first {} step(s) are those of the run, as it was recorded", answer.rebuilt);
    }
    answer.differences.iter().for_each(print_difference);
    say!("Result: {} in {:.1} ms  ({})", call.result, call.elapsed_ms, what(answer));
    if let Some(pop) = &call.screen_pop {
        say!("Screen pop: {}({})  (nobody was shown it)", pop.entity_set, pop.id);
    }
    print_variables(&call.variables);
    match answer.requests.len() {
        0 => {}
        requests => say!("\n{requests} request(s) were not sent:"),
    }
    answer.requests.iter().for_each(print_request);
}

/// What was tried, how, and the id by which it can be gone on from.
fn what(answer: &TryAnswer) -> String {
    use patchcord::TriedDocument;
    let what = match (answer.document, answer.version) {
        (TriedDocument::Given, _) => "the document".to_owned(),
        (TriedDocument::Draft, _) => "the draft".to_owned(),
        (TriedDocument::Version, version) => {
            format!("version {}", version.map(|version| version.to_string()).unwrap_or_default())
        }
    };
    let how = if answer.dry_run { "nothing was written" } else { "what it writes was written" };
    format!("{what}; {how}; trial {}", answer.call.run)
}

fn print_difference(Unrecorded { step, visit, asked, recorded }: &Unrecorded) {
    say!("`{step}`, visit {visit}, asked what was not recorded:");
    say!("  asked     {}", told(asked));
    say!("  recorded  {}", recorded.as_ref().map_or("nothing more".to_owned(), told));
}

fn told(question: &AskedQuestion) -> String {
    let AskedQuestion { call, table, key, asked, options } = question;
    let key = key.as_ref().map(|key| format!("({key})")).unwrap_or_default();
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let options = given(options).map(|options| format!("[{options}]"));
    let parts = [Some(format!("{call} {table}{key}")), given(asked), options];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A request as HTTP writes it.
fn print_request(request: &UnsentRequest) {
    let UnsentRequest { step, visit, method, url, headers, body } = request;
    say!("\n# {step}, visit {visit}\n{method} {url} HTTP/1.1");
    for (name, value) in headers {
        say!("{name}: {value}");
    }
    if let Some(body) = body {
        say!("\n{body}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_with_its_visit() {
        let read = |text: &str| visit(text).map(|Visit { step, visit }| (step, visit));
        assert_eq!(read("find"), Ok(("find".to_owned(), 1)));
        assert_eq!(read("find/2"), Ok(("find".to_owned(), 2)));
        assert_eq!(read("start/1/find"), Ok(("start/1/find".to_owned(), 1)));
        assert_eq!(read("start/1/find/3"), Ok(("start/1/find".to_owned(), 3)));
        assert!(read("find/first").is_err() && read("find/0").is_err());
    }
}
