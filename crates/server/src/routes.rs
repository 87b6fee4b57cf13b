//! Every route with the scope that it needs, in one table: the router is made of it, and the contract in
//! `openapi.json` is held against it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use http::{Method, StatusCode};
use patchcord::{LARGEST_BLOCK, LARGEST_BUNDLE, Scope};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::routes as call_routes;
use crate::api::{
    accounts, agents, blocks, cases, drafts, moving, run_events, runs, scenarios, tables, versions,
};
use crate::auth::{Guard, require};
use crate::problem::Problem;
use crate::server::Shared;
use crate::{console, system};

/// Where Entra ID sends the administrator back to; registered there as redirect URI.
pub(crate) const CALLBACK: &str = "/admin/msdynamicscallback.html";
/// Largest JSON body.
const LARGEST_BODY: usize = 2 << 20;

/// Who may take a route: everybody, or who bears a token of at least this scope.
type Needs = Option<Scope>;
const ANYBODY: Needs = None;
const RUN: Needs = Some(Scope::Run);
const DESIGN: Needs = Some(Scope::Design);
const ADMINISTER: Needs = Some(Scope::Administer);

/// One method of one address.
pub(crate) struct Route {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what holds the contract against the routes reads it")
    )]
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    answer: MethodRouter<Shared>,
}

fn table() -> Vec<Route> {
    vec![
        Route::post("/v1/scenarios/{name}/runs", RUN, runs::start),
        Route::get("/v1/runs", RUN, runs::list),
        Route::get("/v1/runs/events", RUN, run_events::of_all),
        Route::get("/v1/runs/{id}", RUN, runs::one),
        Route::delete("/v1/runs/{id}", RUN, runs::cancel),
        Route::get("/v1/runs/{id}/events", RUN, run_events::of_one),
        Route::get("/v1/runs/{id}/case", DESIGN, cases::recorded),
        Route::get("/v1/agents/{login}/events", RUN, agents::events),
        Route::get("/v1/scenarios", DESIGN, scenarios::list),
        Route::get("/v1/scenarios/{name}", DESIGN, scenarios::one),
        Route::put("/v1/scenarios/{name}", DESIGN, scenarios::publish),
        Route::delete("/v1/scenarios/{name}", DESIGN, scenarios::delete),
        Route::get("/v1/scenarios/{name}/draft", DESIGN, drafts::one),
        Route::put("/v1/scenarios/{name}/draft", DESIGN, drafts::save),
        Route::delete("/v1/scenarios/{name}/draft", DESIGN, drafts::discard),
        Route::get("/v1/scenarios/{name}/versions", DESIGN, versions::list),
        Route::post("/v1/scenarios/{name}/versions", DESIGN, versions::publish),
        Route::get("/v1/scenarios/{name}/versions/{version}", DESIGN, versions::one),
        Route::get("/v1/scenarios/{name}/diff", DESIGN, versions::diff),
        Route::post("/v1/scenarios/{name}/rollback", DESIGN, versions::roll_back),
        Route::post("/v1/scenarios/{name}/test", DESIGN, cases::test),
        Route::post("/v1/check", DESIGN, scenarios::check),
        Route::get("/v1/export", DESIGN, moving::export),
        Route::get("/v1/export.zip", DESIGN, moving::export_with_blocks),
        Route::post("/v1/import", DESIGN, moving::import).taking(LARGEST_BUNDLE),
        Route::post("/v1/runs", RUN, call_routes::start),
        Route::get("/v1/routes", DESIGN, call_routes::list),
        Route::put("/v1/routes", DESIGN, call_routes::set),
        Route::post("/v1/routes/test", DESIGN, call_routes::test),
        Route::get("/v1/blocks", DESIGN, blocks::list),
        Route::post("/v1/blocks", ADMINISTER, blocks::install).taking(LARGEST_BLOCK),
        Route::get("/v1/blocks/{id}", DESIGN, blocks::one),
        Route::put("/v1/blocks/{id}/grants", ADMINISTER, blocks::grant),
        Route::put("/v1/blocks/{id}/limits", ADMINISTER, blocks::limit),
        Route::delete("/v1/blocks/{id}/versions/{version}", ADMINISTER, blocks::remove),
        Route::post("/v1/blocks/{id}/invoke", DESIGN, blocks::invoke),
        Route::get("/v1/accounts", ADMINISTER, accounts::list),
        Route::post("/v1/accounts", ADMINISTER, accounts::create),
        Route::get("/v1/accounts/redirect-uri", ADMINISTER, accounts::redirect_uri),
        Route::post("/v1/accounts/endpoints", ADMINISTER, accounts::endpoints),
        Route::get("/v1/accounts/{id}", ADMINISTER, accounts::one),
        Route::put("/v1/accounts/{id}", ADMINISTER, accounts::update),
        Route::delete("/v1/accounts/{id}", ADMINISTER, accounts::delete),
        Route::post("/v1/accounts/{id}/consent", ADMINISTER, accounts::consent),
        Route::post("/v1/accounts/{id}/test", ADMINISTER, accounts::test),
        Route::get("/v1/accounts/{id}/tables", DESIGN, tables::list),
        Route::get("/v1/accounts/{id}/tables/{table}", DESIGN, tables::one),
        Route::get("/", ANYBODY, console::to_console),
        Route::get("/admin", ANYBODY, console::page),
        Route::get("/admin/", ANYBODY, console::to_console),
        Route::get("/admin/console.js", ANYBODY, console::script),
        Route::get("/admin/console.css", ANYBODY, console::style),
        Route::get(CALLBACK, ANYBODY, console::callback),
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
        Self { method: Method::GET, path, needs, answer: routing::get(handler) }
    }

    fn post<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self { method: Method::POST, path, needs, answer: routing::post(handler) }
    }

    fn put<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self { method: Method::PUT, path, needs, answer: routing::put(handler) }
    }

    fn delete<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self { method: Method::DELETE, path, needs, answer: routing::delete(handler) }
    }

    /// With bodies of up to so many bytes.
    fn taking(self, bytes: usize) -> Self {
        Self { answer: self.answer.layer(DefaultBodyLimit::max(bytes)), ..self }
    }

    fn guarded(self, shared: &Shared) -> MethodRouter<Shared> {
        let Some(needed) = self.needs else { return self.answer };
        let guard = Guard { shared: shared.clone(), needed };
        self.answer.route_layer(middleware::from_fn_with_state(guard, require))
    }
}

pub(crate) fn router(shared: Shared) -> Router {
    let add =
        |router: Router<Shared>, route: Route| router.route(route.path, route.guarded(&shared));
    table()
        .into_iter()
        .fold(Router::new(), add)
        .fallback(|| async { unknown() })
        .method_not_allowed_fallback(|| async { not_allowed() })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
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

/// What was panicked with may hold anything: the panic hook has told it to the log, the client is not told.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::host_failed().into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::auth::scope_name;

    type Operation = (String, String, Option<String>);

    /// Method, address and scope of each operation in the contract.
    fn documented() -> BTreeSet<Operation> {
        let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
        let mut operations = BTreeSet::new();
        for (path, item) in contract["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if method == "parameters" {
                    continue;
                }
                let scope = operation["security"][0]["token"][0].as_str().map(str::to_owned);
                operations.insert((method.to_uppercase(), path.clone(), scope));
            }
        }
        operations
    }

    #[test]
    fn the_contract_lists_every_route_with_its_scope_and_no_other() {
        let of = |route: &Route| {
            let scope = route.needs.map(|scope| scope_name(scope).to_owned());
            (route.method.to_string(), route.path.to_owned(), scope)
        };
        let served: BTreeSet<Operation> = table().iter().map(of).collect();
        assert_eq!(documented(), served);
    }

    #[test]
    fn every_route_of_the_api_needs_a_token() {
        for route in table().iter().filter(|route| route.path.starts_with("/v1")) {
            assert!(route.needs.is_some(), "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn the_contract_names_the_scope_and_every_parameter() {
        let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
        for route in table() {
            let item = &contract["paths"][route.path];
            let operation = &item[route.method.as_str().to_lowercase()];
            if let Some(scope) = route.needs {
                let description = operation["description"].as_str().unwrap();
                let named = format!("Scope: `{}`", scope_name(scope));
                assert!(description.contains(&named), "{} {}", route.method, route.path);
                assert!(
                    operation["responses"]["401"].is_object(),
                    "{} {}",
                    route.method,
                    route.path
                );
            }
            for name in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let parameters = item["parameters"].as_array().unwrap();
                assert!(
                    parameters.iter().any(|p| p["name"] == name && p["in"] == "path"),
                    "{name}"
                );
            }
        }
    }

    /// Holds a schema against the contract, its shared definitions as components, as OpenAPI wants them. Returns the rest.
    fn held(schema: &Value) -> serde_json::Map<String, Value> {
        let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
        let told = &contract["components"]["schemas"];
        let schema = schema.to_string().replace("#/$defs/", "#/components/schemas/");
        let mut document: serde_json::Map<String, Value> = serde_json::from_str(&schema).unwrap();
        document.remove("$schema");
        for (name, definition) in document.remove("$defs").unwrap().as_object().unwrap() {
            assert_eq!(told[name], *definition, "{name} of openapi.json must be\n{definition:#}");
        }
        document
    }

    #[test]
    fn the_contract_holds_the_schema_of_the_scenario_document() {
        let schema = Value::Object(held(&patchcord::scenario::schema()));
        let contract: Value = serde_json::from_str(system::OPENAPI).unwrap();
        let told = &contract["components"]["schemas"]["Scenario"];
        assert_eq!(*told, schema, "Scenario of openapi.json must be\n{schema:#}");
    }

    #[test]
    fn the_contract_holds_the_schema_of_test_cases() {
        held(&patchcord::rehearsal::cases_schema());
    }
}
