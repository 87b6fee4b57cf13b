//! Every route with what it needs and what it is called in the audit log, in one table: the router is made of it, and the
//! contract in `openapi.json` is held against it. A route cannot be written down without a rule.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use http::{HeaderValue, Method, StatusCode, header};
use patchcord::{LARGEST_BLOCK, LARGEST_BUNDLE};
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::{Gate, Needs, enter};
use crate::api::routes as call_routes;
use crate::api::{
    accounts, agents, audit, blocks, cases, drafts, moving, run_events, runs, scenarios, session,
    statistics, tables, tokens, trying, users, versions,
};
use crate::problem::Problem;
use crate::server::Shared;
use crate::{console, system};

/// Where Entra ID sends the administrator back to; registered there as redirect URI.
pub(crate) const CALLBACK: &str = "/admin/msdynamicscallback.html";
/// Largest JSON body.
const LARGEST_BODY: usize = 2 << 20;

/// The page on which the first user is made.
pub(crate) const SETUP: &str = "/admin/setup";
/// Largest body of a sign-in: a name and a password.
const LARGEST_SIGN_IN: usize = 8 << 10;
/// For how long a browser that was here over https comes back over nothing else.
const HSTS: &str = "max-age=31536000";

const ANYBODY: Needs = Needs::Nobody;
const SESSION: Needs = Needs::Session;
const RUN: Needs = Needs::Run;
const WATCH: Needs = Needs::Watch;
const VIEW: Needs = Needs::View;
const DESIGN: Needs = Needs::Design;
const ADMINISTER: Needs = Needs::Administer;

/// What a route is called in the audit log: a thing and a verb.
type Recorded = Option<&'static str>;

/// Nothing of it is changed here; runs are written down as runs.
const CHANGES_NOTHING: Recorded = None;
const RUNS_HAVE_TRACES: Recorded = None;

const fn recorded(what: &'static str) -> Recorded {
    Some(what)
}

/// One method of one address.
pub(crate) struct Route {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what holds the contract against the routes reads it")
    )]
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) recorded: Recorded,
    answer: MethodRouter<Shared>,
}

fn table() -> Vec<Route> {
    vec![
        Route::post("/v1/scenarios/{name}/runs", RUN, RUNS_HAVE_TRACES, runs::start),
        Route::get("/v1/runs", WATCH, runs::list),
        Route::get("/v1/runs/events", WATCH, run_events::of_all),
        Route::get("/v1/runs/{id}", WATCH, runs::one),
        Route::delete("/v1/runs/{id}", RUN, recorded("run.cancel"), runs::cancel),
        Route::get("/v1/runs/{id}/case", DESIGN, cases::recorded),
        Route::get("/v1/runs/{id}/events", WATCH, run_events::of_one),
        Route::get("/v1/statistics", VIEW, statistics::of_the_last),
        Route::get("/v1/agents/{login}/events", WATCH, agents::events),
        Route::get("/v1/scenarios", VIEW, scenarios::list),
        Route::get("/v1/scenarios/{name}", VIEW, scenarios::one),
        Route::put(
            "/v1/scenarios/{name}",
            DESIGN,
            recorded("scenario.publish"),
            scenarios::publish,
        ),
        Route::delete(
            "/v1/scenarios/{name}",
            DESIGN,
            recorded("scenario.delete"),
            scenarios::delete,
        ),
        Route::get("/v1/scenarios/{name}/draft", VIEW, drafts::one),
        Route::put("/v1/scenarios/{name}/draft", DESIGN, recorded("draft.save"), drafts::save),
        Route::delete(
            "/v1/scenarios/{name}/draft",
            DESIGN,
            recorded("draft.discard"),
            drafts::discard,
        ),
        Route::get("/v1/scenarios/{name}/versions", VIEW, versions::list),
        Route::post(
            "/v1/scenarios/{name}/versions",
            DESIGN,
            recorded("scenario.publish"),
            versions::publish,
        ),
        Route::get("/v1/scenarios/{name}/versions/{version}", VIEW, versions::one),
        Route::get("/v1/scenarios/{name}/diff", VIEW, versions::diff),
        Route::post(
            "/v1/scenarios/{name}/rollback",
            DESIGN,
            recorded("scenario.roll-back"),
            versions::roll_back,
        ),
        Route::get("/v1/scenarios/{name}/cases", VIEW, cases::kept),
        Route::put("/v1/scenarios/{name}/cases", DESIGN, recorded("cases.save"), cases::save),
        Route::post("/v1/scenarios/{name}/try", DESIGN, recorded("scenario.try"), trying::attempt),
        Route::post("/v1/scenarios/{name}/test", DESIGN, CHANGES_NOTHING, cases::test),
        Route::post("/v1/check", DESIGN, CHANGES_NOTHING, scenarios::check),
        Route::get("/v1/export", VIEW, moving::export),
        Route::get("/v1/export.zip", VIEW, moving::export_with_blocks),
        Route::post("/v1/import", DESIGN, recorded("scenario.import"), moving::import)
            .taking(LARGEST_BUNDLE),
        Route::post("/v1/import/check", DESIGN, CHANGES_NOTHING, moving::preview)
            .taking(LARGEST_BUNDLE),
        Route::post("/v1/runs", RUN, RUNS_HAVE_TRACES, call_routes::start),
        Route::get("/v1/routes", VIEW, call_routes::list),
        Route::put("/v1/routes", DESIGN, recorded("routes.set"), call_routes::set),
        Route::post("/v1/routes/test", DESIGN, CHANGES_NOTHING, call_routes::test),
        Route::get("/v1/blocks", VIEW, blocks::list),
        Route::post("/v1/blocks", ADMINISTER, recorded("block.install"), blocks::install)
            .taking(LARGEST_BLOCK),
        Route::get("/v1/blocks/{id}", VIEW, blocks::one),
        Route::put("/v1/blocks/{id}/grants", ADMINISTER, recorded("block.grant"), blocks::grant),
        Route::put("/v1/blocks/{id}/limits", ADMINISTER, recorded("block.limit"), blocks::limit),
        Route::delete(
            "/v1/blocks/{id}/versions/{version}",
            ADMINISTER,
            recorded("block.remove"),
            blocks::remove,
        ),
        Route::post("/v1/blocks/{id}/invoke", DESIGN, recorded("block.try"), blocks::invoke),
        Route::get("/v1/accounts", VIEW, accounts::list),
        Route::post("/v1/accounts", ADMINISTER, recorded("account.create"), accounts::create),
        Route::get("/v1/accounts/redirect-uri", ADMINISTER, accounts::redirect_uri),
        Route::post("/v1/accounts/endpoints", ADMINISTER, CHANGES_NOTHING, accounts::endpoints),
        Route::get("/v1/accounts/{id}", VIEW, accounts::one),
        Route::put("/v1/accounts/{id}", ADMINISTER, recorded("account.update"), accounts::update),
        Route::delete(
            "/v1/accounts/{id}",
            ADMINISTER,
            recorded("account.delete"),
            accounts::delete,
        ),
        Route::post(
            "/v1/accounts/{id}/consent",
            ADMINISTER,
            recorded("account.consent"),
            accounts::consent,
        ),
        Route::post("/v1/accounts/{id}/test", ADMINISTER, recorded("account.test"), accounts::test),
        Route::get("/v1/accounts/{id}/tables", VIEW, tables::list),
        Route::get("/v1/accounts/{id}/tables/{table}", VIEW, tables::one),
        Route::get("/v1/session", SESSION, session::current),
        Route::post("/v1/session", ANYBODY, recorded("session.sign-in"), session::sign_in)
            .taking(LARGEST_SIGN_IN),
        Route::delete("/v1/session", SESSION, recorded("session.sign-out"), session::sign_out),
        Route::put(
            "/v1/session/password",
            SESSION,
            recorded("session.password"),
            session::change_password,
        )
        .taking(LARGEST_SIGN_IN),
        Route::post("/v1/setup", ANYBODY, recorded("session.set-up"), session::set_up)
            .taking(LARGEST_SIGN_IN),
        Route::get("/v1/users", ADMINISTER, users::list),
        Route::post("/v1/users", ADMINISTER, recorded("user.add"), users::add),
        Route::patch("/v1/users/{name}", ADMINISTER, recorded("user.role"), users::change),
        Route::delete("/v1/users/{name}", ADMINISTER, recorded("user.remove"), users::remove),
        Route::put(
            "/v1/users/{name}/password",
            ADMINISTER,
            recorded("user.password"),
            users::set_password,
        ),
        Route::get("/v1/tokens", ADMINISTER, tokens::list),
        Route::post("/v1/tokens", ADMINISTER, recorded("token.create"), tokens::create),
        Route::delete("/v1/tokens/{id}", ADMINISTER, recorded("token.revoke"), tokens::revoke),
        Route::get("/v1/audit", ADMINISTER, audit::list),
        Route::get("/", ANYBODY, console::to_console),
        Route::get("/admin", ANYBODY, console::to_console),
        Route::get("/admin/", ANYBODY, console::document),
        Route::get(SETUP, ANYBODY, console::document),
        Route::get("/admin/assets/{file}", ANYBODY, console::asset),
        Route::get("/admin/callback.js", ANYBODY, console::callback_script),
        Route::get("/admin/page.css", ANYBODY, console::page_style),
        Route::get(CALLBACK, ANYBODY, console::callback).also_recorded("account.consented"),
        Route::get("/healthz", ANYBODY, system::health),
        Route::get("/readyz", ANYBODY, system::ready),
        Route::get("/metrics", ANYBODY, system::metrics),
        Route::get("/openapi.json", ANYBODY, system::openapi),
    ]
}

impl Route {
    fn get<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        let answer = routing::get(handler);
        Self { method: Method::GET, path, needs, recorded: CHANGES_NOTHING, answer }
    }

    fn post<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        recorded: Recorded,
        handler: H,
    ) -> Self {
        Self { method: Method::POST, path, needs, recorded, answer: routing::post(handler) }
    }

    fn put<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        recorded: Recorded,
        handler: H,
    ) -> Self {
        Self { method: Method::PUT, path, needs, recorded, answer: routing::put(handler) }
    }

    fn patch<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        recorded: Recorded,
        handler: H,
    ) -> Self {
        Self { method: Method::PATCH, path, needs, recorded, answer: routing::patch(handler) }
    }

    fn delete<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        recorded: Recorded,
        handler: H,
    ) -> Self {
        Self { method: Method::DELETE, path, needs, recorded, answer: routing::delete(handler) }
    }

    /// Written down though it is only read: a browser that is sent on can do nothing else.
    fn also_recorded(self, what: &'static str) -> Self {
        Self { recorded: recorded(what), ..self }
    }

    /// With bodies of up to so many bytes.
    fn taking(self, bytes: usize) -> Self {
        Self { answer: self.answer.layer(DefaultBodyLimit::max(bytes)), ..self }
    }

    /// Behind its gate. What changes something for anybody has one too: a browser may not be sent to it by another site.
    fn guarded(self, shared: &Shared) -> MethodRouter<Shared> {
        if self.needs == ANYBODY && self.recorded.is_none() {
            return self.answer;
        }
        let gate = Gate { shared: shared.clone(), needs: self.needs, recorded: self.recorded };
        self.answer.route_layer(middleware::from_fn_with_state(gate, enter))
    }
}

/// The routes, for people who come over https only or not.
pub(crate) fn router(shared: Shared, is_secure: bool) -> Router {
    let add =
        |router: Router<Shared>, route: Route| router.route(route.path, route.guarded(&shared));
    let router = table()
        .into_iter()
        .fold(Router::new(), add)
        .fallback(|| async { unknown() })
        .method_not_allowed_fallback(|| async { not_allowed() })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(LARGEST_BODY));
    let router = match is_secure {
        true => router.layer(middleware::map_response(only_over_https)),
        false => router,
    };
    router.with_state(shared)
}

async fn only_over_https(mut response: Response) -> Response {
    let hsts = HeaderValue::from_static(HSTS);
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts);
    response
}

pub(crate) fn unknown() -> Problem {
    let detail = "there is nothing at this address; /openapi.json lists what there is";
    Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
}

fn not_allowed() -> Problem {
    let detail = "this address does not take this method; /openapi.json lists what there is";
    let title = "The method is not allowed";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", title, detail)
}

/// What was panicked with may hold anything: the panic hook has told it to the log, the client is not told.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::host_failed().into_response()
}

#[cfg(test)]
mod tests;
