//! What operators and machines ask: is it alive, is it ready, what does it count, what can it do.

use std::sync::OnceLock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::problem::Problem;
use crate::server::Shared;

/// The contract of the HTTP API, kept by hand: a test holds it against the routes.
pub(crate) const OPENAPI: &str = include_str!("../openapi.json");

/// The one recorder of the process: the `metrics` crate knows no other kind.
pub(crate) fn metrics_recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics are recorded elsewhere in this process; /metrics stays empty");
        }
        handle
    };
    RECORDER.get_or_init(install).clone()
}

pub(crate) async fn health() -> &'static str {
    "ok\n"
}

pub(crate) async fn ready(State(shared): State<Shared>) -> Response {
    match shared.patchcord.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            let detail = "the store does not answer; the log says why";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem::new(status, "not-ready", "The host is not ready", detail).into_response()
        }
    }
}

pub(crate) async fn metrics(State(shared): State<Shared>) -> impl IntoResponse {
    shared.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], shared.metrics.render())
}

pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
