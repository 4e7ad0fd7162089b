//! How issues stand to each other, found from both ends: a row holds the relations that are stored with its issue, and
//! here those that lead to it are found too.
//!
//! It takes whatever the rows say. Whether relations fit together, the commands decide and the check looks.

use super::View;
use crate::id::IssueId;
use crate::model::{Issue, Relation, RelationKind};
use rustc_hash::FxHashMap;

/// The relations of all issues, deleted ones included.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Relations {
    /// Those that are stored with an issue.
    from: FxHashMap<IssueId, Box<[Relation]>>,
    /// Those that lead to an issue: their kinds, and the issues they are stored with, in order.
    to: FxHashMap<IssueId, Vec<(RelationKind, IssueId)>>,
}

impl Relations {
    /// Takes what the newest row of an issue says.
    pub(super) fn take(&mut self, issue: &Issue) {
        let kept = self.from.get(&issue.id);
        if kept.map_or(issue.relations.is_empty(), |kept| **kept == *issue.relations) {
            return;
        }
        for relation in self.from.remove(&issue.id).unwrap_or_default() {
            self.leave(issue.id, relation);
        }
        if !issue.relations.is_empty() {
            issue.relations.iter().for_each(|relation| self.enter(issue.id, *relation));
            self.from.insert(issue.id, issue.relations.as_slice().into());
        }
    }

    fn enter(&mut self, from: IssueId, relation: Relation) {
        let list = self.to.entry(relation.to).or_default();
        let entry = (relation.kind, from);
        if let Err(at) = list.binary_search(&entry) {
            list.insert(at, entry);
        }
    }

    fn leave(&mut self, from: IssueId, relation: Relation) {
        let Some(list) = self.to.get_mut(&relation.to) else { return };
        list.retain(|entry| *entry != (relation.kind, from));
        if list.is_empty() {
            self.to.remove(&relation.to);
        }
    }

    /// Bytes of memory, estimated: each relation lies at both of its ends.
    pub(super) fn memory_bytes(&self) -> usize {
        /// Bytes of an entry of a map beside its list, as full as maps usually are.
        const ENTRY: usize = 64;
        let relations: usize = self.from.values().map(|list| list.len()).sum();
        (self.from.len() + self.to.len()) * ENTRY + 2 * relations * size_of::<Relation>()
    }
}

impl View {
    /// The relations that are stored with an issue, in order; those to deleted issues included.
    #[must_use]
    pub fn relations_from(&self, id: IssueId) -> &[Relation] {
        self.relations.from.get(&id).map(|list| &**list).unwrap_or_default()
    }

    /// The relations that are stored with other issues and lead to this one, in order: the kind, and the other issue;
    /// those of deleted issues included.
    #[must_use]
    pub fn relations_to(&self, id: IssueId) -> &[(RelationKind, IssueId)] {
        self.relations.to.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether both say the same of every issue.
    pub(super) fn relations_agree(&self, other: &Self) -> bool {
        self.relations == other.relations
    }
}
