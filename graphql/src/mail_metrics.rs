//! How mail fares, in `/metrics`: what went out, what was put off, what was given up, and how many companies wait.
//!
//! It does not know whose messages they are.

use mortise_engine::Engine;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// See the module.
pub(crate) struct MailMetrics(pub(crate) Engine);

impl std::fmt::Debug for MailMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailMetrics").finish_non_exhaustive()
    }
}

impl Collector for MailMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let counts = self.0.mail_counts();
        let counters = [
            ("mail_sent", "Messages that were taken over by whoever brings them on", counts.sent),
            (
                "mail_deferred",
                "Tries that are to be repeated, because a message was refused for now",
                counts.deferred,
            ),
            ("mail_lost", "Messages that were given up; `mortise mail list` says why", counts.lost),
        ];
        for (name, help, count) in counters {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let waiting = ConstGauge::new(i64::try_from(counts.companies_waiting).unwrap_or(i64::MAX));
        let help = "Companies with messages to be sent, now or later";
        waiting.encode(encoder.encode_descriptor(
            "mail_companies_waiting",
            help,
            None,
            waiting.metric_type(),
        )?)
    }
}
