//! What a limit shows on the wire: the 429 and the headers that say what is left.
//!
//! The headers are on answers only while the limits are on: numbers that mean nothing would be worse
//! than none. The remaining time is written as Dataverse writes it, `1,199.46`.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::gate::{Limit, Refusal, Remaining};
use super::settings::LimitValues;
use crate::dataverse::errors::DataverseError;

/// What Dataverse recommends in `x-ms-dop-hint` for a small environment.
const PARALLELISM: u32 = 4;

/// The 429 of a limit in its documented words.
pub(crate) fn too_many(refusal: Refusal, values: &LimitValues) -> Response {
    let (code, message) = words(refusal.limit, values);
    let error = DataverseError::new(StatusCode::TOO_MANY_REQUESTS, code, message);
    let mut response = error.into_response();
    let seconds = HeaderValue::from(refusal.retry_after);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

fn words(limit: Limit, values: &LimitValues) -> (&'static str, String) {
    let seconds = values.window_seconds;
    match limit {
        Limit::Requests => {
            let message = format!(
                "Number of requests exceeded the limit of {} over time window of {seconds} \
                 seconds.",
                values.requests
            );
            ("0x80072322", message)
        }
        Limit::ExecutionTime => {
            let message = format!(
                "Combined execution time of incoming requests exceeded limit of {} milliseconds \
                 over time window of {seconds} seconds. Decrease number of concurrent requests or \
                 reduce the duration of requests and try again later.",
                grouped(values.execution_ms)
            );
            ("0x80072321", message)
        }
        Limit::Concurrent => {
            let message = format!(
                "Number of concurrent requests exceeded the limit of {}.",
                values.concurrent
            );
            ("0x80072326", message)
        }
    }
}

/// Says what is left.
pub(crate) fn label(headers: &mut HeaderMap, remaining: Remaining, values: &LimitValues) {
    let ms = remaining.execution_ms;
    let time = format!("{}.{:02}", grouped(ms / 1000), ms % 1000 / 10);
    let labels = [
        ("x-ms-ratelimit-burst-remaining-xrm-requests", remaining.requests.to_string()),
        ("x-ms-ratelimit-time-remaining-xrm-requests", time),
        ("x-ms-dop-hint", PARALLELISM.min(values.concurrent).to_string()),
    ];
    for (name, value) in labels {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    // Source: learn.microsoft.com/power-apps/developer/data-platform/api-limits, "Service Protection
    // API Limit Errors returned"
    #[test]
    fn the_three_errors_have_their_documented_words() {
        let documented = LimitValues::default();
        let found = Limit::ALL.map(|limit| words(limit, &documented));
        assert_eq!(found[0].0, "0x80072322");
        assert_eq!(
            found[0].1,
            "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
        );
        assert_eq!(found[1].0, "0x80072321");
        assert_eq!(
            found[1].1,
            "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds \
             over time window of 300 seconds. Decrease number of concurrent requests or reduce the \
             duration of requests and try again later."
        );
        assert_eq!(found[2].0, "0x80072326");
        assert_eq!(found[2].1, "Number of concurrent requests exceeded the limit of 52.");
    }

    #[test]
    fn what_is_left_is_written_as_dataverse_writes_it() {
        let mut headers = HeaderMap::new();
        let remaining = Remaining { requests: 5999, execution_ms: 1_199_464 };
        label(&mut headers, remaining, &LimitValues::default());
        assert_eq!(headers["x-ms-ratelimit-burst-remaining-xrm-requests"], "5999");
        assert_eq!(headers["x-ms-ratelimit-time-remaining-xrm-requests"], "1,199.46");
        assert_eq!(headers["x-ms-dop-hint"], "4");
    }
}
