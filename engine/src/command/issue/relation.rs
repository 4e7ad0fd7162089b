//! Saying how one issue stands to another, and taking it back.
//!
//! A relation is stored once, with the first of the two issues, and is a fact about both: each has it in its history.
//! It may be said from either end. What holds of all relations at any time: none leads from an issue to itself, each is
//! there once, an issue duplicates at most one other, and those with a direction make no circle. Relations of deleted
//! issues count, for they come back with them.

use super::moving::{self, Decided};
use super::{IssuePatch, IssueRef, open_team};
use crate::access::{Action, Authorized};
use crate::command::{Command, Reads, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange, Subject};
use crate::filter::Link;
use crate::id::IssueId;
use crate::model::{Issue, Relation, RelationKind, Resolution, StateCategory, WorkflowState};
use crate::workflow::refusals;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Relates an issue to another. A relation that is there already stays as it is.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateRelation {
    /// The issue.
    #[n(0)]
    pub issue: IssueRef,
    /// How it stands to the other.
    #[n(1)]
    pub link: Link,
    /// The other issue.
    #[n(2)]
    pub other: IssueRef,
    /// The version that the issue was read at; another one is a conflict.
    #[n(3)]
    pub if_version: Option<u64>,
    /// Whether an issue that duplicates another is closed as its duplicate in the same change. Other kinds close nothing.
    #[n(4)]
    pub close: bool,
}

impl Command for CreateRelation {
    fn operation(&self) -> &'static str {
        "issueRelationCreate"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone(), self.other.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue(&self.issue)?;
        let other = world.issue(&self.other).map_err(|e| e.with_field(OTHER))?;
        world.expect_version(&self.issue.to_string(), self.if_version, issue.version)?;
        let mut draft = answer(&issue, &other);
        let pair = Pair::of(issue, self.link, other)?;
        let relation = pair.relation();
        let place = pair.from.relations.binary_search(&relation);
        let (mut from, to) = pair.permits(world, self.close && place.is_err())?;
        let Err(at) = place else { return Ok(draft) };
        pair.fits(world)?;
        let mut relations = pair.from.relations.clone();
        relations.insert(at, relation);
        from.changes.insert(0, relations_change(&pair.from, relations));
        from.write(world, &mut draft)?;
        draft.update_issue(to, vec![pair.referenced(true)]);
        Ok(draft)
    }
}

/// Takes a relation back. An issue that was closed as a duplicate stays closed.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct DeleteRelation {
    /// The issue.
    #[n(0)]
    pub issue: IssueRef,
    /// How it stands to the other.
    #[n(1)]
    pub link: Link,
    /// The other issue; it may be deleted.
    #[n(2)]
    pub other: IssueRef,
}

impl Command for DeleteRelation {
    fn operation(&self) -> &'static str {
        "issueRelationDelete"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone(), self.other.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue(&self.issue)?;
        let other = world.issue_even_deleted(&self.other).map_err(|e| e.with_field(OTHER))?;
        let mut draft = answer(&issue, &other);
        let pair = Pair::of(issue, self.link, other)?;
        let (from, to) = pair.permits(world, false)?;
        let mut relations = pair.from.relations.clone();
        relations.retain(|relation| *relation != pair.relation());
        if relations == pair.from.relations {
            return Err(
                Error::not_found(format!("the relation `{}`", pair.sentence(world))).with_field(OTHER)
            );
        }
        draft.update_issue(from.permit, vec![relations_change(&pair.from, relations)]);
        draft.update_issue(to, vec![pair.referenced(false)]);
        Ok(draft)
    }
}

/// The field that names the other issue.
const OTHER: &str = "relatedIssueId";

/// An empty draft whose answer speaks of both issues, in the order of the request.
fn answer(issue: &Issue, other: &Issue) -> Draft {
    let mut draft = Draft::new();
    draft.answer_with(Subject::Issue(issue.id));
    draft.answer_with(Subject::Issue(other.id));
    draft
}

fn relations_change(issue: &Issue, to: Vec<Relation>) -> IssueChange {
    IssueChange::Relations(Change { from: issue.relations.clone(), to })
}

/// Two issues in the order in which a relation between them is stored.
struct Pair {
    from: Arc<Issue>,
    kind: RelationKind,
    to: Arc<Issue>,
}

impl Pair {
    /// Where there is no direction, the issue with the smaller id comes first, whoever says it.
    fn of(issue: Arc<Issue>, link: Link, other: Arc<Issue>) -> Result<Self> {
        if issue.id == other.id {
            return Err(Error::invalid(OTHER, "an issue has no relation to itself: name another"));
        }
        let kind = link.kind;
        let turned = if kind == RelationKind::Relates { other.id < issue.id } else { link.reversed };
        Ok(if turned { Self { from: other, kind, to: issue } } else { Self { from: issue, kind, to: other } })
    }

    fn relation(&self) -> Relation {
        Relation { kind: self.kind, to: self.to.id }
    }

    fn referenced(&self, added: bool) -> IssueChange {
        IssueChange::Referenced { by: self.from.id, kind: self.kind, added }
    }

    /// Leave to change both, for whoever may change both; and what closes the first when it is to be closed.
    fn permits(&self, world: &World<'_>, close: bool) -> Result<(Decided, Authorized<Arc<Issue>>)> {
        open_team(world, self.to.team)?;
        let to = world.policy.authorize(Action::UpdateIssue, self.to.clone(), None)?;
        let close = close && self.kind == RelationKind::Duplicates;
        let patch = if close { self.closing(world)? } else { IssuePatch::default() };
        Ok((patch.decide(world, self.from.clone())?, to))
    }

    /// What closes the first as a duplicate: a canceled state, else a completed one, the first that it may move to. One
    /// that is closed already stays where it is.
    fn closing(&self, world: &World<'_>) -> Result<IssuePatch> {
        let duplicate = IssuePatch { resolution: Some(Resolution::Duplicate), ..IssuePatch::default() };
        if self.from.category.is_terminal() {
            return Ok(duplicate);
        }
        let flow = world.flow(&self.from)?;
        let of = |category| flow.states().iter().filter(move |state| state.category == category);
        let mut why = "the workflow has no move from its state to a closed one".to_owned();
        let mut refused = false;
        let mut fits = |state: &&WorkflowState| match crate::workflow::fit(&flow, self.from.state, state.id) {
            Ok((_, rules)) => {
                let reasons = rules.map(|rules| refusals(rules, &world.situation(&self.from)));
                let reasons = reasons.unwrap_or_default();
                if !reasons.is_empty() && !refused {
                    (refused, why) = (true, moving::in_words(&reasons));
                }
                reasons.is_empty()
            }
            Err(_) => false,
        };
        let found = of(StateCategory::Canceled).chain(of(StateCategory::Completed)).find(|s| fits(s));
        let state = found.ok_or_else(|| {
            let key = key(world, &self.from);
            Error::rejected(format!(
                "cannot close {key} as a duplicate: {why}; move it first, or relate it without closing it"
            ))
            .with_field("close")
        })?;
        Ok(IssuePatch { state: Some(state.id), ..duplicate })
    }

    /// Refuses a relation that does not fit with those that are there.
    fn fits(&self, world: &World<'_>) -> Result<()> {
        if self.kind == RelationKind::Duplicates
            && self.from.relations.iter().any(|r| r.kind == RelationKind::Duplicates)
        {
            let message = format!(
                "{} duplicates another issue already, and an issue duplicates one other; take that relation back first, or let a super admin do so where you do not see it: the other may be deleted, or not for all to see",
                key(world, &self.from)
            );
            return Err(Error::conflict(message).with_field(OTHER));
        }
        let max = world.limits.relations_max;
        if let Some(full) = [&self.from, &self.to].into_iter().find(|issue| count(world, issue.id) >= max) {
            let message = format!("{} has {max} relations, and an issue has no more", key(world, full));
            return Err(Error::invalid(OTHER, message));
        }
        if self.kind != RelationKind::Relates && self.closes_a_circle(world)? {
            let back = Self { from: self.to.clone(), kind: self.kind, to: self.from.clone() };
            let (this, back) = (self.sentence(world), back.sentence(world));
            let message = format!("cannot say that {this}: {back} already, itself or through others");
            return Err(Error::invalid(OTHER, message));
        }
        Ok(())
    }

    /// Whether relations of this kind lead from the second back to the first: followed up to a bound.
    fn closes_a_circle(&self, world: &World<'_>) -> Result<bool> {
        let (onward, kind) = (Link { kind: self.kind, reversed: false }, self.kind);
        if world.index.related(self.from.id, Link { kind, reversed: true }).is_empty() {
            return Ok(false);
        }
        let (mut seen, mut waiting) = (FxHashSet::default(), vec![self.to.id]);
        let mut steps = 0_usize;
        while let Some(at) = waiting.pop() {
            for next in world.index.related(at, onward) {
                if next == self.from.id {
                    return Ok(true);
                }
                steps = steps.saturating_add(1);
                if seen.insert(next) {
                    waiting.push(next);
                }
            }
            let max = world.limits.relation_steps_max;
            if steps > max {
                let message = format!(
                    "more than {max} relations follow behind {}: too many to see that this one makes no circle",
                    key(world, &self.to)
                );
                return Err(Error::invalid(OTHER, message));
            }
        }
        Ok(false)
    }

    /// The relation in words, such as `ENG-1 blocks ENG-2`.
    fn sentence(&self, world: &World<'_>) -> String {
        let verb = match self.kind {
            RelationKind::Blocks => "blocks",
            RelationKind::Duplicates => "duplicates",
            RelationKind::Relates => "relates to",
            RelationKind::Precedes => "comes before",
        };
        format!("{} {verb} {}", key(world, &self.from), key(world, &self.to))
    }
}

fn key(world: &World<'_>, issue: &Issue) -> String {
    world.directory.identifier(issue.team, issue.number)
}

/// The relations of an issue, to others and from others.
fn count(world: &World<'_>, issue: IssueId) -> usize {
    let links = RelationKind::ALL
        .iter()
        .flat_map(|kind| [false, true].map(|reversed| Link { kind: *kind, reversed }));
    links.map(|link| world.index.related(issue, link).len()).sum()
}
