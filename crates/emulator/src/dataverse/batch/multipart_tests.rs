//! Parts to a body and back, and bodies of every kind.

use proptest::prelude::*;

use super::*;

fn text<'a>(parts: &[&'a [u8]]) -> Vec<&'a str> {
    parts.iter().map(|part| std::str::from_utf8(part).unwrap()).collect()
}

#[test]
fn the_boundary_is_found_quoted_and_not() {
    let found = |value: &str| boundary(value);
    assert_eq!(found("multipart/mixed; boundary=\"batch_1\"").as_deref(), Some("batch_1"));
    assert_eq!(found("multipart/mixed;boundary=batch_1").as_deref(), Some("batch_1"));
    assert_eq!(found("Multipart/Mixed; charset=utf-8; Boundary = a;x=y").as_deref(), Some("a"));
    assert_eq!(found("multipart/mixed; x=\"a;b=\\\"\"; boundary=\"c;d\"").as_deref(), Some("c;d"));
    for wrong in [
        "application/json; boundary=a",
        "multipart/mixed",
        "multipart/mixed; boundary=",
        "multipart/mixed; boundary=\"a",
        "multipart/mixed; charset=utf-8",
    ] {
        assert_eq!(found(wrong), None, "{wrong}");
    }
}

#[test]
fn parts_lie_between_delimiters_whatever_the_line_breaks() {
    for line_break in ["\r\n", "\n"] {
        let body = ["preamble", "--b", "A: 1", "", "one", "", "--b  ", "two", "--b--", "--b", "x"]
            .join(line_break);
        let parts = parts(body.as_bytes(), "b").unwrap();
        assert_eq!(text(&parts), [format!("A: 1{0}{0}one{0}", line_break), "two".to_owned()]);
    }
}

#[test]
fn a_longer_boundary_is_another_and_an_end_is_needed() {
    assert_eq!(text(&parts(b"--b\n--bb\n--b--", "b").unwrap()), ["--bb"]);
    assert!(parts(b"--b\nA: 1\n\nx\n", "b").is_none());
    assert!(parts(b"", "b").is_none());
}

#[test]
fn a_head_without_a_blank_line_has_no_body() {
    let (headers, body) = head(b"Content-ID: 1\r\nX: a:b").unwrap();
    assert_eq!(headers["content-id"], "1");
    assert_eq!(headers["x"], "a:b");
    assert!(body.is_empty());
    assert!(head(b"no colon\r\n\r\n").is_none());
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        written in prop::collection::vec(("[!-~]{1,20}", prop::collection::vec(any::<u8>(), 0..200)), 0..8),
    ) {
        let boundary = "changesetresponse_4f3c";
        let mut writer = Writer::new(boundary.to_owned());
        for (value, body) in &written {
            writer.part([("X-Value", value.as_str())], body);
        }
        let content_type = writer.content_type();
        let body = writer.finish();
        let found = super::boundary(&content_type).unwrap();
        let parts = parts(&body, &found).unwrap();
        prop_assert_eq!(parts.len(), written.len());
        for (part, (value, body)) in parts.iter().zip(&written) {
            let (headers, read) = head(part).unwrap();
            prop_assert_eq!(headers["x-value"].to_str().unwrap(), value);
            prop_assert_eq!(read, body);
        }
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(body in prop::collection::vec(any::<u8>(), 0..400), name in ".{0,40}") {
        let _ = parts(&body, "b");
        let _ = head(&body);
        let _ = boundary(&name);
        let _ = boundary(&format!("multipart/mixed; {name}"));
    }

    #[test]
    fn near_misses_do_no_harm(body in "(--b(--)?|[A-Z]: x|\r|\n| ){0,40}") {
        for part in parts(body.as_bytes(), "b").unwrap_or_default() {
            let _ = head(part);
        }
    }
}
