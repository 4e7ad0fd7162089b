//! An issue of an import.

use super::{Import, ImportedIssue, source};
use crate::access::Action;
use crate::command::issue::{initial, new_flow, open_team, rank_at};
use crate::command::text;
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::id::{LabelId, MemberId};
use crate::model::{Issue, Priority, Seq, StateCategory, Team};
use std::sync::Arc;

/// The largest number of an issue: clients read numbers as signed integers of 32 bits.
const NUMBER_MAX: u32 = i32::MAX.unsigned_abs();

impl Import<'_> {
    pub(super) fn issue(&mut self, item: &ImportedIssue) -> Result<()> {
        if self.world.index.contains(item.id) || self.made.issues.contains_key(&item.id) {
            return Ok(());
        }
        let team = open_team(self.world, item.team)?;
        self.free_number(item)?;
        let issue = self.row(item, &team)?;
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
        if !(1..=NUMBER_MAX).contains(&item.number) {
            let message =
                format!("an issue's number lies between 1 and {NUMBER_MAX}, not at {}", item.number);
            return Err(Error::invalid("number", message));
        }
        let taken = self.made.numbers.get(&(item.team, item.number)).copied();
        if taken.or_else(|| self.world.index.find(item.team, item.number)).is_none() {
            return Ok(());
        }
        let key = self.world.directory.identifier(item.team, item.number);
        let message = format!(
            "{} {} cannot be imported as {key}: another issue has that number; import into an empty team",
            item.source.system, item.source.id
        );
        Err(Error::conflict(message).with_field("number"))
    }

    /// What the issue is here. The state follows from whether it is closed: the rules of moves do not judge what happened
    /// elsewhere.
    fn row(&self, item: &ImportedIssue, team: &Team) -> Result<Issue> {
        let flow = new_flow(self.world, team, item.kind)?;
        let state = match item.closed {
            Some(_) => flow.first_of(StateCategory::Completed).ok_or_else(|| {
                let name = &flow.workflow().name;
                Error::rejected(format!("the workflow `{name}` has no state for this issue"))
            })?,
            None => initial(&flow)?,
        };
        let mut issue = Issue {
            id: item.id,
            team: team.id,
            number: item.number,
            title: text::line("title", "the title", &item.title, self.world.limits.title_chars_max)?,
            kind: item.kind,
            state: state.id,
            category: state.category,
            priority: Priority::None,
            assignees: self.assignees(item)?,
            creator: self.known_person(&item.creator)?,
            labels: self.labels(item)?,
            parent: None,
            estimate: None,
            start_date: None,
            due_date: None,
            rank: rank_at(item.created_at),
            resolution: item.closed.map(|(_, resolution)| resolution),
            created_at: item.created_at,
            updated_at: item.updated_at.max(item.created_at),
            triaged_at: None,
            started_at: None,
            completed_at: None,
            canceled_at: None,
            archived_at: None,
            deleted_at: None,
            reopen_count: 0,
            comment_count: 0,
            version: 1,
            last_event: Seq::default(),
            source: Some(source(&item.source)?),
            description_bytes: 0,
            description: None,
            relations: Vec::new(),
            past: crate::model::Past::default(),
            commenters: Vec::new(),
            state_since: None,
            confidential: None,
            workflow_version: flow.mark(),
            approvals: Vec::new(),
        };
        let entered = item.closed.map_or(item.created_at, |(at, _)| at);
        issue.enter(state.category, state.category, entered);
        Ok(issue)
    }

    /// Those who worked on it, each once. They need not be active: it is what was, not work that is given now.
    fn assignees(&self, item: &ImportedIssue) -> Result<Vec<MemberId>> {
        let mut assignees = Vec::with_capacity(item.assignees.len());
        for source in &item.assignees {
            let id = self.known_person(source)?;
            if !assignees.contains(&id) {
                assignees.push(id);
            }
        }
        let max = self.world.limits.assignees_max;
        if assignees.len() > max {
            return Err(Error::invalid("assignees", format!("an issue has at most {max} assignees")));
        }
        Ok(assignees)
    }

    /// Its labels, each once, in order of id.
    fn labels(&self, item: &ImportedIssue) -> Result<Vec<LabelId>> {
        let labels: Result<Vec<LabelId>> = item.labels.iter().map(|name| self.known_label(name)).collect();
        let mut labels = labels?;
        labels.sort_unstable();
        labels.dedup();
        let max = self.world.limits.labels_max;
        if labels.len() > max {
            return Err(Error::invalid("labels", format!("an issue has at most {max} labels")));
        }
        Ok(labels)
    }
}
