//! Comments as they were at an earlier place of the log, made anew from what was written, edited and deleted until then.

use super::super::chain::Allowance;
use super::{LiveTenant, lean};
use crate::access::Scope;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventBody};
use crate::id::CommentId;
use crate::model::{Comment, Issue};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Bytes of text that a thread of the past may hold, all that was written and edited counted: it is put together in
/// memory.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Whether the texts of comments are wanted, or only who wrote them and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// They are.
    Whole,
    /// They are not: bodies are empty.
    LeftOut,
}

impl LiveTenant {
    /// The comments that an issue had when its row was this one, in the order they were written, deleted ones left out.
    /// A comment that was written or edited in an event that is erased is not there, or not so edited.
    pub(crate) async fn comments_at(
        &self,
        scope: &Scope,
        issue: &Issue,
        texts: Texts,
        allowance: &mut Allowance,
    ) -> Result<Vec<Arc<Comment>>> {
        let (mut events, mut bytes) = (Vec::new(), 0_usize);
        let take = |_, event: Event| {
            let event = if texts == Texts::Whole { event } else { lean(event) };
            if let Some(size) = size_of_talk(&event) {
                bytes = bytes.saturating_add(size);
                events.push(event);
            }
            if bytes > TEXT_BYTES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.walk_chains(scope, &[issue.last_event], allowance, take).await?;
        if bytes > TEXT_BYTES_MAX {
            let message = format!(
                "the comments of this issue hold more than {TEXT_BYTES_MAX} bytes of text: they can be read as they are \
                 now, and not as they were"
            );
            return Err(Error::new(ErrorCode::TooCostly, message).with_field("at"));
        }
        Ok(replay(events.into_iter().rev()))
    }
}

/// The bytes of text in an event about a comment.
fn size_of_talk(event: &Event) -> Option<usize> {
    match event.body.as_ref()? {
        EventBody::CommentCreated { comment } => Some(comment.body.len()),
        EventBody::CommentEdited { body, .. } => Some(body.len()),
        EventBody::CommentDeleted { .. } => Some(0),
        _ => None,
    }
}

/// The comments that are left after these events, oldest first.
fn replay(events: impl Iterator<Item = Event>) -> Vec<Arc<Comment>> {
    let mut comments: BTreeMap<CommentId, Comment> = BTreeMap::new();
    for event in events {
        match event.body {
            Some(EventBody::CommentCreated { comment }) => {
                comments.insert(comment.id, *comment);
            }
            Some(EventBody::CommentEdited { comment, body }) => {
                if let Some(comment) = comments.get_mut(&comment) {
                    comment.edit(&body, event.at);
                }
            }
            Some(EventBody::CommentDeleted { comment, .. }) => {
                comments.remove(&comment);
            }
            _ => {}
        }
    }
    comments.into_values().map(Arc::new).collect()
}
