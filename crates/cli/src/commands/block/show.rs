//! How one invocation of a block is shown: each host call with its answer, what was logged, how it ended, what it set.

use serde_json::Value;

use crate::authoring::verdict::Done;
use crate::output;
use patchcord::rehearsal::TracedCall;

/// Characters of one text before it is cut; `--json` has it whole.
const LONGEST: usize = 400;

/// What a block did on this machine.
pub(crate) fn done(done: &Done) -> String {
    let mut lines: Vec<String> = done.calls.iter().flat_map(call).collect();
    lines.extend(done.log.iter().map(log));
    let failure = done.failure.as_ref();
    let why = failure.map(|failed| format!(" ({}): {}", failed.kind.exit(), failed.message));
    lines.push(format!("exit {}{}", done.exit, why.unwrap_or_default()));
    lines
        .extend(failure.iter().flat_map(|failed| &failed.backtrace).map(|at| format!("  at {at}")));
    lines.extend(done.variables.iter().map(|(name, value)| set("variable", name, value)));
    lines.extend(done.recordsets.iter().map(|(name, value)| set("recordset", name, value)));
    lines.extend(done.account.iter().map(|account| format!("selects the account {account}")));
    lines.extend(done.screen_pop.iter().map(|pop| format!("pops {}({})", pop.entity_set, pop.id)));
    lines.join("\n")
}

/// What a block did on a server, as its API tells it.
pub(crate) fn answer(answer: &Value) -> String {
    let list = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for call in list("host_calls") {
        lines.push(format!(
            "→ {} {}",
            output::text(&call["operation"]),
            output::text(&call["entity_set"])
        ));
        let status = call["status"].as_u64().map_or("no answer".to_owned(), |s| s.to_string());
        let message = call["message"].as_str().map(|text| format!(": {text}")).unwrap_or_default();
        lines.push(format!("← {status}{message}"));
    }
    lines.extend(list("log").iter().map(log));
    let exit = answer["exit"].as_str().unwrap_or("failed");
    let failure = &answer["failure"];
    let why = failure["message"]
        .as_str()
        .map(|why| format!(" ({}): {why}", output::text(&failure["kind"])));
    let took = answer["elapsed_us"].as_f64().unwrap_or_default() / 1e3;
    lines.push(format!("exit {exit}{}   {took:.1} ms", why.unwrap_or_default()));
    let variables = answer["variables"].as_object().into_iter().flatten();
    lines.extend(variables.map(|(name, value)| set("variable", name, value)));
    if let Some(pop) = answer["screen_pop"].as_object() {
        lines.push(format!(
            "pops {}({})",
            output::text(&pop["entity_set"]),
            output::text(&pop["id"])
        ));
    }
    lines.join("\n")
}

/// A host call, and what it was answered.
pub(crate) fn call(call: &TracedCall) -> [String; 2] {
    let key = call.key.as_ref().map(|key| format!("({key})")).unwrap_or_default();
    let asked =
        if call.asked.is_empty() { String::new() } else { format!(": {}", cut(&call.asked)) };
    [
        format!("→ {} {}{key}{asked}", call.call.name(), call.table),
        format!("← {}", cut(&call.answered)),
    ]
}

fn log(line: &Value) -> String {
    format!("log {}: {}", output::text(&line["level"]), output::text(&line["message"]))
}

/// Something that was set.
pub(crate) fn set(what: &str, name: &str, value: &Value) -> String {
    format!("sets the {what} {name} to {}", cut(&value.to_string()))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A number of bytes as a person reads it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_are_rounded() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(74_812), "74.8 kB");
        assert_eq!(size(18_529_533), "18.5 MB");
    }

    #[test]
    fn an_answer_of_the_server_shows_calls_log_exit_and_variables() {
        let shown = answer(&json!({
            "exit": "no_data", "elapsed_us": 1200, "variables": {"n": 1},
            "host_calls": [{"operation": "query", "entity_set": "contacts", "status": 200}],
            "log": [{"level": "info", "message": "none"}],
        }));
        let lines = [
            "→ query contacts",
            "← 200",
            "log info: none",
            "exit no_data   1.2 ms",
            "sets the variable n to 1",
        ];
        assert_eq!(shown, lines.join("\n"));
    }
}
