//! Faults that change how a finished answer is sent: less of it, slowly, too much, as another type.
//!
//! The head is sent as it is, with the true `Content-Length`: what is wrong shows in the body only,
//! as it does when a server or a proxy dies on the way. Over HTTP/2 a cut is a reset stream.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream::{self, Stream};
use http::response::Parts;
use http::{HeaderValue, StatusCode, header};

use super::kind::FaultKind;

/// How long a cut waits, so that what was sent before it has left.
const BEFORE_CUT: Duration = Duration::from_millis(50);
/// The pieces in which padding is made.
const PIECE: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
#[error("a fault cut this answer")]
struct Cut;

type Piece = Result<Bytes, Cut>;

/// The answer as the fault lets it out.
pub(crate) fn changed(kind: &FaultKind, mut parts: Parts, body: Bytes) -> Response {
    let body = match kind {
        FaultKind::CutMiddle { bytes } => {
            announce(&mut parts, body.len() as u64);
            Body::from_stream(cut(begin(&body, *bytes)))
        }
        FaultKind::SlowBody { bytes, interval_ms } => {
            announce(&mut parts, body.len() as u64);
            Body::from_stream(slow(body, *bytes, Duration::from_millis(*interval_ms)))
        }
        FaultKind::Oversized { bytes } if *bytes > body.len() as u64 => {
            if parts.status == StatusCode::NO_CONTENT {
                parts.status = StatusCode::OK;
            }
            announce(&mut parts, *bytes);
            Body::from_stream(padded(body, *bytes))
        }
        FaultKind::EmptyBody => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Body::empty()
        }
        FaultKind::WrongContentType { content_type } => {
            if let Ok(value) = HeaderValue::from_str(content_type) {
                parts.headers.insert(header::CONTENT_TYPE, value);
            }
            Body::from(body)
        }
        _ => Body::from(body),
    };
    Response::from_parts(parts, body)
}

fn announce(parts: &mut Parts, length: u64) {
    // An answer without content, such as 204, has no length to announce.
    if length > 0 {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// At least one byte is missing, or nothing would be cut.
fn begin(body: &Bytes, bytes: u64) -> Bytes {
    let most = body.len().saturating_sub(1);
    body.slice(..usize::try_from(bytes).unwrap_or(most).min(most))
}

fn cut(begin: Bytes) -> impl Stream<Item = Piece> + Send + 'static {
    stream::unfold(Some(begin), |begin| async move {
        match begin {
            Some(begin) if !begin.is_empty() => Some((Ok(begin), Some(Bytes::new()))),
            Some(_) => {
                tokio::time::sleep(BEFORE_CUT).await;
                Some((Err(Cut), None))
            }
            None => None,
        }
    })
}

fn slow(body: Bytes, bytes: u64, interval: Duration) -> impl Stream<Item = Piece> + Send + 'static {
    let piece = usize::try_from(bytes).unwrap_or(usize::MAX).max(1);
    stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(interval).await;
        let next = rest.split_to(piece.min(rest.len()));
        Some((Ok(next), rest))
    })
}

fn padded(body: Bytes, bytes: u64) -> impl Stream<Item = Piece> + Send + 'static {
    let missing = bytes.saturating_sub(body.len() as u64);
    let spaces = Bytes::from(vec![b' '; PIECE]);
    let padding = stream::unfold(missing, move |missing| {
        let length = usize::try_from(missing).unwrap_or(PIECE).min(PIECE);
        let next = spaces.slice(..length);
        async move { (length > 0).then(|| (Ok(next), missing - length as u64)) }
    });
    stream::StreamExt::chain(stream::iter([Ok(body)]), padding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use futures::StreamExt;

    /// What of a body arrives, and whether it ends well.
    async fn collect(body: Body) -> (Vec<u8>, bool) {
        let mut pieces = body.into_data_stream();
        let mut arrived = Vec::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => arrived.extend(piece),
                Err(_) => return (arrived, false),
            }
        }
        (arrived, true)
    }

    fn answer(kind: &FaultKind, body: &'static str) -> Response {
        let (parts, ()) = Response::new(()).into_parts();
        changed(kind, parts, Bytes::from_static(body.as_bytes()))
    }

    #[tokio::test]
    async fn a_cut_sends_the_whole_length_and_less_than_the_whole_body() {
        for (bytes, arrived) in [(0, ""), (2, "ab"), (99, "abc")] {
            let response = answer(&FaultKind::CutMiddle { bytes }, "abcd");
            assert_eq!(response.headers()["content-length"], "4");
            assert_eq!(collect(response.into_body()).await, (arrived.as_bytes().to_vec(), false));
        }
    }

    #[tokio::test]
    async fn a_slow_body_arrives_whole() {
        let kind = FaultKind::SlowBody { bytes: 3, interval_ms: 1 };
        let response = answer(&kind, "abcdefgh");
        assert_eq!(collect(response.into_body()).await, (b"abcdefgh".to_vec(), true));
    }

    #[tokio::test]
    async fn an_oversized_answer_is_still_json() {
        let response = answer(&FaultKind::Oversized { bytes: 200_000 }, "{\"a\":1}");
        assert_eq!(response.headers()["content-length"], "200000");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body.len(), 200_000);
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["a"], 1);
    }
}
