//! How large a Web API request may be: its address, a segment of it, its body.
//!
//! The numbers of the address are those of "Compose HTTP requests and handle errors"; its answers are
//! pages, as the web server in front of Dataverse gives them before Dataverse is asked. For a body the
//! documentation names the status 413 and no number; here it is the 128 MB of the largest file column.

use axum::body::{Body, Bytes, to_bytes};
use axum::response::{Html, IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};
use percent_encoding::percent_decode_str;

use crate::dataverse::errors::DataverseError;
use crate::faults::Route;

const LONGEST_URL: usize = 32_768;
const LONGEST_SEGMENT: usize = 260;
const LARGEST_BODY: usize = 128 * 1024 * 1024;

/// The body, or the answer to a request that is too large.
pub(super) async fn read(
    route: Option<Route>,
    origin: &str,
    parts: &Parts,
    body: Body,
) -> Result<Bytes, Box<Response>> {
    if route == Some(Route::Api) {
        check_address(origin, parts)?;
    }
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.is_some_and(|length| length.parse::<u64>().is_ok_and(|n| n > LARGEST_BODY as u64)) {
        return Err(Box::new(too_large()));
    }
    to_bytes(body, LARGEST_BODY).await.map_err(|_| Box::new(too_large()))
}

fn too_large() -> Response {
    let message = "Request message length is too large.";
    DataverseError::new(StatusCode::PAYLOAD_TOO_LARGE, "0x8004418a", message).into_response()
}

fn check_address(origin: &str, parts: &Parts) -> Result<(), Box<Response>> {
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if origin.len() + target.len() > LONGEST_URL {
        let (title, text) = ("Request URL Too Long", "The request URL is too long.");
        return Err(Box::new(page(StatusCode::URI_TOO_LONG, title, text)));
    }
    let too_long = |segment: &str| {
        percent_decode_str(segment).decode_utf8_lossy().chars().count() > LONGEST_SEGMENT
    };
    if parts.uri.path().split('/').any(too_long) {
        let (title, text) = ("Bad Request - Invalid URL", "The request URL is invalid.");
        return Err(Box::new(page(StatusCode::BAD_REQUEST, title, text)));
    }
    Ok(())
}

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let code = status.as_u16();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>{title}</title></head>\n<body><h2>{title}</h2>\n\
         <hr><p>HTTP Error {code}. {text}</p>\n</body></html>\n"
    );
    (status, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str) -> u16 {
        let request = http::Request::builder().uri(target).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        match check_address("http://127.0.0.1:1", &parts) {
            Ok(()) => 200,
            Err(response) => response.status().as_u16(),
        }
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors,
    // "Maximum URL length" and "Maximum OData Segment length"
    #[test]
    fn addresses_have_their_documented_lengths() {
        let start = "/api/data/v9.2/contacts?$filter=";
        let most = LONGEST_URL - "http://127.0.0.1:1".len() - start.len();
        assert_eq!(check(&format!("{start}{}", "x".repeat(most))), 200);
        assert_eq!(check(&format!("{start}{}", "x".repeat(most + 1))), 414);
        let segment = |length| format!("/api/data/v9.2/{}", "%41".repeat(length));
        assert_eq!(check(&segment(260)), 200);
        assert_eq!(check(&segment(261)), 400);
    }
}
