//! A batch message to its requests, checked against the rules for batches.

use http::{HeaderMap, Method, header};

use super::fault;
use super::multipart;
use super::operation::Operation;
use crate::dataverse::errors::DataverseError;

/// Most requests in a batch, those in change sets counted one by one.
const MOST_OPERATIONS: usize = 1_000;

/// What a batch runs one after another.
#[derive(Debug)]
pub(crate) enum Item {
    Single(Operation),
    /// All or nothing.
    ChangeSet(Vec<Operation>),
}

/// The items of the message `body` of a request with the headers `headers`.
pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Item>, DataverseError> {
    let content_type = content_type(headers);
    let boundary = content_type.and_then(multipart::boundary);
    let boundary = boundary.ok_or_else(|| fault::wrong_type(content_type))?;
    let parts = multipart::parts(body, &boundary).ok_or_else(fault::not_readable)?;
    let mut items = Vec::new();
    let mut operations = 0;
    for part in parts {
        let item = item(part)?;
        operations += match &item {
            Item::Single(_) => 1,
            Item::ChangeSet(all) => all.len(),
        };
        if operations > MOST_OPERATIONS {
            return Err(fault::too_many_operations(MOST_OPERATIONS));
        }
        items.push(item);
    }
    Ok(items)
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

fn item(part: &[u8]) -> Result<Item, DataverseError> {
    let (headers, body) = multipart::head(part).ok_or_else(fault::not_readable)?;
    match content_type(&headers).and_then(multipart::boundary) {
        Some(boundary) => Ok(Item::ChangeSet(change_set(body, &boundary)?)),
        None => Ok(Item::Single(operation(&headers, body)?)),
    }
}

fn change_set(body: &[u8], boundary: &str) -> Result<Vec<Operation>, DataverseError> {
    let parts = multipart::parts(body, boundary).ok_or_else(fault::not_readable)?;
    if parts.len() > MOST_OPERATIONS {
        return Err(fault::too_many_in_change_set(MOST_OPERATIONS));
    }
    let mut operations: Vec<Operation> = Vec::new();
    for part in parts {
        let (headers, body) = multipart::head(part).ok_or_else(fault::not_readable)?;
        let operation = operation(&headers, body)?;
        let writes = [Method::POST, Method::PUT, Method::DELETE, Method::PATCH];
        if !writes.contains(&operation.method) {
            return Err(fault::get_in_change_set(operation.method.as_str()));
        }
        if let Some(id) = &operation.content_id
            && operations.iter().any(|other| other.content_id.as_ref() == Some(id))
        {
            return Err(fault::duplicate_content_id(id));
        }
        operations.push(operation);
    }
    Ok(operations)
}

fn operation(headers: &HeaderMap, body: &[u8]) -> Result<Operation, DataverseError> {
    let message = content_type(headers).and_then(|value| value.split(';').next());
    if !message.is_some_and(|media| media.trim().eq_ignore_ascii_case("application/http")) {
        return Err(fault::odata(
            "A valid Content-Type header could not be found in the headers of a part of the batch: \
             it must be 'application/http' for an operation or 'multipart/mixed' for a change set.",
        ));
    }
    Operation::read(headers, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(content_type: &str, body: &str) -> Result<Vec<Item>, DataverseError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        read(&headers, body.as_bytes())
    }

    fn part(boundary: &str, message: &str) -> String {
        format!("--{boundary}\r\nContent-Type: application/http\r\n\r\n{message}\r\n")
    }

    fn refused(body: &str) -> String {
        let error = batch("multipart/mixed;boundary=b", body).unwrap_err();
        assert_eq!((error.status.as_u16(), error.code), (400, "0x80048d19"));
        error.message
    }

    #[test]
    fn a_change_set_may_come_among_single_requests() {
        let change = "--b\r\nContent-Type: multipart/mixed; boundary=\"c\"\r\n\r\n".to_owned()
            + &part("c", "POST accounts HTTP/1.1\r\nContent-ID: 1\r\n\r\n{}")
            + &part("c", "DELETE $1 HTTP/1.1\r\n\r\n")
            + "--c--\r\n";
        let body = "\r\n".to_owned() + &part("b", "GET accounts HTTP/1.1") + &change + "--b--";
        let items = batch("multipart/mixed; boundary=\"b\"", &body).unwrap();
        let [Item::Single(get), Item::ChangeSet(changes)] = items.as_slice() else {
            panic!("two items");
        };
        assert_eq!((get.url.as_str(), changes.len()), ("accounts", 2));
        assert_eq!(changes[0].content_id.as_deref(), Some("1"));
    }

    #[test]
    fn json_batches_and_missing_boundaries_are_refused() {
        let message = |content_type| batch(content_type, "{}").unwrap_err().message;
        assert_eq!(
            message("application/json"),
            "The batch request must have 'multipart/mixed' as the media type."
        );
        assert_eq!(
            message("multipart/mixed"),
            "The batch request must have a boundary specification in the \"Content-Type\" header."
        );
        let none = read(&HeaderMap::new(), b"").unwrap_err().message;
        assert_eq!(none, "The batch request must have a \"Content-Type\" header.");
    }

    #[test]
    fn a_message_without_an_end_is_not_readable() {
        let message = refused(&part("b", "GET accounts HTTP/1.1"));
        assert!(
            message.contains("System.ArgumentException: Stream was not readable."),
            "{message}"
        );
        assert!(message.starts_with("Error identified in Payload provided by the user"));
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn a_change_set_holds_no_get() {
        let body = "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n".to_owned()
            + &part("c", "GET accounts HTTP/1.1")
            + "--c--\r\n--b--";
        assert!(refused(&body).contains("An invalid HTTP method 'GET' was detected"));
    }

    #[test]
    fn a_content_id_is_unique_in_its_change_set() {
        let twice = part("c", "POST accounts HTTP/1.1\r\nContent-ID: 1\r\n\r\n{}").repeat(2);
        let body = "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n".to_owned()
            + &twice
            + "--c--\r\n--b--";
        assert!(refused(&body).contains("The content ID '1' was found more than once"));
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn a_thousand_requests_are_the_limit() {
        let one = part("b", "GET accounts HTTP/1.1\r\n\r\n");
        let most = one.repeat(1_000) + "--b--";
        assert_eq!(batch("multipart/mixed;boundary=b", &most).unwrap().len(), 1_000);
        assert!(refused(&(one.repeat(1_001) + "--b--")).contains("a maximum number of '1000'"));
    }

    #[test]
    fn a_part_says_that_it_is_a_request() {
        assert!(refused("--b\r\n\r\nGET accounts HTTP/1.1\r\n--b--").contains("Content-Type"));
        assert!(
            refused("--b\r\nContent-Type: text/plain\r\n\r\nGET a HTTP/1.1\r\n--b--")
                .contains("'application/http'")
        );
    }
}
