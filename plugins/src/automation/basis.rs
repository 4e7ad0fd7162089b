//! What stands behind the words of a plugin: all that its run was told of. Who does not see all of that is not told them, here as in
//! the list of runs.

use crate::service::{RunRecord, RunSight};
use mortise_engine::id::IssueId;
use mortise_engine::query::Reader;

/// Bytes that it takes at most as it is kept: a run names at most 50 issues and 50 teams.
pub(crate) const BASIS_BYTES_MAX: usize = 2 << 10;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Basis {
    /// The issue that the run was about.
    #[n(0)]
    issue: Option<IssueId>,
    /// What else it was told of.
    #[n(1)]
    sight: RunSight,
}

impl Basis {
    /// That of what this run said.
    pub(crate) fn of(run: &RunRecord) -> Self {
        Self { issue: run.issue, sight: run.sight.clone().short() }
    }

    /// Whether this reader sees all of it.
    pub(crate) fn is_seen_by(&self, reader: &Reader) -> bool {
        self.sight.is_seen_by(self.issue, reader)
    }

    /// That of a run that was told of as much as is remembered.
    #[cfg(test)]
    pub(crate) fn of_much() -> Self {
        let issues = (0..50).map(|_| IssueId::generate()).collect();
        let teams = (0..50).map(|_| mortise_engine::id::TeamId::generate()).collect();
        let sight = RunSight { issues, teams, ..RunSight::default() };
        Self { issue: Some(IssueId::generate()), sight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::automation::rows;

    #[test]
    fn it_takes_no_more_than_is_counted_for_it() {
        let basis = Basis::of_much();
        let bytes = rows::encode(&basis);
        assert!((1_000..=BASIS_BYTES_MAX).contains(&bytes.len()), "{}", bytes.len());
        assert_eq!(rows::decode::<Basis>(&bytes).unwrap(), basis);
    }
}
