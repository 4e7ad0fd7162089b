//! The moves that plugins refuse, gathered: whoever asks for one issue of a list waits a turn, in which the others ask too, so
//! that each plugin is called once for all of them. What the moves are is not known here.

use super::Snapshot;
use mortise_engine::id::{IssueId, StateId};
use mortise_engine::model::Issue;
use mortise_engine::workflow::Reason;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Issues of one request whose answers are kept.
const KEPT_MAX: usize = 10_000;

/// States that an issue may not enter, with the reasons.
type Refused = Arc<[(StateId, Reason)]>;

/// See the module.
#[derive(Default)]
pub(super) struct NextStates {
    asked: Mutex<Vec<Arc<Issue>>>,
    /// By issue and its version.
    known: Mutex<HashMap<(IssueId, u64), Refused>>,
    turn: tokio::sync::Mutex<()>,
}

impl Snapshot {
    /// The states that plugins do not let this issue enter, with the reasons; nothing where no plugin says anything.
    pub(crate) async fn forbidden_moves(&self, issue: &Arc<Issue>) -> Refused {
        let none = || Arc::from(Vec::new());
        if !self.reader().has_next_states() {
            return none();
        }
        let gathered = &self.0.next_states;
        let key = (issue.id, issue.version);
        if let Some(known) = gathered.known.lock().get(&key) {
            return known.clone();
        }
        gathered.asked.lock().push(issue.clone());
        // The other issues of the list ask meanwhile.
        tokio::task::yield_now().await;
        let _turn = gathered.turn.lock().await;
        if let Some(known) = gathered.known.lock().get(&key) {
            return known.clone();
        }
        let asked = std::mem::take(&mut *gathered.asked.lock());
        let forbidden = self.reader().forbidden_moves(&self.directory(), &asked).await;
        let mut known = gathered.known.lock();
        if known.len() + asked.len() > KEPT_MAX {
            known.clear();
        }
        known.extend(
            asked.iter().zip(forbidden).map(|(issue, found)| ((issue.id, issue.version), found.into())),
        );
        known.get(&key).cloned().unwrap_or_else(none)
    }
}
