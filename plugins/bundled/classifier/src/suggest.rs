//! Speaking about a new issue.

use crate::codec::{self, Model};
use crate::model::{Count, Guess, Logs, Task};
use crate::settings::{Field, Mode, Settings};
use crate::words::{features, shown};
use bundled_common::{is_word, kind_from, kind_word, plain, priority_from};
use mortise_sdk::prelude::*;

/// Labels that are suggested at most.
const LABELS: usize = 3;
/// Words that are named as reasons for one of them.
const REASONS: usize = 4;

/// What it thinks of an issue.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Opinion {
    pub(crate) edits: Vec<Edit>,
    /// What each edit says.
    said: Vec<String>,
    reasons: Vec<String>,
}

/// Says what it thinks, or does it.
pub(crate) fn suggest(settings: &Settings, id: &str) -> Result<(), Error> {
    // As it is by now: people fill fields right after they have made an issue.
    let issue = match host::issues::get(id) {
        Ok(issue) => issue,
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    if !settings.only.fits(&issue) {
        return Ok(());
    }
    let opinion = opinion(settings, &issue)?;
    if opinion.edits.is_empty() {
        return Ok(());
    }
    if settings.mode == Mode::Apply {
        host::commands::update_issue_at(&issue.id, &opinion.edits, &issue.revision)?;
    }
    host::commands::add_comment(&issue.id, &opinion.text(settings.mode))?;
    Ok(())
}

fn opinion(settings: &Settings, issue: &Issue) -> Result<Opinion, Error> {
    let mut opinion = Opinion::default();
    let features = features(&issue.title, &issue.description);
    let Some(model) = codec::load(&features)? else { return Ok(opinion) };
    let known: Vec<&Count> = model.words.values().collect();
    let logs = Logs::up_to(0);
    let mut labels = Vec::new();
    for task in &model.tasks {
        let (Some(threshold), Some(guess)) = (task.threshold, task.guess(&known, &logs)) else { continue };
        let reasons =
            if guess.clarity < threshold { Vec::new() } else { reasons(&model, task, guess, &logs) };
        if reasons.is_empty() {
            continue;
        }
        let answer = task.answers.get(guess.answer).map_or("", String::as_str);
        let edit = match task.name.split_once(':') {
            None if task.name == "kind" => kind(settings, issue, answer),
            None => priority(settings, issue, answer),
            Some((_, label)) if answer == "yes" => {
                labels.push((guess.clarity - threshold, label.to_owned(), reasons));
                continue;
            }
            Some(_) => continue,
        };
        if let Some((edit, said)) = edit {
            opinion.add(edit, said, reasons);
        }
    }
    if settings.speaks_of(Field::Labels) && !labels.is_empty() {
        add_labels(&mut opinion, issue, labels)?;
    }
    Ok(opinion)
}

/// The words that speak most for a guess, as features.
fn reasons(model: &Model, task: &Task, guess: Guess, logs: &Logs) -> Vec<String> {
    let said = model.words.iter().map(|(word, count)| (task.says(guess, count, logs), word));
    let mut said: Vec<(f32, &String)> = said.filter(|(says, _)| *says > 0.0).collect();
    said.sort_by(|one, other| other.0.total_cmp(&one.0));
    said.into_iter().take(REASONS).map(|(_, word)| word.clone()).collect()
}

fn kind(settings: &Settings, issue: &Issue, answer: &str) -> Option<(Edit, String)> {
    let is_open = settings.speaks_of(Field::Kind) && is_word(&settings.open_kind, kind_word(issue.kind));
    let kind = kind_from(answer).filter(|kind| is_open && *kind != issue.kind)?;
    Some((Edit::SetKind(kind), format!("kind **{answer}**")))
}

fn priority(settings: &Settings, issue: &Issue, answer: &str) -> Option<(Edit, String)> {
    let is_open = settings.speaks_of(Field::Priority) && issue.priority == Priority::None;
    let priority = priority_from(answer).filter(|_| is_open)?;
    Some((Edit::SetPriority(priority), format!("priority **{answer}**")))
}

/// The clearest labels, as far as the issue's team has them and it has not.
fn add_labels(
    opinion: &mut Opinion,
    issue: &Issue,
    mut labels: Vec<(f32, String, Vec<String>)>,
) -> Result<(), Error> {
    let team = host::issues::team(&issue.team)?;
    labels.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut added = 0;
    for (_, name, reasons) in labels {
        let Some(label) = team.labels.iter().find(|label| label.name == name) else { continue };
        if added < LABELS && !issue.labels.iter().any(|had| had.id == label.id) {
            opinion.add(Edit::AddLabel(label.id.clone()), format!("label **{}**", plain(&name)), reasons);
            added += 1;
        }
    }
    Ok(())
}

impl Opinion {
    fn add(&mut self, edit: Edit, said: String, reasons: Vec<String>) {
        self.edits.push(edit);
        self.said.push(said);
        for reason in reasons {
            let reason = plain(shown(&reason));
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }

    pub(crate) fn text(&self, mode: Mode) -> String {
        let begin = if mode == Mode::Apply { "Filled in" } else { "Suggested" };
        let reasons = self.reasons.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
        format!(
            "{begin}, going by issues closed before: {}. What speaks for it: {reasons}.",
            self.said.join(", ")
        )
    }
}
