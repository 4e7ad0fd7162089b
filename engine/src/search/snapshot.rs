//! The index as of one commit: its segments, opened, and what scores are reckoned from.
//!
//! A search holds one from beginning to end, so that a commit in between changes nothing for it. It knows no query.

use super::document::{Field, Fields};
use super::fault::Fault;
use super::schema::{Columns, FAST_COLUMNS, OPEN, PARTED};
use super::score::Statistics;
use crate::id::IssueId;
use crate::model::LogPlace;
use std::fmt;
use std::sync::Arc;
use tantivy::columnar::ColumnValues;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::{InvertedIndexReader, SegmentId, SegmentReader};
use tantivy::postings::TermInfo;
use tantivy::termdict::TermDictionary;
use tantivy::{DocId, Searcher};
use uuid::Uuid;

/// The index as of one commit.
pub(super) struct Snapshot {
    /// The place in the log that it reflects.
    pub(super) through: LogPlace,
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) statistics: Statistics,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({}, {} segments)", self.through.seq, self.segments.len())
    }
}

/// Which dictionary of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words as they are written.
    Written,
    /// Stems that differ from their words.
    Stem,
}

/// Where a word's postings are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) segment: usize,
    pub(super) field: Field,
    pub(super) info: TermInfo,
}

/// A file set of the index.
pub(super) struct Segment {
    pub(super) id: SegmentId,
    reader: SegmentReader,
    written: [Arc<InvertedIndexReader>; 3],
    stems: [Arc<InvertedIndexReader>; 3],
    pub(super) keys: Arc<InvertedIndexReader>,
    norms: [FieldNormReader; 3],
    high: Arc<dyn ColumnValues<u64>>,
    low: Arc<dyn ColumnValues<u64>>,
    updated: Arc<dyn ColumnValues<i64>>,
    flags: Arc<dyn ColumnValues<u64>>,
    facts: Facts,
}

/// What is counted once for a segment, which never changes.
#[derive(Debug, Clone, Default)]
struct Facts {
    /// Documents with something in each field.
    filled: [u64; 3],
    /// Documents that are parts of issues with several, in order.
    parted: Arc<[DocId]>,
}

impl Snapshot {
    /// Opens what a searcher holds. Segments of the snapshot before are counted no second time.
    pub(super) fn open(
        searcher: &Searcher,
        columns: &Columns,
        through: LogPlace,
        before: Option<&Self>,
    ) -> Result<Self, Fault> {
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let known =
                before.and_then(|before| before.segments.iter().find(|s| s.id == reader.segment_id()));
            segments.push(Arc::new(Segment::open(reader, columns, known.map(|s| s.facts.clone()))?));
        }
        let statistics = Statistics::of(&segments);
        Ok(Self { through, segments, statistics })
    }

    /// Where the postings of a word are.
    pub(super) fn places(&self, kind: Kind, fields: Fields, word: &str) -> Result<Vec<Place>, Fault> {
        let mut places = Vec::new();
        for (segment, field, dictionary) in self.dictionaries(kind, fields) {
            if let Some(info) = dictionary.get(word)? {
                places.push(Place { segment, field, info });
            }
        }
        Ok(places)
    }

    /// Every dictionary of these fields, with the number of its segment.
    pub(super) fn dictionaries(
        &self,
        kind: Kind,
        fields: Fields,
    ) -> impl Iterator<Item = (usize, Field, &TermDictionary)> {
        self.segments.iter().enumerate().flat_map(move |(number, segment)| {
            fields.iter().map(move |field| (number, field, segment.dictionary(kind, field).terms()))
        })
    }

    /// Where the postings of a key are.
    pub(super) fn key_places(&self, key: &str) -> Result<Vec<Place>, Fault> {
        let mut places = Vec::new();
        for (number, segment) in self.segments.iter().enumerate() {
            if let Some(info) = segment.keys.terms().get(key)? {
                places.push(Place { segment: number, field: Field::Title, info });
            }
        }
        Ok(places)
    }
}

impl Segment {
    fn open(reader: &SegmentReader, columns: &Columns, facts: Option<Facts>) -> Result<Self, Fault> {
        let [high, low, updated, flags] = FAST_COLUMNS;
        let fast = reader.fast_fields();
        let mut segment = Self {
            id: reader.segment_id(),
            written: three(columns.written, |column| Ok(reader.inverted_index(column)?))?,
            stems: three(columns.stems, |column| Ok(reader.inverted_index(column)?))?,
            keys: reader.inverted_index(columns.keys)?,
            norms: three(columns.written, |column| Ok(reader.get_fieldnorms_reader(column)?))?,
            high: fast.u64(high)?.first_or_default_col(0),
            low: fast.u64(low)?.first_or_default_col(0),
            updated: fast.i64(updated)?.first_or_default_col(0),
            flags: fast.u64(flags)?.first_or_default_col(0),
            reader: reader.clone(),
            facts: Facts::default(),
        };
        segment.facts = facts.unwrap_or_else(|| segment.count());
        Ok(segment)
    }

    fn count(&self) -> Facts {
        let has_text = |norms: &&FieldNormReader, doc: &DocId| norms.fieldnorm_id(*doc) != 0;
        let filled =
            self.norms.each_ref().map(|norms| self.docs().filter(|doc| has_text(&norms, doc)).count() as u64);
        let any_parted = self.flags.max_value() >= PARTED;
        let parted = self.docs().filter(|doc| any_parted && self.flags.get_val(*doc) & PARTED != 0).collect();
        Facts { filled, parted }
    }

    /// Every document, deleted ones too.
    fn docs(&self) -> std::ops::Range<DocId> {
        0..self.reader.max_doc()
    }

    /// Documents, deleted ones too.
    pub(super) fn size(&self) -> u32 {
        self.reader.max_doc()
    }

    pub(super) fn is_alive(&self, doc: DocId) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
    }

    /// Documents that are parts of issues with several, in order.
    pub(super) fn parted(&self) -> &[DocId] {
        &self.facts.parted
    }

    pub(super) fn issue(&self, doc: DocId) -> IssueId {
        IssueId::from_uuid(Uuid::from_u64_pair(self.high.get_val(doc), self.low.get_val(doc)))
    }

    /// When a document's issue last changed, in milliseconds, and whether it is open.
    pub(super) fn signals(&self, doc: DocId) -> (i64, bool) {
        (self.updated.get_val(doc), self.flags.get_val(doc) & OPEN != 0)
    }

    /// The length of a document's field, as the index keeps it: a step on a scale of 256.
    pub(super) fn norm(&self, field: Field, doc: DocId) -> u8 {
        let [title, description, comments] = &self.norms;
        match field {
            Field::Title => title,
            Field::Description => description,
            Field::Comments => comments,
        }
        .fieldnorm_id(doc)
    }

    pub(super) fn dictionary(&self, kind: Kind, field: Field) -> &InvertedIndexReader {
        let [title, description, comments] = match kind {
            Kind::Written => &self.written,
            Kind::Stem => &self.stems,
        };
        match field {
            Field::Title => title,
            Field::Description => description,
            Field::Comments => comments,
        }
    }

    /// Documents, the words of each field, and the documents that have any, deleted ones counted too.
    pub(super) fn totals(&self) -> (u64, [(u64, u64); 3]) {
        let words = self.written.each_ref().map(|field| field.total_num_tokens());
        let [a, b, c] = words;
        let [x, y, z] = self.facts.filled;
        (u64::from(self.size()), [(a, x), (b, y), (c, z)])
    }
}

fn three<A, B>(from: [A; 3], make: impl Fn(A) -> Result<B, Fault>) -> Result<[B; 3], Fault> {
    let [a, b, c] = from;
    Ok([make(a)?, make(b)?, make(c)?])
}
