//! Commands on comments. A thread is one level deep: a comment, and the replies to it.

mod create;
mod delete;
mod edit;

pub use create::CreateComment;
pub use delete::DeleteComment;
pub use edit::EditComment;

use super::{World, text};
use crate::error::{Error, Result};

/// The text of a comment, which is never empty.
pub(super) fn body(world: &World<'_>, text: &str) -> Result<String> {
    text::body("body", "the comment", Some(text), world.limits.comment_bytes_max)?
        .ok_or_else(|| Error::invalid("body", "the comment is empty: write something, or delete it"))
}
