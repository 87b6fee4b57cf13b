//! The contract is held against the routes, and the routes against the rules of the house.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::access::{role_name, scope_name};

/// Method, address, scope of a token and role.
type Operation = (String, String, Option<String>, Option<String>);

/// Each operation in the contract.
fn documented() -> BTreeSet<Operation> {
    let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let ways = operation["security"].as_array().unwrap();
            let by = |way: &str| {
                let found = ways.iter().find_map(|each| each[way][0].as_str());
                found.map(str::to_owned)
            };
            let (scope, role) = (by("token"), by("session"));
            operations.insert((method.to_uppercase(), path.clone(), scope, role));
        }
    }
    operations
}

#[test]
fn the_contract_lists_every_route_with_what_it_needs_and_no_other() {
    let of = |route: &Route| {
        let scope = route.needs.scope().map(|scope| scope_name(scope).to_owned());
        let role = route.needs.role().map(|role| role_name(role).to_owned());
        (route.method.to_string(), route.path.to_owned(), scope, role)
    };
    let served: BTreeSet<Operation> = table().iter().map(of).collect();
    assert_eq!(documented(), served);
}

#[test]
fn every_route_of_the_api_needs_something_but_those_by_which_one_comes_in() {
    let open: Vec<_> = table()
        .into_iter()
        .filter(|route| route.path.starts_with("/v1") && route.needs == ANYBODY)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(open, ["POST /v1/session", "POST /v1/setup"]);
}

#[test]
fn no_viewer_and_no_token_that_may_only_run_changes_anything() {
    let changes = |route: &&Route| !route.method.is_safe() && route.needs != ANYBODY;
    for route in table().iter().filter(changes) {
        let place = format!("{} {}", route.method, route.path);
        assert!(!matches!(route.needs, Needs::Watch | Needs::View), "{place}");
    }
}

#[test]
fn what_changes_something_is_written_down() {
    let silent: Vec<_> = table()
        .into_iter()
        .filter(|route| !route.method.is_safe() && route.recorded.is_none())
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let wanted = [
        "POST /v1/scenarios/{name}/runs",
        "POST /v1/scenarios/{name}/test",
        "POST /v1/check",
        "POST /v1/import/check",
        "POST /v1/runs",
        "POST /v1/routes/test",
        "POST /v1/accounts/endpoints",
    ];
    assert_eq!(silent, wanted);
}

#[test]
fn the_contract_names_scope_and_role_and_every_parameter() {
    let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
    for route in table() {
        let item = &contract["paths"][route.path];
        let operation = &item[route.method.as_str().to_lowercase()];
        let place = format!("{} {}", route.method, route.path);
        let description = operation["description"].as_str().unwrap_or_default();
        let scope = route.needs.scope().map(|scope| format!("Scope: `{}`", scope_name(scope)));
        let role = route.needs.role().map(|role| format!("Role: `{}`", role_name(role)));
        for named in scope.iter().chain(&role) {
            assert!(description.contains(named), "{place}: {named}");
            assert!(operation["responses"]["401"].is_object(), "{place}");
        }
        for name in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let parameters = item["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{name}");
        }
    }
}

/// Holds a schema against the contract, its shared definitions as components, as OpenAPI wants them. Returns the rest.
fn held(schema: &Value) -> serde_json::Map<String, Value> {
    let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
    let told = &contract["components"]["schemas"];
    let schema = schema.to_string().replace("#/$defs/", "#/components/schemas/");
    let mut document: serde_json::Map<String, Value> = serde_json::from_str(&schema).unwrap();
    document.remove("$schema");
    for (name, definition) in document.remove("$defs").unwrap().as_object().unwrap() {
        assert_eq!(told[name], *definition, "{name} of openapi.json must be\n{definition:#}");
    }
    document
}

#[test]
fn the_contract_holds_the_schema_of_the_scenario_document() {
    let schema = Value::Object(held(&patchcord::scenario::schema()));
    let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
    let told = &contract["components"]["schemas"]["Scenario"];
    assert_eq!(*told, schema, "Scenario of openapi.json must be\n{schema:#}");
}

#[test]
fn the_contract_holds_the_schema_of_test_cases() {
    held(&patchcord::rehearsal::cases_schema());
}
