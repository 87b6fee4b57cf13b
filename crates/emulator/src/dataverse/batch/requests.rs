//! The requests of a batch, answered as requests of their own are.
//!
//! Who is calling is what the batch request's token and headers say; everything else is each
//! request's own.

use axum::body::Bytes;
use axum::response::IntoResponse;
use http::{HeaderMap, HeaderValue, Method, Response};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::execute::{self, Dispatch, Inner, whole};
use crate::dataverse::auth;
use crate::dataverse::call::{Call, Caller};
use crate::dataverse::errors::DataverseError;
use crate::dataverse::routes::{BEGIN, check_version};

/// Who sent the batch, and where to.
pub(crate) struct Requests<'a> {
    pub(crate) caller: &'a Caller<'a>,
    /// `http://host`.
    pub(crate) origin: &'a str,
}

impl Requests<'_> {
    /// Answers a batch request with the given headers and body.
    pub(crate) async fn answer(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        connection: &mut SqliteConnection,
    ) -> Result<axum::response::Response, DataverseError> {
        let response = execute::run(self, headers, body, connection).await?;
        Ok(response.map(axum::body::Body::from))
    }

    async fn single(
        &self,
        request: &Inner,
        connection: &mut SqliteConnection,
    ) -> Result<axum::response::Response, DataverseError> {
        let base = match &request.address.version {
            Some(version) => {
                check_version(version)?;
                format!("{}/api/data/{version}", self.origin)
            }
            None => self.caller.base.to_owned(),
        };
        let state = self.caller.state;
        let author = auth::act_as(connection, state, &self.caller.author, &request.headers).await?;
        let caller = Caller { state, author, base: &base };
        let call = Call {
            caller: &caller,
            method: &request.method,
            path: &request.address.path,
            query: &request.address.query,
            headers: &request.headers,
            body: &request.body,
        };
        if request.method == Method::GET {
            return call.answer(connection).await;
        }
        // In a change set this is a part of the set's transaction.
        let mut transaction = match connection.is_in_transaction() {
            true => connection.begin().await?,
            false => connection.begin_with(BEGIN).await?,
        };
        let answer = call.answer(&mut transaction).await;
        match answer {
            Ok(response) if response.status().is_success() => {
                transaction.commit().await?;
                Ok(response)
            }
            refused => {
                transaction.rollback().await?;
                refused
            }
        }
    }
}

impl Dispatch for Requests<'_> {
    async fn dispatch(&self, request: Inner, connection: &mut SqliteConnection) -> Response<Bytes> {
        let answer = self.single(&request, connection).await;
        let mut response = whole(answer.unwrap_or_else(IntoResponse::into_response)).await;
        let failed = response.status().is_client_error() || response.status().is_server_error();
        if failed && let Ok(id) = HeaderValue::try_from(Uuid::new_v4().to_string()) {
            response.headers_mut().insert("req_id", id);
        }
        response
    }
}
