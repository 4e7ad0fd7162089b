//! Importing: people, labels, issues and comments of another system, with their numbers, authors and times.
//!
//! Ids are derived from the source's ids, so the map from there to here needs no table: what was imported before is
//! found by its id and passed over, an interrupted import goes on, and a second run adds nothing. Imported facts happened
//! when they happened there.

mod derived;
mod item;

pub use derived::{imported_comment_id, imported_issue_id};
pub use item::{ImportItem, ImportedComment, ImportedIssue};

use super::issue::open_team;
use super::{Command, IssueRef, Reads, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::id::{IssueId, LabelId, MemberId};
use crate::model::{Comment, Issue, Label, Member, MemberStatus, Priority, Role, Seq, StateCategory};
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Items of one batch. Each writes up to four keys, long texts a few more, and a batch of the store holds 100.
pub const IMPORT_ITEMS_MAX: usize = 20;

/// Bytes of text that the items of one batch should hold together: 256 KiB. A single item may hold more.
pub const IMPORT_TEXT_BYTES_MAX: usize = 256 * 1024;

/// Adds what another system held. Items may build on items before them in the same batch.
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
                reads.comments.push(comment.id);
            }
        }
        reads
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        world.policy.authorize(Action::Import, (), None)?;
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
    labels: FxHashMap<String, LabelId>,
    issues: FxHashMap<IssueId, Arc<Issue>>,
    numbers: FxHashMap<(crate::id::TeamId, u32), IssueId>,
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

    fn person(&mut self, source: &str, name: &str) -> Result<()> {
        if self.find_person(source).is_some() {
            return Ok(());
        }
        let member = Member {
            id: MemberId::generate(),
            email: None,
            name: text::line("name", "the person's name", name, self.world.limits.name_chars_max)?,
            role: Role::User,
            status: MemberStatus::Ghost,
            created_at: self.world.now,
            updated_at: self.world.now,
            version: 1,
            access_version: 1,
            source: Some(source.to_owned()),
        };
        self.made.people.insert(source.to_owned(), member.id);
        let permit = self.world.policy.authorize(Action::Import, None, None)?;
        self.draft.save_member(permit, member);
        Ok(())
    }

    fn label(&mut self, name: &str, color: &str, description: Option<&str>) -> Result<()> {
        if self.find_label(name).is_some() {
            return Ok(());
        }
        let label = Label {
            id: LabelId::generate(),
            name: text::line("name", "the label's name", name, self.world.limits.name_chars_max)?,
            color: text::color("color", color)?,
            description: description.map(str::to_owned),
            team: None,
            created_at: self.world.now,
            updated_at: self.world.now,
            deleted_at: None,
            version: 1,
        };
        self.made.labels.insert(name.to_lowercase(), label.id);
        let permit = self.world.policy.authorize(Action::Import, None, None)?;
        self.draft.save_label(permit, label);
        Ok(())
    }

    fn issue(&mut self, item: &ImportedIssue) -> Result<()> {
        if self.world.index.contains(item.id) || self.made.issues.contains_key(&item.id) {
            return Ok(());
        }
        self.free_number(item)?;
        let (team, _) = open_team(self.world, item.team)?;
        let issue = self.row(item)?;
        let description = text::body(
            "description",
            "the description",
            item.description.as_deref(),
            self.world.limits.description_bytes_max,
        )?;
        self.made.numbers.insert((item.team, item.number), item.id);
        let mut stored = issue.clone();
        stored.set_description(description.as_deref());
        self.made.issues.insert(item.id, Arc::new(stored));
        let author = Actor::Member(issue.creator);
        self.draft.create_issue(self.world.policy.authorize(Action::Import, team, None)?, issue, description);
        self.draft.happened(item.created_at, author);
        Ok(())
    }

    /// Imported numbers are kept: another issue that has one is in the way.
    fn free_number(&self, item: &ImportedIssue) -> Result<()> {
        let taken = self.made.numbers.get(&(item.team, item.number)).copied();
        let taken = taken.or_else(|| self.world.index.find(item.team, item.number));
        match taken {
            Some(other) => {
                let key = self.world.directory.identifier(item.team, item.number);
                let message = format!(
                    "{} {} cannot be imported as {key}: issue {other} has that number; import into an empty team",
                    item.source.system, item.source.id
                );
                Err(Error::conflict(message).with_field("number"))
            }
            None if item.number == 0 => Err(Error::invalid("number", "numbers start at 1")),
            None => Ok(()),
        }
    }

    fn row(&self, item: &ImportedIssue) -> Result<Issue> {
        let workflow = self.world.directory.workflow_of(item.team);
        let workflow = workflow.ok_or_else(|| Error::not_found(format!("team {}", item.team)))?;
        let closed = item.closed.is_some().then(|| workflow.first_of(StateCategory::Completed)).flatten();
        let state = closed.or_else(|| workflow.state(workflow.initial));
        let state = state.ok_or_else(|| Error::rejected("the workflow has no initial state"))?;
        let mut labels =
            item.labels.iter().map(|name| self.known_label(name)).collect::<Result<Vec<LabelId>>>()?;
        labels.sort_unstable();
        labels.dedup();
        let assignees = item
            .assignees
            .iter()
            .map(|source| self.known_person(source))
            .collect::<Result<Vec<MemberId>>>()?;
        Ok(Issue {
            id: item.id,
            team: item.team,
            number: item.number,
            title: text::line("title", "the title", &item.title, self.world.limits.title_chars_max)?,
            kind: item.kind,
            state: state.id,
            category: state.category,
            priority: Priority::None,
            assignees,
            creator: self.known_person(&item.creator)?,
            labels,
            parent: None,
            estimate: None,
            start_date: None,
            due_date: None,
            rank: format!("m{:011x}", item.created_at.millis().max(0)),
            resolution: item.closed.map(|(_, resolution)| resolution),
            created_at: item.created_at,
            updated_at: item.updated_at.max(item.created_at),
            triaged_at: None,
            started_at: None,
            completed_at: item.closed.map(|(at, _)| at),
            canceled_at: None,
            archived_at: None,
            deleted_at: None,
            reopen_count: 0,
            comment_count: 0,
            version: 1,
            last_event: Seq::default(),
            source: Some(item.source.clone()),
            description_bytes: 0,
            description: None,
        })
    }

    fn comment(&mut self, item: &ImportedComment) -> Result<()> {
        if self.world.comments.contains_key(&item.id) {
            return Ok(());
        }
        let missing = || Error::not_found(format!("issue {} of comment {}", item.issue, item.source.id));
        let issue = self.made.issues.get(&item.issue).or_else(|| self.world.issues.get(&item.issue)).cloned();
        let issue = issue.ok_or_else(missing)?;
        let author = self.known_person(&item.author)?;
        let body = text::body("body", "the comment", Some(&item.body), self.world.limits.comment_bytes_max)?;
        let comment = Comment {
            id: item.id,
            issue: issue.id,
            author,
            body: body.unwrap_or_default(),
            parent: item.parent,
            created_at: item.created_at,
            updated_at: item.updated_at.max(item.created_at),
            edited_at: None,
            deleted_at: None,
            version: 1,
            source: Some(item.source.clone()),
        };
        self.draft.create_comment(self.world.policy.authorize(Action::Import, issue, None)?, comment);
        self.draft.happened(item.created_at, Actor::Member(author));
        Ok(())
    }

    fn find_person(&self, source: &str) -> Option<MemberId> {
        let known = self.world.directory.member_by_source(source).map(|m| m.id);
        known.or_else(|| self.made.people.get(source).copied())
    }

    fn known_person(&self, source: &str) -> Result<MemberId> {
        self.find_person(source).ok_or_else(|| Error::not_found(format!("person {source}")))
    }

    fn find_label(&self, name: &str) -> Option<LabelId> {
        let known = self.world.directory.label_by_name(None, name).map(|l| l.id);
        known.or_else(|| self.made.labels.get(&name.to_lowercase()).copied())
    }

    fn known_label(&self, name: &str) -> Result<LabelId> {
        self.find_label(name).ok_or_else(|| Error::not_found(format!("label `{name}`")))
    }
}

/// An instant as the time of an id; those before 1970 count as 1970.
const fn id_millis(at: Timestamp) -> u64 {
    if at.millis() < 0 { 0 } else { at.millis().cast_unsigned() }
}
