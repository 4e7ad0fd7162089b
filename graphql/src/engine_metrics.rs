//! What the engine counts, in `/metrics`: the stores in which companies lie, how many are open and how they come and go; and
//! how mail fares.
//!
//! It does not know which company lives where, nor whose messages they are.

use mortise_engine::Engine;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::fmt;

/// See the module.
#[derive(Debug)]
pub(crate) struct EngineMetrics(pub(crate) Engine);

impl Collector for EngineMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (stores, mail, mut lines) = (self.0.stores_use(), self.0.mail_counts(), Lines(encoder));
        lines.gauge("tenant_stores_open", "Stores of companies that are open", stores.open)?;
        lines.counter("tenant_stores_opened", "Stores of companies that were opened", stores.opened)?;
        lines.counter(
            "tenant_stores_closed",
            "Stores of companies that were closed for room or as idle",
            stores.closed,
        )?;
        lines.counter(
            "tenant_stores_refused",
            "Calls for which no store could be opened in time",
            stores.refused,
        )?;
        lines.counter("mail_sent", "Messages that were taken over by whoever brings them on", mail.sent)?;
        lines.counter(
            "mail_deferred",
            "Tries that are to be repeated, because a message was refused for now",
            mail.deferred,
        )?;
        lines.counter("mail_lost", "Messages that were given up; `mortise mail list` says why", mail.lost)?;
        lines.gauge(
            "mail_companies_waiting",
            "Companies with messages to be sent, now or later",
            mail.companies_waiting,
        )
    }
}

/// Where metrics are written, each with its name and what it is.
struct Lines<'a>(DescriptorEncoder<'a>);

impl Lines<'_> {
    fn counter(&mut self, name: &str, help: &str, count: u64) -> fmt::Result {
        self.line(name, help, &ConstCounter::new(count))
    }

    fn gauge(&mut self, name: &str, help: &str, number: usize) -> fmt::Result {
        self.line(name, help, &ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn line(&mut self, name: &str, help: &str, metric: &impl EncodeMetric) -> fmt::Result {
        metric.encode(self.0.encode_descriptor(name, help, None, metric.metric_type())?)
    }
}
