//! A designer at the command line: draft, compare, publish, go back, route, and move to another host.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::{Server, patchcord};

/// A designer with a folder for documents, asking one server.
struct Designer<'a> {
    folder: &'a Path,
    server: &'a Server,
    data: &'a Path,
}

/// What a command said, and whether it did its work.
struct Said {
    done: bool,
    out: String,
    err: String,
}

impl Designer<'_> {
    fn says(&self, arguments: &[&str]) -> Said {
        let mut command = patchcord(arguments);
        command.args(["--server", self.server.api.url.as_str(), "--data"]).arg(self.data);
        let output = command.current_dir(self.folder).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { done: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn does(&self, arguments: &[&str]) -> String {
        let Said { done, out, err } = self.says(arguments);
        assert!(done, "{arguments:?}: {out}{err}");
        out
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.does(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn fails(&self, arguments: &[&str]) -> String {
        let Said { done, out, err } = self.says(arguments);
        assert!(!done, "{arguments:?}: {out}");
        format!("{out}{err}")
    }

    fn write(&self, file: &str, document: &Value) {
        std::fs::write(self.folder.join(file), document.to_string()).unwrap();
    }
}

fn greeting(result: &str) -> Value {
    json!({
        "patchcord": "1.0", "name": "greeting", "start": "end",
        "blocks": [{ "id": "end", "block": "core.exit", "properties": { "result": result } }]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_becomes_a_version_is_compared_and_taken_back() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let designer = Designer { folder: folder.path(), server: &server, data: &data };

    designer.write("one.json", &greeting("one"));
    designer.write("two.json", &greeting("two"));
    designer.write(
        "bad.json",
        &json!({ "patchcord": "1.0", "name": "greeting", "start": "x", "blocks": [] }),
    );
    assert!(designer.does(&["scenario", "check", "one.json"]).contains("can be published"));
    let told = designer.fails(&["scenario", "check", "bad.json"]);
    assert!(told.contains("error: /start:") && told.contains("2 error(s)"), "{told}");

    let told = designer.does(&["scenario", "save", "bad.json"]);
    assert!(told.contains("error: /blocks:") && told.contains("Saved the draft"), "{told}");
    let told = designer.fails(&["scenario", "save", "one.json"]);
    assert!(
        told.contains("one.json was not saved") && told.contains("--revision or --force"),
        "{told}"
    );
    let saved = designer.json(&["scenario", "save", "one.json", "--force"]);
    let revision = saved["revision"].to_string();
    designer.does(&[
        "scenario",
        "publish",
        "greeting",
        "--revision",
        &revision,
        "--note",
        "the first",
    ]);
    assert!(designer.fails(&["scenario", "publish", "greeting"]).contains("there is no draft"));

    designer.does(&["scenario", "save", "two.json"]);
    let told = designer.does(&["scenario", "diff", "greeting"]);
    for part in ["Version 1", "Draft", "end", "property result", "one", "two"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = designer.does(&["scenario", "list"]);
    assert!(told.contains("greeting") && told.contains("revision"), "{told}");
    let told = designer.does(&["scenario", "publish", "greeting"]);
    assert!(told.contains("as version 2"), "{told}");
    let told = designer.does(&["scenario", "rollback", "greeting", "1", "--note", "too early"]);
    assert!(told.contains("as version 3"), "{told}");
    let told = designer.does(&["scenario", "versions", "greeting"]);
    assert!(
        told.contains("brings back version 1: too early") && told.contains("the first"),
        "{told}"
    );
    assert_eq!(designer.json(&["scenario", "show", "greeting"]), greeting("one"));
    assert_eq!(designer.json(&["scenario", "show", "greeting", "--version", "2"]), greeting("two"));
    let told = designer.does(&["scenario", "delete", "greeting"]);
    assert!(told.contains("rollback"), "{told}");
    assert_eq!(designer.json(&["scenario", "list"]), json!([]));
    assert!(designer.fails(&["scenario", "publish", "none.json"]).contains("there is no file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_tells_its_id_and_goes_on_in_another_document() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let designer = Designer { folder: folder.path(), server: &server, data: &data };
    designer.write("one.json", &greeting("one"));
    designer.write("two.json", &greeting("two"));
    let attempt = ["scenario", "try", "greeting", "--document"];
    let told = designer.does(&[&attempt[..], &["one.json"]].concat());
    assert!(told.contains("Result: one in "), "{told}");
    let (_, id) = told.split_once("(the document; nothing was written; trial ").unwrap();
    let (id, _) = id.split_once(')').unwrap();
    let from = ["two.json", "--replay", id, "--from", "end", "--afresh"];
    let told = designer.does(&[&attempt[..], &from].concat());
    assert!(told.contains("Result: two in "), "{told}");
    let told = designer.fails(&[&attempt[..], &from, &["--live-reads"]].concat());
    assert!(told.contains("--live-reads"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_are_set_tested_and_moved_with_their_scenarios() {
    let folder = TempDir::new().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    let server = Server::start(&data);
    let designer = Designer { folder: folder.path(), server: &server, data: &data };

    designer.write("greeting.json", &greeting("one"));
    designer.does(&["scenario", "publish", "greeting.json", "--note", "the first"]);
    assert!(designer.does(&["route", "list"]).contains("There are no routes"));
    designer.write(
        "routes.json",
        &json!({ "routes": [{ "name": "city", "when": { "to": "+1317*" }, "scenario": "greeting" }] }),
    );
    let told = designer.does(&["route", "set", "routes.json"]);
    assert!(told.contains("city") && told.contains("to is +1317*"), "{told}");
    let told = designer.does(&["route", "test", "--to", "+1 (317) 555-0100"]);
    assert!(told.contains("greeting (by the route `city`)"), "{told}");
    assert!(
        designer.fails(&["route", "test", "--queue", "sales"]).contains("item.queue is `sales`")
    );

    // The list as it was printed names the revision that was seen.
    designer.write("seen.json", &designer.json(&["route", "list"]));
    designer.does(&["route", "set", "seen.json"]);
    assert!(
        designer.fails(&["route", "set", "seen.json"]).contains("another one than you have seen")
    );

    for file in [["all.json"].as_slice(), &["all.zip", "--with-blocks"]] {
        designer.does(&[&["scenario", "export", "--all", "--routes", "-o"], file].concat());
        let target = other.join(file[0]);
        let server = Server::start(&target);
        let designer = Designer { folder: folder.path(), server: &server, data: &target };
        let check = ["scenario", "import", file[0], "--check"];
        let told = designer.does(&[&check[..], &["--rename", "greeting=hello"]].concat());
        assert!(told.contains("Would save hello as a draft\n"), "{told}");
        assert!(told.contains("There are 1 route(s) in it"), "{told}");
        assert!(!designer.does(&["scenario", "list"]).contains("hello"), "it was a look alone");
        let told = designer.does(&["scenario", "import", file[0], "--publish", "--routes"]);
        assert!(told.contains("Published greeting as version 1\nSet the routes"), "{told}");
        let taken = designer.json(&["route", "test", "--to", "+13175550100"]);
        assert_eq!(taken, json!({ "route": "city", "scenario": "greeting" }));
        let told = designer.does(&check);
        assert!(told.contains("as a draft, beside version 1 that calls get"), "{told}");
        let told = designer.fails(&["scenario", "import", file[0], "--account", "a=b"]);
        assert!(told.contains("/accounts"), "{told}");
    }
}
