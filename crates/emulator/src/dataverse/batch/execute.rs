//! A batch run: its items one after another, its change sets in transactions.
//!
//! Nothing of the batch request's headers holds for the requests in it but who is calling; each has
//! its own. The first failure ends the batch, and the batch fails with its status, unless the caller
//! asked to go on with `Prefer: odata.continue-on-error`.

use std::future::Future;

use axum::body::{Bytes, to_bytes};
use axum::response::IntoResponse;
use http::{HeaderMap, Method, Response, StatusCode};
use sqlx::{Connection, SqliteConnection};

use super::address::{self, Address};
use super::operation::Operation;
use super::reading::{self, Item};
use super::references::References;
use super::writing::{self, Answer, Answered};
use crate::dataverse::errors::DataverseError;
use crate::dataverse::routes::BEGIN;

/// One request out of a batch.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) method: Method,
    pub(crate) address: Address,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Whoever answers single requests.
pub(crate) trait Dispatch {
    /// Answers `request`, reading and writing over `connection` alone. A failure leaves nothing
    /// behind that was written for it.
    fn dispatch(
        &self,
        request: Inner,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Response<Bytes>> + Send;
}

/// Answers the batch request with the given headers and body.
pub(crate) async fn run(
    dispatch: &impl Dispatch,
    headers: &HeaderMap,
    body: &[u8],
    connection: &mut SqliteConnection,
) -> Result<Response<Bytes>, DataverseError> {
    let go_on = continues_on_error(headers);
    let mut answered = Vec::new();
    for item in reading::read(headers, body)? {
        let answer = match item {
            Item::Single(operation) => {
                let references = References::default();
                let response = single(dispatch, &operation, &references, connection).await;
                Answered::Single(Answer { content_id: operation.content_id, response })
            }
            Item::ChangeSet(operations) => {
                Answered::ChangeSet(change_set(dispatch, operations, connection).await?)
            }
        };
        let failure = answer.failure();
        answered.push(answer);
        if let Some(status) = failure.filter(|_| !go_on) {
            return Ok(writing::write(status, &answered));
        }
    }
    Ok(writing::write(StatusCode::OK, &answered))
}

fn continues_on_error(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split([',', ';']));
    preferences.any(|preference| {
        let (name, value) = preference.split_once('=').unwrap_or((preference, "true"));
        name.trim().trim_start_matches("odata.").eq_ignore_ascii_case("continue-on-error")
            && value.trim().trim_matches('"').eq_ignore_ascii_case("true")
    })
}

/// Answers of all requests, or only that of the first that failed: then none was done.
async fn change_set(
    dispatch: &impl Dispatch,
    operations: Vec<Operation>,
    connection: &mut SqliteConnection,
) -> Result<Vec<Answer>, DataverseError> {
    let mut transaction = connection.begin_with(BEGIN).await?;
    let mut references = References::default();
    let mut answers = Vec::new();
    for operation in operations {
        let response = single(dispatch, &operation, &references, &mut transaction).await;
        references.remember(operation.content_id.as_deref(), &response);
        let failed = response.status().is_client_error() || response.status().is_server_error();
        let answer = Answer { content_id: operation.content_id, response };
        if failed {
            transaction.rollback().await?;
            return Ok(vec![answer]);
        }
        answers.push(answer);
    }
    transaction.commit().await?;
    Ok(answers)
}

async fn single(
    dispatch: &impl Dispatch,
    operation: &Operation,
    references: &References,
    connection: &mut SqliteConnection,
) -> Response<Bytes> {
    let resolved = references.resolve(operation);
    let request = resolved.and_then(|Operation { method, url, headers, body, .. }| {
        Ok(Inner { method, address: address::parse(&url)?, headers, body })
    });
    match request {
        Ok(request) => dispatch.dispatch(request, connection).await,
        Err(error) => whole(error.into_response()).await,
    }
}

/// A response with its body at hand.
pub(crate) async fn whole(response: axum::response::Response) -> Response<Bytes> {
    let (head, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(body) => Response::from_parts(head, body),
        Err(error) => {
            tracing::error!(%error, "the answer to a request of a batch could not be read");
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
