//! What is wrong with properties: missing, of the wrong type, text that cannot be read.

use patchcord_scenario::Severity;
use serde_json::json;

use super::good::{ID, faults_of, kit, one_fault};

#[test]
fn properties_that_the_block_does_not_have_or_lacks() {
    let at = "/blocks/0/properties";
    let message = "Title of find has no property `qery`; it has query, recordset";
    one_fault("/blocks/0/properties/qery", json!(""), "/blocks/0/properties/qery", message);
    let missing = format!("{at}/query");
    one_fault(at, json!({}), &missing, "the property `query` of Title of find is missing");
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
    let message = "`query`: <fetch> holds no <entity> at character 1";
    one_fault(at, json!("<fetch distinct='true'/>"), at, message);
    let query = "<fetch>\n  <entity name='a'>\n    <filtr/>\n  </entity>\n</fetch>";
    let message = "does not take it; did you mean <filter>? at line 3, character 5";
    one_fault(at, json!(query), at, message);
}
