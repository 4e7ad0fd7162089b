//! What a reader is not told of the issues and events that it does see: where they lead to issues that it does not.
//!
//! The one place for it: whatever holds the id of another issue (a parent, a relation, a change in a history) passes through
//! here on its way out. Texts are their writers' affair: who writes the key of a hidden issue into a comment has told it.

use super::Reader;
use crate::access::Action;
use crate::command::IssueRef;
use crate::event::{Actor, Change, Event, EventBody, IssueChange, Origin, Subject};
use crate::id::{IssueId, TeamId};
use crate::model::{Issue, Relation};
use std::sync::Arc;

impl Reader {
    /// Whether an issue is there to be seen, by the rights of now.
    #[must_use]
    pub fn sees(&self, id: IssueId) -> bool {
        self.with_present(&self.scope, |view| view.shows(&self.scope, id))
    }

    /// The id behind the name of an issue, if there is one to be seen, by the rights of now. A deleted one is there.
    #[must_use]
    pub fn find(&self, issue: &IssueRef) -> Option<IssueId> {
        self.live().ok()?.find_issue(&self.scope, issue)
    }

    /// A row that a change has written, as this reader may see it; none when it may not.
    #[must_use]
    pub fn as_seen(&self, row: &Arc<Issue>) -> Option<Arc<Issue>> {
        let mut rows = [Some(row.clone()).filter(|row| self.scope.sees(row))];
        self.veil_rows(&mut rows);
        let [row] = rows;
        row
    }

    /// Which of these issues are hidden. A new one that the view has not taken in yet is not: it is the asker's own.
    fn hidden(&self, ids: impl Iterator<Item = IssueId>) -> Vec<IssueId> {
        self.with_present(&self.scope, |view| {
            ids.filter(|id| view.contains(*id) && !view.shows(&self.scope, *id)).collect()
        })
    }

    /// Rows of issues that are seen.
    pub(super) fn veil_rows(&self, rows: &mut [Option<Arc<Issue>>]) {
        if self.scope.is_everything() {
            return;
        }
        let named = rows.iter().flatten().flat_map(|row| linked(row));
        let hidden = self.hidden(named.collect::<Vec<_>>().into_iter());
        if hidden.is_empty() {
            return;
        }
        for row in rows.iter_mut().flatten() {
            if linked(row).any(|id| hidden.contains(&id)) {
                Veil(&hidden).row(Arc::make_mut(row));
            }
        }
    }

    /// Events of one issue that is seen, newest first. One of which nothing is left is left out, and the one after it leads
    /// on to the one before it. A page does not become empty by that, which would look like the end: then its last stays, and
    /// says neither who it was nor what they did.
    pub(super) fn veil_history(&self, events: &mut Vec<Event>) {
        if !self.veil(events) {
            return;
        }
        let oldest = events.last().cloned();
        let (mut shown, mut skipped) = (Vec::<Event>::new(), None);
        for event in events.drain(..).rev() {
            if is_emptied(&event) {
                skipped.get_or_insert(event.previous);
            } else {
                let previous = skipped.take().unwrap_or(event.previous);
                shown.push(Event { previous, ..event });
            }
        }
        shown.reverse();
        if shown.is_empty() {
            let nobody = (Actor::System, Origin::System, uuid::Uuid::nil());
            shown.extend(oldest.map(|event| Event {
                actor: nobody.0,
                origin: nobody.1,
                request: nobody.2,
                amended: Vec::new(),
                ..event
            }));
        }
        *events = shown;
    }

    /// Takes hidden issues out of what leads to them. False when there is nothing to take out.
    fn veil(&self, events: &mut [Event]) -> bool {
        if self.scope.is_everything() {
            return false;
        }
        let mut named = Vec::new();
        events.iter().for_each(|event| named_by(event, &mut named));
        let hidden = if named.is_empty() { named } else { self.hidden(named.into_iter()) };
        if !hidden.is_empty() {
            events.iter_mut().for_each(|event| Veil(&hidden).event(event));
        }
        !hidden.is_empty()
    }

    /// Events of the log that are about what this party sees, told as it may hear them.
    pub(super) fn seen_events(&self, mut events: Vec<Event>) -> Vec<Event> {
        if !self.scope.is_everything() {
            let about = |event: &Event| if let Subject::Issue(id) = event.subject { Some(id) } else { None };
            let hidden = self.hidden(events.iter().filter_map(about));
            events.retain(|event| match event.subject {
                Subject::Issue(id) => !hidden.contains(&id),
                _ => self.sees_subject(event),
            });
            self.veil(&mut events);
            events.retain(|event| !is_emptied(event));
            for event in &mut events {
                if let Some(EventBody::FavoritesSaved { before, after }) = &mut event.body {
                    before
                        .iter_mut()
                        .chain([after])
                        .for_each(|kept| kept.views.retain(|id| self.view(*id).is_some()));
                }
            }
        }
        events.into_iter().map(|event| self.veiled(event)).collect()
    }

    /// Whether what an event is about, other than an issue, can be seen.
    fn sees_subject(&self, event: &Event) -> bool {
        let team = |team: Option<TeamId>| team.is_none_or(|team| self.scope.sees_team(team));
        match (&event.body, event.subject) {
            (Some(EventBody::LabelSaved { after, .. }), _) => team(after.team),
            (Some(EventBody::ViewSaved { before, after }), _) => {
                team(after.team) && team(before.as_ref().and_then(|before| before.team))
            }
            (_, Subject::Team(id)) => team(Some(id)),
            // Of an erased body only the thing itself tells.
            (None, Subject::Label(id)) => self.directory.label(id).is_some(),
            (None, Subject::View(id)) => self.directory.view(id).is_some(),
            // Named one by one, so that of what is new somebody must say who hears of it.
            (_, Subject::Invitation(_)) => self.policy.may(Action::ManageMembers, None),
            (_, Subject::Installation(_)) => self.policy.may(Action::ManagePlugins, None),
            (Some(EventBody::PluginCodeSaved { .. }), _) => self.policy.may(Action::ManagePlugins, None),
            (_, Subject::Issue(id)) => self.sees(id),
            (
                _,
                Subject::Tenant
                | Subject::Label(_)
                | Subject::Member(_)
                | Subject::Workflow(_)
                | Subject::Key(_)
                | Subject::View(_)
                | Subject::Session(_)
                | Subject::Provider(_),
            ) => true,
        }
    }
}

/// Whether nothing is left of what was changed: each such event had said something.
fn is_emptied(event: &Event) -> bool {
    matches!(&event.body, Some(EventBody::IssueUpdated { changes }) if changes.is_empty())
}

/// The issues that a row names.
fn linked(row: &Issue) -> impl Iterator<Item = IssueId> {
    row.parent.into_iter().chain(row.relations.iter().map(|relation| relation.to))
}

/// The issues that an event names beside its own.
fn named_by(event: &Event, named: &mut Vec<IssueId>) {
    match &event.body {
        Some(EventBody::IssueCreated { issue, .. }) => named.extend(issue.parent),
        Some(EventBody::IssueUpdated { changes }) => changes.iter().for_each(|change| match change {
            IssueChange::Parent(c) => named.extend(c.from.into_iter().chain(c.to)),
            IssueChange::Relations(c) => named.extend(c.from.iter().chain(&c.to).map(|relation| relation.to)),
            IssueChange::Referenced { by, .. } => named.push(*by),
            _ => {}
        }),
        _ => {}
    }
}

/// Takes some issues out of what leads to them.
struct Veil<'h>(&'h [IssueId]);

impl Veil<'_> {
    fn row(&self, row: &mut Issue) {
        row.parent = self.seen(row.parent);
        self.relations(&mut row.relations);
    }

    fn event(&self, event: &mut Event) {
        match &mut event.body {
            Some(EventBody::IssueCreated { issue, .. }) => self.row(issue),
            Some(EventBody::IssueUpdated { changes }) => {
                let before = changes.len();
                changes.retain_mut(|change| self.change(change));
                if changes.len() < before && !changes.iter().any(|c| matches!(c, IssueChange::Parent(_))) {
                    event.amended.iter_mut().for_each(|one| one.fields.retain(|field| field != "parent"));
                }
            }
            _ => {}
        }
    }

    /// Whether anything is left of a change.
    fn change(&self, change: &mut IssueChange) -> bool {
        match change {
            IssueChange::Parent(Change { from, to }) => {
                (*from, *to) = (self.seen(*from), self.seen(*to));
                from != to
            }
            IssueChange::Relations(Change { from, to }) => {
                self.relations(from);
                self.relations(to);
                from != to
            }
            IssueChange::Referenced { by, .. } => !self.0.contains(by),
            _ => true,
        }
    }

    fn seen(&self, id: Option<IssueId>) -> Option<IssueId> {
        id.filter(|id| !self.0.contains(id))
    }

    fn relations(&self, relations: &mut Vec<Relation>) {
        relations.retain(|relation| !self.0.contains(&relation.to));
    }
}
