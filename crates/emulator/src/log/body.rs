//! Bodies for the log: what can be read with its secrets masked, the rest by its size only.
//!
//! Pages are of the rest: what is secret in a form that is shown can not be told for certain.

use serde::de::IgnoredAny;

use super::json_mask::masked_json;
use super::mask::masked_query;
use super::multipart;

/// Where a body is cut.
const LIMIT: usize = 64 * 1024;
/// The largest multipart body that is taken apart.
const LARGEST_MULTIPART: usize = 4 * 1024 * 1024;

/// A body as the log keeps it.
pub(crate) fn masked_body(content_type: &str, body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let readable = match kind.as_str() {
        "application/x-www-form-urlencoded" => {
            Some(masked_query(&String::from_utf8_lossy(&body[..body.len().min(LIMIT)])))
        }
        "multipart/mixed" if body.len() <= LARGEST_MULTIPART => {
            multipart::masked(content_type, &String::from_utf8_lossy(body))
        }
        "text/plain" => plain_number(body),
        "text/html" => None,
        _ => json(body),
    };
    match readable {
        Some(text) => shortened(text, body.len() > LIMIT),
        None => format!("({} bytes of {content_type})", body.len()),
    }
}

/// A count, which Dataverse begins with a byte order mark.
fn plain_number(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}');
    text.parse::<u64>().ok().map(|number| number.to_string())
}

/// JSON, or the beginning of JSON that is too long.
fn json(body: &[u8]) -> Option<String> {
    let begin = &body[..body.len().min(LIMIT)];
    match serde_json::from_slice::<IgnoredAny>(begin) {
        Ok(_) => {}
        Err(error) if error.is_eof() && begin.len() < body.len() => {}
        Err(_) => return None,
    }
    Some(masked_json(&String::from_utf8_lossy(begin)))
}

fn shortened(text: String, cut: bool) -> String {
    let end = (0..=LIMIT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    let kept = &text[..end.unwrap_or_default()];
    if cut || kept.len() < text.len() { format!("{kept}…") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_answers() {
        let json = br#"{"token_type":"Bearer","access_token":"ey.x.y","refresh_token":"0.A"}"#;
        let masked = masked_body("application/json", json);
        assert_eq!(masked, r#"{"token_type":"Bearer","access_token":"***","refresh_token":"***"}"#);
        let form = masked_body("application/x-www-form-urlencoded;charset=utf-8", b"code=x&a=%20");
        assert_eq!(form, "code=***&a=%20");
    }

    #[test]
    fn a_body_that_can_not_be_read_is_not_kept() {
        assert_eq!(masked_body("text/plain", b"secret"), "(6 bytes of text/plain)");
        assert_eq!(
            masked_body("text/html", b"<input name=code value=x>"),
            "(25 bytes of text/html)"
        );
        let form_as_json = b"client_secret=PLANTED";
        assert_eq!(masked_body("application/json", form_as_json), "(21 bytes of application/json)");
        assert_eq!(masked_body("text/plain", "\u{feff}42".as_bytes()), "42");
    }

    #[test]
    fn a_long_body_is_cut_and_masked() {
        let long = format!("[{}{{\"password\":\"PLANTED\"}}]", "{\"a\":\"ü\"},".repeat(9000));
        let kept = masked_body("application/json", long.as_bytes());
        assert!(kept.len() <= LIMIT + 3 && kept.ends_with('…'));
        let broken = long.replacen("[{", "[}", 1);
        assert!(masked_body("application/json", broken.as_bytes()).starts_with('('));
    }
}
