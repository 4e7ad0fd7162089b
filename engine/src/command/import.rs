//! Importing: people, labels, issues and comments of another system, with their numbers, authors and times.
//!
//! Ids are derived from the source's ids, so the map from there to here needs no table: what was imported before is
//! found by its id and passed over, an interrupted import goes on, and a second run adds nothing. Imported facts happened
//! when they happened there.

mod comment;
mod derived;
mod issue;
mod item;
mod people;

pub use derived::{imported_comment_id, imported_issue_id};
pub use item::{ImportItem, ImportedComment, ImportedIssue};

use super::{Command, IssueRef, Reads, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Origin;
use crate::id::{CommentId, IssueId, LabelId, MemberId, TeamId};
use crate::model::{Issue, IssueSource};
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Items of one batch. Each writes up to four keys, long texts a few more, and a batch of the store holds 100.
pub const IMPORT_ITEMS_MAX: usize = 20;

/// Bytes of text that the items of one batch should hold together: 128 KiB, so that the parts of long texts fit beside
/// the keys of the other items. A single item may hold more.
pub const IMPORT_TEXT_BYTES_MAX: usize = 128 * 1024;

/// Characters of an address in a source.
pub const IMPORT_URL_CHARS_MAX: usize = 2048;

/// Characters of the name of a source's system, and of the word for a state there.
const WORD_CHARS_MAX: usize = 64;

/// Characters of an id in a source, and of what names a person there.
const SOURCE_CHARS_MAX: usize = 512;

/// Adds what another system held. Items may build on items before them in the same batch.
///
/// Its context's origin is [`Origin::Import`]: else followers would tell people of old
/// things as if they were new.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct ImportBatch {
    /// What to add, at most [`IMPORT_ITEMS_MAX`].
    #[n(0)]
    pub items: Vec<ImportItem>,
}

impl Command for ImportBatch {
    fn operation(&self) -> &'static str {
        "import"
    }

    fn reads(&self) -> Reads {
        // The tenant is not known here, so the derived ids come with the items.
        let mut reads = Reads::default();
        for item in &self.items {
            if let ImportItem::Comment(comment) = item {
                reads.issues.push(IssueRef::Id(comment.issue));
                reads.comments.extend([comment.id].into_iter().chain(comment.parent));
            }
        }
        reads
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        world.policy.authorize(Action::Import, (), None)?;
        if world.cx.origin != Origin::Import {
            let message = "an import comes in with the origin IMPORT, so that nothing follows from what happened elsewhere";
            return Err(Error::invalid("origin", message));
        }
        if self.items.len() > IMPORT_ITEMS_MAX {
            let message = format!("a batch holds at most {IMPORT_ITEMS_MAX} items");
            return Err(Error::invalid("items", message));
        }
        let mut import = Import { world, draft: Draft::new(), made: Made::default() };
        for (index, item) in self.items.iter().enumerate() {
            import.item(item).map_err(|error| error.at_item(index))?;
        }
        Ok(import.draft)
    }
}

/// What a batch has made so far, by the names under which later items speak of it.
#[derive(Default)]
struct Made {
    people: FxHashMap<String, MemberId>,
    /// How many people without a part there were before; counted when the first is made.
    ghosts_before: Option<usize>,
    labels: FxHashMap<String, LabelId>,
    issues: FxHashMap<IssueId, Arc<Issue>>,
    numbers: FxHashMap<(TeamId, u32), IssueId>,
    /// On which issue each comment is, and which comment it answers.
    comments: FxHashMap<CommentId, (IssueId, Option<CommentId>)>,
}

struct Import<'a> {
    world: &'a World<'a>,
    draft: Draft,
    made: Made,
}

impl Import<'_> {
    fn item(&mut self, item: &ImportItem) -> Result<()> {
        match item {
            ImportItem::Person { source, name } => self.person(source, name),
            ImportItem::Label { name, color, description } => self.label(name, color, description.as_deref()),
            ImportItem::Issue(issue) => self.issue(issue),
            ImportItem::Comment(comment) => self.comment(comment),
        }
    }
}

/// Where a thing came from, within bounds.
fn source(of: &IssueSource) -> Result<IssueSource> {
    let line = |what: &str, text: &str, max| text::line("source", what, text, max);
    let state = of.state.as_deref().map(|state| line("the source's state", state, WORD_CHARS_MAX));
    let url = of.url.as_deref().map(|url| line("the source's address", url, IMPORT_URL_CHARS_MAX));
    Ok(IssueSource {
        system: line("the source's system", &of.system, WORD_CHARS_MAX)?,
        id: line("the source's id", &of.id, SOURCE_CHARS_MAX)?,
        url: url.transpose()?,
        state: state.transpose()?,
    })
}

/// An instant as the time of an id; those before 1970 count as 1970.
const fn id_millis(at: Timestamp) -> u64 {
    if at.millis() < 0 { 0 } else { at.millis().cast_unsigned() }
}
