//! The first pass: reads a whole archive, writes nothing, and says what it holds and what an import would make of
//! it, or why it cannot be imported and where.
//!
//! What it keeps grows with the number of people, labels and distinct references, each of which is bounded in number and
//! length, and by a bit per issue: some tens of megabytes for the worst of archives. It does not know the tenant the archive
//! will go to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use jiff::Timestamp;
use mortise::Limits;
use mortise::command::import::IMPORT_URL_CHARS_MAX;
use serde::{Deserialize, Serialize};

use super::convert::to_import;
use super::error::{ArchiveError, ErrorKind, Place};
use super::fate::{EXAMPLE_BYTES, losses};
use super::item::{ImportIssue, Kind, Loss};
use super::model::{Item, Label};
use super::numbers::Numbers;
use super::reader::{Placed, Totals, for_each_item};
use super::references::references;
use super::report::Report;
use super::text::clip;

/// Values of `magic` that this reader was made for.
const KNOWN_MAGIC: [&str; 2] = ["E!vIA5L86J2I", "B8n2c@e8kvfx"];

/// The most people one archive may name.
const MAX_PEOPLE: usize = 200_000;

/// The most labels one archive may use.
const MAX_LABELS: usize = 20_000;

/// The most distinct numbers referred to that are remembered.
const MAX_REFERENCES: usize = 100_000;

/// The most problems remembered; all are counted.
const MAX_PROBLEMS: usize = 100;

/// The most missing numbers listed; all are counted.
const MAX_GAPS_LISTED: usize = 100;

/// What an archive holds.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Survey {
    /// `owner/name`.
    pub(crate) repo: String,
    /// When the archive was taken.
    #[serde(serialize_with = "as_text")]
    pub(crate) taken_at: Option<Timestamp>,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Labels by name: those listed, and those only used.
    #[serde(skip)]
    pub(crate) labels: BTreeMap<String, Option<Label>>,
    /// Everybody who opened, wrote, reviewed, merged or was assigned, by account name.
    pub(crate) people: BTreeSet<String>,
    /// Numbers of issues and pull requests.
    #[serde(skip)]
    pub(crate) numbers: Numbers,
    /// The smallest number.
    pub(crate) number_min: u64,
    /// The largest number; new issues are numbered after it.
    pub(crate) number_max: u64,
    /// How many numbers below the largest are not in the archive.
    pub(crate) gap_count: u64,
    /// The first hundred of them.
    pub(crate) gaps: Vec<u64>,
    /// The longest description, in bytes.
    pub(crate) largest_body: u64,
    /// The longest comment, in bytes.
    pub(crate) largest_comment: u64,
    /// References like `#123` in descriptions and comments.
    pub(crate) references: u64,
    /// Those of them to numbers that are not in the archive.
    pub(crate) dangling_references: u64,
    /// What an import carries, leaves and notes.
    pub(crate) report: Report,
    /// Oddities that do not prevent an import, at most a hundred.
    pub(crate) problems: Vec<Problem>,
    /// How many oddities there are.
    pub(crate) problem_count: u64,
    #[serde(skip)]
    referred: BTreeMap<u64, u64>,
}

/// Something odd that does not prevent an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// The item, or `the archive`.
    pub(crate) place: String,
    /// What is odd about it.
    pub(crate) what: String,
}

/// Reads the whole archive in `input`.
///
/// # Errors
/// The first fault: see [`ErrorKind`].
pub(crate) fn survey<R: BufRead>(input: R) -> Result<Survey, ArchiveError> {
    let mut survey = Survey::default();
    let totals = for_each_item(input, |placed| survey.see(placed))?;
    survey.finish(totals);
    Ok(survey)
}

impl Survey {
    fn see(&mut self, placed: Placed<'_>) -> Result<(), ArchiveError> {
        let Placed { place, json, item } = placed;
        match item {
            Item::Label(label) => self.see_label(&place, json, label),
            Item::Issue(thread) => self.see_issue(&place, &to_import(Kind::Issue, thread, json)),
            Item::Pull(thread) => self.see_issue(&place, &to_import(Kind::PullRequest, thread, json)),
        }
    }

    fn see_label(&mut self, place: &Place, json: &str, label: Label) -> Result<(), ArchiveError> {
        self.report.add_label(&losses("labels", json), clip(&label.name, EXAMPLE_BYTES));
        let name = label.name.clone();
        if let Some(Some(_)) = self.labels.insert(name.clone(), Some(label)) {
            self.odd(place, format!("the label `{}` is listed twice; the last one counts", clip(&name, 64)));
        }
        bounded(self.labels.len(), MAX_LABELS, "labels", place)
    }

    fn see_issue(&mut self, place: &Place, issue: &ImportIssue) -> Result<(), ArchiveError> {
        if !self.numbers.insert(issue.number) {
            let message = format!("the number {} occurs a second time", issue.number);
            let error = ArchiveError::new(ErrorKind::Duplicate, message, place.position);
            return Err(error.within(place.clone(), "number".to_owned()));
        }
        expect_to_fit(place, issue)?;
        for label in &issue.labels {
            self.labels.entry(label.clone()).or_insert(None);
        }
        self.people.extend(people(issue).map(str::to_owned));
        self.measure(issue);
        self.report.add(issue);
        bounded(self.labels.len(), MAX_LABELS, "labels", place)?;
        bounded(self.people.len(), MAX_PEOPLE, "people", place)
    }

    fn measure(&mut self, issue: &ImportIssue) {
        self.largest_body = self.largest_body.max(issue.body.len() as u64);
        let comments = issue.comments.iter().map(|comment| comment.body.as_str());
        for text in comments.clone() {
            self.largest_comment = self.largest_comment.max(text.len() as u64);
        }
        for number in comments.chain([issue.body.as_str()]).flat_map(references) {
            self.references += 1;
            if self.referred.len() < MAX_REFERENCES || self.referred.contains_key(&number) {
                *self.referred.entry(number).or_default() += 1;
            }
        }
    }

    fn finish(&mut self, totals: Totals) {
        self.bytes = totals.bytes;
        self.taken_at = totals.taken_at;
        self.repo = totals.repo.unwrap_or_default();
        self.number_min = self.numbers.min().unwrap_or(0);
        self.number_max = self.numbers.max().unwrap_or(0);
        self.gap_count = self.numbers.gap_count();
        self.gaps = self.numbers.gaps(MAX_GAPS_LISTED);
        let referred = std::mem::take(&mut self.referred);
        let dangling = referred.iter().filter(|(number, _)| !self.numbers.contains(**number));
        self.dangling_references = dangling.map(|(_, times)| times).sum();
        let archive = "the archive";
        match totals.magic {
            None => self.odd(archive, "has no `magic`; its version is unknown"),
            Some(magic) if !KNOWN_MAGIC.contains(&magic.as_str()) => {
                self.odd(archive, format!("is of an unknown version, `{}`", clip(&magic, 64)));
            }
            Some(_) => {}
        }
        if totals.labels.is_none() {
            self.odd(archive, "has no `labels`; labels are made from their use, without colours");
        }
        if totals.pulls.is_none() {
            self.odd(archive, "has no `pulls`; it was taken of issues only");
        }
        for key in totals.unknown {
            let reason = "not a part of this format we know";
            let loss = Loss { field: key, value: String::new(), count: 1, reason };
            self.report.lose(&loss, archive);
        }
    }

    fn odd(&mut self, place: impl ToString, what: impl Into<String>) {
        self.problem_count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { place: place.to_string(), what: what.into() });
        }
    }
}

fn people(issue: &ImportIssue) -> impl Iterator<Item = &str> {
    let authors = issue.comments.iter().filter_map(|comment| comment.author.as_deref());
    let merged_by = issue.closed.as_ref().and_then(|closed| closed.merged_by.as_deref());
    let assignees = issue.assignees.iter().map(String::as_str);
    issue.author.as_deref().into_iter().chain(merged_by).chain(assignees).chain(authors)
}

/// Refuses what the engine would, before anything is written.
fn expect_to_fit(place: &Place, issue: &ImportIssue) -> Result<(), ArchiveError> {
    let refuse = |field: &str, message: String| {
        let error = ArchiveError::new(ErrorKind::TooLarge, message, place.position);
        Err(error.within(place.clone(), field.to_owned()))
    };
    let limits = Limits::default();
    for (field, count, max) in [
        ("assignees", issue.assignees.len(), limits.assignees_max),
        ("labels", issue.labels.len(), limits.labels_max),
        // With reviews, remarks and what continues a long text.
        ("comments", issue.comments.len(), limits.comments_per_issue_max),
    ] {
        if count > max {
            return refuse(field, format!("{count} of them, and an issue has at most {max}"));
        }
    }
    if issue.url.chars().nth(IMPORT_URL_CHARS_MAX).is_some() || issue.url.chars().any(char::is_control) {
        let message = format!(
            "an address has at most {IMPORT_URL_CHARS_MAX} characters, and no line breaks or the like"
        );
        return refuse("url", message);
    }
    Ok(())
}

fn bounded(count: usize, max: usize, what: &str, place: &Place) -> Result<(), ArchiveError> {
    if count <= max {
        return Ok(());
    }
    let message = format!("more than {max} different {what} in one archive");
    Err(ArchiveError::new(ErrorKind::TooLarge, message, place.position).within(place.clone(), String::new()))
}

fn as_text<S: serde::Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.collect_str(time),
        None => to.serialize_none(),
    }
}
