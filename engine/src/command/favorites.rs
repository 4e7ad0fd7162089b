//! Choosing which views a member keeps at hand: their own affair, whatever their role.

use super::{Command, World, view};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::ViewId;

/// Keeps these views at hand, in this order, and no others.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SetFavorites {
    /// Which, ready-made ones too.
    #[n(0)]
    pub views: Vec<ViewId>,
}

impl Command for SetFavorites {
    fn operation(&self) -> &'static str {
        "favoritesSet"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        save(world, self.views.clone(), "viewIds")
    }
}

/// Keeps one view at hand, behind the others, or no longer. One that is already so stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SetFavorite {
    /// Which.
    #[n(0)]
    pub view: ViewId,
    /// Whether it is at hand.
    #[n(1)]
    pub favorite: bool,
}

impl Command for SetFavorite {
    fn operation(&self) -> &'static str {
        "favoriteSet"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        view::visible(world, self.view).map_err(|e| e.with_field("viewId"))?;
        let mut views = kept(world);
        match (views.contains(&self.view), self.favorite) {
            (false, true) => views.push(self.view),
            (true, false) => views.retain(|view| *view != self.view),
            _ => {}
        }
        save(world, views, "viewId")
    }
}

/// What the asker keeps at hand and still sees.
fn kept(world: &World<'_>) -> Vec<ViewId> {
    let favorites = world.policy.member().and_then(|member| world.directory.favorites(member));
    let views = favorites.map(|favorites| favorites.views.as_slice()).unwrap_or_default();
    views.iter().copied().filter(|id| view::visible(world, *id).is_ok()).collect()
}

/// Saves the choice, each view once, unless it is the one that was made before.
fn save(world: &World<'_>, views: Vec<ViewId>, field: &str) -> Result<Draft> {
    let Some(member) = world.policy.member().and_then(|id| world.directory.member(id)).cloned() else {
        return Err(Error::forbidden(Action::KeepFavorites.phrase()));
    };
    let permit = world.policy.authorize(Action::KeepFavorites, member.clone(), Some(member.id))?;
    let max = world.limits.favorites_max;
    if views.len() > max {
        return Err(Error::invalid(field, format!("at most {max} views are kept at hand")));
    }
    let mut chosen = Vec::with_capacity(views.len());
    for id in views {
        view::visible(world, id).map_err(|e| e.with_field(field))?;
        if !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    let before = world.directory.favorites(member.id).map(|favorites| (**favorites).clone());
    let mut draft = Draft::new();
    if before.as_ref().map(|before| before.views.as_slice()).unwrap_or_default() == chosen {
        draft.answer_with(Subject::Member(member.id));
    } else {
        draft.save_favorites(&permit, before, chosen);
    }
    Ok(draft)
}
