//! Masks the secrets of a JSON text in place.
//!
//! The text is scanned, not parsed: so it may be cut off anywhere, its notation stays as it was sent,
//! and a long answer costs one pass. That it begins as JSON is the caller's check.

use super::mask::{MASK, is_secret_member, without_tokens};

/// JSON as it was sent but for the values of secrets, however deep they stand.
pub(super) fn masked_json(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied, mut depth) = (0, 0, 0_usize);
    while let Some(found) = bytes[at..].iter().position(|byte| b"\"{}[]".contains(byte)) {
        at += found;
        match bytes[at] {
            b'"' => {
                let end = string_end(bytes, at);
                match value_after(bytes, end) {
                    Some(value) if is_secret_member(&unquoted(&text[at..end]), depth) => {
                        out.push_str(&text[copied..value]);
                        copied = mask_value(&mut out, bytes, value);
                        at = copied;
                    }
                    _ => at = end,
                }
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            _ => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
        }
    }
    out.push_str(&text[copied..]);
    without_tokens(&out)
}

/// The byte behind the string that begins at `at`; the end of the text for one that is cut off.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    bytes.len()
}

/// Where the value begins, if the string that ends at `end` is the name of a member.
fn value_after(bytes: &[u8], end: usize) -> Option<usize> {
    let skip = |from: usize| {
        let rest = bytes.get(from..)?;
        Some(from + rest.iter().position(|byte| !byte.is_ascii_whitespace())?)
    };
    let colon = skip(end)?;
    if bytes[colon] == b':' { skip(colon + 1) } else { None }
}

fn unquoted(token: &str) -> String {
    let plain = || token.trim_matches('"').to_owned();
    if token.contains('\\') {
        serde_json::from_str(token).unwrap_or_else(|_| plain())
    } else {
        plain()
    }
}

/// Writes the mask for a text or a number, and returns where the value ends; nothing is done to an
/// object or a list, whose members are looked at by themselves.
fn mask_value(out: &mut String, bytes: &[u8], value: usize) -> usize {
    let end = match bytes[value] {
        b'"' => string_end(bytes, value),
        b'-' | b'0'..=b'9' => {
            let rest = &bytes[value..];
            let ends = rest.iter().position(|byte| b",}] \t\r\n".contains(byte));
            ends.map_or(bytes.len(), |length| value + length)
        }
        _ => return value,
    };
    if &bytes[value..end] == b"\"\"" {
        return value;
    }
    out.push_str(&format!("\"{MASK}\""));
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn secrets_are_masked_at_any_depth_and_the_rest_is_left_alone() {
        let sent = "{ \"a\" : 1,\n \"refresh_token\": \"0.\\\"A\", \"in\": [{\"client_\\u0073ecret\":\"s\"}], \
                    \"password\":12345, \"ctx\":\"\", \"id_token\":null}";
        let kept = "{ \"a\" : 1,\n \"refresh_token\": \"***\", \"in\": [{\"client_\\u0073ecret\":\"***\"}], \
                    \"password\":\"***\", \"ctx\":\"\", \"id_token\":null}";
        assert_eq!(masked_json(sent), kept);
    }

    #[test]
    fn a_code_is_a_secret_and_an_error_code_is_not() {
        assert_eq!(masked_json("{\"code\":\"xyz\"}"), "{\"code\":\"***\"}");
        let error = "{\"error\":{\"code\":\"0x80040217\",\"message\":\"gone\"}}";
        assert_eq!(masked_json(error), error);
    }

    #[test]
    fn a_text_that_is_cut_off_gives_no_secret_away() {
        let sent = "{\"access_token\":\"abcdef\\\"ghi\",\"x\":\"client_secret\"}";
        for end in 0..sent.len() {
            let kept = masked_json(&sent[..end]);
            assert!(!kept.contains("abc") && !kept.contains("ghi"), "{kept}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|number| json!(number)),
            "[a-z\"\\\\{}:é ]{0,8}".prop_map(|text| json!(text)),
            Just(json!(null)),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z\"\\\\:]{1,6}", inner, 0..4)
                    .prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_without_secrets_stays_as_it_is(json in any_json()) {
            let text = json.to_string();
            prop_assert_eq!(masked_json(&text), text);
        }

        #[test]
        fn a_planted_secret_never_stays(json in any_json(), cut in 0..400usize) {
            let planted = json!({"x": json, "deep": [{"client_secret": "PLANTED-1"}], "y": json, "code": "PLANTED-2"});
            let text = planted.to_string();
            let end = (0..=cut.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
            let kept = masked_json(&text[..end.unwrap_or_default()]);
            prop_assert!(!kept.contains("PLANTED"), "{}", kept);
            let whole: Value = serde_json::from_str(&masked_json(&text)).unwrap();
            prop_assert_eq!(&whole["deep"][0]["client_secret"], "***");
            prop_assert_eq!(&whole["y"], &planted["y"]);
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,80}") {
            let _ = masked_json(&text);
        }
    }
}
