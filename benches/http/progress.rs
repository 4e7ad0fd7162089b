//! The bar that is shown while a data folder is being filled.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of so many steps.
pub(crate) fn bar(steps: u64, of: &str) -> anyhow::Result<ProgressBar> {
    let template = format!("  seeding {{bar:40}} {{human_pos}} of {{human_len}} {of}, {{eta}} left");
    Ok(ProgressBar::new(steps).with_style(ProgressStyle::with_template(&template)?))
}
