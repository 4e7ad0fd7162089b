//! What could stand at a place of a text: fields, signs, values.
//!
//! Where the cursor is, is found by reading what stands before it, with the same eyes as the parser. It knows the small
//! tables and no issues.

mod candidate;
mod place;

use crate::directory::Directory;
use crate::filter::fold;
use crate::id::MemberId;
use candidate::Candidate;

/// At most so many completions are offered.
pub const COMPLETIONS_MAX: usize = 20;

/// Something that could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where what it replaces begins, in bytes.
    pub start: usize,
    /// Where what it replaces ends.
    pub end: usize,
    /// What to put there, in quotes when it needs them.
    pub insert: String,
    /// What a list shows.
    pub label: String,
    /// What a list can show beside it; may be empty.
    pub detail: String,
    /// What it is.
    pub kind: CompletionKind,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompletionKind {
    /// A field.
    Field,
    /// A field with one of its signs.
    Sign,
    /// `AND`, `OR`, `NOT`.
    Keyword,
    /// A word of the language: a priority, a category, `none`.
    Word,
    /// A state.
    State,
    /// A member.
    Member,
    /// A label.
    Label,
    /// A team.
    Team,
    /// A workflow.
    Workflow,
    /// A time, a day or a duration.
    Time,
    /// Something to order by.
    SortKey,
}

/// What could stand at `position` (in bytes) of a text, for `me`: what begins with what was typed first, then what has
/// it in it; case and accents do not matter. At most [`COMPLETIONS_MAX`].
#[must_use]
pub fn complete(text: &str, position: usize, directory: &Directory, me: Option<MemberId>) -> Vec<Completion> {
    let position = text.floor_char_boundary(position);
    let (before, behind) = text.split_at(position);
    let Some(place) = place::find(before) else { return Vec::new() };
    let typed = before.get(place.start..).unwrap_or_default();
    let typed = typed.strip_prefix(['"', '“']).unwrap_or(typed);
    let end = position + place.rest(behind, typed.len() < position - place.start);
    let wanted = fold(typed.strip_prefix(['-', '+']).filter(|_| place.is_order()).unwrap_or(typed));
    let mut found: Vec<(u8, Candidate)> = candidate::all(&place, typed, directory, me)
        .into_iter()
        .filter_map(|candidate| Some((rank(&candidate, &wanted)?, candidate)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let completion = |(_, candidate): (u8, Candidate)| {
        let Candidate { insert, label, detail, kind, .. } = candidate;
        Completion { start: place.start, end, insert, label, detail, kind }
    };
    found.into_iter().take(COMPLETIONS_MAX).map(completion).collect()
}

/// How well a candidate fits what was typed; none when it does not.
fn rank(candidate: &Candidate, wanted: &str) -> Option<u8> {
    if wanted.is_empty() {
        return Some(0);
    }
    let texts = [&candidate.label, &candidate.also];
    let ranks = texts.iter().filter_map(|text| {
        let text = fold(text);
        let word = || text.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(wanted));
        if text == wanted {
            Some(0)
        } else if text.starts_with(wanted) {
            Some(1)
        } else if word() {
            Some(2)
        } else {
            text.contains(wanted).then_some(3)
        }
    });
    ranks.min()
}
