//! What was said about one issue: comments, reviews and the remarks within them, as one list in the order of time.
//!
//! A review becomes a comment whose first line names its verdict; its remarks become replies to it, by the same
//! author, for the archive records none of their own. A text too long for one comment continues in replies, so
//! that no text is lost. It does not know the issue itself.

use std::collections::HashMap;

use jiff::Timestamp;

use super::super::item::{CommentKind, ImportComment, MAX_COMMENT_BYTES, Note};
use super::super::model::{Comment, Review, ReviewState};
use super::super::text::pieces;
use super::{account, times};

/// Comments in the order they were added; a reply always after what it replies to.
#[derive(Debug)]
pub(super) struct Talk {
    number: u64,
    said: Vec<ImportComment>,
    /// How many comments already share the beginning of a key.
    keys: HashMap<String, u64>,
}

impl Talk {
    /// Nothing said yet about the issue of this number.
    pub(super) fn new(number: u64) -> Self {
        Self { number, said: Vec::new(), keys: HashMap::new() }
    }

    /// A further piece of a description that was too long.
    pub(super) fn continue_body(&mut self, piece: &str, author: Option<&str>, at: Timestamp) {
        let (key, nth) = self.key("body", at);
        for piece in pieces(piece, MAX_COMMENT_BYTES) {
            let place = self.said.len();
            self.said.push(ImportComment {
                key: format!("{key}+{place}"),
                nth: nth + place as u64,
                author: author.map(str::to_owned),
                body: piece.to_owned(),
                created_at: at,
                updated_at: at,
                kind: CommentKind::Continuation,
                reply_to: None,
            });
        }
    }

    /// A comment.
    pub(super) fn comment(&mut self, comment: Comment, notes: &mut Vec<Note>) {
        let (created_at, updated_at) = times(comment.created_at, comment.updated_at, notes);
        let (key, nth) = self.key("comment", created_at);
        let said = ImportComment {
            key,
            nth,
            author: account(comment.author, notes),
            body: comment.body.unwrap_or_default(),
            created_at,
            updated_at,
            kind: CommentKind::Comment,
            reply_to: None,
        };
        self.say(said, notes);
    }

    /// A review with its remarks. One that says nothing at all is left out.
    pub(super) fn review(&mut self, review: Review, notes: &mut Vec<Note>) {
        let remarks = review.comments.unwrap_or_default();
        let text = review.body.unwrap_or_default();
        if review.state == ReviewState::Commented && text.trim().is_empty() && remarks.is_empty() {
            notes.push(Note::ReviewEmpty);
            return;
        }
        let (created_at, updated_at) = times(review.created_at, review.updated_at, notes);
        let author = account(review.author, notes);
        let state = review.state.words().to_owned();
        let (key, nth) = match review.id {
            Some(id) => (format!("{}/review/{id}", self.number), 0),
            None => self.key("review", created_at),
        };
        let body = format!("Review: {state}\n\n{text}").trim_end().to_owned();
        let kind = CommentKind::Review { state };
        let reviewer = author.clone();
        let said = ImportComment { key, nth, author, body, created_at, updated_at, kind, reply_to: None };
        let at = self.say(said, notes);
        for remark in remarks {
            self.remark(remark, at, reviewer.clone(), notes);
        }
    }

    fn remark(&mut self, remark: Comment, review: usize, author: Option<String>, notes: &mut Vec<Note>) {
        let (created_at, updated_at) = times(remark.created_at, remark.updated_at, notes);
        let (key, nth) = self.key("remark", created_at);
        let said = ImportComment {
            key,
            nth,
            author: remark.author.login().map(str::to_owned).or(author),
            body: remark.body.unwrap_or_default(),
            created_at,
            updated_at,
            kind: CommentKind::ReviewComment,
            reply_to: Some(review),
        };
        self.say(said, notes);
    }

    /// Adds a comment, in several pieces if it is too long, and answers its index.
    fn say(&mut self, comment: ImportComment, notes: &mut Vec<Note>) -> usize {
        let index = self.said.len();
        let mut rest: Vec<ImportComment> = Vec::new();
        let mut texts = pieces(&comment.body, MAX_COMMENT_BYTES).into_iter();
        let first = texts.next().unwrap_or_default().to_owned();
        for (text, part) in texts.zip(1..) {
            notes.push(Note::CommentContinued);
            rest.push(ImportComment {
                key: format!("{}+{part}", comment.key),
                nth: comment.nth + part,
                body: text.to_owned(),
                kind: CommentKind::Continuation,
                author: comment.author.clone(),
                reply_to: comment.reply_to.or(Some(index)),
                ..comment
            });
        }
        self.said.push(ImportComment { body: first, ..comment });
        self.said.append(&mut rest);
        index
    }

    /// A key, and the place among those of the same sort and time.
    fn key(&mut self, what: &str, at: Timestamp) -> (String, u64) {
        let beginning = format!("{}/{what}/{at}", self.number);
        let count = self.keys.entry(beginning.clone()).or_default();
        let nth = *count;
        *count += 1;
        (format!("{beginning}/{count}"), nth)
    }

    /// Everything said, by time; a reply never before what it replies to, even if it was drafted earlier.
    pub(super) fn in_order(self) -> Vec<ImportComment> {
        let began = |comment: &ImportComment| {
            let parent = comment.reply_to.and_then(|at| self.said.get(at));
            parent.map_or(comment.created_at, |parent| parent.created_at.max(comment.created_at))
        };
        let mut order: Vec<(Timestamp, usize)> =
            self.said.iter().enumerate().map(|(at, comment)| (began(comment), at)).collect();
        order.sort_unstable();
        let mut moved = vec![0; self.said.len()];
        for (to, (_, from)) in order.iter().enumerate() {
            if let Some(slot) = moved.get_mut(*from) {
                *slot = to;
            }
        }
        let mut placed: Vec<(usize, ImportComment)> = moved.iter().copied().zip(self.said).collect();
        placed.sort_unstable_by_key(|(to, _)| *to);
        let reply = |at: usize| moved.get(at).copied();
        placed.into_iter().map(|(_, c)| ImportComment { reply_to: c.reply_to.and_then(reply), ..c }).collect()
    }
}
