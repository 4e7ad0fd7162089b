//! Progress bars, on standard error and only where it is a terminal.
//!
//! It does not know what takes so long.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of bytes sent; `step` says which of how many steps it is.
pub(super) fn bytes_sent(step: &'static str, total: u64) -> ProgressBar {
    bar(total, "{prefix} sending  {wide_bar} {bytes}/{total_bytes}").with_prefix(step)
}

/// A bar of bytes read.
pub(super) fn bytes_read(step: &'static str, total: u64) -> ProgressBar {
    bar(total, "{prefix} reading  {wide_bar} {bytes}/{total_bytes}").with_prefix(step)
}

/// A bar of issues written.
pub(super) fn issues_written(step: &'static str, total: u64) -> ProgressBar {
    bar(total, "{prefix} writing  {wide_bar} {pos}/{len} issues, {eta} left").with_prefix(step)
}

/// A bar of a company's issues taken into its search index.
pub(super) fn issues_indexed(slug: &str) -> ProgressBar {
    let bar = bar(0, "{prefix}: indexing  {wide_bar} {pos}/{len} issues, {eta} left");
    bar.with_prefix(slug.to_owned())
}

/// A bar of issues that a plugin is asked about.
pub(super) fn issues_asked_about(total: u64) -> ProgressBar {
    bar(total, "asking  {wide_bar} {pos}/{len} issues, {eta} left")
}

fn bar(total: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
