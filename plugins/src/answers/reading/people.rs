//! People and teams for guests. Addresses are not told; whoever knows one finds the person.

use super::Reading;
use crate::convert::state_ref;
use crate::host::wit::issues::{Member as WitMember, Team as WitTeam};
use crate::host::wit::{Error, LabelRef};
use mortise_engine::id::{MemberId, TeamId};
use mortise_engine::model::{Member, Team};
use std::sync::Arc;

impl Reading {
    /// `issues.get-member`: by id, handle or e-mail address.
    ///
    /// # Errors
    ///
    /// As the contract says.
    pub(crate) fn member(&self, who: &str) -> Result<WitMember, Error> {
        self.expect_read()?;
        let member = self.find_member(who).ok_or(Error::NotFound)?;
        Ok(WitMember {
            id: member.id.to_string(),
            handle: handle(&member),
            display_name: member.name.clone(),
            active: member.is_active(),
            teams: crate::convert::teams_of(&self.sight, member.id),
            role: member.role.as_str().to_owned(),
        })
    }

    fn find_member(&self, who: &str) -> Option<Arc<Member>> {
        let directory = self.sight.directory();
        if let Ok(id) = who.parse::<MemberId>() {
            return directory.member(id).cloned();
        }
        if who.contains('@') && !who.starts_with('@') {
            return directory.member_by_email(who).cloned();
        }
        // Handles are not unique: one that means two people means nobody.
        let who = who.trim_start_matches('@');
        let mut found = directory.members().filter(|member| handle(member).eq_ignore_ascii_case(who));
        let first = found.next()?;
        found.next().is_none().then(|| first.clone())
    }

    /// `issues.get-team`: by id or by key.
    ///
    /// # Errors
    ///
    /// As the contract says.
    pub(crate) fn team(&self, which: &str) -> Result<WitTeam, Error> {
        self.expect_read()?;
        let directory = self.sight.directory();
        let found = match which.parse::<TeamId>() {
            Ok(id) => self.sight.team(id),
            Err(_) => directory.team_by_key(which).and_then(|team| self.sight.team(team.id)),
        };
        let team = found.ok_or(Error::NotFound)?;
        Ok(WitTeam {
            id: team.id.to_string(),
            key: team.key.clone(),
            name: team.name.clone(),
            states: self.states(team),
            labels: self.labels(team),
        })
    }

    /// The states of the workflows that a team's issues follow, in order, each once.
    fn states(&self, team: &Team) -> Vec<crate::host::wit::StateRef> {
        let workflows = team.workflows();
        let workflows = workflows.iter().filter_map(|id| self.sight.directory().workflow(*id));
        workflows.flat_map(|workflow| workflow.states.iter().map(state_ref)).collect()
    }

    /// The labels that a team's issues can get, by name.
    fn labels(&self, team: &Team) -> Vec<LabelRef> {
        let labels = self.sight.directory().labels();
        let usable = labels.filter(|l| l.deleted_at.is_none() && l.team.is_none_or(|of| of == team.id));
        let mut labels: Vec<_> =
            usable.map(|label| LabelRef { id: label.id.to_string(), name: label.name.clone() }).collect();
        labels.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        labels
    }
}

/// What people call somebody in a text: their name where they came from, or what stands before the `@` of their address.
fn handle(member: &Member) -> String {
    let source = member.source.as_deref().and_then(|source| source.split_once(':')).map(|(_, name)| name);
    let address =
        || member.email.as_deref().and_then(|address| address.split_once('@')).map(|(name, _)| name);
    source.or_else(address).unwrap_or_default().to_owned()
}
