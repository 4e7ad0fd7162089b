//! What `/metrics` shows of the stores in which companies lie: how many are open, and how they come and go.
//!
//! It does not know which company lives where.

use mortise_engine::Engine;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// See the module.
#[derive(Debug)]
pub(crate) struct StoreMetrics(pub(crate) Engine);

impl Collector for StoreMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let stores = self.0.stores_use();
        let open = ConstGauge::new(i64::try_from(stores.open).unwrap_or(i64::MAX));
        let help = "Stores of companies that are open";
        open.encode(encoder.encode_descriptor("tenant_stores_open", help, None, open.metric_type())?)?;
        for (name, help, count) in [
            ("tenant_stores_opened", "Stores of companies that were opened", stores.opened),
            (
                "tenant_stores_closed",
                "Stores of companies that were closed for room or as idle",
                stores.closed,
            ),
            ("tenant_stores_refused", "Calls for which no store could be opened in time", stores.refused),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}
