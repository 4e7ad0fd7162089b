//! What of a view one party sees: a scope, put to all issues at once.
//!
//! The rule is the scope's, for rows: see [`Scope::sees`]. Here it is algebra on the bitmaps of teams and people, so that it
//! costs next to nothing where nothing is hidden. It is always made of the present view, also to look at one of the past:
//! ordinals do not change.

use super::View;
use crate::access::Scope;
use crate::id::{IssueId, MemberId};
use roaring::RoaringBitmap;

/// Under whom every confidential issue stands in the audience: the nobody of all zeros.
pub(super) const CONFIDENTIAL: MemberId = MemberId::NOBODY;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    hidden: RoaringBitmap,
}

impl Sight {
    /// Whether the issue with this ordinal is to be as if it were not there.
    pub(super) fn hides(&self, ordinal: u32) -> bool {
        !self.hidden.is_empty() && self.hidden.contains(ordinal)
    }

    /// The issues that are hidden, if there are any.
    pub(super) fn hidden(&self) -> Option<&RoaringBitmap> {
        Some(&self.hidden).filter(|hidden| !hidden.is_empty())
    }

    /// These issues, without those that are hidden.
    pub(super) fn within(&self, mut issues: RoaringBitmap) -> RoaringBitmap {
        if let Some(hidden) = self.hidden() {
            issues -= hidden;
        }
        issues
    }
}

impl View {
    /// What a scope lets be seen of these issues.
    #[must_use]
    pub fn sight(&self, scope: &Scope) -> Sight {
        if scope.is_everything() {
            return Sight::default();
        }
        let sets = &self.sets;
        let Some(party) = scope.party() else { return Sight { hidden: sets.all.clone() } };
        let mut hidden = sets.team.named(&party.hidden_teams);
        if let Some(confidential) = sets.audience.of(&CONFIDENTIAL).filter(|set| !set.is_empty()) {
            let mut others = confidential.clone();
            for mine in [&sets.creator, &sets.assignee, &sets.audience] {
                if let Some(mine) = mine.of(&party.member) {
                    others -= mine;
                }
            }
            hidden |= others;
        }
        Sight { hidden }
    }

    /// Whether an issue is there to be seen, deleted or not: as [`View::sight`] would say, at the cost of one row.
    #[must_use]
    pub fn shows(&self, scope: &Scope, id: IssueId) -> bool {
        let Some(at) = self.ordinal_of(id) else { return false };
        let Some(party) = scope.party() else { return scope.is_everything() };
        let (sets, has) = (&self.sets, |set: Option<&RoaringBitmap>| set.is_some_and(|set| set.contains(at)));
        let of_hidden_team = party.hidden_teams.iter().any(|team| has(sets.team.of(team)));
        let mine =
            || [&sets.creator, &sets.assignee, &sets.audience].iter().any(|set| has(set.of(&party.member)));
        !of_hidden_team && (!has(sets.audience.of(&CONFIDENTIAL)) || mine())
    }
}
