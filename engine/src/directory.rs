//! The small tables of a tenant, all in memory: members, teams, labels, workflows.
//!
//! A directory is a value: the writer and the readers each hold the state they may see, as an [`Arc`] that is copied
//! when it changes. It knows no issues and no storage.

mod hidden;
mod plugins;
mod seats;

use crate::id::{
    ApiKeyId, InvitationId, LabelId, MemberId, ProviderId, SessionId, StateId, TeamId, ViewId, WorkflowId,
    WorkflowVersionId,
};
use crate::model::{
    AccessSettings, Digest, Effect, Guard, IdentityProvider, Installation, Invitation, Label, Member,
    PluginCode, Role, Team, VersionStatus, Visit, Workflow, WorkflowState, WorkflowTransition,
    WorkflowVersion,
};
use crate::saved_view::{Favorites, SavedView};
use hidden::Hidden;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A row of one of the small tables.
#[derive(Debug, Clone, PartialEq)]
pub enum DirectoryRow {
    /// A label.
    Label(Arc<Label>),
    /// A member.
    Member(Arc<Member>),
    /// A team.
    Team(Arc<Team>),
    /// A workflow with its states.
    Workflow(Arc<Workflow>),
    /// A version of a workflow.
    WorkflowVersion(Arc<WorkflowVersion>),
    /// A saved view.
    View(Arc<SavedView>),
    /// The views that a member keeps at hand.
    Favorites(Arc<Favorites>),
    /// Whose an API key is, and whether it was revoked. What else there is to know of it lies with its hash.
    Key(KeyOwner),
    /// Whether a member has a second factor, whose secret lies elsewhere.
    SecondFactor(MemberId, bool),
    /// An identity provider.
    Provider(Arc<IdentityProvider>),
    /// The rules of signing in.
    Access(Arc<AccessSettings>),
    /// A visit of an operator of the platform.
    Visit(Arc<Visit>),
    /// An invitation.
    Invitation(Arc<Invitation>),
    /// An invitation that was let go.
    InvitationGone(InvitationId),
    /// The code of a plugin.
    PluginCode(Arc<PluginCode>),
    /// A plugin in the company.
    Installation(Arc<Installation>),
}

/// Whose an API key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyOwner {
    /// The key.
    pub key: ApiKeyId,
    /// The member whose rights it has.
    pub member: MemberId,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// The small tables of one tenant at one place of its log, as one party sees them: without the private teams that it
/// does not belong to, and what is theirs. See [`Directory::hiding`].
#[derive(Debug, Clone, Default)]
pub struct Directory {
    tables: Arc<Tables>,
    hidden: Hidden,
}

/// The tables themselves. What of them a party sees is said by [`Directory`]: teams, labels and views are read through its
/// methods alone, which leave out what is hidden.
#[derive(Debug, Clone, Default)]
struct Tables {
    labels: FxHashMap<LabelId, Arc<Label>>,
    members: FxHashMap<MemberId, Arc<Member>>,
    emails: FxHashMap<String, MemberId>,
    sources: FxHashMap<String, MemberId>,
    teams: FxHashMap<TeamId, Arc<Team>>,
    keys: FxHashMap<String, TeamId>,
    workflows: FxHashMap<WorkflowId, Arc<Workflow>>,
    versions: FxHashMap<WorkflowVersionId, Arc<WorkflowVersion>>,
    /// The row of the draft of each workflow, given up or not.
    drafts: FxHashMap<WorkflowId, WorkflowVersionId>,
    states: FxHashMap<StateId, WorkflowId>,
    views: FxHashMap<ViewId, Arc<SavedView>>,
    favorites: FxHashMap<MemberId, Arc<Favorites>>,
    api_keys: FxHashMap<ApiKeyId, KeyOwner>,
    second_factors: FxHashSet<MemberId>,
    providers: FxHashMap<ProviderId, Arc<IdentityProvider>>,
    access: Arc<AccessSettings>,
    visits: FxHashMap<SessionId, Arc<Visit>>,
    invitations: FxHashMap<InvitationId, Arc<Invitation>>,
    codes: FxHashMap<Digest, Arc<PluginCode>>,
    /// In the order in which they are asked.
    installations: Vec<Arc<Installation>>,
}

impl Tables {
    fn apply(&mut self, row: DirectoryRow) {
        match row {
            DirectoryRow::Label(label) => {
                self.labels.insert(label.id, label);
            }
            DirectoryRow::Member(member) => self.apply_member(member),
            DirectoryRow::Team(team) => self.apply_team(team),
            DirectoryRow::Workflow(workflow) => {
                self.states.extend(workflow.all_states().map(|s| (s.id, workflow.id)));
                self.workflows.insert(workflow.id, workflow);
            }
            DirectoryRow::WorkflowVersion(version) => self.apply_version(version),
            DirectoryRow::View(view) => {
                self.views.insert(view.id, view);
            }
            DirectoryRow::Favorites(favorites) => {
                self.favorites.insert(favorites.member, favorites);
            }
            DirectoryRow::Key(owner) => {
                self.api_keys.insert(owner.key, owner);
            }
            DirectoryRow::SecondFactor(member, true) => {
                self.second_factors.insert(member);
            }
            DirectoryRow::SecondFactor(member, false) => {
                self.second_factors.remove(&member);
            }
            DirectoryRow::Provider(provider) => {
                self.providers.insert(provider.id, provider);
            }
            DirectoryRow::Access(access) => self.access = access,
            DirectoryRow::Visit(visit) => {
                self.visits.insert(visit.id, visit);
            }
            DirectoryRow::Invitation(invitation) => {
                self.invitations.insert(invitation.id, invitation);
            }
            DirectoryRow::InvitationGone(id) => {
                self.invitations.remove(&id);
            }
            DirectoryRow::PluginCode(code) => {
                self.codes.insert(code.digest, code);
            }
            DirectoryRow::Installation(installation) => self.apply_installation(installation),
        }
    }

    fn apply_version(&mut self, version: Arc<WorkflowVersion>) {
        if version.status != VersionStatus::Published {
            self.drafts.insert(version.workflow, version.id);
        } else if self.drafts.get(&version.workflow) == Some(&version.id) {
            self.drafts.remove(&version.workflow);
        }
        self.versions.insert(version.id, version);
    }

    fn apply_member(&mut self, member: Arc<Member>) {
        if let Some(email) = self.members.get(&member.id).and_then(|old| old.email.as_ref()) {
            self.emails.remove(email);
        }
        if let Some(email) = &member.email {
            self.emails.insert(email.clone(), member.id);
        }
        if let Some(source) = &member.source {
            self.sources.insert(source.clone(), member.id);
        }
        self.members.insert(member.id, member);
    }

    fn apply_team(&mut self, team: Arc<Team>) {
        for key in team.former_keys.iter().chain([&team.key]) {
            self.keys.insert(key.clone(), team.id);
        }
        self.teams.insert(team.id, team);
    }
}

impl Directory {
    /// Takes the newest form of a row.
    pub fn apply(&mut self, row: DirectoryRow) {
        Arc::make_mut(&mut self.tables).apply(row);
    }

    /// The member with this id.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<&Arc<Member>> {
        self.tables.members.get(&id)
    }

    /// The member who signs in with this address; it is compared in lower case.
    #[must_use]
    pub fn member_by_email(&self, email: &str) -> Option<&Arc<Member>> {
        self.tables.emails.get(&email.trim().to_lowercase()).and_then(|id| self.tables.members.get(id))
    }

    /// The member who was that person in an imported archive, such as `github:octocat`.
    #[must_use]
    pub fn member_by_source(&self, source: &str) -> Option<&Arc<Member>> {
        self.tables.sources.get(source).and_then(|id| self.tables.members.get(id))
    }

    /// All members, in no order.
    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.tables.members.values()
    }

    /// Active members with this role; service accounts are not counted.
    #[must_use]
    pub fn active_with_role(&self, role: Role) -> usize {
        self.tables.members.values().filter(|m| m.role == role && m.is_active() && !m.is_service()).count()
    }

    /// The team with this id.
    #[must_use]
    pub fn team(&self, id: TeamId) -> Option<&Arc<Team>> {
        self.tables.teams.get(&id).filter(|_| !self.hidden.has(id))
    }

    /// The team that has this key, or once had it.
    #[must_use]
    pub fn team_by_key(&self, key: &str) -> Option<&Arc<Team>> {
        self.tables.keys.get(&key.to_ascii_uppercase()).and_then(|id| self.team(*id))
    }

    /// Every key of the team that has this key, or once had it: the present one, and those it once had.
    #[must_use]
    pub fn keys_of_team(&self, key: &str) -> Vec<String> {
        let team = self.team_by_key(key).into_iter();
        team.flat_map(|team| team.former_keys.iter().chain([&team.key])).cloned().collect()
    }

    /// All teams, in no order.
    pub fn teams(&self) -> impl Iterator<Item = &Arc<Team>> {
        self.tables.teams.values().filter(|team| !self.hidden.has(team.id))
    }

    /// The label with this id, deleted ones too.
    #[must_use]
    pub fn label(&self, id: LabelId) -> Option<&Arc<Label>> {
        self.tables.labels.get(&id).filter(|label| !self.hidden.has_any(label.team))
    }

    /// The label of this scope with this name, whatever its case; deleted ones are not found.
    #[must_use]
    pub fn label_by_name(&self, team: Option<TeamId>, name: &str) -> Option<&Arc<Label>> {
        let name = name.to_lowercase();
        self.labels().find(|l| l.team == team && l.deleted_at.is_none() && l.name.to_lowercase() == name)
    }

    /// All labels, deleted ones too, in no order.
    pub fn labels(&self) -> impl Iterator<Item = &Arc<Label>> {
        self.tables.labels.values().filter(|label| !self.hidden.has_any(label.team))
    }

    /// The workflow with this id.
    #[must_use]
    pub fn workflow(&self, id: WorkflowId) -> Option<&Arc<Workflow>> {
        self.tables.workflows.get(&id)
    }

    /// All workflows, in no order.
    pub fn workflows(&self) -> impl Iterator<Item = &Arc<Workflow>> {
        self.tables.workflows.values()
    }

    /// The version with this id that has a row of its own, a draft too: the first version of a workflow has none while
    /// there is no second.
    #[must_use]
    pub fn version(&self, id: WorkflowVersionId) -> Option<&Arc<WorkflowVersion>> {
        self.tables.versions.get(&id)
    }

    /// All versions with rows of their own, drafts too, in no order.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<WorkflowVersion>> {
        self.tables.versions.values()
    }

    /// The row in which the draft of a workflow lies, or lay before it was given up.
    #[must_use]
    pub fn draft_row(&self, workflow: WorkflowId) -> Option<&Arc<WorkflowVersion>> {
        self.tables.drafts.get(&workflow).and_then(|id| self.version(*id))
    }

    /// The draft of a workflow's next version.
    #[must_use]
    pub fn draft_of(&self, workflow: WorkflowId) -> Option<&Arc<WorkflowVersion>> {
        self.draft_row(workflow).filter(|version| version.status == VersionStatus::Draft)
    }

    /// The number of a workflow's newest version, from 1.
    #[must_use]
    pub fn newest_number(&self, workflow: &Workflow) -> u32 {
        workflow.published.and_then(|id| self.version(id)).map_or(1, |version| version.number)
    }

    /// The workflow that the company began with. When it was made tells, and not its id: ids of others may be chosen.
    #[must_use]
    pub fn first_workflow(&self) -> Option<&Arc<Workflow>> {
        self.tables.workflows.values().min_by_key(|workflow| (workflow.created_at, workflow.id))
    }

    /// The workflow that most of a team's issues follow.
    #[must_use]
    pub fn workflow_of(&self, team: TeamId) -> Option<&Arc<Workflow>> {
        self.team(team).and_then(|t| self.workflow(t.workflow))
    }

    /// The state with this id, of whichever workflow and version, as the newest version that has it says.
    #[must_use]
    pub fn state(&self, id: StateId) -> Option<&WorkflowState> {
        self.workflow_with(id).and_then(|w| w.any_state(id))
    }

    /// All states of all workflows and versions, in no order.
    pub fn states(&self) -> impl Iterator<Item = &WorkflowState> {
        self.tables.workflows.values().flat_map(|workflow| workflow.all_states())
    }

    /// The workflow that the state with this id belongs to.
    #[must_use]
    pub fn workflow_with(&self, id: StateId) -> Option<&Arc<Workflow>> {
        self.tables.states.get(&id).and_then(|workflow| self.workflow(*workflow))
    }

    /// The saved view with this id, deleted ones too, whoever may see it.
    #[must_use]
    pub fn view(&self, id: ViewId) -> Option<&Arc<SavedView>> {
        self.tables.views.get(&id).filter(|view| !self.hidden.has_any(view.team))
    }

    /// All saved views, deleted ones too, in no order.
    pub fn views(&self) -> impl Iterator<Item = &Arc<SavedView>> {
        self.tables.views.values().filter(|view| !self.hidden.has_any(view.team))
    }

    /// The views that a member keeps at hand, if they ever chose any.
    #[must_use]
    pub fn favorites(&self, member: MemberId) -> Option<&Arc<Favorites>> {
        self.tables.favorites.get(&member)
    }

    /// All choices of views, in no order.
    pub fn all_favorites(&self) -> impl Iterator<Item = &Arc<Favorites>> {
        self.tables.favorites.values()
    }

    /// Whose API key this is, revoked ones included.
    #[must_use]
    pub fn key_owner(&self, key: ApiKeyId) -> Option<KeyOwner> {
        self.tables.api_keys.get(&key).copied()
    }

    /// All API keys, revoked ones included, in no order.
    pub fn api_keys(&self) -> impl Iterator<Item = &KeyOwner> {
        self.tables.api_keys.values()
    }

    /// Whether a member has a second factor.
    #[must_use]
    pub fn has_second_factor(&self, member: MemberId) -> bool {
        self.tables.second_factors.contains(&member)
    }

    /// The members who have a second factor, in no order.
    pub fn second_factors(&self) -> impl Iterator<Item = MemberId> {
        self.tables.second_factors.iter().copied()
    }

    /// The identity provider with this id, those that were taken away too.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> Option<&Arc<IdentityProvider>> {
        self.tables.providers.get(&id)
    }

    /// All identity providers, those that were taken away too, in no order.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<IdentityProvider>> {
        self.tables.providers.values()
    }

    /// The rules of signing in.
    #[must_use]
    pub fn access(&self) -> &Arc<AccessSettings> {
        &self.tables.access
    }

    /// The visit with this id, past ones too.
    #[must_use]
    pub fn visit(&self, id: SessionId) -> Option<&Arc<Visit>> {
        self.tables.visits.get(&id)
    }

    /// All visits, past ones too, in no order.
    pub fn visits(&self) -> impl Iterator<Item = &Arc<Visit>> {
        self.tables.visits.values()
    }

    /// The invitation with this id, past ones too.
    #[must_use]
    pub fn invitation(&self, id: InvitationId) -> Option<&Arc<Invitation>> {
        self.tables.invitations.get(&id)
    }

    /// All invitations, past ones too, in no order.
    pub fn invitations(&self) -> impl Iterator<Item = &Arc<Invitation>> {
        self.tables.invitations.values()
    }

    /// Bytes of memory it takes, estimated from how many rows there are.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        /// Bytes of a row's texts, of its place in the maps, and of the allocations.
        const BESIDE: usize = 160;
        /// Bytes of a saved view's filter and texts, and of a member's list of favourites, as large as most are.
        const CONTENT: usize = 1_024;
        self.tables.labels.len() * (size_of::<Label>() + BESIDE)
            + self.tables.members.len() * (size_of::<Member>() + 2 * BESIDE)
            + self.tables.teams.len() * (size_of::<Team>() + BESIDE)
            + self
                .tables
                .workflows
                .values()
                .map(|w| size_of::<Workflow>() + moves_bytes(&w.transitions))
                .sum::<usize>()
            + self.tables.states.len() * (size_of::<WorkflowState>() + BESIDE)
            + self.tables.versions.values().map(|version| version_bytes(version)).sum::<usize>()
            + self.tables.views.len() * (size_of::<SavedView>() + BESIDE + CONTENT)
            + self.tables.favorites.len() * (size_of::<Favorites>() + BESIDE + CONTENT)
            + self.tables.api_keys.len() * 2 * size_of::<KeyOwner>()
            + self.tables.second_factors.len() * 2 * size_of::<MemberId>()
            + self.tables.providers.len() * (size_of::<IdentityProvider>() + BESIDE + CONTENT)
            + self.tables.visits.len() * (size_of::<Visit>() + BESIDE + CONTENT)
            + self.tables.invitations.len() * (size_of::<Invitation>() + BESIDE)
    }

    /// The human key of an issue, such as `ENG-12`.
    #[must_use]
    pub fn identifier(&self, team: TeamId, number: u32) -> String {
        match self.team(team) {
            Some(team) => format!("{}-{number}", team.key),
            None => format!("?-{number}"),
        }
    }
}

/// Bytes of a state's texts, and of a move's name and what its rules hold, as large as most are.
const TEXTS: usize = 96;

/// Bytes of memory that a version takes, about.
fn version_bytes(version: &WorkflowVersion) -> usize {
    let states = version.states.len() * (size_of::<WorkflowState>() + TEXTS);
    size_of::<WorkflowVersion>() + states + moves_bytes(&version.transitions)
}

/// Bytes of memory that listed moves take, about.
fn moves_bytes(moves: &[WorkflowTransition]) -> usize {
    let moves = moves.iter().map(|step| {
        let rules = step.guards.len() * size_of::<Guard>() + step.effects.len() * size_of::<Effect>();
        let texts =
            step.effects.iter().map(|effect| if let Effect::Comment(text) = effect { text.len() } else { 0 });
        size_of::<WorkflowTransition>() + TEXTS + rules + texts.sum::<usize>()
    });
    moves.sum()
}
