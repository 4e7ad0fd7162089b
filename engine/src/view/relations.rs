//! How issues stand to each other, found from both ends. It takes whatever the rows say: whether relations fit together,
//! the commands decide and the check looks.

use super::View;
use super::links::Named;
use crate::id::IssueId;
use crate::model::{Relation, RelationKind};

impl View {
    /// The relations that are stored with an issue, in order; those to deleted issues included.
    #[must_use]
    pub fn relations_from(&self, id: IssueId) -> &[Relation] {
        self.ordinal_of(id).map(|at| self.columns.relations(at as usize)).unwrap_or_default()
    }

    /// The issues that are stored with a relation of this kind to this one, deleted ones included.
    pub fn related_to(&self, id: IssueId, kind: RelationKind) -> impl Iterator<Item = IssueId> + '_ {
        self.naming(Named::Related(kind), id)
    }

    /// The relations that are stored with other issues and lead to this one, in order: the kind, and the other issue;
    /// those of deleted issues included.
    #[must_use]
    pub fn relations_to(&self, id: IssueId) -> Vec<(RelationKind, IssueId)> {
        let kinds = RelationKind::ALL.iter().copied();
        let mut relations: Vec<_> =
            kinds.flat_map(|kind| self.related_to(id, kind).map(move |from| (kind, from))).collect();
        relations.sort_unstable();
        relations
    }
}
