//! Reading addresses: what stands in the path and behind the question mark. A fault is a problem document, not the
//! framework's plain text.

use axum::extract::{FromRequestParts, Path, Query};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The one parameter of a path.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = path.map_err(|error| wrong(error.status(), error.body_text()))?;
        Ok(Self(name))
    }
}

/// The two parameters of a path.
pub(crate) struct Within(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Within {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((outer, inner)) =
            path.map_err(|error| wrong(error.status(), error.body_text()))?;
        Ok(Self(outer, inner))
    }
}

/// The query of an address, of the shape `T`.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let Query(asked) = query.map_err(|error| wrong(error.status(), error.body_text()))?;
        Ok(Self(asked))
    }
}

pub(crate) fn wrong(status: http::StatusCode, detail: String) -> Problem {
    Problem::new(status, "address", "The address is wrong", detail)
}
