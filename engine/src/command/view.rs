//! Commands on saved views. A private view is its owner's alone, a shared one is seen by all. Those that come with every
//! company stay as they are.

mod content;

use super::{Command, World, system_member};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::filter::{Filter, GroupBy, Sort};
use crate::id::{TeamId, ViewId};
use crate::model::MemberStatus;
use crate::saved_view::{Layout, SavedView, ready_made_view};
use std::sync::Arc;

/// Makes a view.
///
/// # Examples
///
/// ```
/// use mortise_engine::command::view::CreateView;
/// let command = CreateView { shared: true, ..CreateView::named("Due soon") };
/// assert_eq!(command.name, "Due soon");
/// ```
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateView {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<ViewId>,
    /// How it is called.
    #[n(1)]
    pub name: String,
    /// What it is for.
    #[n(2)]
    pub description: Option<String>,
    /// The team it is for; none: the whole company.
    #[n(3)]
    pub team: Option<TeamId>,
    /// Whether others see it.
    #[n(4)]
    pub shared: bool,
    /// Which issues.
    #[n(5)]
    pub filter: Filter,
    /// In which order.
    #[n(6)]
    pub sort: Vec<Sort>,
    /// Cut into groups by this.
    #[n(7)]
    pub group_by: Option<GroupBy>,
    /// And each group by this.
    #[n(8)]
    pub sub_group_by: Option<GroupBy>,
    /// Whether groups without issues are shown.
    #[n(9)]
    pub show_empty_groups: bool,
    /// How it is laid out.
    #[n(10)]
    pub layout: Layout,
    /// The fields that are shown, in order.
    #[n(11)]
    pub columns: Vec<String>,
}

impl CreateView {
    /// A private list of all issues.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            id: None,
            name: name.into(),
            description: None,
            team: None,
            shared: false,
            filter: Filter::everything(),
            sort: Vec::new(),
            group_by: None,
            sub_group_by: None,
            show_empty_groups: false,
            layout: Layout::List,
            columns: Vec::new(),
        }
    }
}

impl Command for CreateView {
    fn operation(&self) -> &'static str {
        "viewCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::CreateView, None, None)?;
        let id = self.id.unwrap_or_else(ViewId::generate);
        if ready_made_view(id).is_some() || world.directory.whole().view(id).is_some() {
            return Err(Error::conflict(format!("there is a view {id} already")).with_field("id"));
        }
        let view = content::checked(world, self.view(world, id))?;
        publishes(world, None, &view)?;
        room(world, &view)?;
        let mut draft = Draft::new();
        draft.save_view(permit, view);
        Ok(draft)
    }
}

impl CreateView {
    fn view(&self, world: &World<'_>, id: ViewId) -> SavedView {
        SavedView {
            id,
            name: self.name.clone(),
            description: self.description.clone(),
            owner: world.policy.member().unwrap_or_else(system_member),
            team: self.team,
            shared: self.shared,
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            group_by: self.group_by,
            sub_group_by: self.sub_group_by,
            show_empty_groups: self.show_empty_groups,
            layout: self.layout,
            columns: self.columns.clone(),
            created_at: world.now,
            updated_at: world.now,
            deleted_at: None,
            version: 1,
        }
    }
}

/// Changes a view. Encoded as a map: what is taken away is not what is not spoken of.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateView {
    /// Which.
    #[n(0)]
    pub view: ViewId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How it is called.
    #[n(2)]
    pub name: Option<String>,
    /// What it is for; an inner none takes it away.
    #[n(3)]
    pub description: Option<Option<String>>,
    /// The team it is for; an inner none: the whole company.
    #[n(4)]
    pub team: Option<Option<TeamId>>,
    /// Whether others see it.
    #[n(5)]
    pub shared: Option<bool>,
    /// Which issues.
    #[n(6)]
    pub filter: Option<Filter>,
    /// In which order.
    #[n(7)]
    pub sort: Option<Vec<Sort>>,
    /// Cut into groups by this; an inner none: no groups.
    #[n(8)]
    pub group_by: Option<Option<GroupBy>>,
    /// And each group by this; an inner none: by nothing.
    #[n(9)]
    pub sub_group_by: Option<Option<GroupBy>>,
    /// Whether groups without issues are shown.
    #[n(10)]
    pub show_empty_groups: Option<bool>,
    /// How it is laid out.
    #[n(11)]
    pub layout: Option<Layout>,
    /// The fields that are shown, in order.
    #[n(12)]
    pub columns: Option<Vec<String>>,
}

impl UpdateView {
    /// A change of this view, whatever its version, that says nothing yet.
    #[must_use]
    pub const fn of(view: ViewId) -> Self {
        Self {
            view,
            if_version: None,
            name: None,
            description: None,
            team: None,
            shared: None,
            filter: None,
            sort: None,
            group_by: None,
            sub_group_by: None,
            show_empty_groups: None,
            layout: None,
            columns: None,
        }
    }
}

impl Command for UpdateView {
    fn operation(&self) -> &'static str {
        "viewUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = changeable(world, self.view)?;
        world.expect_version(&format!("view {}", before.name), self.if_version, before.version)?;
        let permit = world.policy.authorize(Action::ManageView, Some(before.clone()), Some(before.owner))?;
        let mut after = content::checked(world, self.patched(&before))?;
        publishes(world, Some(&before), &after)?;
        if before.shared && !after.shared && world.policy.member() != Some(before.owner) {
            return Err(Error::forbidden("make somebody else's view private: delete it instead"));
        }
        let mut draft = Draft::new();
        if *before == after {
            draft.answer_with(Subject::View(after.id));
        } else {
            after.version = after.version.saturating_add(1);
            after.updated_at = world.now;
            draft.save_view(permit, after);
        }
        Ok(draft)
    }
}

impl UpdateView {
    fn patched(&self, before: &SavedView) -> SavedView {
        fn said<T: Clone>(new: Option<&T>, old: &T) -> T {
            new.unwrap_or(old).clone()
        }
        SavedView {
            name: said(self.name.as_ref(), &before.name),
            description: said(self.description.as_ref(), &before.description),
            team: self.team.unwrap_or(before.team),
            shared: self.shared.unwrap_or(before.shared),
            filter: said(self.filter.as_ref(), &before.filter),
            sort: said(self.sort.as_ref(), &before.sort),
            group_by: self.group_by.unwrap_or(before.group_by),
            sub_group_by: self.sub_group_by.unwrap_or(before.sub_group_by),
            show_empty_groups: self.show_empty_groups.unwrap_or(before.show_empty_groups),
            layout: self.layout.unwrap_or(before.layout),
            columns: said(self.columns.as_ref(), &before.columns),
            ..*before
        }
    }
}

/// Deletes a view: what it held goes, and history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct DeleteView {
    /// Which.
    #[n(0)]
    pub view: ViewId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
}

impl Command for DeleteView {
    fn operation(&self) -> &'static str {
        "viewDelete"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = changeable(world, self.view)?;
        world.expect_version(&format!("view {}", before.name), self.if_version, before.version)?;
        let permit = world.policy.authorize(Action::ManageView, Some(before.clone()), Some(before.owner))?;
        let mut after = SavedView::clone(&before);
        // The row of a deleted view stays in memory for ever, so it is made small. Its name stays for history.
        after.empty();
        after.name.clone_from(&before.name);
        after.deleted_at = Some(world.now);
        after.updated_at = world.now;
        after.version = after.version.saturating_add(1);
        let mut draft = Draft::new();
        draft.save_view(permit, after);
        Ok(draft)
    }
}

/// A view that the asker sees, ready-made ones included.
pub(super) fn visible(world: &World<'_>, id: ViewId) -> Result<Arc<SavedView>> {
    let view =
        ready_made_view(id).or_else(|| world.directory.view(id)).filter(|view| world.policy.sees_view(view));
    view.cloned().ok_or_else(|| Error::not_found(format!("view {id}")))
}

/// A view that the asker sees and that can be changed at all.
fn changeable(world: &World<'_>, id: ViewId) -> Result<Arc<SavedView>> {
    let view = visible(world, id)?;
    if ready_made_view(id).is_some() {
        let what = format!("change the view `{}`: every company has it; make a view of your own", view.name);
        return Err(Error::forbidden(what));
    }
    Ok(view)
}

/// Refuses to show a view to the whole company for the first time, unless the asker may.
fn publishes(world: &World<'_>, before: Option<&SavedView>, after: &SavedView) -> Result<()> {
    let public = |view: &SavedView| view.shared && view.team.is_none();
    if public(after) && !before.is_some_and(public) {
        world.policy.authorize(Action::PublishView, (), None).map_err(|e| e.with_field("shared"))?;
    }
    Ok(())
}

/// Refuses when there are as many views as there can be, in all or of one member. What somebody who left kept for
/// themselves does not count: nobody could delete it.
fn room(world: &World<'_>, new: &SavedView) -> Result<()> {
    let (max, own_max) = (world.limits.views_max, world.limits.views_per_member_max);
    let (mut all, mut own) = (0_usize, 0_usize);
    let left = |member| world.directory.member(member).is_none_or(|m| m.status == MemberStatus::Removed);
    let counts = |view: &SavedView| view.deleted_at.is_none() && (view.shared || !left(view.owner));
    for view in world.directory.whole().views().filter(|view| counts(view)) {
        all = all.saturating_add(1);
        // One of a team that its owner does not see any more is not for them to delete.
        let is_own = view.owner == new.owner && world.directory.view(view.id).is_some();
        own = own.saturating_add(usize::from(is_own));
    }
    let refuse = |message: String| Err(Error::invalid("name", message));
    if all >= max {
        return refuse(format!("there are at most {max} views in a company: delete one first"));
    }
    if own >= own_max && world.policy.member().is_some() {
        return refuse(format!("one person has at most {own_max} views: delete one first"));
    }
    Ok(())
}
