//! A logged request as a `curl` command to copy into a shell.
//!
//! Secrets are not in the log, so the command names variables in their place: `$TOKEN` for the bearer
//! token, and `***` stays where another one was.

use super::LogEntry;

/// Headers that curl makes itself, or that belong to one connection.
const NOT_SENT: [&str; 9] = [
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "transfer-encoding",
    "te",
    "upgrade",
    "expect",
    "keep-alive",
];

/// The command, a header a line.
pub(crate) fn command(entry: &LogEntry) -> String {
    let mut lines = vec![format!("curl -X {} {}", entry.method, quoted(&entry.url))];
    for (name, value) in &entry.request_headers {
        if NOT_SENT.contains(&name.as_str()) {
            continue;
        }
        lines.push(match name.as_str() {
            // The one place where the shell shall put a value in.
            "authorization" if value.starts_with("Bearer ") => {
                "-H \"Authorization: Bearer $TOKEN\"".to_owned()
            }
            // curl leaves out a header whose value is empty unless it ends in a semicolon.
            _ if value.is_empty() => format!("-H {}", quoted(&format!("{name};"))),
            _ => format!("-H {}", quoted(&format!("{name}: {value}"))),
        });
    }
    if !entry.request_body.is_empty() {
        lines.push(format!("--data-raw {}", quoted(&entry.request_body)));
    }
    if entry.url.starts_with("https:") {
        lines.push("--cacert ca.pem".to_owned());
    }
    lines.join(" \\\n  ")
}

/// A word for a shell: in single quotes, or in `$'…'` where a control character has to be written.
fn quoted(text: &str) -> String {
    if !text.chars().any(|c| c.is_control() && c != '\n') {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut out = "$'".to_owned();
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_command_has_what_was_sent_and_no_token() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let entry = LogEntry {
            method: "POST".into(),
            url: "https://127.0.0.1:8471/api/data/v9.2/contacts?$select=lastname".into(),
            request_headers: vec![
                header("host", "127.0.0.1:8471"),
                header("authorization", "Bearer ***"),
                header("content-type", "application/json"),
                header("if-none-match", ""),
            ],
            request_body: "{\"lastname\":\"O'Brien\"}".into(),
            ..LogEntry::default()
        };
        assert_eq!(
            command(&entry),
            "curl -X POST 'https://127.0.0.1:8471/api/data/v9.2/contacts?$select=lastname' \\\n  \
             -H \"Authorization: Bearer $TOKEN\" \\\n  \
             -H 'content-type: application/json' \\\n  \
             -H 'if-none-match;' \\\n  \
             --data-raw '{\"lastname\":\"O'\\''Brien\"}' \\\n  \
             --cacert ca.pem"
        );
    }

    #[test]
    fn line_ends_of_a_batch_are_kept() {
        assert_eq!(quoted("--b\r\nx: 'y'\\"), "$'--b\\r\\nx: \\'y\\'\\\\'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_shell_reads_back_what_was_quoted(text in "[ -~\r\n\té$`!]{0,40}") {
            let script = format!("printf %s {}", quoted(&text));
            let Ok(read) = std::process::Command::new("bash").args(["-c", &script]).output() else {
                return Ok(());
            };
            prop_assert_eq!(String::from_utf8_lossy(&read.stdout), text);
        }
    }
}
