//! What is wrong with a batch message as a whole, in Dataverse's words.
//!
//! Dataverse reads batches with Microsoft's OData libraries and passes their messages on, inside its
//! own sentence about a payload it could not read.

use http::StatusCode;

use crate::dataverse::errors::DataverseError;

/// A body that is not a batch: 400 `0x80048d19`.
pub(crate) fn unreadable(reason: &str) -> DataverseError {
    DataverseError::payload("", reason)
}

/// The message ends before it should, or does not begin as it should.
pub(crate) fn not_readable() -> DataverseError {
    unreadable("System.ArgumentException: Stream was not readable.")
}

/// What the OData library says of a body that has the form but breaks a rule.
pub(crate) fn odata(message: &str) -> DataverseError {
    unreadable(&format!("Microsoft.OData.ODataException: {message}"))
}

/// A request whose `Content-Type` is not that of a batch.
pub(crate) fn wrong_type(content_type: Option<&str>) -> DataverseError {
    DataverseError::odata(match content_type {
        None => "The batch request must have a \"Content-Type\" header.",
        Some(value) if !value.trim_start().to_ascii_lowercase().starts_with("multipart/mixed") => {
            "The batch request must have 'multipart/mixed' as the media type."
        }
        Some(_) => {
            "The batch request must have a boundary specification in the \"Content-Type\" header."
        }
    })
}

pub(crate) fn too_many_operations(most: usize) -> DataverseError {
    odata(&format!(
        "The current batch message contains too many parts. Only batch messages with a maximum \
         number of '{most}' query operations, including changeset operations, are allowed."
    ))
}

pub(crate) fn too_many_in_change_set(most: usize) -> DataverseError {
    odata(&format!(
        "The current change set contains too many operations. A maximum number of '{most}' \
         operations are allowed in a change set."
    ))
}

pub(crate) fn get_in_change_set(method: &str) -> DataverseError {
    odata(&format!(
        "An invalid HTTP method '{method}' was detected for a request in a change set. Requests in \
         change sets only support the HTTP methods 'POST', 'PUT', 'DELETE', and 'PATCH'."
    ))
}

pub(crate) fn duplicate_content_id(id: &str) -> DataverseError {
    odata(&format!(
        "The content ID '{id}' was found more than once in the same change set. Content IDs have \
         to be unique across all operations of a change set."
    ))
}

pub(crate) fn request_line(line: &str) -> DataverseError {
    odata(&format!(
        "The request line '{line}' is invalid. The request line at the start of each operation \
         must be of the format 'HttpMethod RequestUrl HttpVersion'."
    ))
}

/// `$1` before, or without, a request that has this Content-ID and made a row.
pub(crate) fn unknown_reference(id: &str) -> DataverseError {
    let message = format!("Content-ID Reference: '${id}' does not exist in the batch context.");
    DataverseError::odata(message)
}

pub(crate) fn nested_batch() -> DataverseError {
    DataverseError::odata("A batch request can not contain other batch requests.")
}

pub(crate) fn url_too_long(most: usize) -> DataverseError {
    let message = format!("The request URL is longer than {most} characters.");
    DataverseError::new(StatusCode::URI_TOO_LONG, "0x80060888", message)
}
