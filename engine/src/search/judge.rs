//! Judges documents of a segment by one clause of a plan, reading its posting lists.
//!
//! Lists are read forwards only: documents must come in order, and a judge serves one walk. It does not know which
//! documents may be seen.

use super::document::Field;
use super::fault::Fault;
use super::gather::Row;
use super::plan::{Clause, Plan, Reason, Term, Word};
use super::score::{self, KEY, Occurs};
use super::snapshot::{Place, Segment};
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet as _, InvertedIndexReader};

/// A posting list, and what an entry of it is worth.
pub(super) struct Cursor {
    postings: SegmentPostings,
    field: Field,
    weight: f32,
    is_like: bool,
}

/// The points of a clause for a document, if it matches.
pub(super) type Verdict = Option<f32>;

/// What is read to judge by one clause.
pub(super) struct Judge<'a> {
    segment: &'a Segment,
    plan: &'a Plan,
    pub(super) clause: &'a Clause,
    words: Vec<Vec<Cursor>>,
    keys: Vec<SegmentPostings>,
    occurs: Vec<Occurs>,
}

impl<'a> Judge<'a> {
    pub(super) fn open(
        plan: &'a Plan,
        clause: &'a Clause,
        segment: &'a Segment,
        number: usize,
    ) -> Result<Self, Fault> {
        let record = if clause.words.len() > 1 {
            IndexRecordOption::WithFreqsAndPositions
        } else {
            IndexRecordOption::WithFreqs
        };
        let open = |word: &Word| cursors(segment, number, word.terms.iter(), record);
        let words = clause.words.iter().map(open).collect::<Result<_, _>>()?;
        let keys = clause.keys.iter().flat_map(|(_, places)| places).filter(|place| place.segment == number);
        let keys = keys.map(|place| list(&segment.keys, place, IndexRecordOption::Basic));
        Ok(Self { segment, plan, clause, words, keys: keys.collect::<Result<_, _>>()?, occurs: Vec::new() })
    }

    /// A verdict for each document, in order.
    pub(super) fn judge(&mut self, rows: &[Row], verdicts: &mut Vec<Verdict>) {
        self.occurs.clear();
        self.occurs.resize(rows.len(), Occurs::default());
        match self.words.as_mut_slice() {
            [cursors] => count_words(self.segment, self.plan, cursors, rows, &mut self.occurs),
            words => count_phrases(self.segment, self.plan, words, rows, &mut self.occurs),
        }
        let points = |occurs: &Occurs| occurs.any().then(|| occurs.points(self.clause.rarity));
        verdicts.clear();
        verdicts.extend(self.occurs.iter().map(points));
        self.add_keys(rows, verdicts);
    }

    /// An issue that is called so matches for that alone, by however many of its keys.
    fn add_keys(&mut self, rows: &[Row], verdicts: &mut [Verdict]) {
        if self.keys.is_empty() {
            return;
        }
        let mut called = vec![false; rows.len()];
        for postings in &mut self.keys {
            visit(postings, rows, |at, _| called.iter_mut().skip(at).take(1).for_each(|is| *is = true));
        }
        for (verdict, _) in verdicts.iter_mut().zip(called).filter(|(_, is)| *is) {
            *verdict = Some(verdict.unwrap_or_default() + KEY);
        }
    }
}

fn cursors<'t>(
    segment: &Segment,
    number: usize,
    terms: impl Iterator<Item = &'t Term>,
    record: IndexRecordOption,
) -> Result<Vec<Cursor>, Fault> {
    let mut cursors = Vec::new();
    for term in terms {
        for place in term.places.iter().filter(|place| place.segment == number) {
            let postings = list(segment.dictionary(term.kind, place.field), place, record)?;
            let is_like = term.reason == Reason::Like;
            cursors.push(Cursor { postings, field: place.field, weight: term.weight, is_like });
        }
    }
    Ok(cursors)
}

fn list(
    reader: &InvertedIndexReader,
    place: &Place,
    record: IndexRecordOption,
) -> Result<SegmentPostings, Fault> {
    Ok(reader.read_postings_from_terminfo(&place.info, record)?)
}

/// Lists that together hold every document a clause may match: those of its rarest word, and of its keys.
pub(super) fn cover(
    clause: &Clause,
    segment: &Segment,
    number: usize,
) -> Result<Vec<SegmentPostings>, Fault> {
    let rarest = clause.words.iter().min_by_key(|word| word.cost());
    let mut lists = Vec::new();
    for term in rarest.into_iter().flat_map(|word| &word.terms) {
        for place in term.places.iter().filter(|place| place.segment == number) {
            lists.push(list(segment.dictionary(term.kind, place.field), place, IndexRecordOption::Basic)?);
        }
    }
    for place in clause.keys.iter().flat_map(|(_, places)| places).filter(|place| place.segment == number) {
        lists.push(list(&segment.keys, place, IndexRecordOption::Basic)?);
    }
    Ok(lists)
}

/// Calls for each document that a list has, with its index.
fn visit(postings: &mut SegmentPostings, rows: &[Row], mut on_hit: impl FnMut(usize, &mut SegmentPostings)) {
    let mut at = 0;
    while let Some(rest) = rows.get(at..).filter(|rest| !rest.is_empty()) {
        let wanted = rest.first().map_or(DocId::MAX, |row| row.doc);
        if seek(postings, wanted) == wanted {
            on_hit(at, postings);
            at += 1;
        } else {
            let there = postings.doc();
            at += rest.partition_point(|row| row.doc < there);
        }
    }
}

/// Moves a list to a document, or the first behind it.
fn seek(postings: &mut SegmentPostings, doc: DocId) -> DocId {
    if postings.doc() < doc { postings.seek(doc) } else { postings.doc() }
}

fn count_words(segment: &Segment, plan: &Plan, cursors: &mut [Cursor], rows: &[Row], occurs: &mut [Occurs]) {
    for Cursor { postings, field, weight, is_like } in cursors {
        visit(postings, rows, |at, postings| {
            let (Some(row), Some(occurs)) = (rows.get(at), occurs.get_mut(at)) else { return };
            let one = plan.worth.of_one(*field, segment.norm(*field, row.doc));
            let sum = if *is_like { &mut occurs.near } else { &mut occurs.good };
            *sum += *weight * postings.term_freq() as f32 * one;
        });
    }
}

/// Counts where words stand side by side, in one field.
fn count_phrases(
    segment: &Segment,
    plan: &Plan,
    words: &mut [Vec<Cursor>],
    rows: &[Row],
    occurs: &mut [Occurs],
) {
    let mut starts = Vec::new();
    let mut places = Vec::new();
    for (row, occurs) in rows.iter().zip(occurs) {
        for field in Field::ALL {
            if !words.iter_mut().all(|cursors| any_at(cursors, field, row.doc)) {
                continue;
            }
            for (behind, cursors) in (0_u32..).zip(words.iter_mut()) {
                places_at(cursors, field, row.doc, &mut places);
                keep_side_by_side(&mut starts, &places, behind);
            }
            let one = plan.worth.of_one(field, segment.norm(field, row.doc));
            occurs.good += starts.len() as f32 * one;
        }
    }
}

/// Keeps the starts that have a word so many places behind them. The first word makes the starts.
pub(super) fn keep_side_by_side(starts: &mut Vec<u32>, places: &[u32], behind: u32) {
    if behind == 0 {
        starts.clear();
        starts.extend_from_slice(places);
    } else {
        starts.retain(|start| places.binary_search(&start.saturating_add(behind)).is_ok());
    }
}

fn any_at(cursors: &mut [Cursor], field: Field, doc: DocId) -> bool {
    cursors
        .iter_mut()
        .filter(|cursor| cursor.field == field)
        .any(|cursor| seek(&mut cursor.postings, doc) == doc)
}

/// The places of a word in a document's field, in order.
fn places_at(cursors: &mut [Cursor], field: Field, doc: DocId, places: &mut Vec<u32>) {
    places.clear();
    let mut lists = 0;
    for cursor in cursors.iter_mut().filter(|cursor| cursor.field == field) {
        if seek(&mut cursor.postings, doc) == doc {
            cursor.postings.append_positions_with_offset(0, places);
            lists += 1;
        }
    }
    if lists > 1 {
        places.sort_unstable();
        places.dedup();
    }
}

/// Reads how close the words of a query stand in a document.
pub(super) struct Closeness<'a> {
    segment: &'a Segment,
    number: usize,
    plan: &'a Plan,
    /// By clause; opened when first needed, since most documents are not among the best.
    words: Option<Vec<Vec<Cursor>>>,
}

impl<'a> Closeness<'a> {
    pub(super) const fn new(plan: &'a Plan, segment: &'a Segment, number: usize) -> Self {
        Self { segment, number, plan, words: None }
    }

    /// From 0, far apart, to 1, side by side in order. Documents must come in order.
    pub(super) fn of(&mut self, doc: DocId) -> Result<f32, Fault> {
        if self.plan.neighbours.is_empty() {
            return Ok(0.0);
        }
        let words = match self.words.take() {
            Some(words) => words,
            None => self.open()?,
        };
        let words = self.words.insert(words);
        let mut places = [Vec::new(), Vec::new()];
        Ok(self.plan.closeness(|clauses, field| {
            for (clause, places) in clauses.into_iter().zip(&mut places) {
                match words.get_mut(clause) {
                    Some(cursors) => places_at(cursors, field, doc, places),
                    None => places.clear(),
                }
            }
            let [first, second] = &places;
            score::closeness(first, second)
        }))
    }

    fn open(&self) -> Result<Vec<Vec<Cursor>>, Fault> {
        let is_neighbour = |at: usize| self.plan.neighbours.iter().any(|(a, b)| at == *a || at == *b);
        let open = |(at, clause): (usize, &Clause)| {
            let terms = clause.words.iter().filter(|_| is_neighbour(at)).flat_map(|word| &word.terms);
            let itself = terms.filter(|term| term.reason == Reason::Same);
            cursors(self.segment, self.number, itself, IndexRecordOption::WithFreqsAndPositions)
        };
        self.plan.clauses.iter().enumerate().map(open).collect()
    }
}
