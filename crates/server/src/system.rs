//! What operators and machines ask: is it alive, is it ready, what does it count, what can it do.

use std::sync::OnceLock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::problem::Problem;
use crate::server::Shared;

/// The contract of the HTTP API, kept by hand: a test holds it against the routes.
pub(crate) const OPENAPI: &str = include_str!("../openapi.json");

/// Upper bounds of what is measured in seconds: from a step that only decides to the longest deadline of a run.
const SECONDS: [f64; 16] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    60.0, 600.0,
];

/// Begins to record what `/metrics` tells; once more changes nothing. A server does it by itself when it begins to answer.
/// That is too late where steps run before, such as those of runs that are resumed when
/// [`Patchcord`](patchcord::Patchcord) is opened: a block whose first step nobody recorded is not counted later either.
pub fn record_metrics() {
    metrics_recorder();
}

/// The one recorder of the process: the `metrics` crate knows no other kind.
pub(crate) fn metrics_recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        // Histograms, which can be added up over servers as summaries cannot. Refused only where there are no bounds.
        let seconds = Matcher::Suffix("_seconds".into());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS);
        let recorder = builder.unwrap_or_default().build_recorder();
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
