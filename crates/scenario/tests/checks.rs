//! What a fault in a document is called, and where it is said to be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod kit;

use kit::{Build, Kit, document, does, exit, instance, leaves_by, manifest};
use patchcord_runtime::{Effect, Operation, OutputKind};
use patchcord_scenario::{Problem, Severity, core_manifests, parse};
use serde_json::{Value, json};

const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

fn kit() -> Kit {
    let find = manifest("find")
        .kind("query", "odata-query")
        .optional("recordset", json!({"type": "string", "x-patchcord-kind": "recordset-name"}))
        .optional("record", json!({"anyOf": [{"$ref": "#/$defs/Id"}, {"type": "null"}]}))
        .optional("top", json!({"type": "integer", "maximum": 50}))
        .optional(
            "columns",
            json!({
                "type": "object", "x-patchcord-kind": "column-values",
                "additionalProperties": {"type": ["string", "integer"]},
            }),
        )
        .optional("raw", json!({"type": "string", "x-patchcord-kind": "json"}))
        .output("recordset", OutputKind::Recordset)
        .exit("no_data");
    let mut find = find;
    find.properties["$defs"] =
        json!({"Id": {"type": "string", "minLength": 36, "x-patchcord-kind": "record-id"}});
    let mut select = manifest("select").kind("account", "account");
    select.selects_account = true;
    select.operations = Vec::new();
    Kit::new().block(find, |_| leaves_by("no_data")).block(select, |call| {
        let account = call.properties["account"].as_str().unwrap();
        does(vec![Effect::SelectAccount(account.into())])
    })
}

/// A good document; what is tested is what one change to it does.
fn good() -> Value {
    let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
    let mut document = document(json!([
        instance("look", "find", json!({"query": "$filter=a eq '$(item.from)'"}), exits),
        exit("end"),
    ]));
    document["inputs"] = json!(["n", "x", "all", "i", "which"]);
    document
}

/// The faults after putting `value` at `pointer`.
fn faults_of(kit: &Kit, pointer: &str, value: Value) -> Vec<Problem> {
    let mut document = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items.push(value),
        parent => parent[name] = value,
    }
    match kit.check(&document) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

#[track_caller]
fn one_fault(pointer: &str, value: Value, at: &str, message: &str) {
    let problems = faults_of(&kit(), pointer, value);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].pointer, at);
    assert_eq!(problems[0].severity, Severity::Error);
    assert!(problems[0].message.contains(message), "{}", problems[0].message);
}

#[test]
fn a_good_document_has_no_problems() {
    let (plan, warnings) = kit().check(&good()).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(plan.scenario().name, "test");
}

#[test]
fn an_unknown_block() {
    let mut ids: Vec<&str> = core_manifests().iter().map(|block| block.id.as_str()).collect();
    ids.sort_unstable();
    let message = format!("there is no block `fnd`; there are: {}, find, select", ids.join(", "));
    one_fault("/blocks/0/block", json!("fnd"), "/blocks/0/block", &message);
    one_fault("/blocks/0/block", json!("find@9.0.0"), "/blocks/0/block", "`find@9.0.0`");
    one_fault("/blocks/1/block", json!("core.exit@2.0.0"), "/blocks/1/block", "`core.exit@2.0.0`");
}

#[test]
fn a_version_that_is_there() {
    assert_eq!(faults_of(&kit(), "/blocks/0/block", json!("find@1.2.3")), []);
    assert_eq!(faults_of(&kit(), "/blocks/1/block", json!("core.exit@1.0.0")), []);
}

#[test]
fn properties_that_the_block_does_not_have_or_lacks() {
    let at = "/blocks/0/properties";
    let message = "Title of find has no property `qery`; it has query, recordset";
    one_fault("/blocks/0/properties/qery", json!(""), "/blocks/0/properties/qery", message);
    one_fault(at, json!({}), at, "the property `query` of Title of find is missing");
}

#[test]
fn values_of_the_wrong_type() {
    let cases = [
        ("query", json!(5), "", "5 is not of type \"string\""),
        ("top", json!("5"), "", "\"5\" is not of type \"integer\""),
        ("top", json!(51), "", "51 is greater than the maximum of 50"),
        ("top", json!("at $(n)"), "", "is not of type \"integer\""),
        ("columns", json!({"a": true}), "/a", "true is not of type"),
        ("columns", json!("a $(n)"), "", "is not of type \"object\""),
    ];
    for (name, value, inner, message) in cases {
        let pointer = format!("/blocks/0/properties/{name}");
        one_fault(&pointer, value, &format!("{pointer}{inner}"), message);
    }
}

#[test]
fn a_variable_has_its_type_on_the_call_only() {
    for (name, value) in [
        ("top", json!("$(n)")),
        ("columns", json!({"a": "$(n)", "b": "x$(n)"})),
        ("columns", json!("$(all)")),
        ("record", json!("$(i)")),
        ("record", json!(null)),
        ("record", json!(ID)),
    ] {
        let pointer = format!("/blocks/0/properties/{name}");
        assert_eq!(faults_of(&kit(), &pointer, value.clone()), [], "{name}: {value}");
    }
}

#[test]
fn text_that_cannot_be_read() {
    let cases = [
        ("query", json!("a $(x"), "`query`: `$(` is not closed by `)` at character 3"),
        ("query", json!("$(a b)"), "`a b` is no variable"),
        ("query", json!("a eq 'b"), "the literal that ' begins is not closed at character 6"),
        ("query", json!("$(x,escapexml)"), "`escapexml` is no parameter of a variable"),
        ("query", json!("In(\"$(x)\")"), "between double quotes"),
        ("record", json!("55"), "shorter than 36 characters"),
        ("record", json!("x".repeat(36)), "is no record id (GUID)"),
        ("recordset", json!("$(x)"), "`$(x)` is no name"),
        ("columns", json!({"$(x)": 1}), "the name `$(x)` takes no `$(…)`"),
        ("raw", json!("{\"a\": }"), "is no JSON: expected value at line 1 column 7"),
        ("raw", json!("[]"), "is no JSON object"),
    ];
    for (name, value, message) in cases {
        let pointer = format!("/blocks/0/properties/{name}");
        let problems = faults_of(&kit(), &pointer, value.clone());
        assert_eq!(problems.len(), 1, "{value}: {problems:#?}");
        assert_eq!(problems[0].pointer, pointer);
        assert!(problems[0].message.contains(message), "{}", problems[0].message);
    }
}

#[test]
fn expressions_that_cannot_be_read() {
    let cases = [
        ("top", json!("=1 +"), "`top`: the expression ends too early at character 4"),
        ("top", json!("=lenght($(x))"), "did you mean `length`? at character 2"),
        ("top", json!("=\"a\" * 2"), "`*` takes two numbers, not text and a number at character 6"),
        ("top", json!("=$(x"), "`$(` is not closed by `)` at character 2"),
        ("top", json!("=50 + 1"), "51 is greater than the maximum of 50"),
        ("record", json!("=\"5\" & 5"), "\"55\" is shorter than 36 characters"),
    ];
    for (name, value, message) in cases {
        let pointer = format!("/blocks/0/properties/{name}");
        let problems = faults_of(&kit(), &pointer, value.clone());
        assert_eq!(problems.len(), 1, "{value}: {problems:#?}");
        assert_eq!(problems[0].pointer, pointer);
        assert!(problems[0].message.contains(message), "{value}: {}", problems[0].message);
    }
    for (name, value) in [
        ("top", json!("=$(n) + 1")),
        ("top", json!("=25 * 2")),
        ("columns", json!({"a": "=length($(x))", "b": "==5", "c": "=2 * 2"})),
        ("record", json!("=default($(i), \"5531d753-95af-e711-a94e-000d3a11e605\")")),
    ] {
        let pointer = format!("/blocks/0/properties/{name}");
        assert_eq!(faults_of(&kit(), &pointer, value.clone()), [], "{name}: {value}");
    }
}

#[test]
fn queries_that_dataverse_would_refuse() {
    let at = "/blocks/0/properties/query";
    let message = "`query`: `==` is no operator of OData; write `eq` at character 11";
    one_fault(at, json!("$filter=a == '$(x)'"), at, message);
    one_fault(at, json!("$filter=(a eq 1&$top=1"), at, "this `(` is not closed at character 9");
    let problems = faults_of(&kit(), at, json!("$fliter=a eq 1"));
    assert_eq!(problems[0].severity, Severity::Warning);
    assert!(problems[0].message.contains("did you mean `$filter`? at character 1"));
    assert_eq!(faults_of(&kit(), at, json!("<fetch a='=='/>")), []);
}

#[test]
fn the_exits_of_switch_are_those_that_it_names() {
    let with = |branches: Value, exits: Value| {
        let properties = json!({"value": "$(n)", "branches": branches});
        let mut document = good();
        document["blocks"][0] = instance("look", "core.switch", properties, exits);
        match kit().check(&document) {
            Ok((_, warnings)) => warnings,
            Err(problems) => problems,
        }
    };
    let branches = json!([{"value": 1, "exit": "gold"}, {"value": "=2", "exit": "gold"}]);
    let wired = json!({"gold": "end", "default": "end"});
    assert_eq!(with(branches.clone(), wired.clone()), []);
    let problems = with(branches.clone(), json!({"default": "end"}));
    assert_eq!(problems[0].pointer, "/blocks/0/exits");
    assert_eq!(problems[0].message, "the exit `gold` of `look` is not wired");
    let problems = with(branches, json!({"gold": "end", "default": "end", "silver": "end"}));
    assert_eq!(problems[0].pointer, "/blocks/0/exits/silver");
    let problems = with(json!([{"value": 1, "exit": "failed"}]), wired.clone());
    assert_eq!(problems[0].pointer, "/blocks/0/properties/branches/0/exit");
    let twice = json!([{"value": 1, "exit": "gold"}, {"value": 1.0, "exit": "gold"}]);
    let problems = with(twice, wired.clone());
    assert_eq!(problems[0].pointer, "/blocks/0/properties/branches/1/value");
    let problems = with(json!([]), json!({"default": "end"}));
    assert_eq!(problems[0].pointer, "/blocks/0/properties/branches");
}

/// The warnings about a document that looks for `Caller` and then goes to `then`, where that must be so.
fn reading(then: Value, change: impl Fn(&mut Value)) -> Vec<(String, String)> {
    let properties = json!({"query": "$top=1", "recordset": "Caller"});
    let exits = json!({"next": "then", "no_data": "then", "failed": "end"});
    let exits_of_then = json!({"next": "end", "no_data": "end", "failed": "end"});
    let mut document = document(json!([
        instance("look", "find", properties, exits),
        instance("then", "find", then, exits_of_then),
        exit("end"),
    ]));
    change(&mut document);
    let (_, warnings) = kit().check(&document).unwrap();
    assert!(warnings.iter().all(|warning| warning.severity == Severity::Warning));
    warnings.into_iter().map(|warning| (warning.pointer, warning.message)).collect()
}

#[test]
fn a_variable_that_is_not_set_on_some_way() {
    let query = json!({"query": "$filter=a eq '$(Caller.fullname)'"});
    let at = "/blocks/1/properties/query";
    // Whether a block sets its outputs on an exit of its own is not known.
    assert_eq!(reading(query.clone(), |_| ()), []);
    let warnings = reading(query.clone(), |document| {
        document["blocks"][0]["exits"]["failed"] = json!("then");
    });
    let message = "`$(Caller.fullname)` has no value where a run comes here by the exit `failed` of `look`: \
                   `Caller` is set by `look`";
    assert_eq!(warnings, [(at.to_owned(), message.to_owned())]);
    let warnings = reading(query, |document| document["start"] = json!("then"));
    assert!(warnings.iter().any(|(_, message)| message.contains("from `then`, where it begins")));
}

#[test]
fn a_variable_that_is_set_nowhere() {
    let of = |text: &str, inputs: Value| {
        let columns = json!({"a": {"b": [text]}});
        reading(json!({"query": "", "columns": columns}), |document| {
            document["inputs"] = inputs.clone();
            document["blocks"][1]["properties"]["columns"] = json!({"a": text});
        })
    };
    let warnings = of("$(Calller.fullname)", json!([]));
    assert_eq!(warnings[0].0, "/blocks/1/properties/columns/a");
    assert_eq!(
        warnings[0].1,
        "`$(Calller.fullname)`: no block sets `Calller`; did you mean `Caller`? where the call flow \
         brings it, name it in `inputs`"
    );
    assert_eq!(of("$(subject)", json!([])).len(), 1);
    for known in [
        "$(item.from)",
        "$(user.loginId)",
        "$(integrationResultCode)",
        "$(Caller.__count__)",
        "=defined($(subject))",
        "=default($(subject), \"none\") & $(item.x)",
    ] {
        assert_eq!(of(known, json!([])), [], "{known}");
    }
    assert_eq!(of("$(subject)", json!(["subject"])), []);
    assert_eq!(of("=length(\"$(subject)\")", json!([])).len(), 1);
    let message = "`a b` is no name of a variable";
    one_fault("/inputs", json!(["a b"]), "/inputs/0", message);
}

#[test]
fn a_loop_sets_what_its_first_turn_reads_too_late() {
    let mut document = good();
    document["blocks"] = json!([
        instance(
            "look",
            "core.if",
            json!({"left": "$(seen)", "operator": "is_true"}),
            json!({"true": "end", "false": "keep"})
        ),
        instance(
            "keep",
            "core.set-variable",
            json!({"variable": "seen", "value": true}),
            json!({"next": "look"})
        ),
        exit("end"),
    ]);
    let (_, warnings) = kit().check(&document).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0].pointer, "/blocks/0/properties/left");
    assert!(
        warnings[0].message.contains("from `look`, where it begins"),
        "{}",
        warnings[0].message
    );
}

#[test]
fn a_recordset_that_nothing_sets() {
    let mut document = good();
    document["blocks"][0] = instance(
        "look",
        "core.get-next-record",
        json!({"recordset": "Caller"}),
        json!({"next": "end", "no_more": "end"}),
    );
    let (_, warnings) = kit().check(&document).unwrap();
    assert_eq!(warnings[0].pointer, "/blocks/0/properties/recordset");
    assert!(warnings[0].message.starts_with("`Caller`: no block sets `Caller`"));
}

#[test]
fn tables_and_columns_that_the_account_does_not_know() {
    let known = || {
        kit::microsoft::kit(0)
            .table("contacts", &["contactid", "fullname", "telephone1", "_parentcustomerid_value"])
            .table("incidents", &["incidentid", "title"])
    };
    let warnings = |properties: Value, account: Value| {
        let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
        let mut search = instance("look", "microsoft-dynamics.search-object", properties, exits);
        search["account"] = account;
        let document = document(json!([search, exit("end")]));
        let (_, warnings) = known().check(&document).unwrap();
        warnings.into_iter().map(|warning| (warning.pointer, warning.message)).collect::<Vec<_>>()
    };
    let query =
        |table: &str, query: &str| json!({"object_type": table, "query": query, "recordset": "R"});
    let crm = || json!("CRM");
    assert_eq!(
        warnings(query("contacts", "$select=fullname&$filter=telephone1 eq '1'"), crm()),
        []
    );
    let found = warnings(query("contact", ""), crm());
    assert_eq!(found[0].0, "/blocks/0/properties/object_type");
    assert_eq!(found[0].1, "the account knows no table `contact`; did you mean `contacts`?");
    let found =
        warnings(query("contacts", "$select=fulname&$filter=parentcustomerid eq null"), crm());
    assert_eq!(found[0].0, "/blocks/0/properties/query");
    assert_eq!(
        found[0].1,
        "`contacts` has no column `fulname` at character 9; did you mean `fullname`?"
    );
    assert!(found[1].1.ends_with("did you mean `_parentcustomerid_value`?"), "{}", found[1].1);
    assert_eq!(
        warnings(query("contacts", "$select=a/b,entityimage_url&$expand=c($select=d)"), crm()),
        []
    );
}

#[test]
fn the_account_that_is_selected_is_the_one_whose_tables_are_meant() {
    let kit = kit::microsoft::kit(0).table("contacts", &["contactid"]);
    let warnings = |accounts: [&str; 2]| {
        let select = |id: &str, account: &str, next: &str| {
            let exits = json!({"next": next, "failed": "end"});
            instance(id, "microsoft-dynamics.select-account", json!({"account": account}), exits)
        };
        let search = json!({"object_type": "contact", "query": "", "recordset": "R"});
        let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
        let document = document(json!([
            select("one", accounts[0], "two"),
            select("two", accounts[1], "look"),
            instance("look", "microsoft-dynamics.search-object", search, exits),
            exit("end"),
        ]));
        kit.check(&document).unwrap().1.len()
    };
    assert_eq!(warnings(["CRM", "CRM"]), 1);
    assert_eq!(warnings(["CRM", "Other"]), 0);
    assert_eq!(warnings(["CRM", "$(item.which)"]), 0);
}

#[test]
fn columns_that_are_set() {
    let properties = json!({
        "object_type": "incidents", "id_variable": "case_id",
        "fields": {"title": "x", "titel": "y", "customerid_contact@odata.bind": "/contacts($(item.id))"},
    });
    let exits = json!({"next": "end", "failed": "end"});
    let create = instance("make", "microsoft-dynamics.create-object", properties, exits);
    let mut document = document(json!([create, exit("end")]));
    document["blocks"][0]["account"] = json!("CRM");
    let kit = kit::microsoft::kit(0).table("incidents", &["title"]);
    let (_, warnings) = kit.check(&document).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0].pointer, "/blocks/0/properties/fields/titel");
    assert_eq!(warnings[0].message, "`incidents` has no column `titel`; did you mean `title`?");
}

#[test]
fn exits() {
    let at = "/blocks/0/exits";
    let message = "the exit `no_data` of `look` is not wired";
    one_fault(at, json!({"next": "end", "failed": "end"}), at, message);
    let message = "leads to `nowhere`, and there is no such block instance";
    one_fault("/blocks/0/exits/next", json!("nowhere"), "/blocks/0/exits/next", message);
    let message = "the block has no exit `a/b`; it has no_data, next, and failed";
    let mut document = good();
    document["blocks"][0]["exits"]["a/b"] = json!("end");
    let problems = kit().check(&document).unwrap_err();
    assert_eq!(
        (problems[0].pointer.as_str(), problems[0].message.as_str()),
        ("/blocks/0/exits/a~1b", message)
    );
    let message = "the block has no exit `failed`: it ends the run";
    let mut document = good();
    document["blocks"][1]["exits"] = json!({"failed": "look"});
    assert_eq!(kit().check(&document).unwrap_err()[0].message, message);
}

#[test]
fn an_unwired_failure_is_a_warning() {
    let problems = faults_of(&kit(), "/blocks/0/exits", json!({"next": "end", "no_data": "end"}));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].severity, Severity::Warning);
    assert_eq!(problems[0].pointer, "/blocks/0/exits");
    assert!(problems[0].message.contains("a failure here ends the run"));
}

#[test]
fn every_failure_may_be_wired() {
    let mut exits = json!({"next": "end", "no_data": "end"});
    for kind in patchcord_scenario::FailureKind::ALL {
        exits[kind.exit()] = json!("end");
    }
    assert_eq!(faults_of(&kit(), "/blocks/0/exits", exits), []);
}

#[test]
fn ids() {
    let message = "the id `end` is taken by /blocks/1";
    one_fault("/blocks/-", exit("end"), "/blocks/2/id", message);
    one_fault("/start", json!("nowhere"), "/start", "there is no block instance `nowhere`");
    let mut document = good();
    document["blocks"][1]["id"] = json!("e nd");
    let problems = kit().check(&document).unwrap_err();
    assert!(problems.iter().any(|p| p.pointer == "/blocks/1/id"), "{problems:#?}");
}

#[test]
fn the_head() {
    one_fault("/name", json!("Über"), "/name", "lower-case letters, digits and dashes");
    one_fault("/patchcord", json!("2.0"), "/patchcord", "format `2.0` is not known");
    one_fault("/deadline_ms", json!(0), "/deadline_ms", "between 1 and 600000");
    let mut empty = good();
    empty["blocks"] = json!([]);
    let problems = kit().check(&empty).unwrap_err();
    let at: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(at, ["/blocks", "/start"]);
}

#[test]
fn accounts() {
    let message = "there is no integration account `CMR`";
    one_fault("/blocks/0/account", json!("CMR"), "/blocks/0/account", message);
    let bare = kit().without_default_account();
    let problems = bare.check(&good()).unwrap_err();
    assert_eq!(problems[0].pointer, "/blocks/0/account");
    assert!(problems[0].message.contains("`look` has no integration account"));
    assert_eq!(faults_of(&bare, "/blocks/0/account", json!("CRM")), []);
}

#[test]
fn an_account_that_cannot_be_used_is_a_warning_where_it_is_named_first() {
    let why = "integration account `CRM`: press Request token and sign in";
    let kit = kit().unusable("handle-1", why).unusable("handle-2", "unused");
    let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
    let second = || instance("again", "find", json!({"query": "$top=1"}), exits.clone());
    let told = |document: &Value| -> Vec<_> {
        let (_, problems) = kit.check(document).unwrap();
        let warning = |problem: &Problem| problem.severity == Severity::Warning;
        assert!(problems.iter().all(warning), "{problems:#?}");
        let about = problems.into_iter().filter(|problem| problem.message == why);
        about.map(|problem| problem.pointer).collect()
    };
    // By default, and twice.
    let mut document = good();
    document["blocks"].as_array_mut().unwrap().push(second());
    document["blocks"][0]["exits"]["next"] = json!("again");
    assert_eq!(told(&document), ["/blocks/0/account"]);
    // Another block's own is the default of the first.
    document["blocks"][0]["account"] = json!("Dynamics 365 (demo)");
    assert_eq!(told(&document), ["/blocks/2/account"]);
    document["blocks"][2]["account"] = json!("Dynamics 365 (demo)");
    assert_eq!(told(&document), <[&str; 0]>::default());
    // Selected: the default one is of no account any more.
    let mut document = good();
    let exits = json!({"next": "look", "failed": "end"});
    let select = instance("select", "select", json!({"account": "CRM"}), exits);
    document["blocks"].as_array_mut().unwrap().push(select);
    document["start"] = json!("select");
    assert_eq!(told(&document), ["/blocks/2/properties/account"]);
    document["blocks"][2]["properties"]["account"] = json!("$(which)");
    assert_eq!(told(&document), <[&str; 0]>::default());
}

#[test]
fn an_account_is_selected_on_every_way() {
    let select = |properties: Value, failed: &str| {
        let exits = json!({"next": "look", "failed": failed});
        let mut document = good();
        let blocks = document["blocks"].as_array_mut().unwrap();
        blocks.insert(0, instance("select", "select", properties, exits));
        document["start"] = json!("select");
        kit().without_default_account().check(&document).map(|(_, warnings)| warnings)
    };
    assert_eq!(select(json!({"account": "CRM"}), "end"), Ok(vec![]));
    assert_eq!(select(json!({"account": "$(which)"}), "end"), Ok(vec![]));
    let problems = select(json!({"account": "CRM"}), "look").unwrap_err();
    assert_eq!(problems[0].pointer, "/blocks/1/account");
    let problems = select(json!({"account": "CMR"}), "end").unwrap_err();
    assert_eq!(problems[0].pointer, "/blocks/0/properties/account");
    assert_eq!(problems[0].message, "`account`: `CMR` names no integration account");
}

#[test]
fn blocks_that_lead_nowhere() {
    let problems = faults_of(&kit(), "/blocks/-", exit("spare"));
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].pointer.as_str(), problems[0].severity),
        ("/blocks/2", Severity::Warning)
    );
    assert_eq!(problems[0].message, "no run can reach `spare`");
    let round = json!({"next": "look", "no_data": "look", "failed": "look"});
    let problems = faults_of(&kit(), "/blocks/0/exits", round);
    assert_eq!(problems[0].pointer, "/blocks/0");
    assert_eq!(problems[0].message, "from `look` no run can come to an Exit block");
}

#[test]
fn what_is_no_scenario_says_where() {
    let of = |text: &str| {
        let problem = parse(text.as_bytes()).unwrap_err();
        (problem.pointer, problem.message)
    };
    let (pointer, message) = of("{\"patchcord\": \"1.0\",\n  oops}");
    assert_eq!(pointer, "");
    assert!(
        message.starts_with("is no JSON: ") && message.ends_with("at line 2 column 3"),
        "{message}"
    );
    assert!(of("").1.contains("EOF"));
    assert!(of(&format!("{} x", good())).1.starts_with("is no JSON: trailing characters"));
    let mut document = good();
    document["blocks"][0]["exits"]["next"] = json!(5);
    assert_eq!(of(&document.to_string()).0, "/blocks/0/exits/next");
    let twice = good().to_string().replacen("\"next\":", "\"no_data\":\"end\",\"next\":", 1);
    let (pointer, message) = of(&twice);
    assert!(pointer.starts_with("/blocks/0/exits"), "{pointer}");
    assert!(message.contains("`no_data` stands here twice"), "{message}");
    assert!(of(r#"{"patchcord": "1.0", "nam": ""}"#).1.contains("unknown field `nam`"));
    let newer = of(r#"{"patchcord": "2.0", "nodes": []}"#);
    assert_eq!(newer.0, "/patchcord");
    assert!(newer.1.contains("format `2.0` is not known"));
    assert!(parse(b"\xff").unwrap_err().message.starts_with("is no JSON"));
}

/// The faults of whole documents.
fn faults(kit: &Kit, document: &Value) -> Vec<(String, Severity, String)> {
    let problems = match kit.check(document) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    let shown = |problem: Problem| (problem.pointer, problem.severity, problem.message);
    problems.into_iter().map(shown).collect()
}

fn writer() -> Kit {
    let mut write = manifest("write");
    write.operations = vec![Operation::Create];
    Kit::new().block(write, |_| leaves_by("next"))
}

#[test]
fn a_write_whose_failure_leads_nowhere_is_a_warning() {
    let with = |exits: Value| {
        let write = instance("write", "write", exits["properties"].clone(), exits["exits"].clone());
        faults(&writer(), &document(json!([write, exit("end")])))
    };
    let bare = with(json!({"properties": {}, "exits": {"next": "end"}}));
    assert_eq!(bare.len(), 1, "{bare:?}");
    assert_eq!((bare[0].0.as_str(), bare[0].1), ("/blocks/0/exits", Severity::Warning));
    assert!(bare[0].2.starts_with("no exit for failures of `write` is wired"), "{}", bare[0].2);
    let typed = with(json!({"properties": {}, "exits": {"next": "end", "timeout": "end"}}));
    assert!(typed[0].2.contains("a failure here ends the run"), "{typed:?}");
    assert_eq!(with(json!({"properties": {}, "exits": {"next": "end", "failed": "end"}})), []);
}

#[test]
fn what_a_handler_gets_leads_somewhere() {
    let handler = |id: &str, goes: &str, catch: &str| {
        instance(id, "core.exception-handler", json!({}), json!({"try": goes, "catch": catch}))
    };
    let write = |id: &str, next: &str| instance(id, "write", json!({}), json!({"next": next}));
    let under = json!([handler("handler", "write", "end"), write("write", "end"), exit("end")]);
    assert_eq!(faults(&writer(), &document(under)), []);
    let caught = json!([
        handler("handler", "write", "again"),
        write("write", "end"),
        write("again", "end"),
        exit("end"),
    ]);
    let caught = faults(&writer(), &document(caught));
    assert_eq!((caught.len(), caught[0].0.as_str()), (1, "/blocks/2/exits"), "{caught:?}");
    let around = json!([
        handler("outer", "inner", "end"),
        handler("inner", "write", "again"),
        write("write", "end"),
        write("again", "end"),
        exit("end"),
    ]);
    assert_eq!(faults(&writer(), &document(around)), []);
    let choice = json!({"left": 1, "operator": "equals", "right": 1});
    let on_one_way = json!([
        instance("if", "core.if", choice, json!({"true": "handler", "false": "write"})),
        handler("handler", "write", "end"),
        write("write", "end"),
        exit("end"),
    ]);
    assert_eq!(faults(&writer(), &document(on_one_way)).len(), 1, "the other way has none");
}

#[test]
fn a_loop_that_never_comes_round_is_a_warning() {
    let each = |next: &str| {
        let exits = json!({"next": next, "done": "end"});
        let each = instance("each", "core.for-each", json!({"list": [1, 2]}), exits);
        let log = instance("log", "core.log", json!({"message": "x"}), json!({"next": "each"}));
        faults(&Kit::new(), &document(json!([each, log, exit("end")])))
    };
    assert_eq!(each("log"), []);
    let never = each("end");
    assert_eq!(never[0].0, "/blocks/0/exits/next");
    assert!(never[0].2.contains("only the first item"), "{never:?}");
    let exits = json!({"next": "each", "done": "each"});
    let endless = instance("each", "core.for-each", json!({"list": [1]}), exits);
    let endless = faults(&Kit::new(), &document(json!([endless, exit("end")])));
    assert!(endless[0].2.contains("no run can come to an Exit block"), "{endless:?}");
}

#[test]
fn a_deadline_has_room_for_what_steps_may_take() {
    let with = |deadline: u64, first: u64, second: u64| {
        let wait = json!({"milliseconds": second});
        let mut steps = document(json!([
            instance("log", "core.log", json!({"message": "x"}), json!({"next": "wait"})),
            instance("wait", "core.wait", wait, json!({"next": "if"})),
            instance(
                "if",
                "core.if",
                json!({"left": 1, "operator": "equals", "right": 1}),
                json!({"true": "log", "false": "end"})
            ),
            exit("end"),
        ]));
        steps["deadline_ms"] = deadline.into();
        steps["blocks"][0]["timeout_ms"] = first.into();
        faults(&Kit::new(), &steps)
    };
    assert_eq!(with(3_000, 1_000, 2_000), []);
    let together = with(2_999, 1_000, 2_000);
    assert_eq!((together.len(), together[0].0.as_str()), (1, "/deadline_ms"));
    assert!(together[0].2.starts_with("is less than the 3000 ms"), "{together:?}");
    let alone = with(1_500, 1_000, 2_000);
    assert_eq!((alone.len(), alone[0].0.as_str()), (1, "/blocks/1/properties/milliseconds"));
    let timeout = with(500, 1_000, 100);
    assert_eq!((timeout[0].0.as_str(), timeout[0].1), ("/blocks/0/timeout_ms", Severity::Warning));
    assert_eq!(with(3_000, 0, 1)[0].1, Severity::Error);
}

#[test]
fn another_scenario_must_be_there_and_must_not_go_on_for_ever() {
    let start = |scenario: &str, exits: Value| {
        instance("start", "core.start-scenario", json!({"scenario": scenario}), exits)
    };
    let exits = || json!({"next": "end", "failed": "end"});
    let kit = Kit::new();
    let of =
        |scenario: &str| faults(&kit, &document(json!([start(scenario, exits()), exit("end")])));
    let missing = of("none");
    assert_eq!(missing[0].0, "/blocks/0/properties/scenario");
    assert_eq!(missing[0].1, Severity::Warning);
    assert_eq!(of("$(x)"), []);
    let itself = of("test");
    assert_eq!(itself[0].1, Severity::Error);
    assert!(itself[0].2.contains("leads through a start of this scenario by itself"), "{itself:?}");
    kit.publish("back", document(json!([start("test", exits()), exit("end")])));
    assert!(of("back")[0].2.contains("`back` starts this scenario again"));
    kit.publish("plain", document(json!([exit("end")])));
    assert_eq!(of("plain"), []);
}

#[test]
fn another_scenario_may_select_an_account() {
    let kit = kit().without_default_account();
    let select = instance(
        "select",
        "select",
        json!({"account": "CRM"}),
        json!({"next": "end", "failed": "end"}),
    );
    kit.publish("selects", document(json!([select, exit("end")])));
    kit.publish("plain", document(json!([exit("end")])));
    let of = |scenario: &str| {
        let exits = json!({"next": "look", "failed": "end"});
        let start = instance("start", "core.start-scenario", json!({"scenario": scenario}), exits);
        let mut document = good();
        document["blocks"].as_array_mut().unwrap().push(start);
        document["start"] = json!("start");
        faults(&kit, &document).len()
    };
    assert_eq!((of("selects"), of("plain")), (0, 1));
}
