//! Answers to a batch, written as Dataverse writes them.

use axum::body::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use uuid::Uuid;

use super::multipart::Writer;

/// The headers of a single answer that stand in the batch's, in this order and spelling.
const HEADERS: [&str; 10] = [
    "REQ_ID",
    "Content-Type",
    "WWW-Authenticate",
    "Retry-After",
    "Allow",
    "ETag",
    "Preference-Applied",
    "OData-Version",
    "Location",
    "OData-EntityId",
];

/// The answer to one request, and the Content-ID that the request had.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content_id: Option<String>,
    pub(crate) response: Response<Bytes>,
}

/// The answer to one item of a batch.
#[derive(Debug)]
pub(crate) enum Answered {
    Single(Answer),
    /// One answer for each request, or only that of the one that failed.
    ChangeSet(Vec<Answer>),
}

impl Answered {
    /// The status of the request that failed, where one did.
    pub(crate) fn failure(&self) -> Option<StatusCode> {
        let answers = match self {
            Answered::Single(answer) => std::slice::from_ref(answer),
            Answered::ChangeSet(answers) => answers,
        };
        let mut statuses = answers.iter().map(|answer| answer.response.status());
        statuses.find(|status| status.is_client_error() || status.is_server_error())
    }
}

/// The batch's answer with the status `status`.
pub(crate) fn write(status: StatusCode, items: &[Answered]) -> Response<Bytes> {
    let mut writer = Writer::new(format!("batchresponse_{}", Uuid::new_v4()));
    for item in items {
        match item {
            Answered::Single(answer) => part(&mut writer, answer),
            Answered::ChangeSet(answers) => change_set(&mut writer, answers),
        }
    }
    let content_type = writer.content_type();
    let mut body = writer.finish();
    body.extend(b"\r\n");
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response.headers_mut().insert("odata-version", http::HeaderValue::from_static("4.0"));
    response
}

fn change_set(writer: &mut Writer, answers: &[Answer]) {
    let mut inner = Writer::new(format!("changesetresponse_{}", Uuid::new_v4()));
    for answer in answers {
        part(&mut inner, answer);
    }
    let content_type = inner.content_type();
    writer.part([("Content-Type", content_type.as_str())], &inner.finish());
}

fn part(writer: &mut Writer, answer: &Answer) {
    let kind = [("Content-Type", "application/http"), ("Content-Transfer-Encoding", "binary")];
    let id = answer.content_id.as_deref().map(|id| ("Content-ID", id));
    writer.part(kind.into_iter().chain(id), &message(&answer.response));
}

fn message(response: &Response<Bytes>) -> Vec<u8> {
    let status = response.status();
    let reason = status.canonical_reason().filter(|reason| reason.is_ascii()).unwrap_or("Unknown");
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16());
    for name in HEADERS {
        if let Some(value) = header_value(response.headers(), name) {
            text += &format!("{name}: {value}\r\n");
        }
    }
    text += "\r\n";
    let mut message = text.into_bytes();
    message.extend(response.body());
    message
}

/// A row's address stands in both headers.
fn header_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let given = headers.get(name).or_else(|| match name {
        "Location" => headers.get("odata-entityid"),
        _ => None,
    });
    given.and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(id: &str) -> Answer {
        let response = Response::builder()
            .status(204)
            .header("odata-version", "4.0")
            .header("odata-entityid", "http://h/api/data/v9.2/tasks(1)")
            .header("x-ms-service-request-id", "1")
            .body(Bytes::new())
            .unwrap();
        Answer { content_id: (!id.is_empty()).then(|| id.to_owned()), response }
    }

    fn listed() -> Answer {
        let response = Response::builder()
            .header("odata-version", "4.0")
            .header("content-type", "application/json; odata.metadata=minimal")
            .body(Bytes::from("{\"value\":[]}"))
            .unwrap();
        Answer { content_id: None, response }
    }

    fn body(response: &Response<Bytes>) -> (String, String) {
        let kind = response.headers()["content-type"].to_str().unwrap();
        let boundary = kind.strip_prefix("multipart/mixed; boundary=").unwrap();
        let text = std::str::from_utf8(response.body()).unwrap();
        (boundary.to_owned(), text.to_owned())
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn single_answers_are_written_as_documented() {
        let items = [Answered::Single(created("")), Answered::Single(listed())];
        let response = write(StatusCode::OK, &items);
        assert_eq!(response.headers()["odata-version"], "4.0");
        let (boundary, text) = body(&response);
        assert!(boundary.starts_with("batchresponse_"));
        let lines = [
            "--B",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            "HTTP/1.1 204 No Content",
            "OData-Version: 4.0",
            "Location: http://h/api/data/v9.2/tasks(1)",
            "OData-EntityId: http://h/api/data/v9.2/tasks(1)",
            "",
            "",
            "--B",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            "HTTP/1.1 200 OK",
            "Content-Type: application/json; odata.metadata=minimal",
            "OData-Version: 4.0",
            "",
            "{\"value\":[]}",
            "--B--",
            "",
        ];
        assert_eq!(text, lines.join("\r\n").replace("--B", &format!("--{boundary}")));
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn change_sets_are_written_as_documented() {
        let set = Answered::ChangeSet(vec![created("1"), created("2")]);
        let (outer, text) = body(&write(StatusCode::OK, &[set]));
        let head = format!("--{outer}\r\nContent-Type: multipart/mixed; boundary=");
        let rest = text.strip_prefix(&head).unwrap();
        let (inner, rest) = rest.split_once("\r\n\r\n").unwrap();
        assert!(inner.starts_with("changesetresponse_"));
        let part = |id: u8| {
            format!(
                "--{inner}\r\nContent-Type: application/http\r\n\
                 Content-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n\
                 HTTP/1.1 204 No Content\r\nOData-Version: 4.0\r\n\
                 Location: http://h/api/data/v9.2/tasks(1)\r\n\
                 OData-EntityId: http://h/api/data/v9.2/tasks(1)\r\n\r\n\r\n"
            )
        };
        let expected = format!("{}{}--{inner}--\r\n--{outer}--\r\n", part(1), part(2));
        assert_eq!(rest, expected);
    }
}
