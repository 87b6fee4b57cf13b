//! The page of the faults: those that wait, and a form to add one.

use axum::response::Html;
use serde_json::{Map, Value};

use super::catalogue::KINDS;
use crate::pages::{self, escape, fill};

const FAULTS: &str = include_str!("../pages/faults.html");
const WAITING: &str = include_str!("../pages/faults_waiting.html");

/// The page; `form` is what was filled in when something was `wrong` with it.
pub(super) fn show(
    waiting: &[(u64, Map<String, Value>)],
    form: &[(String, String)],
    wrong: Option<&str>,
) -> Html<String> {
    let rows: String = waiting.iter().map(|(id, json)| row(*id, json)).collect();
    let waiting = match rows.is_empty() {
        true => "<p>No fault waits.</p>".to_owned(),
        false => fill(WAITING, &[("rows", rows)]),
    };
    let filled = |name: &str| {
        let value = form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        escape(value.unwrap_or_default())
    };
    let by_path = !form.is_empty() && filled("route").is_empty();
    let wrong = wrong.map(|text| format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text)));
    let mut values = vec![
        ("wrong", wrong.unwrap_or_default()),
        ("waiting", waiting),
        ("routes", choices(&["api", "token", "authorize"], &filled("route"))),
        ("by_path", if by_path { " selected".to_owned() } else { String::new() }),
        ("kind_choices", choices(&KINDS.map(|kind| kind.name), &filled("kind"))),
        ("kinds", KINDS.iter().map(|kind| explained(kind.name, kind.members, kind.what)).collect()),
    ];
    for name in ["path", "method", "members", "times", "after", "probability", "seed"] {
        values.push((name, filled(name)));
    }
    pages::page("Faults on demand", fill(FAULTS, &values))
}

fn row(id: u64, json: &Map<String, Value>) -> String {
    let members: String = json
        .iter()
        .filter(|(name, _)| *name != "id")
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("<li><code>{}={}</code></li>", escape(name), escape(&value))
        })
        .collect();
    format!(
        "<tr><td data-label=\"Number\">{id}</td><td><ul class=\"options\">{members}</ul></td><td>\
         <form method=\"post\" action=\"/_emulator/faults/{id}/remove\"><button type=\"submit\" \
         class=\"second\" aria-label=\"Remove fault {id}\">Remove</button></form></td></tr>\n"
    )
}

fn choices(names: &[&str], chosen: &str) -> String {
    let choice = |name: &&str| {
        let selected = if *name == chosen { " selected" } else { "" };
        format!("<option{selected}>{name}</option>\n")
    };
    names.iter().map(choice).collect()
}

fn explained(name: &str, members: &str, what: &str) -> String {
    format!(
        "<tr><th scope=\"row\"><code>{}</code></th><td>{}<br><small>{}</small></td></tr>\n",
        escape(name),
        escape(what),
        escape(members)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_filled_in_is_shown_again_and_escaped() {
        let form =
            [("path".to_owned(), "\"><b>".to_owned()), ("kind".to_owned(), "latency".to_owned())];
        let Value::Object(fault) = json!({"id": 4, "route": "api", "location": "<x>"}) else {
            panic!("it is an object")
        };
        let html = show(&[(4, fault)], &form, Some("/path: <wrong>")).0;
        assert!(html.contains("value=\"&quot;&gt;&lt;b&gt;\"") && html.contains("&lt;wrong&gt;"));
        assert!(html.contains("<option selected>latency</option>"));
        assert!(html.contains("<option value=\"\" selected>by path"));
        assert!(html.contains("location=&lt;x&gt;") && html.contains("/faults/4/remove"));
    }
}
