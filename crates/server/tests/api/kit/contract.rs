//! The contract as the tests read it: which operations there are, and what each may answer.

use std::sync::LazyLock;

use reqwest::{Method, header};
use serde_json::{Value, json};

use super::{Answer, NOBODY};

static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../openapi.json");
    serde_json::from_str(text).expect("openapi.json is JSON")
});

/// One operation of the contract.
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// Its address, with an id that nothing has in place of each parameter.
    pub(crate) path: String,
    /// The scope that a token needs; none where no token has it.
    pub(crate) scope: Option<&'static str>,
    /// The role that who is signed in needs; none where nobody needs to be.
    pub(crate) role: Option<&'static str>,
}

impl Operation {
    /// Whether it may change something.
    pub(crate) fn changes(&self) -> bool {
        !self.method.is_safe()
    }
}

/// In words, for who reads that something is wrong with it.
impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Every operation of the contract.
pub(crate) fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (template, item) in CONTRACT["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
        for (method, operation) in methods {
            let path = template
                .replace("{id}", NOBODY)
                .replace("{name}", "nothing")
                .replace("{login}", "nobody")
                .replace("{file}", "nothing.js")
                .replace("{version}", "1.0.0");
            let method = method.to_uppercase().parse().unwrap();
            let ways = operation["security"].as_array().unwrap();
            let by = |way: &str| ways.iter().find_map(|each| each[way][0].as_str());
            let (scope, role) = (by("token"), by("session"));
            found.push(Operation { method, path, scope, role });
        }
    }
    found
}

/// Makes sure that the contract says that this may be answered.
pub(super) fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else {
        assert!(
            matches!(answer.status.as_u16(), 404 | 405),
            "{method} {path} is not in the contract, but answered {}",
            answer.status
        );
        return;
    };
    let place = format!("{method} {path} answered {}: {}", answer.status, answer.text);
    let response = &operation["responses"][answer.status.as_str()];
    assert!(!response.is_null(), "the contract does not know that {place}");
    let response = match response["$ref"].as_str() {
        Some(reference) => CONTRACT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    };
    let Some(content) = response["content"].as_object() else { return };
    let told = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
    let known = content.iter().find(|(media_type, _)| told.starts_with(media_type.as_str()));
    let known = known.ok_or_else(|| content.keys().collect::<Vec<_>>());
    let (media_type, content) =
        known.unwrap_or_else(|known| panic!("{told} is none of {known:?}: {place}"));
    if media_type.ends_with("json") {
        let schema = json!({ "allOf": [content["schema"]], "components": CONTRACT["components"] });
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&answer.json)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:#?}\n{place}");
    }
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = CONTRACT["paths"].as_object().unwrap();
    let (_, item) = paths.iter().find(|(template, _)| fits(template, path))?;
    // What can be got can be asked for its head.
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    item.get(method.as_str().to_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
    template.len() == path.len() && template.iter().zip(&path).all(same)
}
