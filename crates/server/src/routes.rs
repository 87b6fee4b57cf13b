//! Every route and the scope that it needs, in one place.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use http::StatusCode;
use patchcord::Scope;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::{accounts, blocks, runs, scenarios};
use crate::auth::{Guard, require};
use crate::problem::Problem;
use crate::server::Shared;
use crate::{console, system};

/// Where Entra ID sends the administrator back to; registered there as redirect URI.
pub(crate) const CALLBACK: &str = "/admin/msdynamicscallback.html";
/// Largest JSON body.
const LARGEST_BODY: usize = 2 << 20;
/// Largest block.
const LARGEST_BLOCK: usize = 64 << 20;

pub(crate) fn router(shared: Shared) -> Router {
    let guarded = |needed, router: Router<Shared>| {
        let guard = Guard { shared: shared.clone(), needed };
        router.route_layer(middleware::from_fn_with_state(guard, require))
    };
    Router::new()
        .merge(guarded(Scope::Run, run_routes()))
        .merge(guarded(Scope::Design, design_routes()))
        .merge(guarded(Scope::Administer, administer_routes()))
        .merge(open_routes())
        .fallback(|| async { unknown() })
        .method_not_allowed_fallback(|| async { not_allowed() })
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}

fn run_routes() -> Router<Shared> {
    Router::new()
        .route("/v1/scenarios/{name}/runs", post(runs::start))
        .route("/v1/runs", get(runs::list))
        .route("/v1/runs/{id}", get(runs::one))
}

fn design_routes() -> Router<Shared> {
    Router::new()
        .route("/v1/scenarios", get(scenarios::list))
        .route("/v1/scenarios/{name}", get(scenarios::one).put(scenarios::publish))
        .route("/v1/blocks", get(blocks::list))
        .route("/v1/blocks/{id}/invoke", post(blocks::invoke))
}

fn administer_routes() -> Router<Shared> {
    let install = post(blocks::install).layer(DefaultBodyLimit::max(LARGEST_BLOCK));
    Router::new()
        .route("/v1/blocks", install)
        .route("/v1/accounts", get(accounts::list).post(accounts::create))
        .route(
            "/v1/accounts/{id}",
            get(accounts::one).put(accounts::update).delete(accounts::delete),
        )
        .route("/v1/accounts/{id}/consent", post(accounts::consent))
        .route("/v1/accounts/{id}/test", post(accounts::test))
}

fn open_routes() -> Router<Shared> {
    Router::new()
        .route("/", get(console::to_console))
        .route("/admin", get(console::page))
        .route("/admin/console.js", get(console::script))
        .route("/admin/console.css", get(console::style))
        .route(CALLBACK, get(console::callback))
        .route("/healthz", get(system::health))
        .route("/readyz", get(system::ready))
        .route("/metrics", get(system::metrics))
        .route("/openapi.json", get(system::openapi))
}

fn unknown() -> Problem {
    let detail = "there is nothing at this address; /openapi.json lists what there is";
    Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
}

fn not_allowed() -> Problem {
    let detail = "this address does not take this method; /openapi.json lists what there is";
    let title = "The method is not allowed";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", title, detail)
}
