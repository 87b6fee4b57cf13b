//! From a call to a test case and back: a run on a server is recorded into the file of cases beside its scenario, and passes there.

use std::path::Path;
use std::process::Output;

use patchcord_emulator::{Emulator, Fault, FaultKind, Route};
use patchcord_tests::{account_fields, emulator};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::{Server, patchcord};

const EXAMPLES: [&str; 4] = ["find-caller", "identify-caller", "log-call", "open-case"];

/// A designer with the examples in a folder, and a server on which they are published.
struct Designer {
    folder: TempDir,
    server: Server,
    account: String,
    emulator: Emulator,
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/scenarios");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

impl Designer {
    async fn new() -> Self {
        let (folder, emulator) = (TempDir::new().unwrap(), emulator(20).await.unwrap());
        let data = folder.path().join("data");
        let server = tokio::task::spawn_blocking(move || Server::start(&data)).await.unwrap();
        let account = server.api.add_account(&emulator).await.unwrap();
        let page = server.api.consent(&account, &emulator).await.unwrap();
        assert!(page.contains("Connection is valid."), "{page}");
        let designer = Self { folder, server, account, emulator };
        for name in EXAMPLES {
            designer.publish(name, &example(&format!("{name}.json"))).await;
        }
        designer
    }

    async fn publish(&self, name: &str, document: &str) {
        self.server.api.publish(document).await.unwrap();
        std::fs::write(self.folder.path().join(format!("{name}.json")), document).unwrap();
    }

    /// Places a call, and returns its run.
    async fn call(&self, scenario: &str, result: &str, variables: Value) -> String {
        let body = json!({ "variables": variables });
        let answer = self.server.api.run(scenario, None, &body).await.unwrap();
        assert_eq!(answer["result"], result, "{answer}");
        answer["run"].as_str().unwrap().to_owned()
    }

    async fn says(&self, arguments: &[&str]) -> Output {
        let mut command = patchcord(arguments);
        command.current_dir(self.folder.path());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Records a run into the file beside its scenario.
    async fn record(&self, scenario: &str, run: &str) -> String {
        let (url, data) = (self.server.api.url.as_str(), self.folder.path().join("data"));
        let into = format!("{scenario}.test.json");
        let data = data.to_str().unwrap();
        let arguments =
            ["scenario", "record", run, "--into", &into, "--server", url, "--data", data];
        let output = self.says(&arguments).await;
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    }

    async fn test(&self) -> Output {
        let blocks = patchcord_tests::blocks().unwrap();
        self.says(&["scenario", "test", "--blocks", blocks.to_str().unwrap()]).await
    }

    fn file(&self, scenario: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{scenario}.test.json"))).unwrap()
    }

    /// Has traces mask these columns of every record.
    async fn mask(&self, columns: &[&str]) {
        let mut fields = account_fields(&self.emulator);
        fields["policy"] = json!({ "sensitive_columns": columns });
        let path = format!("/v1/accounts/{}", self.account);
        self.server.api.ask(Method::PUT, &path, Some(&fields)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_the_examples_become_cases_that_pass() {
    let designer = Designer::new().await;
    let caller = designer.emulator.caller(0);
    let known = json!({ "from": caller.phone, "fullName": caller.full_name, "minutes": 3 });
    let unknown =
        json!({ "from": "+4930' or 1 eq 1", "fullName": "Nora \"N\" O'Neil", "minutes": 1 });
    let login = designer.emulator.setup().user.clone();
    // What a designer has written before is in no way touched.
    let before =
        example("identify-caller.test.json").trim_end().trim_end_matches('}').trim_end().to_owned();
    std::fs::write(
        designer.folder.path().join("identify-caller.test.json"),
        example("identify-caller.test.json"),
    )
    .unwrap();
    let mut recorded = Vec::new();
    for (scenario, result, variables) in [
        ("identify-caller", "known", json!({ "item": known })),
        ("identify-caller", "unknown", json!({ "item": unknown })),
        ("identify-caller", "unavailable", json!({})),
        ("find-caller", "known", json!({ "item.from": caller.phone })),
        ("find-caller", "unknown", json!({ "item.from": "anonymous" })),
        ("open-case", "opened", json!({ "item": known, "subject": "It's \"broken\" & 100%" })),
        ("open-case", "opened", json!({ "item": unknown, "subject": "a question" })),
    ] {
        recorded.push((scenario, designer.call(scenario, result, variables).await));
    }
    let path = format!("/v1/runs/{}", recorded[5].1);
    let trace = designer.server.api.ask(Method::GET, &path, None).await.unwrap();
    let case =
        trace["steps"].as_array().unwrap().iter().find_map(|step| step["changed"].get("case_id"));
    let case = case.unwrap()["after"].clone();
    for (case_id, login) in [(case, login.as_str()), (Value::Null, "nobody")] {
        let variables = json!({ "item": known, "user.login": login, "outcome": "Said \"yes\"", "case_id": case_id });
        recorded.push(("log-call", designer.call("log-call", "logged", variables).await));
    }
    let down = FaultKind::Status { code: 503, retry_after: Some(60) };
    designer.emulator.add_fault(Fault { route: Route::Api, kind: down, times: 1 });
    let variables = json!({ "item": known });
    recorded.push((
        "identify-caller",
        designer.call("identify-caller", "unavailable", variables).await,
    ));

    for (scenario, run) in &recorded {
        let told = designer.record(scenario, run).await;
        assert!(told.contains("look at it before you commit it"), "{told}");
        assert!(!told.contains("does not pass"), "{told}\n{}", designer.file(scenario));
    }
    let output = designer.test().await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("21 of 21 cases passed"), "{}", said(&output));
    let last_case = before.rfind(']').unwrap();
    assert!(designer.file("identify-caller").starts_with(before[..last_case].trim_end()));

    // It holds the scenario to what it did.
    let other = example("open-case.json").replace("$(item.fullName)", "$(item.from)");
    std::fs::write(designer.folder.path().join("open-case.json"), other).unwrap();
    let told = said(&designer.test().await);
    assert!(told.contains("20 of 21 cases passed"), "{told}");
    assert!(told.contains("-       \"lastname\": \"Nora \\\"N\\\" O'Neil\""), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_traces_do_not_show_is_masked_in_a_case_too() {
    let designer = Designer::new().await;
    designer.mask(&["contacts.fullname", "emailaddress1"]).await;
    let caller = designer.emulator.caller(0);
    let mut document: Value = serde_json::from_str(&example("identify-caller.json")).unwrap();
    document["sensitive"] = json!(["item.from"]);
    designer.publish("identify-caller", &document.to_string()).await;
    let run = designer.call("identify-caller", "known", json!({ "item.from": caller.phone })).await;
    let told = designer.record("identify-caller", &run).await;
    assert!(told.contains("with ••• in place of what is marked sensitive"), "{told}");
    let file = designer.file("identify-caller");
    for hidden in [caller.full_name.as_str(), caller.phone.as_str(), "@"] {
        let there = file.lines().find(|line| line.contains(hidden) && !line.contains("@odata"));
        assert_eq!(there, None, "{hidden}");
    }
    assert!(file.contains("\"caller_name\": \"•••\""), "{file}");
    let output = designer.test().await;
    assert!(output.status.success(), "{}", said(&output));

    // Where a masked value decides the way, the case does not pass, and its maker is told.
    document["blocks"][2]["properties"] =
        json!({ "left": "$(Caller.fullname)", "operator": "equals", "right": caller.full_name });
    designer.publish("identify-caller", &document.to_string()).await;
    let run = designer.call("identify-caller", "known", json!({ "item.from": caller.phone })).await;
    let told = designer.record("identify-caller", &run).await;
    assert!(told.contains("a masked value decides its way"), "{told}");
    assert!(!designer.test().await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_knows_makes_no_case_and_leaves_the_file_alone() {
    let designer = Designer::new().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let data = designer.folder.path().join("data");
    let url = designer.server.api.url.as_str();
    let arguments = ["scenario", "record", nobody, "--into", "a.test.json", "--server", url];
    let output =
        designer.says(&[&arguments[..], &["--data", data.to_str().unwrap()]].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no run"), "{}", said(&output));
    assert!(!designer.folder.path().join("a.test.json").exists());
}
