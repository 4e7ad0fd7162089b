//! Tests of what few issues have several of: people who are let in, moves that wait for approval.
//!
//! How many of them an issue has, no bitmap says: it is counted where there are any. It does not know who may ask.

use super::evaluate::Evaluation;
use super::items::Tag;
use super::keys::all_ready;
use super::scan::look;
use super::sight::CONFIDENTIAL;
use crate::filter::{Compare, Many, MemberTest, StateTest};
use crate::id::MemberId;
use roaring::RoaringBitmap;

impl Evaluation<'_> {
    /// The issues that are confidential.
    pub(super) fn confidential(&self) -> RoaringBitmap {
        self.view.sets.audience.of(&CONFIDENTIAL).cloned().unwrap_or_default()
    }

    /// Those of `universe` of whose participants so many pass.
    pub(super) fn participants(&self, many: &Many<MemberTest>, universe: &RoaringBitmap) -> RoaringBitmap {
        // The nobody among them says that the issue is confidential, and is no participant.
        let named = |passes: &dyn Fn(&MemberId) -> bool| {
            self.view.sets.audience.passing(|member| *member != CONFIDENTIAL && passes(member))
        };
        let passes = all_ready(many.tests(), &self.q);
        match many {
            Many::Some(_) => universe & named(&*passes),
            Many::None(_) => universe - named(&*passes),
            Many::Every(_) => universe - named(&|member| !passes(member)),
            Many::Length(length) => {
                counted(length, universe, &named(&|_| true), |at| self.view.columns.participants(at).len())
            }
        }
    }

    /// Those of `universe` of whose moves that wait for approval so many pass.
    pub(super) fn approvals(&self, many: &Many<StateTest>, universe: &RoaringBitmap) -> RoaringBitmap {
        let (columns, family) = (&self.view.columns, &self.view.sets.approval);
        let passes = all_ready(many.tests(), &self.q);
        match many {
            Many::Some(_) => universe & family.passing(passes),
            Many::None(_) => universe - family.passing(passes),
            Many::Every(_) => universe - family.passing(|state| !passes(state)),
            Many::Length(length) => {
                counted(length, universe, &family.any(), |at| columns.items(at, Tag::Approval).len())
            }
        }
    }
}

/// Those of `universe` that have so many, where only those of `some` have any.
fn counted(
    length: &Compare<u32>,
    universe: &RoaringBitmap,
    some: &RoaringBitmap,
    count: impl Fn(usize) -> usize,
) -> RoaringBitmap {
    let found = look(&(universe & some), |at| length.passes(u32::try_from(count(at)).ok().as_ref()));
    if length.passes(Some(&0)) { found | (universe - some) } else { found }
}
