//! People and labels of an import: made when they are not there yet.

use super::{Import, SOURCE_CHARS_MAX};
use crate::access::Action;
use crate::command::{label, text};
use crate::error::{Error, Result};
use crate::id::{LabelId, MemberId};
use crate::model::{Label, Member, MemberStatus, Role};

impl Import<'_> {
    pub(super) fn person(&mut self, source: &str, name: &str) -> Result<()> {
        let source = text::line("source", "the person's source", source, SOURCE_CHARS_MAX)?;
        if self.find_person(&source).is_some() {
            return Ok(());
        }
        self.room_for_a_ghost()?;
        let member = Member {
            status: MemberStatus::Ghost,
            source: Some(source.clone()),
            ..Member::new(
                MemberId::generate(),
                text::line("name", "the person's name", name, self.world.limits.name_chars_max)?,
                Role::User,
                self.world.now,
            )
        };
        self.made.people.insert(source, member.id);
        let permit = self.world.policy.authorize(Action::Import, None, None)?;
        self.draft.save_member(permit, member);
        Ok(())
    }

    /// Nobody pays for those who hold no seat, and memory holds them all.
    fn room_for_a_ghost(&mut self) -> Result<()> {
        let max = self.world.limits.ghosts_max;
        let there = *self.made.ghosts_before.get_or_insert_with(|| self.world.directory.ghosts());
        if there.saturating_add(self.made.people.len()) < max {
            return Ok(());
        }
        let message =
            format!("imports bring at most {max} people who take no part into a company: all are there");
        Err(Error::invalid("people", message))
    }

    pub(super) fn label(&mut self, name: &str, color: &str, description: Option<&str>) -> Result<()> {
        let name = text::line("name", "the label's name", name, self.world.limits.name_chars_max)?;
        if self.find_label(&name).is_some() {
            return Ok(());
        }
        label::room(self.world, self.made.labels.len())?;
        let label = Label {
            id: LabelId::generate(),
            color: text::color("color", color)?,
            description: label::description(description)?,
            team: None,
            created_at: self.world.now,
            updated_at: self.world.now,
            deleted_at: None,
            version: 1,
            name,
        };
        self.made.labels.insert(label.name.to_lowercase(), label.id);
        let permit = self.world.policy.authorize(Action::Import, None, None)?;
        self.draft.save_label(permit, label);
        Ok(())
    }

    pub(super) fn known_person(&self, source: &str) -> Result<MemberId> {
        self.find_person(source).ok_or_else(|| Error::not_found(format!("person `{source}`")))
    }

    pub(super) fn known_label(&self, name: &str) -> Result<LabelId> {
        self.find_label(name).ok_or_else(|| Error::not_found(format!("label `{name}`")))
    }

    fn find_person(&self, source: &str) -> Option<MemberId> {
        let source = source.trim();
        let known = self.world.directory.member_by_source(source).map(|m| m.id);
        known.or_else(|| self.made.people.get(source).copied())
    }

    fn find_label(&self, name: &str) -> Option<LabelId> {
        let name = name.trim();
        let known = self.world.directory.label_by_name(None, name).map(|l| l.id);
        known.or_else(|| self.made.labels.get(&name.to_lowercase()).copied())
    }
}
