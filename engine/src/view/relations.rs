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

    /// The relations that are stored with other issues and lead to this one, in order: the kind, and the other issue;
    /// those of deleted issues included.
    #[must_use]
    pub fn relations_to(&self, id: IssueId) -> Vec<(RelationKind, IssueId)> {
        let Some(to) = self.ordinal_of(id) else { return Vec::new() };
        let of_kind = |kind: RelationKind| {
            let naming = self.links.naming(Named::Related(kind), to);
            naming.filter_map(move |from| Some((kind, self.id_of(from)?)))
        };
        let mut relations: Vec<_> = RelationKind::ALL.iter().copied().flat_map(of_kind).collect();
        relations.sort_unstable();
        relations
    }
}
