//! Runs a plan over the segments of a snapshot.
//!
//! Documents are taken in windows. In each, the posting lists of the rarest clause say which documents may match; those
//! that are deleted or not allowed go at once; the other clauses then judge what is left, the rarest first. Issues with
//! several parts are judged part by part, and decided when all segments have been read.

use super::fault::Fault;
use super::gather::{Details, Gather, Hits, Row, Want, Within};
use super::judge::{Closeness, Judge, Verdict, cover};
use super::ordinals::{OfSegment, Ordinals};
use super::plan::{Plan, Role};
use super::snapshot::{Segment, Snapshot};
use crate::id::IssueId;
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use tantivy::postings::SegmentPostings;
use tantivy::{DocId, DocSet as _, TERMINATED};

/// Documents of a window; a multiple of 64.
const WINDOW: u32 = 16_384;

/// Finds what a plan asks for.
pub(super) fn run(
    snapshot: &Snapshot,
    plan: &Plan,
    ordinals: &Ordinals,
    within: &Within<'_>,
    now: Timestamp,
    want: Want,
) -> Result<Hits, Fault> {
    let mut gather = Gather::new(plan, now, want);
    let mut parted: FxHashMap<u32, Parted> = FxHashMap::default();
    for (number, segment) in snapshot.segments.iter().enumerate() {
        let ordinals = ordinals.of(segment, &snapshot.segments, within);
        let walk = Walk { number, segment, plan, within, ordinals: &ordinals };
        walk.whole_issues(&mut gather)?;
        walk.parts(&mut parted)?;
    }
    for (ordinal, parts) in parted {
        if let Some(points) = plan.decide(&parts.verdicts) {
            gather.take(ordinal, points, parts)?;
        }
    }
    Ok(gather.finish(snapshot.through.seq))
}

/// A walk through a segment.
struct Walk<'a> {
    number: usize,
    segment: &'a Segment,
    plan: &'a Plan,
    within: &'a Within<'a>,
    ordinals: &'a OfSegment,
}

impl<'a> Walk<'a> {
    /// A document that may be found: alive, known to the view, allowed.
    fn row(&self, doc: DocId) -> Option<Row> {
        let ordinal = self.ordinals.get(doc).filter(|_| self.segment.is_alive(doc))?;
        self.within.allowed.contains(ordinal).then_some(Row { doc, ordinal, points: 0.0, wanted: 0 })
    }

    fn whole_issues(&self, gather: &mut Gather<'_>) -> Result<(), Fault> {
        let mut judges = self.judges()?;
        judges.sort_by_key(|judge| (order(judge.clause.role), judge.clause.cost));
        let mut candidates = Candidates::of(self.plan, self.segment, self.number)?;
        let mut closeness = Closeness::new(self.plan, self.segment, self.number);
        let (mut docs, mut rows, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
        while candidates.next_window(&mut docs) {
            rows.clear();
            let is_part = |doc: &DocId| self.segment.parted().binary_search(doc).is_ok();
            rows.extend(docs.iter().filter(|doc| !is_part(doc)).filter_map(|doc| self.row(*doc)));
            for judge in &mut judges {
                judge.judge(&rows, &mut verdicts);
                keep(&mut rows, judge.clause.role, &verdicts);
            }
            for row in rows.iter().filter(|row| row.wanted >= self.plan.needed) {
                let details = WholeIssue { segment: self.segment, doc: row.doc, closeness: &mut closeness };
                gather.take(row.ordinal, row.points, details)?;
            }
        }
        Ok(())
    }

    /// Judges the parts of issues that have several, by every clause.
    fn parts(&self, parted: &mut FxHashMap<u32, Parted>) -> Result<(), Fault> {
        let rows: Vec<Row> = self.segment.parted().iter().filter_map(|doc| self.row(*doc)).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let mut verdicts = Vec::new();
        for (place, mut judge) in self.judges()?.into_iter().enumerate() {
            judge.judge(&rows, &mut verdicts);
            for (row, verdict) in rows.iter().zip(&verdicts) {
                let issue = parted
                    .entry(row.ordinal)
                    .or_insert_with(|| Parted::new(self.plan, self.segment, row.doc));
                if let Some(best) = issue.verdicts.get_mut(place) {
                    *best = better(*best, *verdict);
                }
            }
        }
        let mut closeness = Closeness::new(self.plan, self.segment, self.number);
        for row in &rows {
            if let Some(issue) = parted.get_mut(&row.ordinal) {
                issue.closeness = issue.closeness.max(closeness.of(row.doc)?);
            }
        }
        Ok(())
    }

    fn judges(&self) -> Result<Vec<Judge<'a>>, Fault> {
        let open = |clause| Judge::open(self.plan, clause, self.segment, self.number);
        self.plan.clauses.iter().map(open).collect()
    }
}

/// Required clauses first: they leave fewer documents to judge.
const fn order(role: Role) -> u8 {
    match role {
        Role::Required => 0,
        Role::Excluded => 1,
        Role::Wanted | Role::Optional => 2,
    }
}

/// Keeps the documents that a clause lets pass, with their points.
fn keep(rows: &mut Vec<Row>, role: Role, verdicts: &[Verdict]) {
    let mut verdicts = verdicts.iter();
    rows.retain_mut(|row| {
        let verdict = verdicts.next().copied().flatten();
        row.points += verdict.unwrap_or_default();
        row.wanted += usize::from(role == Role::Wanted && verdict.is_some());
        match role {
            Role::Required => verdict.is_some(),
            Role::Excluded => verdict.is_none(),
            Role::Wanted | Role::Optional => true,
        }
    });
}

/// The better of the verdicts on two parts of an issue.
pub(super) fn better(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (one, other) => one.or(other),
    }
}

/// The documents of a segment that may match, window by window.
struct Candidates {
    /// Lists that together hold them; none if all documents may match.
    lists: Option<Vec<SegmentPostings>>,
    next: DocId,
    size: u32,
    bits: Vec<u64>,
}

impl Candidates {
    fn of(plan: &Plan, segment: &Segment, number: usize) -> Result<Self, Fault> {
        let required = plan.clauses.iter().filter(|clause| clause.role == Role::Required);
        let rarest = required.min_by_key(|clause| clause.cost);
        let covering = match rarest {
            Some(clause) => Some(vec![clause]),
            None if plan.needed > 0 => {
                Some(plan.clauses.iter().filter(|clause| clause.role == Role::Wanted).collect())
            }
            None => None,
        };
        let lists = match covering {
            Some(clauses) => {
                let mut lists = Vec::new();
                for clause in clauses {
                    lists.extend(cover(clause, segment, number)?);
                }
                Some(lists)
            }
            None => None,
        };
        Ok(Self { lists, next: 0, size: segment.size(), bits: vec![0; (WINDOW / 64) as usize] })
    }

    /// Fills in the documents of the next window that has any, in order.
    fn next_window(&mut self, docs: &mut Vec<DocId>) -> bool {
        docs.clear();
        if let Some(lists) = &mut self.lists {
            lists.retain(|list| list.doc() != TERMINATED);
            self.next = lists.iter().map(|list| list.doc()).min().unwrap_or(TERMINATED);
        }
        if self.next >= self.size {
            return false;
        }
        let start = self.next;
        let end = start.saturating_add(WINDOW).min(self.size);
        self.next = end;
        let Some(lists) = &mut self.lists else {
            docs.extend(start..end);
            return true;
        };
        for list in lists {
            let mut doc = list.doc();
            while doc < end {
                if let Some(bits) = self.bits.get_mut(((doc - start) / 64) as usize) {
                    *bits |= 1 << ((doc - start) % 64);
                }
                doc = list.advance();
            }
        }
        for (word, bits) in (0_u32..).zip(&mut self.bits) {
            while *bits != 0 {
                docs.push(start + word * 64 + bits.trailing_zeros());
                *bits &= *bits - 1;
            }
        }
        true
    }
}

/// A hit that is one document.
struct WholeIssue<'a, 'b> {
    segment: &'a Segment,
    doc: DocId,
    closeness: &'b mut Closeness<'a>,
}

impl Details for WholeIssue<'_, '_> {
    fn closeness(&mut self) -> Result<f32, Fault> {
        self.closeness.of(self.doc)
    }

    fn signals(&self) -> (i64, bool) {
        self.segment.signals(self.doc)
    }

    fn issue(&self) -> IssueId {
        self.segment.issue(self.doc)
    }
}

/// An issue with several parts, as far as they have been judged.
struct Parted {
    issue: IssueId,
    signals: (i64, bool),
    verdicts: Vec<Verdict>,
    closeness: f32,
}

impl Parted {
    fn new(plan: &Plan, segment: &Segment, doc: DocId) -> Self {
        let verdicts = vec![None; plan.clauses.len()];
        Self { issue: segment.issue(doc), signals: segment.signals(doc), verdicts, closeness: 0.0 }
    }
}

impl Details for Parted {
    fn closeness(&mut self) -> Result<f32, Fault> {
        Ok(self.closeness)
    }

    fn signals(&self) -> (i64, bool) {
        self.signals
    }

    fn issue(&self) -> IssueId {
        self.issue
    }
}
