//! What a guest wants changed, as a patch of the engine; what cannot be read is told with its field.

use super::{Sight, kind_of, priority_of, resolution_of};
use crate::host::wit::{Edit, Error, FieldError, Value};
use mortise_engine::command::issue::{IssuePatch, IssueRef};
use mortise_engine::id::{LabelId, MemberId, TeamId};
use std::fmt::Display;
use std::str::FromStr;

/// Edits of one issue in one go.
const EDITS_MAX: usize = 100;

/// Assignees that are named at once; the engine has its own bound below.
const NAMES_MAX: usize = 100;

/// The patch that these edits of an issue of this team make; of two edits of one field the later counts.
///
/// # Errors
///
/// [`Error::Invalid`], with all fields at fault.
pub(crate) fn patch(sight: &Sight, team: TeamId, edits: &[Edit]) -> Result<IssuePatch, Error> {
    let mut making = Making { sight, team, patch: IssuePatch::default(), wrong: Vec::new() };
    if edits.len() > EDITS_MAX {
        making.wrong("", format!("there are {} edits, more than {EDITS_MAX}", edits.len()));
        return Err(Error::Invalid(making.wrong));
    }
    edits.iter().for_each(|edit| making.take(edit));
    if making.wrong.is_empty() { Ok(making.patch) } else { Err(Error::Invalid(making.wrong)) }
}

struct Making<'s> {
    sight: &'s Sight,
    team: TeamId,
    patch: IssuePatch,
    wrong: Vec<FieldError>,
}

impl Making<'_> {
    fn wrong(&mut self, key: &str, message: impl Display) {
        self.wrong.push(FieldError { key: key.to_owned(), message: message.to_string() });
    }

    fn read<T: FromStr>(&mut self, key: &str, text: &str) -> Option<T>
    where
        T::Err: Display,
    {
        text.parse().map_err(|error| self.wrong(key, error)).ok()
    }

    fn take(&mut self, edit: &Edit) {
        match edit {
            Edit::SetTitle(title) => self.patch.title = Some(title.clone()),
            Edit::SetDescription(text) => {
                self.patch.description = Some(Some(text.clone()).filter(|text| !text.is_empty()));
            }
            Edit::SetKind(kind) => match kind_of(*kind) {
                None => self.wrong("kind", "an unknown kind cannot be set"),
                kind => self.patch.kind = kind,
            },
            Edit::SetPriority(priority) => match priority_of(*priority) {
                None => self.wrong("priority", "an unknown priority cannot be set"),
                priority => self.patch.priority = priority,
            },
            Edit::SetAssignees(ids) => self.assignees(ids),
            Edit::SetEstimate(estimate) => self.patch.estimate = Some(*estimate),
            Edit::SetStartDate(day) => {
                if let Some(day) = self.optional("start-date", day.as_deref()) {
                    self.patch.start_date = Some(day);
                }
            }
            Edit::SetDueDate(day) => {
                if let Some(day) = self.optional("due-date", day.as_deref()) {
                    self.patch.due_date = Some(day);
                }
            }
            Edit::SetParent(parent) => self.parent(parent.as_deref()),
            Edit::AddLabel(label) => self.label(label, true),
            Edit::RemoveLabel(label) => self.label(label, false),
            Edit::SetField(field) => self.field(&field.key, Some(&field.value)),
            Edit::ClearField(key) => self.field(key, None),
        }
    }

    /// Some with what was said; none when it was wrong.
    fn optional<T: FromStr>(&mut self, key: &str, text: Option<&str>) -> Option<Option<T>>
    where
        T::Err: Display,
    {
        match text {
            None => Some(None),
            Some(text) => self.read(key, text).map(Some),
        }
    }

    fn assignees(&mut self, ids: &[String]) {
        if ids.len() > NAMES_MAX {
            return self.wrong("assignees", format!("at most {NAMES_MAX} can be named"));
        }
        let read: Vec<MemberId> = ids.iter().filter_map(|id| self.read("assignees", id)).collect();
        if let Some(nobody) = read.iter().find(|id| self.sight.directory().member(**id).is_none()) {
            let message = format!("there is no member {nobody}");
            return self.wrong("assignees", message);
        }
        self.patch.assignees = Some(read);
    }

    fn parent(&mut self, parent: Option<&str>) {
        let Some(parent) = self.optional::<IssueRef>("parent", parent) else { return };
        let Some(named) = parent else {
            self.patch.parent = Some(None);
            return;
        };
        // What may not be told of is not there, whichever way it is named.
        match self.sight.find(&named) {
            Some(id) => self.patch.parent = Some(Some(IssueRef::Id(id))),
            None => self.wrong("parent", format!("there is no {named}")),
        }
    }

    fn label(&mut self, label: &str, add: bool) {
        let Some(id) = self.label_of(label) else {
            let shown: String = label.chars().take(60).collect();
            return self.wrong("labels", format!("there is no label `{shown}` for this team"));
        };
        let (into, out) = if add {
            (&mut self.patch.added_labels, &mut self.patch.removed_labels)
        } else {
            (&mut self.patch.removed_labels, &mut self.patch.added_labels)
        };
        out.retain(|other| *other != id);
        if !into.contains(&id) {
            into.push(id);
        }
    }

    /// A label of the team or of all, by id or by name.
    fn label_of(&self, label: &str) -> Option<LabelId> {
        let directory = self.sight.directory();
        if let Ok(id) = label.parse::<LabelId>() {
            let found = directory.label(id).filter(|label| label.deleted_at.is_none());
            return found
                .filter(|label| label.team.is_none_or(|team| team == self.team))
                .map(|label| label.id);
        }
        let own = directory.label_by_name(Some(self.team), label);
        own.or_else(|| directory.label_by_name(None, label)).map(|label| label.id)
    }

    /// Fields that version 1.0 of the contract has no edit for.
    fn field(&mut self, key: &str, value: Option<&Value>) {
        match (key, value) {
            ("resolution", Some(Value::Text(word))) => match resolution_of(word) {
                None => {
                    self.wrong("resolution", "it is `DONE`, `WONT_DO`, `DUPLICATE` or `CANNOT_REPRODUCE`")
                }
                resolution => self.patch.resolution = resolution,
            },
            ("archived", Some(Value::Boolean(archived))) => self.patch.archived = Some(*archived),
            ("rank", Some(Value::Text(rank))) => self.patch.rank = Some(rank.clone()),
            ("resolution" | "archived" | "rank", _) => self.wrong(key, "this is no value for it"),
            _ => {
                let shown: String = key.chars().take(60).collect();
                self.wrong(&shown, "there is no such field that can be set");
            }
        }
    }
}
