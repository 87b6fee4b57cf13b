//! Printing integration accounts.

use anyhow::Result;
use serde_json::Value;

use crate::args::Output;
use crate::output;

pub(super) fn list(accounts: &[Value], how: Output) -> Result<()> {
    if how.json {
        return output::json(&accounts);
    }
    let mut table = output::table(&["Name", "Default", "State", "Environment", "To be done"]);
    for account in accounts {
        let default = if account["default"] == true { "yes" } else { "" };
        let row = [
            output::text(&account["name"]),
            default.to_owned(),
            state(account),
            output::text(&account["api_url"]),
            warnings(account).join("\n"),
        ];
        table.add_row(row);
    }
    let empty = "There is no integration account yet; `patchcord account add` makes one.";
    output::list(&table, empty);
    Ok(())
}

/// One account, with the address that must be registered with Entra ID.
pub(super) fn one(account: &Value, redirect_uri: Option<&str>, how: Output) -> Result<()> {
    if how.json {
        return output::json(account);
    }
    let mut table = output::table(&["Field", "Value"]);
    let mut row = |title: &str, value: String| {
        if !value.is_empty() {
            table.add_row([title.to_owned(), value]);
        }
    };
    row("name", output::text(&account["name"]));
    row("default account", if account["default"] == true { "yes" } else { "no" }.to_owned());
    row("state", state(account));
    for (position, warning) in warnings(account).into_iter().enumerate() {
        row(if position == 0 { "to be done" } else { "" }, warning);
    }
    let identity = &account["identity"];
    row("consenting user", user(identity));
    row("organisation", named(&identity["organization_name"], &identity["organization_id"]));
    token_rows(&account["token"], &mut row);
    row("client ID", output::text(&account["client_id"]));
    credential_rows(&account["credential"], &mut row);
    row("authorization URL", output::text(&account["authorization_url"]));
    row("token URL", output::text(&account["token_url"]));
    row("API URL", output::text(&account["api_url"]));
    row("redirect URI", redirect_uri.unwrap_or_default().to_owned());
    row("phone region", output::text(&account["phone_region"]));
    policy_rows(&account["policy"], &mut row);
    say!("{table}");
    Ok(())
}

fn state(account: &Value) -> String {
    match account["state"].as_str() {
        Some("valid") => "valid".to_owned(),
        _ => format!("consent required: {}", output::text(&account["reason"])),
    }
}

fn warnings(account: &Value) -> Vec<String> {
    let warnings = account["warnings"].as_array().into_iter().flatten();
    warnings.map(|warning| output::text(&warning["message"])).collect()
}

/// `Ann Example (ann@example.org)`, as far as that is known.
fn user(identity: &Value) -> String {
    match identity["full_name"].is_null() {
        true if identity["user_name"].is_null() => output::text(&identity["user_id"]),
        true => output::text(&identity["user_name"]),
        false => named(&identity["full_name"], &identity["user_name"]),
    }
}

fn named(name: &Value, other: &Value) -> String {
    match (output::text(name), output::text(other)) {
        (name, other) if name.is_empty() => other,
        (name, other) if other.is_empty() => name,
        (name, other) => format!("{name} ({other})"),
    }
}

fn token_rows(token: &Value, row: &mut impl FnMut(&str, String)) {
    if token.is_null() {
        return;
    }
    let scopes = token["scopes"].as_array().into_iter().flatten().map(output::text);
    row("may do", scopes.collect::<Vec<_>>().join("\n"));
    row("access token until", moment(&token["access_token_until"]));
    row("consent renewed", moment(&token["obtained_at"]));
    row("consent likely until", format!("{}, longer with each use", day(&token["likely_until"])));
}

fn credential_rows(credential: &Value, row: &mut impl FnMut(&str, String)) {
    let expires = output::text(&credential["expires"]);
    let until = if expires.is_empty() { String::new() } else { format!(", until {expires}") };
    match credential["kind"].as_str() {
        Some("certificate") => {
            row("certificate", format!("{}{until}", output::text(&credential["subject"])));
            row("thumbprint (SHA-1)", output::text(&credential["thumbprint"]["sha1"]));
            row("thumbprint (SHA-256)", output::text(&credential["thumbprint"]["sha256"]));
        }
        Some(_) if expires.is_empty() => {
            row("client secret", "set; its last day is not known (--secret-expires)".to_owned());
        }
        Some(_) => row("client secret", format!("set{until}")),
        None => row("client secret", "not set".to_owned()),
    }
}

fn policy_rows(policy: &Value, row: &mut impl FnMut(&str, String)) {
    for (title, field) in [("operations allowed", "operations"), ("tables allowed", "tables")] {
        let names = policy[field].as_array();
        let listed =
            |names: &Vec<Value>| names.iter().map(output::text).collect::<Vec<_>>().join(", ");
        row(title, names.map_or("all".to_owned(), listed));
    }
    row("requests at once", output::text(&policy["max_concurrent"]));
    for (title, field) in [
        ("request time-out", "request_timeout_ms"),
        ("token time-out", "token_timeout_ms"),
        ("connection time-out", "connect_timeout_ms"),
    ] {
        row(title, format!("{} ms", output::text(&policy[field])));
    }
    if policy["affinity_cookie"] == true {
        row("affinity cookie", "kept".to_owned());
    }
    let masked = policy["sensitive_columns"].as_array().filter(|columns| !columns.is_empty());
    if let Some(columns) = masked {
        let columns: Vec<_> = columns.iter().map(output::text).collect();
        row("masked in traces", columns.join(", "));
    }
}

fn day(moment: &Value) -> String {
    output::text(moment).chars().take(10).collect()
}

/// `2026-11-25 07:00 UTC`.
fn moment(moment: &Value) -> String {
    let text = output::text(moment);
    match text.get(11..16) {
        Some(time) => format!("{} {time} UTC", day(moment)),
        None => text,
    }
}
