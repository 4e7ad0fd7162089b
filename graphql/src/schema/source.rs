//! Where an imported issue or comment came from.

use crate::context::Snapshot;
use mortise_engine::model::IssueSource;

/// A source, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct SourceNode(pub(crate) IssueSource);

crate::lean_object! {
    /// Where an imported issue or comment came from.
    "ImportSource" for SourceNode, cx Snapshot {
        /// The system, such as `github`.
        "system" system: &str = |source, _| source.0.system.as_str();
        /// Its id there.
        "id" id: &str = |source, _| source.0.id.as_str();
        /// Where it can be read there.
        "url" url: Option<&str> = |source, _| source.0.url.as_deref();
        /// What it was there and has no word here, such as `merged`.
        "state" state: Option<&str> = |source, _| source.0.state.as_deref();
    }
}
