//! Commands on teams.

use super::workflow::may_be_custom;
use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{MemberId, TeamId, WorkflowId};
use crate::model::{KindWorkflow, Role, Team, TeamRole};

/// Bytes of a team's description.
const DESCRIPTION_BYTES_MAX: usize = 4096;

/// Keys that a team may have had before the present one.
const FORMER_KEYS_MAX: usize = 20;

/// Makes a team.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateTeam {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<TeamId>,
    /// The first part of its issues' keys: 2 to 7 letters and digits.
    #[n(1)]
    pub key: String,
    /// How it is shown.
    #[n(2)]
    pub name: String,
    /// What it is for.
    #[n(3)]
    pub description: Option<String>,
    /// The workflow its issues follow; the tenant's first unless said.
    #[n(4)]
    pub workflow: Option<WorkflowId>,
    /// Whether only those who belong to it know of it; who makes it then leads it.
    #[n(5)]
    pub private: bool,
}

impl CreateTeam {
    /// A team with this key, open to all; the name must follow.
    #[must_use]
    pub fn with_key(key: impl Into<String>) -> Self {
        let (key, name) = (key.into(), String::new());
        Self { id: None, key, name, description: None, workflow: None, private: false }
    }
}

impl Command for CreateTeam {
    fn operation(&self) -> &'static str {
        "teamCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageTeams, None, None)?;
        let whole = world.directory.whole();
        if let Some(id) = self.id.filter(|id| whole.team(*id).is_some()) {
            return Err(Error::conflict(format!("there is a team {id} already")).with_field("id"));
        }
        let max = world.limits.teams_max;
        if whole.teams().count() >= max {
            return Err(Error::invalid("key", format!("a company has at most {max} teams")));
        }
        let mut team = Team {
            id: self.id.unwrap_or_else(TeamId::generate),
            key: free_key(world, None, &self.key)?,
            name: text::line("name", "the team's name", &self.name, world.limits.name_chars_max)?,
            description: description(self.description.as_deref())?,
            workflow: self.workflow(world)?,
            former_keys: Vec::new(),
            created_at: world.now,
            updated_at: world.now,
            archived_at: None,
            version: 1,
            private: self.private,
            members: Vec::new(),
            by_kind: Vec::new(),
        };
        stay_inside(world, &mut team);
        let mut draft = Draft::new();
        draft.save_team(permit, team);
        Ok(draft)
    }
}

impl CreateTeam {
    fn workflow(&self, world: &World<'_>) -> Result<WorkflowId> {
        match self.workflow {
            Some(id) => usable(world, id, "workflowId"),
            None => {
                let first = world.directory.first_workflow().map(|w| w.id);
                first.ok_or_else(|| Error::not_found("the workflow").with_field("workflowId"))
            }
        }
    }
}

/// A workflow that a team can follow: the one that the company began with, or, where it may have such, one of its own.
fn usable(world: &World<'_>, id: WorkflowId, field: &str) -> Result<WorkflowId> {
    let found = world.directory.workflow(id);
    let found = found.ok_or_else(|| Error::not_found("the workflow").with_field(field))?;
    if world.directory.first_workflow().is_none_or(|first| first.id != found.id) {
        may_be_custom(world)?;
    }
    Ok(found.id)
}

/// Changes a team, archives it or takes it out of the archive. Encoded as a map: what is taken away is not what is
/// not spoken of.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateTeam {
    /// Which.
    #[n(0)]
    pub team: TeamId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// A new key; issues are still found by the old one.
    #[n(2)]
    pub key: Option<String>,
    /// How it is shown.
    #[n(3)]
    pub name: Option<String>,
    /// What it is for; an inner none takes it away.
    #[n(4)]
    pub description: Option<Option<String>>,
    /// Whether it is archived: its issues can then be read only.
    #[n(5)]
    pub archived: Option<bool>,
    /// Whether only those who belong to it know of it and see its issues.
    #[n(6)]
    pub private: Option<bool>,
    /// The workflow that its new issues follow. Those that are there keep theirs until they are moved.
    #[n(7)]
    pub workflow: Option<WorkflowId>,
    /// All kinds of issues that follow a workflow of their own; the others follow the team's.
    #[n(8)]
    pub by_kind: Option<Vec<KindWorkflow>>,
}

impl UpdateTeam {
    /// A change of nothing yet.
    #[must_use]
    pub const fn of(team: TeamId) -> Self {
        Self {
            team,
            if_version: None,
            key: None,
            name: None,
            description: None,
            archived: None,
            private: None,
            workflow: None,
            by_kind: None,
        }
    }
}

impl Command for UpdateTeam {
    fn operation(&self) -> &'static str {
        "teamUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let missing = || Error::not_found(format!("team {}", self.team));
        let before = world.directory.team(self.team).cloned().ok_or_else(missing)?;
        world.expect_version(&format!("team {}", before.key), self.if_version, before.version)?;
        let permit = world.policy.authorize(Action::ManageTeams, Some(before.clone()), None)?;
        let mut after = Team::clone(&before);
        if let Some(key) = &self.key {
            rename(&mut after, free_key(world, Some(before.id), key)?)?;
        }
        if let Some(name) = &self.name {
            after.name = text::line("name", "the team's name", name, world.limits.name_chars_max)?;
        }
        if let Some(text) = &self.description {
            after.description = description(text.as_deref())?;
        }
        if let Some(archived) = self.archived.filter(|a| *a != before.archived_at.is_some()) {
            after.archived_at = archived.then_some(world.now);
        }
        if let Some(private) = self.private.filter(|private| *private != before.private) {
            after.private = private;
            stay_inside(world, &mut after);
        }
        if let Some(workflow) = self.workflow.filter(|workflow| *workflow != before.workflow) {
            after.workflow = usable(world, workflow, "workflowId")?;
        }
        if let Some(by_kind) = &self.by_kind {
            after.by_kind = kinds(world, by_kind, &before)?;
        }
        let mut draft = Draft::new();
        if *before == after {
            draft.answer_with(Subject::Team(after.id));
        } else {
            after.version = after.version.saturating_add(1);
            after.updated_at = world.now;
            draft.save_team(permit, after);
        }
        Ok(draft)
    }
}

/// Says what a member is in a team, or takes them out of it. For the team's leads, and for those who manage teams. Anybody
/// may leave.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SetTeamMember {
    /// The team.
    #[n(0)]
    pub team: TeamId,
    /// Who.
    #[n(1)]
    pub member: MemberId,
    /// As what; none: they do not belong to it any more.
    #[n(2)]
    pub role: Option<TeamRole>,
    /// The version that the team was read at; another one is a conflict.
    #[n(3)]
    pub if_version: Option<u64>,
}

impl Command for SetTeamMember {
    fn operation(&self) -> &'static str {
        "teamMemberSet"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let missing = || Error::not_found(format!("team {}", self.team));
        let before = world.directory.team(self.team).cloned().ok_or_else(missing)?;
        world.expect_version(&format!("team {}", before.key), self.if_version, before.version)?;
        // A lead acts on what is their own; so does who leaves.
        let asker = world.policy.member();
        let leaves = self.role.is_none() && asker == Some(self.member);
        let owner = asker.filter(|asker| leaves || before.is_led_by(*asker));
        let permit = world.policy.authorize(Action::ManageTeamMembers, Some(before.clone()), owner)?;
        let mut after = Team::clone(&before);
        if let Some(role) = self.role {
            self.can_join(world, &before)?;
            after.set_member(self.member, Some(role));
        } else {
            let known = world.directory.member(self.member).map(|member| member.id);
            let member = known.ok_or_else(|| nobody(self.member))?;
            after.set_member(member, None);
        }
        let mut draft = Draft::new();
        if *before == after {
            draft.answer_with(Subject::Team(after.id));
        } else {
            after.version = after.version.saturating_add(1);
            after.updated_at = world.now;
            draft.save_team(permit, after);
        }
        Ok(draft)
    }
}

impl SetTeamMember {
    fn can_join(&self, world: &World<'_>, team: &Team) -> Result<()> {
        let known = world.directory.member(self.member).filter(|member| member.is_active());
        if known.is_none() && team.role_of(self.member).is_none() {
            return Err(nobody(self.member));
        }
        let max = world.limits.team_members_max;
        if team.members.len() >= max && team.role_of(self.member).is_none() {
            let message = format!("a team has at most {max} members");
            return Err(Error::invalid("memberId", message));
        }
        Ok(())
    }
}

fn nobody(member: MemberId) -> Error {
    Error::not_found(format!("active member {member}")).with_field("memberId")
}

/// Who makes a team private does not shut themselves out: they lead it, unless they see everything anyway.
fn stay_inside(world: &World<'_>, team: &mut Team) {
    let outside = world.policy.member().filter(|member| team.role_of(*member).is_none());
    if let Some(member) = outside.filter(|_| team.private && world.policy.role() != Role::SuperAdmin) {
        team.set_member(member, Some(TeamRole::Lead));
    }
}

/// Workflows of single kinds, each kind once, in order.
fn kinds(world: &World<'_>, asked: &[KindWorkflow], team: &Team) -> Result<Vec<KindWorkflow>> {
    let mut list: Vec<KindWorkflow> = Vec::with_capacity(asked.len());
    for (index, own) in asked.iter().enumerate() {
        let field = format!("typeWorkflows[{index}]");
        if list.iter().any(|other| other.kind == own.kind) {
            let message = format!("issues of the type {} are spoken of twice", own.kind);
            return Err(Error::invalid(field, message));
        }
        if !team.by_kind.contains(own) {
            usable(world, own.workflow, &format!("{field}.workflowId"))?;
        }
        list.push(*own);
    }
    list.sort_unstable_by_key(|own| own.kind);
    Ok(list)
}

/// Gives a team another key; the old one stays its own.
fn rename(team: &mut Team, key: String) -> Result<()> {
    if key == team.key {
        return Ok(());
    }
    team.former_keys.retain(|former| *former != key);
    if team.former_keys.len() >= FORMER_KEYS_MAX {
        let message = format!("a team keeps at most {FORMER_KEYS_MAX} former keys: take one of those again");
        return Err(Error::invalid("key", message));
    }
    team.former_keys.push(std::mem::replace(&mut team.key, key));
    Ok(())
}

/// A key that no other team has or had.
fn free_key(world: &World<'_>, own: Option<TeamId>, key: &str) -> Result<String> {
    let key = text::team_key("key", key)?;
    match world.directory.whole().team_by_key(&key) {
        Some(other) if Some(other.id) != own => {
            // Of a team that the asker does not know of, no more is told than that the key is not free.
            let known = world.directory.team(other.id);
            let whose =
                known.map_or_else(|| "another team".to_owned(), |team| format!("the team `{}`", team.name));
            Err(Error::conflict(format!("the key {key} belongs to {whose}")).with_field("key"))
        }
        _ => Ok(key),
    }
}

fn description(text: Option<&str>) -> Result<Option<String>> {
    text::body("description", "the description", text, DESCRIPTION_BYTES_MAX)
}
