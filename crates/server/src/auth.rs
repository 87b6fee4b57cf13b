//! Who may do what: a bearer token with a scope.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use patchcord::{Bearer, Scope};
use secrecy::SecretString;

use crate::problem::Problem;
use crate::server::Shared;

/// What a group of routes asks for.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) shared: Shared,
    pub(crate) needed: Scope,
}

/// Lets a request pass whose token has at least the scope needed.
pub(crate) async fn require(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    match check(&guard, request.headers()).await {
        Ok(bearer) => {
            request.extensions_mut().insert(bearer);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn check(guard: &Guard, headers: &HeaderMap) -> Result<Bearer, Problem> {
    let unauthorized = |detail: &str| {
        let title = "An API token is needed";
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", title, detail)
    };
    let token = bearer(headers).ok_or_else(|| {
        unauthorized("send `Authorization: Bearer <API token>`; `patchcord token create` makes one")
    })?;
    let bearer = guard.shared.patchcord.verify_token(&token).await?;
    let bearer = bearer.ok_or_else(|| unauthorized("this API token is unknown or revoked"))?;
    needs(&bearer, guard.needed)?;
    Ok(bearer)
}

/// Lets the bearer of a token pass that has at least this scope.
pub(crate) fn needs(bearer: &Bearer, needed: Scope) -> Result<(), Problem> {
    if bearer.scope < needed {
        let detail = format!(
            "this API token has the scope `{}`; the scope `{}` is needed",
            scope_name(bearer.scope),
            scope_name(needed)
        );
        let title = "The API token may not do this";
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", title, detail));
    }
    Ok(())
}

pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Run => "run",
        Scope::Design => "design",
        Scope::Administer => "administer",
    }
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| SecretString::from(token.trim()))
}
