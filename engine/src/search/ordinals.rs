//! By which numbers the view knows the documents of each segment, remembered as long as the view lives.
//!
//! It does not know what the numbers are for. It keeps one life: that of the last search.

use super::gather::Within;
use super::snapshot::Segment;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tantivy::DocId;
use tantivy::index::SegmentId;

/// Stands for a document whose issue the view does not know.
const UNKNOWN: u32 = u32::MAX;

/// Unknown documents of a segment that are asked about again in each search: an issue may reach the index a moment
/// before the view. More are asked about again only in the next life.
const ASKED_AGAIN_MAX: usize = 256;

/// What is remembered, by segment.
#[derive(Debug, Default)]
pub(super) struct Ordinals(Mutex<Life>);

#[derive(Debug, Default)]
struct Life {
    life: u64,
    segments: FxHashMap<SegmentId, Arc<OfSegment>>,
}

/// The ordinal of each document of a segment.
#[derive(Debug, Clone)]
pub(super) struct OfSegment {
    ordinals: Vec<u32>,
    unknown: Vec<DocId>,
}

impl OfSegment {
    pub(super) fn get(&self, doc: DocId) -> Option<u32> {
        self.ordinals.get(doc as usize).copied().filter(|ordinal| *ordinal != UNKNOWN)
    }

    fn ask(segment: &Segment, within: &Within<'_>) -> Self {
        let mut unknown = Vec::new();
        let ask = |doc| {
            let ordinal = (within.ordinal_of)(segment.issue(doc)).unwrap_or(UNKNOWN);
            if ordinal == UNKNOWN && segment.is_alive(doc) && unknown.len() < ASKED_AGAIN_MAX {
                unknown.push(doc);
            }
            ordinal
        };
        let ordinals = (0..segment.size()).map(ask).collect();
        Self { ordinals, unknown }
    }

    /// The same with what has become known since, if anything has.
    fn asked_again(&self, segment: &Segment, within: &Within<'_>) -> Option<Self> {
        let now_known = |doc: &DocId| Some((*doc, (within.ordinal_of)(segment.issue(*doc))?));
        let known: Vec<(DocId, u32)> = self.unknown.iter().filter_map(now_known).collect();
        if known.is_empty() {
            return None;
        }
        let mut more = self.clone();
        for (doc, ordinal) in known {
            if let Some(place) = more.ordinals.get_mut(doc as usize) {
                *place = ordinal;
            }
            more.unknown.retain(|unknown| *unknown != doc);
        }
        Some(more)
    }
}

impl Ordinals {
    /// The ordinals of a segment's documents. `present` are the segments that there are: others are forgotten.
    pub(super) fn of(
        &self,
        segment: &Segment,
        present: &[Arc<Segment>],
        within: &Within<'_>,
    ) -> Arc<OfSegment> {
        let known = {
            let mut life = self.0.lock();
            if life.life != within.life {
                *life = Life { life: within.life, segments: FxHashMap::default() };
            }
            life.segments.get(&segment.id).cloned()
        };
        let fresh = match known {
            None => OfSegment::ask(segment, within),
            Some(known) => match known.asked_again(segment, within) {
                None => return known,
                Some(more) => more,
            },
        };
        let fresh = Arc::new(fresh);
        let mut life = self.0.lock();
        if life.life == within.life {
            life.segments.retain(|id, _| present.iter().any(|segment| segment.id == *id));
            life.segments.insert(segment.id, fresh.clone());
        }
        fresh
    }
}
