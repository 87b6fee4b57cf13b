//! Batches taken apart and written again.

use super::*;
use proptest::prelude::*;

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
const BATCH: &str = "--batch_80dd1615\r\n\
    Content-Type: multipart/mixed; boundary=\"changeset_dd81ccab\"\r\n\r\n\
    --changeset_dd81ccab\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\
    Content-ID: 1\r\n\r\n\
    POST /api/data/v9.2/tasks HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n\
    {\"subject\":\"Task 1 in batch\"}\r\n\
    --changeset_dd81ccab--\r\n\r\n\
    --batch_80dd1615\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
    GET /api/data/v9.2/accounts?$select=name HTTP/1.1\r\n\r\n\
    --batch_80dd1615--\r\n";
const TYPE: &str = "multipart/mixed; boundary=\"batch_80dd1615\"";

#[test]
fn a_batch_is_taken_apart() {
    for text in [BATCH.to_owned(), BATCH.replace("\r\n", "\n")] {
        let parts = parse(TYPE, &text).unwrap();
        assert_eq!(operations(&parts), 2);
        let Content::Parts(inner) = &parts[0].content else { panic!("{parts:?}") };
        let Content::Http { start, headers, body } = &inner[0].content else { panic!("{inner:?}") };
        assert_eq!(start, "POST /api/data/v9.2/tasks HTTP/1.1");
        assert_eq!(headers[0].1, "application/json; type=entry");
        assert_eq!(body, "{\"subject\":\"Task 1 in batch\"}");
        let kept = masked(TYPE, &text).unwrap();
        assert_eq!(parse(TYPE, &kept), Some(parts));
    }
}

#[test]
fn planted_secrets_are_masked_in_each_part() {
    let batch = BATCH
        .replace("$select=name", "$select=name&access_token=PLANTED")
        .replace("Content-ID: 1", "Content-ID: 1\r\nAuthorization: Bearer PLANTED")
        .replace("type=entry", "type=entry\r\nCookie: sid=PLANTED")
        .replace("Task 1 in batch", "x\",\"in\":{\"password\":\"PLANTED\"},\"y\":\"z");
    for text in [&batch, &batch[..batch.len() - 40]] {
        let kept = masked(TYPE, text).unwrap();
        assert!(!kept.contains("PLANTED") && kept.contains("\"password\":\"***\""), "{kept}");
    }
    let broken = batch.replace("{\"subject\"", "\"subject\"");
    assert!(!masked(TYPE, &broken).unwrap().contains("PLANTED"));
}

#[test]
fn what_is_no_multipart_has_no_parts() {
    assert_eq!(parse("application/json", BATCH), None);
    assert_eq!(parse("multipart/mixed", BATCH), None);
    assert_eq!(parse("multipart/mixed; boundary=other", BATCH), None);
}

proptest! {
    #[test]
    fn any_text_is_taken(text in "(--b|--b--|\r\n|\n|Content-Type: multipart/mixed; boundary=b|application/http|[ -~é]){0,40}") {
        if let Some(kept) = masked("multipart/mixed; boundary=b", &text) {
            let _ = parse("multipart/mixed; boundary=b", &kept);
        }
    }
}
