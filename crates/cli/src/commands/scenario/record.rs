//! `patchcord scenario record`: a test case made of a run, printed or put into a file of cases.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use patchcord::rehearsal::CaseFile;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct RecordArgs {
    /// Id of the run.
    run: String,
    /// File of cases to put it into, which is made where it is not there: NAME.test.json beside NAME.json.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// What the case shows, in a sentence [default: the scenario, its result and the run].
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn record(args: RecordArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let mut recorded: Value = client.get(&["runs", &args.run, "case"]).await?;
    if let Some(name) = args.name {
        recorded["case"]["name"] = json!(name);
    }
    if let Some(file) = &args.into {
        put(file, &recorded["case"]).with_context(|| file.display().to_string())?;
    }
    if how.json {
        return output::json(&recorded);
    }
    match &args.into {
        None => {
            output::json(&recorded["case"])?;
            hints(&recorded).iter().for_each(|hint| eprintln!("{hint}"));
        }
        Some(file) => {
            say!(
                "Put the case \"{}\" into {}",
                output::text(&recorded["case"]["name"]),
                file.display()
            );
            hints(&recorded).iter().for_each(|hint| say!("{hint}"));
        }
    }
    Ok(())
}

/// What whoever recorded the case should know of it.
fn hints(recorded: &Value) -> Vec<&'static str> {
    let masked = recorded["masked"] == true;
    let passes = recorded["report"]["passed"] == true;
    let what_is_in_it = match masked {
        true => {
            "It holds what Dynamics 365 answered, with ••• in place of what is marked sensitive: look at it before you commit it."
        }
        false => "It holds what Dynamics 365 answered: look at it before you commit it.",
    };
    let fails = match masked {
        true => {
            "It does not pass as it is, because a masked value decides its way: write another value in its place."
        }
        false => {
            "It does not pass as it is: something else than the answers, such as the time, decides what comes of it."
        }
    };
    [what_is_in_it].into_iter().chain((!passes).then_some(fails)).collect()
}

/// Puts a case behind those that are in a file. Nothing else in it is touched.
fn put(file: &Path, case: &Value) -> Result<()> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => {
            CaseFile::parse(text.as_bytes()).map_err(|problem| anyhow!("{problem}"))?;
            appended(&text, case)?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            serde_json::to_string_pretty(&json!({ "cases": [case] }))? + "\n"
        }
        Err(error) => return Err(error).context("it cannot be read"),
    };
    std::fs::write(file, text).context("it cannot be written")
}

/// The text of a file of cases with one more at the end of its list.
fn appended(text: &str, case: &Value) -> Result<String> {
    #[derive(Deserialize)]
    struct Cases<'a> {
        #[serde(borrow)]
        cases: &'a RawValue,
    }
    let list = serde_json::from_str::<Cases<'_>>(text)?.cases.get();
    // It is a part of the text, and a list that is not empty.
    let begin = list.as_ptr().addr() - text.as_ptr().addr();
    let inside = list.strip_suffix(']').context("`cases` is no list")?.trim_end();
    let end = begin + inside.len();
    let case = serde_json::to_string_pretty(case)?.replace('\n', "\n    ");
    Ok(format!("{},\n    {case}\n  {}", &text[..end], &text[begin + list.len() - 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_put_behind_the_others_and_nothing_else_changes() {
        let text = "{\n  \"cases\": [\n    { \"name\": \"a]\",  \"expect\": {\"result\": \"x\"} }\n  ],\n  \"scenario\": \"s.json\"}\n";
        let case = json!({"name": "b", "expect": {"result": "y"}});
        let with = appended(text, &case).unwrap();
        let expected = "{\n  \"cases\": [\n    { \"name\": \"a]\",  \"expect\": {\"result\": \"x\"} },\n    {\n      \"name\": \"b\",\n      \"expect\": {\n        \"result\": \"y\"\n      }\n    }\n  ],\n  \"scenario\": \"s.json\"}\n";
        assert_eq!(with, expected);
        assert_eq!(CaseFile::parse(with.as_bytes()).unwrap().cases.len(), 2);
    }

    #[test]
    fn a_file_that_is_none_of_cases_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.test.json");
        std::fs::write(&file, "{\"cases\": [{\"nme\": 1}]}").unwrap();
        let error = format!("{:#}", put(&file, &json!({})).unwrap_err());
        assert!(error.contains("/cases/0") && error.contains("nme"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"cases\": [{\"nme\": 1}]}");
    }
}
