//! The fields of the language, in one table: reading, writing, completion and the documentation follow it.
//!
//! A name is found whatever its case, and with or without `_` in it. What a field's values are is known by its kind.

use super::value::{Word, words};
use crate::filter::{DateField, DurationField, Link, TimeField};
use crate::model::{IssueKind, Priority, RelationKind, Resolution, StateCategory};

/// A field of the language.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What it finds.
    pub help: &'static str,
    /// A query with it.
    pub example: &'static str,
    pub(super) kind: Kind,
}

/// What a field is a test of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    State,
    Category,
    Assignee,
    Assignees,
    Creator,
    Label,
    Labels,
    Priority,
    Type,
    Resolution,
    Team,
    Key,
    Number,
    Id,
    Estimate,
    Reopened,
    Title,
    Description,
    Text,
    Time(TimeField),
    Date(DateField),
    Duration(DurationField),
    Parent,
    Children,
    Related(Link),
    Comments,
    Commenter,
    Source,
    Confidential,
    Participant,
    Participants,
    Workflow,
    WorkflowVersion,
    Approval,
    Approvals,
    Rank,
    Version,
    Was,
    Changed,
    Is,
    Sort,
}

impl Kind {
    /// Whether its values are members.
    pub(super) const fn is_of_members(self) -> bool {
        matches!(self, Self::Assignee | Self::Creator | Self::Commenter | Self::Participant)
    }
}

const fn field(
    kind: Kind,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
    example: &'static str,
) -> Field {
    Field { name, aliases, help, example, kind }
}

const fn link(kind: RelationKind, reversed: bool) -> Kind {
    Kind::Related(Link { kind, reversed })
}

static FIELDS: &[Field] = &[
    field(Kind::State, "state", &["status"], "The state, by name.", r#"state:"in progress""#),
    field(
        Kind::Category,
        "category",
        &[],
        "What the state means, whatever it is called.",
        "category:started,unstarted",
    ),
    field(Kind::Is, "is", &[], "A shorthand for a common question.", "is:open"),
    field(Kind::Assignee, "assignee", &["assigned"], "Who works on it.", "assignee:me"),
    field(Kind::Assignees, "assignees", &[], "How many people work on it.", "assignees>=2"),
    field(Kind::Creator, "creator", &["author"], "Who made it.", "creator.email:ana@example.com"),
    field(Kind::Label, "label", &["tag"], "A label it has.", "label!=wontfix"),
    field(Kind::Labels, "labels", &["tags"], "How many labels it has.", "labels>3"),
    field(Kind::Priority, "priority", &[], "How pressing it is.", "priority>=high"),
    field(Kind::Type, "type", &["kind"], "The kind of work.", "type:bug"),
    field(Kind::Resolution, "resolution", &[], "Why it was closed.", "resolution:duplicate"),
    field(Kind::Team, "team", &[], "The team, by its key.", "team:ENG"),
    field(Kind::Key, "key", &[], "The issue's key; in capitals it needs no field.", "key:eng-12,eng-13"),
    field(Kind::Number, "number", &[], "The number in the team.", "number:1..99"),
    field(Kind::Id, "id", &[], "The issue's id.", "id:iss_00000000000000000000000000"),
    field(Kind::Estimate, "estimate", &["points"], "Its size.", "estimate:none"),
    field(Kind::Reopened, "reopened", &[], "How often it was reopened.", "reopened>0"),
    field(Kind::Title, "title", &["summary"], "Words in the title.", r#"title:"sign in""#),
    field(Kind::Description, "description", &["body"], "Whether it has a description.", "description:none"),
    field(
        Kind::Text,
        "text",
        &[],
        "Words in title, description and comments; plain words do the same.",
        "text:crash",
    ),
    field(Kind::Time(TimeField::Created), "created", &[], "When it was made.", "created>-2w"),
    field(Kind::Time(TimeField::Updated), "updated", &[], "When it last changed.", "updated:today"),
    field(Kind::Time(TimeField::Started), "started", &[], "When work started.", "started>=2026-01-01"),
    field(
        Kind::Time(TimeField::Completed),
        "completed",
        &[],
        "When it was completed.",
        "completed:2026-01-01..2026-01-31",
    ),
    field(
        Kind::Time(TimeField::Canceled),
        "canceled",
        &["cancelled"],
        "When it was canceled.",
        "canceled>startOfMonth",
    ),
    field(
        Kind::Time(TimeField::Archived),
        "archived",
        &[],
        "Whether it is archived, and since when.",
        "archived:yes",
    ),
    field(Kind::Time(TimeField::Triaged), "triaged", &[], "When it left triage.", "triaged:none"),
    field(
        Kind::Time(TimeField::Deleted),
        "deleted",
        &[],
        "Whether it is deleted, and since when.",
        "deleted>-30d",
    ),
    field(
        Kind::Time(TimeField::StateSince),
        "statesince",
        &[],
        "When it entered its present state.",
        "statesince<-1w",
    ),
    field(Kind::Date(DateField::Start), "start", &[], "The day work is meant to start.", "start:today..2w"),
    field(Kind::Date(DateField::Due), "due", &[], "The day it is due.", "due<today"),
    field(
        Kind::Duration(DurationField::Cycle),
        "cycle",
        &["cycletime"],
        "From the start of work to completion.",
        "cycle>3d",
    ),
    field(
        Kind::Duration(DurationField::Lead),
        "lead",
        &["leadtime"],
        "From creation to completion.",
        "lead:..2w",
    ),
    field(
        Kind::Duration(DurationField::Triage),
        "triage",
        &["triagetime"],
        "From creation to leaving triage.",
        "triage>1d12h",
    ),
    field(Kind::Duration(DurationField::Age), "age", &[], "Since creation, while it is open.", "age>30d"),
    field(
        Kind::Duration(DurationField::InState),
        "instate",
        &["timeinstate"],
        "Since it entered its present state.",
        "instate>1w",
    ),
    field(Kind::Parent, "parent", &[], "The issue it is a part of.", "parent:ENG-12"),
    field(
        Kind::Children,
        "children",
        &["subissues"],
        "The issues that are a part of it.",
        "children:every(category:completed)",
    ),
    field(link(RelationKind::Blocks, false), "blocks", &[], "Issues that wait for it.", "blocks:any"),
    field(link(RelationKind::Blocks, true), "blockedby", &[], "Issues it waits for.", "blockedby:(is:open)"),
    field(
        link(RelationKind::Duplicates, false),
        "duplicates",
        &[],
        "Issues it repeats.",
        "duplicates:ENG-12",
    ),
    field(
        link(RelationKind::Duplicates, true),
        "duplicatedby",
        &[],
        "Issues that repeat it.",
        "duplicatedby>2",
    ),
    field(
        link(RelationKind::Relates, false),
        "relates",
        &["related"],
        "Issues it has to do with.",
        "relates:none",
    ),
    field(
        link(RelationKind::Relates, true),
        "relatedby",
        &[],
        "The same, as the others say it.",
        "relatedby:any",
    ),
    field(
        link(RelationKind::Precedes, false),
        "precedes",
        &[],
        "Issues that come after it.",
        "precedes:(team:OPS)",
    ),
    field(
        link(RelationKind::Precedes, true),
        "precededby",
        &["follows"],
        "Issues that come before it.",
        "precededby:(is:open)",
    ),
    field(
        Kind::Comments,
        "comments",
        &[],
        "Its comments: how many, by whom, when.",
        "comments:(author:me created>-1w)",
    ),
    field(Kind::Commenter, "commenter", &[], "Who wrote a comment on it.", "commenter:me"),
    field(Kind::Source, "source", &[], "Where it was imported from.", "source.id:acme/web#12"),
    field(Kind::Confidential, "confidential", &[], "Whether it is confidential.", "confidential:yes"),
    field(
        Kind::Participant,
        "participant",
        &[],
        "Who is named to see it, while it is confidential.",
        "participant:me",
    ),
    field(Kind::Participants, "participants", &[], "How many people are named to see it.", "participants>2"),
    field(Kind::Workflow, "workflow", &[], "The workflow it follows, by name.", r#"workflow:"bug triage""#),
    field(
        Kind::WorkflowVersion,
        "workflowversion",
        &[],
        "The version of the workflow it follows.",
        "workflowversion:wfv_00000000000000000000000000",
    ),
    field(
        Kind::Approval,
        "approval",
        &["awaiting"],
        "A move that approval was asked for, by the state it leads to.",
        "approval:done",
    ),
    field(Kind::Approvals, "approvals", &[], "How many of its moves wait for approval.", "approvals>0"),
    field(Kind::Rank, "rank", &[], "Its place where people order by hand, as a text.", r#"rank<"m""#),
    field(Kind::Version, "version", &[], "How often it was written, from 1.", "version>3"),
    field(Kind::Was, "was", &[], "What was true of it once.", "was:(state=done by:me)"),
    field(
        Kind::Changed,
        "changed",
        &[],
        "What changed once.",
        "changed:(state from:todo to:done during:-2w..now)",
    ),
    field(Kind::Sort, "sort", &["order"], "The order of the list.", "sort:-updated,due:none-first"),
];

/// Every field, in the order of the documentation.
#[must_use]
pub fn fields() -> &'static [Field] {
    FIELDS
}

/// The fields that have a past.
pub(super) const PAST: [Kind; 7] =
    [Kind::State, Kind::Category, Kind::Priority, Kind::Type, Kind::Resolution, Kind::Assignee, Kind::Label];

/// Whether two names are the same, whatever their case and underscores; the second is a name of the table.
pub(super) fn same_name(typed: &str, known: &str) -> bool {
    let typed = typed.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase());
    typed.eq(known.chars())
}

/// The field with this name.
pub(super) fn find(name: &str) -> Option<&'static Field> {
    let named = |field: &&Field| {
        same_name(name, field.name) || field.aliases.iter().any(|alias| same_name(name, alias))
    };
    FIELDS.iter().find(named)
}

/// The name of the field of this kind.
pub(super) fn name_of(kind: Kind) -> &'static str {
    FIELDS.iter().find(|field| field.kind == kind).map_or("", |field| field.name)
}

/// All names of fields, other names last.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let others = FIELDS.iter().flat_map(|field| field.aliases.iter().copied());
    FIELDS.iter().map(|field| field.name).chain(others)
}

impl Field {
    /// What its values are, in a few words of Markdown.
    #[must_use]
    pub fn values(&self) -> String {
        fn listed<T: Word>() -> String {
            words::<T>().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ")
        }
        match self.kind {
            Kind::Category => return listed::<StateCategory>(),
            Kind::Priority => return listed::<Priority>(),
            Kind::Type => return listed::<IssueKind>(),
            Kind::Resolution => return listed::<Resolution>(),
            _ => {}
        }
        let said = match self.kind {
            Kind::Assignee | Kind::Creator | Kind::Commenter | Kind::Participant => {
                "`me`, a name, an address behind `.email`, an id"
            }
            Kind::State | Kind::Label | Kind::Workflow | Kind::Approval => "a name, an id",
            Kind::Team => "a key, a name behind `.name`, an id",
            Kind::Key => "a key",
            Kind::Id | Kind::WorkflowVersion => "an id",
            Kind::Assignees | Kind::Labels | Kind::Participants | Kind::Approvals => "a number",
            Kind::Number | Kind::Estimate | Kind::Reopened | Kind::Version => "a number",
            Kind::Confidential => "`yes` `no`",
            Kind::Title | Kind::Text | Kind::Rank => "a text",
            Kind::Source => "the name of a system, its id there behind `.id`",
            Kind::Description => "`any` `none`",
            Kind::Time(TimeField::Archived | TimeField::Deleted) => "`yes` `no`, a time",
            Kind::Time(_) => "a time",
            Kind::Date(_) => "a day",
            Kind::Duration(_) => "a duration",
            Kind::Parent => "a key, `(…)`",
            Kind::Children | Kind::Related(_) => "a key, a number, `(…)`",
            Kind::Comments => "a number, `(…)`",
            Kind::Was => "a field and a value, `(…)`",
            Kind::Changed => "a field, `(…)`",
            Kind::Is => "see *Shorthands*",
            _ => "see *Order*",
        };
        said.to_owned()
    }
}
