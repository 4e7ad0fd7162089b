//! Progress bars, on standard error and only where it is a terminal.
//!
//! It does not know what takes so long.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of bytes read.
pub(super) fn bytes_read(total: u64) -> ProgressBar {
    bar(total, "1/2 reading  {wide_bar} {bytes}/{total_bytes}")
}

/// A bar of issues written.
pub(super) fn issues_written(total: u64) -> ProgressBar {
    bar(total, "2/2 writing  {wide_bar} {pos}/{len} issues, {eta} left")
}

/// A bar of a company's issues taken into its search index.
pub(super) fn issues_indexed(slug: &str) -> ProgressBar {
    let bar = bar(0, "{prefix}: indexing  {wide_bar} {pos}/{len} issues, {eta} left");
    bar.with_prefix(slug.to_owned())
}

fn bar(total: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
