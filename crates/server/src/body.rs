//! Reading JSON bodies, with the place of a fault in the answer.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use patchcord::scenario::pointer_to;
use serde::de::DeserializeOwned;

use crate::problem::{Place, Problem};

/// A JSON body of the shape `T`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(&whole(request, state).await?).map(Self)
    }
}

/// A JSON body of the shape `T` that may be left out.
pub(crate) struct MaybeJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = whole(request, state).await?;
        if bytes.is_empty() { Ok(Self(T::default())) } else { read(&bytes).map(Self) }
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer_to(error.path());
        let inner = error.into_inner();
        match inner.is_data() {
            true => {
                let detail = "the body does not have the shape that is asked for";
                Problem::invalid(detail, vec![Place::error(pointer, inner.to_string())])
            }
            false => no_json(&inner),
        }
    })?;
    reader.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

/// serde_json names line and column.
fn no_json(error: &serde_json::Error) -> Problem {
    let detail = format!("the body is no JSON: {error}");
    Problem::new(StatusCode::BAD_REQUEST, "no-json", "The body is no JSON", detail)
}

/// The body as bytes, within the route's limit.
pub(crate) async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|error| {
        let title = match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "The body is too large",
            _ => "The body could not be read",
        };
        Problem::new(error.status(), "body", title, error.body_text())
    })
}
