//! One GET request inside a batch, for addresses that are too long to be sent alone, and its answer.
//!
//! "Execute batch operations using the Web API" of Microsoft's documentation: the address of a part may have 65,536
//! characters, lines end in CRLF. Nothing but this one shape is written or read: batches of several parts would be a
//! matter of their own.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::exchange::Call;
use crate::transport::{RawAnswer, TransportError};

/// The boundary need not be guessed at: the only part is a request line and headers without free text.
const BOUNDARY: &str = "batch_patchcord";
/// JSON alone would ask a server of OData 4.01 for a batch in JSON; errors of the whole come in JSON everywhere.
const ACCEPTED: &str = "multipart/mixed, application/json";
/// What the far side of a batch tells about the whole of it and may leave out of the part.
const OF_THE_WHOLE: [&str; 3] = ["retry-after", "x-ms-service-request-id", "req_id"];

/// The same call as the only part of a batch sent to `batch`.
pub(crate) fn pack(call: &Call, batch: String) -> Call {
    let mut part = format!(
        "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
         GET {} HTTP/1.1\r\nAccept: application/json\r\nOData-MaxVersion: 4.0\r\nOData-Version: 4.0\r\n",
        call.address
    );
    for (name, value) in &call.headers {
        if let Ok(value) = value.to_str() {
            part.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    part.push_str(&format!("\r\n--{BOUNDARY}--\r\n"));
    let kind = HeaderValue::from_static("multipart/mixed; boundary=batch_patchcord");
    Call {
        operation: call.operation,
        method: Method::POST,
        address: batch,
        headers: vec![(CONTENT_TYPE, kind), (ACCEPT, HeaderValue::from_static(ACCEPTED))],
        body: Some(Bytes::from(part)),
        repeat: call.repeat,
        is_batch: true,
        sent: call.sent.clone(),
    }
}

/// The answer of the only part. An answer that is no batch, such as `429` for the whole, is left as it is.
pub(crate) fn unpack(answer: RawAnswer) -> Result<RawAnswer, TransportError> {
    let Some(boundary) = answer.header("content-type").and_then(boundary) else {
        if answer.status.is_success() {
            return Err(unreadable());
        }
        return Ok(answer);
    };
    let part = part(&answer.body, &boundary).and_then(|part| read_part(&answer.body, part));
    let mut inner = part.ok_or_else(unreadable)?;
    for name in OF_THE_WHOLE {
        if let (false, Some(value)) = (inner.headers.contains_key(name), answer.headers.get(name)) {
            inner.headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    Ok(inner)
}

fn unreadable() -> TransportError {
    TransportError::Unreadable {
        host: "Dynamics 365".to_owned(),
        expected: "the answer of a batch",
    }
}

/// The boundary of a `multipart/mixed` content type.
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let is_boundary = name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty();
        is_boundary.then(|| value.to_owned())
    })
}

/// Where in `body` the first part stands, its own headers included.
fn part(body: &[u8], boundary: &str) -> Option<std::ops::Range<usize>> {
    let delimiter = format!("--{boundary}");
    let start = find(body, 0, delimiter.as_bytes())? + delimiter.len();
    let start = find(body, start, b"\n")? + 1;
    let closing = format!("\n--{boundary}");
    let end = find(body, start.saturating_sub(1), closing.as_bytes())?;
    (start <= end).then_some(start..end)
}

fn read_part(body: &Bytes, part: std::ops::Range<usize>) -> Option<RawAnswer> {
    let text = body.get(part.clone())?;
    let http = end_of_head(text)?;
    let rest = text.get(http..)?;
    let head_end = end_of_head(rest).unwrap_or(rest.len());
    let head = std::str::from_utf8(rest.get(..head_end)?).ok()?;
    let mut lines = head.lines();
    let status = lines.next()?.split_ascii_whitespace().nth(1)?.parse().ok()?;
    let status = StatusCode::from_u16(status).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = HeaderName::try_from(name.trim());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
    }
    let start = part.start + http + head_end;
    let body = body.slice(start..part.end);
    let body = body.strip_suffix(b"\r").map_or_else(|| body.clone(), |cut| body.slice_ref(cut));
    Some(RawAnswer { status, headers, body })
}

/// The place after the empty line that ends a head.
fn end_of_head(text: &[u8]) -> Option<usize> {
    let crlf = find(text, 0, b"\r\n\r\n").map(|at| at + 4);
    let lf = find(text, 0, b"\n\n").map(|at| at + 2);
    match (crlf, lf) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn find(text: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(status: u16, kind: &str, body: &str) -> RawAnswer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        headers.insert("retry-after", HeaderValue::from_static("9"));
        let status = StatusCode::from_u16(status).unwrap();
        RawAnswer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    const PART: &str = "--b1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Type: application/json; odata.metadata=minimal\r\nOData-Version: 4.0\r\n\r\n\
        {\"value\":[\"--b1 \u{fc}\"]}\r\n--b1--\r\n";

    #[test]
    fn the_part_is_found() {
        let inner = unpack(batch(200, "multipart/mixed; boundary=b1", PART)).unwrap();
        assert_eq!(inner.status, StatusCode::OK);
        assert_eq!(inner.header("odata-version"), Some("4.0"));
        assert_eq!(inner.header("retry-after"), Some("9"));
        assert_eq!(&*inner.text(), "{\"value\":[\"--b1 \u{fc}\"]}");
    }

    #[test]
    fn line_feeds_alone_will_do() {
        let part = PART.replace("\r\n", "\n");
        let inner = unpack(batch(200, "Multipart/Mixed;boundary=\"b1\"", &part)).unwrap();
        assert_eq!(&*inner.text(), "{\"value\":[\"--b1 \u{fc}\"]}");
    }

    #[test]
    fn a_refused_part_is_the_answer_whatever_the_whole_says() {
        let part = PART.replace("200 OK", "429 Too Many Requests");
        for status in [200, 429] {
            let inner = unpack(batch(status, "multipart/mixed; boundary=b1", &part)).unwrap();
            assert_eq!(inner.status, StatusCode::TOO_MANY_REQUESTS);
        }
    }

    #[test]
    fn what_is_no_batch_is_a_failure_or_nothing() {
        let whole = unpack(batch(503, "text/html", "<html>")).unwrap();
        assert_eq!(whole.status, StatusCode::SERVICE_UNAVAILABLE);
        for (kind, body) in [
            ("application/json", "{}"),
            ("multipart/mixed", PART),
            ("multipart/mixed; boundary=b1", ""),
            ("multipart/mixed; boundary=b1", "--b1\r\n--b1--"),
            ("multipart/mixed; boundary=b1", "--b1\r\n\r\nHTTP/1.1 x\r\n\r\n--b1--"),
        ] {
            assert!(unpack(batch(200, kind, body)).is_err(), "{kind} {body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(body: Vec<u8>, tail: Vec<u8>) {
            let mut text = b"--b1\r\n".to_vec();
            text.extend(body);
            text.extend(b"\r\n--b1");
            text.extend(tail);
            let mut answer = batch(200, "multipart/mixed; boundary=b1", "");
            answer.body = Bytes::from(text);
            let _ = unpack(answer);
        }
    }
}
