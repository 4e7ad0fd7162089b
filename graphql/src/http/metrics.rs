//! How many GraphQL requests of which kind were answered how, and how long they took.
//!
//! It does not know tenants, people or operation names: what they send must not become label values.

use std::{sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 12] = [0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// The metrics of the GraphQL endpoint. Clones count together.
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram>,
    pub(super) in_flight: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    operation: &'static str,
    status: u16,
}

impl HttpMetrics {
    /// Makes the metrics and adds them to `registry`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
        };
        registry.register("graphql_requests", "GraphQL requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "graphql_request_duration",
            "Time from the head of a GraphQL request to its answer",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "graphql_requests_in_flight",
            "GraphQL requests at work",
            metrics.in_flight.clone(),
        );
        metrics
    }

    pub(super) fn answered(&self, operation: Option<OperationType>, status: StatusCode, took: Duration) {
        let operation = match operation {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "none",
        };
        let labels = Labels { operation, status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

/// Answers with everything in `registry`, in the OpenMetrics text format.
pub(super) fn page(registry: &Arc<Registry>) -> Response {
    let mut text = String::new();
    if encode(&mut text, registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
