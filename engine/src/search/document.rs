//! An issue as it is searched: its texts, its keys, and what ranks it among others.
//!
//! It knows no rows and no events: whoever follows the log makes documents of them.

use super::bounds::PART_BYTES_MAX;
use super::split::BETWEEN_TEXTS;
use crate::id::IssueId;
use crate::time::Timestamp;
use std::borrow::Cow;

/// A text of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The line that says what it is about.
    Title,
    /// The long text below.
    Description,
    /// What people wrote about it.
    Comments,
}

impl Field {
    /// Every field, in the order of the index.
    pub const ALL: [Self; 3] = [Self::Title, Self::Description, Self::Comments];

    /// Its place in that order.
    pub(super) const fn place(self) -> usize {
        match self {
            Self::Title => 0,
            Self::Description => 1,
            Self::Comments => 2,
        }
    }
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields(u8);

impl Fields {
    pub(super) const fn of(field: Option<Field>) -> Self {
        match field {
            None => Self(0b111),
            Some(field) => Self(1 << field.place()),
        }
    }

    pub(super) const fn has(self, field: Field) -> bool {
        self.0 & (1 << field.place()) != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.has(*field))
    }
}

/// An issue as it is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The issue.
    pub id: IssueId,
    /// Its keys, the present one and former ones: `ENG-12`.
    pub keys: Vec<String>,
    /// Its title.
    pub title: String,
    /// Its description; empty when there is none.
    pub description: String,
    /// The texts of its comments, without those that are deleted.
    pub comments: Vec<String>,
    /// When it, or its comments, last changed: recent issues rank a little higher.
    pub updated_at: Timestamp,
    /// Whether work on it is still to be done: open issues rank a little higher.
    pub is_open: bool,
}

/// As much of an issue as one document of the index holds: its texts by field.
pub(super) type Part<'a> = [Cow<'a, str>; 3];

impl Document {
    /// The issue in parts of bounded size; nearly always it is one.
    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        let comments = self.comments.iter().map(|text| (Field::Comments, text.as_str()));
        let texts = [(Field::Title, self.title.as_str()), (Field::Description, self.description.as_str())];
        let mut parts: Vec<Part<'_>> = vec![Part::default()];
        let mut room = PART_BYTES_MAX;
        for (field, text) in texts.into_iter().chain(comments) {
            let mut rest = text;
            while !rest.is_empty() {
                let (piece, behind) = cut(rest);
                rest = behind;
                if piece.len() > room {
                    parts.push(Part::default());
                    room = PART_BYTES_MAX;
                }
                room = room.saturating_sub(piece.len() + BETWEEN_TEXTS.len_utf8());
                if let Some(there) = parts.last_mut().and_then(|part| part.get_mut(field.place())) {
                    join(there, piece);
                }
            }
        }
        parts
    }
}

fn join<'a>(there: &mut Cow<'a, str>, piece: &'a str) {
    if there.is_empty() {
        *there = Cow::Borrowed(piece);
    } else {
        let there = there.to_mut();
        there.push(BETWEEN_TEXTS);
        there.push_str(piece);
    }
}

/// As much of a text as a part holds, cut between words where there is a space, and the rest.
fn cut(text: &str) -> (&str, &str) {
    if text.len() <= PART_BYTES_MAX {
        return (text, "");
    }
    let end = text.floor_char_boundary(PART_BYTES_MAX);
    let (head, _) = text.split_at(end);
    let space = head.rfind(char::is_whitespace).filter(|space| *space > end / 2);
    text.split_at(space.unwrap_or(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(description: String, comments: Vec<String>) -> Document {
        Document {
            id: IssueId::generate(),
            keys: vec!["ENG-1".to_owned()],
            title: "A title".to_owned(),
            description,
            comments,
            updated_at: Timestamp::from_millis(0),
            is_open: true,
        }
    }

    #[test]
    fn a_common_issue_is_one_part() {
        let document = document("text".to_owned(), vec!["one".to_owned(), String::new(), "two".to_owned()]);
        let parts = document.parts();
        assert_eq!(parts, [["A title".into(), "text".into(), Cow::from("one\u{1E}two")]]);
    }

    #[test]
    fn a_large_issue_is_several_parts_of_bounded_size_and_loses_no_word() {
        let long = "wörter ".repeat(PART_BYTES_MAX / 4);
        let document = document(long.clone(), vec!["x".repeat(PART_BYTES_MAX / 2); 3]);
        let parts = document.parts();
        assert!(parts.len() >= 4);
        for part in &parts {
            assert!(part.iter().map(|text| text.len()).sum::<usize>() <= PART_BYTES_MAX);
        }
        let joined: String = parts.iter().map(|[_, description, _]| description.as_ref()).collect();
        assert_eq!(joined, long);
    }
}
