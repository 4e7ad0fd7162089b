//! What must hold of all relations together: they lead to issues that are there, each once, none from an issue to
//! itself, and those with a direction make no circle.

use super::CheckReport;
use crate::id::IssueId;
use crate::model::{Issue, Relation, RelationKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// The relations of the stored rows.
#[derive(Default)]
pub(super) struct Relations {
    issues: FxHashSet<IssueId>,
    stored: FxHashMap<IssueId, Vec<Relation>>,
}

impl Relations {
    /// Takes a stored row.
    pub(super) fn take(&mut self, issue: &Issue) {
        self.issues.insert(issue.id);
        if !issue.relations.is_empty() {
            self.stored.insert(issue.id, issue.relations.clone());
        }
    }

    /// Looks at all of them.
    pub(super) fn check(&self, report: &mut CheckReport) {
        for (issue, relations) in &self.stored {
            if !relations.is_sorted_by(|one, next| one < next) {
                report.differs(format!("issue {issue}: its relations are not in order, each once"));
            }
            if relations.iter().filter(|r| r.kind == RelationKind::Duplicates).count() > 1 {
                report.differs(format!("issue {issue} duplicates more than one other"));
            }
            for relation in relations {
                self.check_one(*issue, *relation, report);
            }
        }
        for kind in RelationKind::ALL.iter().filter(|kind| **kind != RelationKind::Relates) {
            let in_circles = self.in_circles(*kind);
            if let Some(one) = in_circles.iter().min() {
                let number = in_circles.len();
                report.differs(format!(
                    "{kind}: {number} issues lead to a circle of relations, issue {one} first"
                ));
            }
        }
    }

    fn check_one(&self, issue: IssueId, Relation { kind, to }: Relation, report: &mut CheckReport) {
        if to == issue {
            report.differs(format!("issue {issue} has the relation {kind} to itself"));
        } else if !self.issues.contains(&to) {
            report
                .differs(format!("issue {issue} has the relation {kind} to issue {to}, which is not stored"));
        } else if kind == RelationKind::Relates && to < issue {
            report
                .differs(format!("issue {issue} holds a relation to issue {to} that belongs with that one"));
        }
    }

    /// The issues that are left when those that lead nowhere are taken away, again and again: in a circle, or leading
    /// to one.
    fn in_circles(&self, kind: RelationKind) -> FxHashSet<IssueId> {
        let mut onward: FxHashMap<IssueId, usize> = FxHashMap::default();
        let mut back: FxHashMap<IssueId, Vec<IssueId>> = FxHashMap::default();
        for (from, relations) in &self.stored {
            for relation in relations.iter().filter(|relation| relation.kind == kind) {
                *onward.entry(*from).or_default() += 1;
                onward.entry(relation.to).or_default();
                back.entry(relation.to).or_default().push(*from);
            }
        }
        let mut ends: Vec<IssueId> = onward.iter().filter(|(_, n)| **n == 0).map(|(id, _)| *id).collect();
        while let Some(end) = ends.pop() {
            onward.remove(&end);
            for from in back.get(&end).into_iter().flatten() {
                if let Some(left) = onward.get_mut(from) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        ends.push(*from);
                    }
                }
            }
        }
        onward.into_keys().collect()
    }
}
