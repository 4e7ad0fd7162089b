//! Everything that could stand at a place, in the order in which it is offered when nothing was typed.

use super::super::field::{self, Field, Kind, PAST};
use super::super::history::CLAUSES;
use super::super::names::{element_names, write_name};
use super::super::unknown::{NameKind, names};
use super::super::value::{Word, words};
use super::super::{order, scan, shorthand};
use super::CompletionKind;
use super::place::{Place, Scope, Slot, Wanted};
use crate::directory::Directory;
use crate::filter::{LabelTest, MemberTest, StateTest, TeamTest, TimeField, WorkflowTest, fold};
use crate::id::MemberId;
use crate::model::{IssueKind, Priority, Resolution, StateCategory};

/// Something that could stand at a place.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) insert: String,
    pub(super) label: String,
    pub(super) detail: String,
    /// By what else it is found.
    pub(super) also: String,
    pub(super) kind: CompletionKind,
}

fn candidate(kind: CompletionKind, insert: impl Into<String>, label: &str, detail: &str) -> Candidate {
    Candidate {
        insert: insert.into(),
        label: label.to_owned(),
        detail: detail.to_owned(),
        also: String::new(),
        kind,
    }
}

/// All candidates for a place at which `typed` stands already.
pub(super) fn all(place: &Place, typed: &str, directory: &Directory, me: Option<MemberId>) -> Vec<Candidate> {
    match place.slot {
        Slot::Item(scope) => items(scope, typed),
        Slot::Value(Wanted::Name(kind)) => named(kind, directory),
        Slot::Value(Wanted::Time) => times(),
        Slot::Value(Wanted::Flag) => plain(&["yes", "no"]),
        Slot::Value(Wanted::Nothing) => Vec::new(),
        Slot::Value(Wanted::Field(kind)) => values(kind, typed, directory, me),
    }
}

fn plain(words: &[&str]) -> Vec<Candidate> {
    words.iter().map(|word| candidate(CompletionKind::Word, *word, word, "")).collect()
}

fn items(scope: Scope, typed: &str) -> Vec<Candidate> {
    let elements = |names: &[&str]| {
        names.iter().map(|name| candidate(CompletionKind::Field, format!("{name}:"), name, "")).collect()
    };
    match scope {
        Scope::Issues => fields(typed),
        Scope::Member => elements(&element_names::<MemberTest>()),
        Scope::Label => elements(&element_names::<LabelTest>()),
        Scope::State => elements(&element_names::<StateTest>()),
        Scope::Comment => elements(&["author", "created"]),
        Scope::Past { field: None, changed } => {
            let past = PAST.iter().map(|kind| field::name_of(*kind));
            let insert = |name: &str| if changed { name.to_owned() } else { format!("{name}=") };
            past.map(|name| candidate(CompletionKind::Field, insert(name), name, "")).collect()
        }
        Scope::Past { changed: true, .. } => elements(&CLAUSES),
        Scope::Past { changed: false, .. } => elements(&["during", "by"]),
    }
}

/// The fields of issues; the signs and parts of one that is typed whole; the words that join tests.
fn fields(typed: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    let name = typed.split('.').next().unwrap_or_default();
    if let Some(field) = field::find(name) {
        let said = |rest: &str, detail: &str| {
            let whole = format!("{name}{rest}");
            // It fits as well as the field itself, and stands before it.
            Candidate {
                also: typed.to_owned(),
                ..candidate(CompletionKind::Sign, whole.clone(), &whole, detail)
            }
        };
        found.extend(signs(field.kind).iter().map(|(sign, detail)| said(sign, detail)));
        found.extend(parts(field.kind).iter().map(|part| said(&format!(".{part}:"), "")));
    }
    found.extend(field::fields().iter().map(offered));
    if !typed.is_empty() {
        let words = [("AND", "both"), ("OR", "one of the two"), ("NOT", "the opposite")];
        found.extend(words.map(|(word, detail)| candidate(CompletionKind::Keyword, word, word, detail)));
    }
    found
}

fn offered(field: &Field) -> Candidate {
    let also = field.aliases.join(" ");
    let insert = format!("{}:", field.name);
    Candidate { also, ..candidate(CompletionKind::Field, insert, field.name, field.help) }
}

type Signs = &'static [(&'static str, &'static str)];

const HAS: Signs = &[(":", "is")];
const EQUAL: Signs = &[(":", "is"), ("!=", "is not")];
const ORDER: Signs = &[
    (":", "is"),
    (">", "more than"),
    (">=", "at least"),
    ("<", "less than"),
    ("<=", "at most"),
    ("!=", "is not"),
];
const NAME: Signs =
    &[(":", "is"), ("!=", "is not"), ("~", "has in it"), ("^=", "begins with"), ("$=", "ends with")];
const TITLE: Signs = &[
    (":", "has in it"),
    ("!~", "does not have in it"),
    ("=", "is"),
    ("^=", "begins with"),
    ("$=", "ends with"),
];

const fn signs(kind: Kind) -> Signs {
    match kind {
        Kind::State
        | Kind::Team
        | Kind::Creator
        | Kind::Assignee
        | Kind::Label
        | Kind::Commenter
        | Kind::Participant
        | Kind::Workflow
        | Kind::Approval
        | Kind::Source => NAME,
        Kind::Title => TITLE,
        Kind::Text | Kind::Was | Kind::Changed | Kind::Is | Kind::Sort => HAS,
        Kind::Description | Kind::Parent | Kind::Confidential => HAS,
        Kind::Category | Kind::Type | Kind::Resolution => EQUAL,
        Kind::Key | Kind::Id | Kind::WorkflowVersion => EQUAL,
        _ => ORDER,
    }
}

const fn parts(kind: Kind) -> &'static [&'static str] {
    match kind {
        kind if kind.is_of_members() => &["email"],
        Kind::Team => &["name"],
        Kind::Source => &["id"],
        _ => &[],
    }
}

fn values(kind: Kind, typed: &str, directory: &Directory, me: Option<MemberId>) -> Vec<Candidate> {
    fn listed<T: Word>(more: &[&str]) -> Vec<Candidate> {
        let listed = words::<T>();
        plain(&listed.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>())
    }
    match kind {
        Kind::State => named(NameKind::State, directory),
        Kind::Label => joined([named(NameKind::Label, directory), plain(&["none", "any"])]),
        Kind::Assignee | Kind::Participant => joined([members(directory, me), plain(&["none", "any"])]),
        Kind::Approval => joined([named(NameKind::State, directory), plain(&["none", "any"])]),
        Kind::Workflow => named(NameKind::Workflow, directory),
        Kind::Confidential => plain(&["yes", "no"]),
        Kind::Creator | Kind::Commenter => members(directory, me),
        Kind::Team => teams(directory),
        Kind::Category => listed::<StateCategory>(&[]),
        Kind::Priority => listed::<Priority>(&[]),
        Kind::Type => listed::<IssueKind>(&[]),
        Kind::Resolution => listed::<Resolution>(&["none", "any"]),
        Kind::Is => shorthand::SHORTHANDS
            .iter()
            .map(|known| candidate(CompletionKind::Word, known.word, known.word, known.help))
            .collect(),
        Kind::Sort => sort_keys(typed),
        Kind::Time(TimeField::Archived | TimeField::Deleted) => joined([plain(&["yes", "no"]), times()]),
        Kind::Time(_) => joined([times(), plain(&["none", "any"])]),
        Kind::Date(_) => {
            let days =
                ["today", "tomorrow", "1w", "endOfWeek", "endOfMonth", "-1w", "startOfWeek", "yesterday"];
            joined([said(&days), plain(&["none", "any"])])
        }
        Kind::Duration(_) => said(&["1d", "3d", "1w", "2w", "30d"]),
        Kind::Parent | Kind::Children | Kind::Related(_) | Kind::Comments => plain(&["any", "none", "("]),
        Kind::Estimate | Kind::Description | Kind::Source => plain(&["any", "none"]),
        _ => Vec::new(),
    }
}

/// Lists behind one another.
fn joined<const N: usize>(lists: [Vec<Candidate>; N]) -> Vec<Candidate> {
    lists.into_iter().flatten().collect()
}

fn said(times: &[&str]) -> Vec<Candidate> {
    times.iter().map(|time| candidate(CompletionKind::Time, *time, time, "")).collect()
}

fn times() -> Vec<Candidate> {
    said(&[
        "today",
        "yesterday",
        "-1d",
        "-1w",
        "-2w",
        "-1mo",
        "startOfWeek",
        "startOfMonth",
        "startOfQuarter",
        "now",
    ])
}

fn sort_keys(typed: &str) -> Vec<Candidate> {
    let sign = typed.get(..1).filter(|sign| matches!(*sign, "-" | "+")).unwrap_or_default();
    let keys = order::KEYS.iter().filter_map(|(_, names)| names.first());
    keys.map(|key| candidate(CompletionKind::SortKey, format!("{sign}{key}"), key, "")).collect()
}

/// Names of one kind, in order, each once.
fn named(kind: NameKind, directory: &Directory) -> Vec<Candidate> {
    let mut names: Vec<(String, &str)> = match kind {
        // What is deleted is not offered, though it can be asked for.
        NameKind::Label => {
            let labels = directory.labels().filter(|label| label.deleted_at.is_none());
            labels.map(|label| (fold(&label.name), label.name.as_str())).collect()
        }
        kind => names(kind, directory).into_iter().map(|name| (fold(name), name)).collect(),
    };
    names.sort_unstable();
    names.dedup_by(|a, b| a.0 == b.0);
    let of = |name: &str| match kind {
        NameKind::State => candidate(CompletionKind::State, write_name::<StateTest>(name), name, ""),
        NameKind::Label => candidate(CompletionKind::Label, write_name::<LabelTest>(name), name, ""),
        NameKind::Workflow => candidate(CompletionKind::Workflow, write_name::<WorkflowTest>(name), name, ""),
        NameKind::WorkflowVersion => candidate(CompletionKind::Word, name, name, ""),
        NameKind::Team | NameKind::TeamKey => candidate(CompletionKind::Team, scan::value(name), name, ""),
        NameKind::Member | NameKind::Email => candidate(CompletionKind::Member, scan::value(name), name, ""),
    };
    names.into_iter().map(|(_, name)| of(name)).collect()
}

/// `me`, then those who take part, then all others.
fn members(directory: &Directory, me: Option<MemberId>) -> Vec<Candidate> {
    let mut members: Vec<_> =
        directory.members().map(|member| (!member.is_active(), fold(&member.name), member)).collect();
    members.sort_unstable_by(|a, b| (a.0, &a.1, a.2.id).cmp(&(b.0, &b.1, b.2.id)));
    let of_me = me.map(|id| {
        let name = directory.member(id).map_or("", |member| member.name.as_str());
        Candidate { also: name.to_owned(), ..candidate(CompletionKind::Member, "me", "me", name) }
    });
    let others = members.into_iter().map(|(_, _, member)| {
        let email = member.email.as_deref().unwrap_or_default();
        let insert = write_name::<MemberTest>(&member.name);
        Candidate { also: email.to_owned(), ..candidate(CompletionKind::Member, insert, &member.name, email) }
    });
    of_me.into_iter().chain(others).collect()
}

fn teams(directory: &Directory) -> Vec<Candidate> {
    let mut teams: Vec<_> = directory.teams().filter(|team| team.archived_at.is_none()).collect();
    teams.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let of = |key: &str, name: &str| {
        let insert = write_name::<TeamTest>(key);
        Candidate { also: name.to_owned(), ..candidate(CompletionKind::Team, insert, key, name) }
    };
    teams.into_iter().map(|team| of(&team.key, &team.name)).collect()
}
