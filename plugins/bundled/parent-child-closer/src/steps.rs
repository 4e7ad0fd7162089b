//! What follows from an issue that was closed or reopened.

use crate::settings::{AllCanceled, Reopen, Settings};
use bundled_common::{is_closed, pick};
use mortise_sdk::prelude::*;
use std::collections::BTreeMap;

/// Children that one event moves: a move and a row each, of the 90 keys of one commit.
const CHILDREN: usize = 44;
/// Of so many each gets a comment as well, which takes three keys more.
const COMMENTED: usize = 17;

/// Open children of a closed parent are closed like it.
pub(crate) fn children_follow(settings: &Settings, parent: &Issue) -> Result<(), Error> {
    let follows = match parent.state.category {
        Category::Canceled => settings.cancel_children,
        _ => settings.complete_children,
    };
    if !follows {
        return Ok(());
    }
    let page = host::issues::query(&format!("parent:(id:{}) is:open", parent.id), CHILDREN as u32 + 1, None)?;
    if page.items.len() > CHILDREN {
        host::log::warn(&format!("{}: only {CHILDREN} of its open sub-issues are closed", parent.key));
    }
    let mut states: BTreeMap<String, Option<String>> = BTreeMap::new();
    let children: Vec<&Issue> =
        page.items.iter().take(CHILDREN).filter(|child| settings.only.fits(child)).collect();
    let comment = settings.comment && children.len() <= COMMENTED;
    for child in children {
        let known = states.get(&child.team).cloned();
        let state = match known {
            Some(state) => state,
            None => target(settings, child, parent.state.category)?,
        };
        states.insert(child.team.clone(), state.clone());
        let word = if parent.state.category == Category::Canceled { "canceled" } else { "completed" };
        let why = comment.then(|| format!("Closed, since {} was {word}.", parent.key));
        move_to(child, state.as_deref(), why.as_deref())?;
    }
    Ok(())
}

/// The parent of a closed issue is closed, if that was the last one.
pub(crate) fn parent_closes(settings: &Settings, child: &Issue) -> Result<(), Error> {
    let Some(parent) = parent(child)? else { return Ok(()) };
    if !settings.close_parent || is_closed(parent.state.category) || !settings.only.fits(&parent) {
        return Ok(());
    }
    // What its app member does not see is not counted; the fewer it sees, the more it leaves alone below.
    if host::issues::count(&format!("parent:(id:{}) is:open", parent.id))? > 0 {
        return Ok(());
    }
    let completed = host::issues::count(&format!("parent:(id:{}) category:completed", parent.id))?;
    let category = match (completed, settings.all_canceled) {
        (0, AllCanceled::Leave) => return Ok(()),
        (0, AllCanceled::Cancel) => Category::Canceled,
        _ => Category::Completed,
    };
    let state = target(settings, &parent, category)?;
    let why = settings.comment.then(|| format!("Closed with its last sub-issue, {}.", child.key));
    move_to(&parent, state.as_deref(), why.as_deref())
}

/// The parent of a reopened issue is reopened.
pub(crate) fn parent_reopens(settings: &Settings, child: &Issue) -> Result<(), Error> {
    let Some(parent) = parent(child)? else { return Ok(()) };
    let reopens = match settings.reopen_parent {
        Reopen::Never => false,
        Reopen::Completed => parent.state.category == Category::Completed,
        Reopen::Closed => is_closed(parent.state.category),
    };
    if !reopens || !settings.only.fits(&parent) {
        return Ok(());
    }
    let state = target(settings, &parent, Category::Started)?;
    let why = settings.comment.then(|| format!("Reopened, since {} was.", child.key));
    move_to(&parent, state.as_deref(), why.as_deref())
}

fn parent(child: &Issue) -> Result<Option<Issue>, Error> {
    let Some(id) = &child.parent else { return Ok(None) };
    match host::issues::get(id) {
        Ok(parent) => Ok(Some(parent)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The id of the state of its own team that an issue is moved to.
fn target(settings: &Settings, issue: &Issue, category: Category) -> Result<Option<String>, Error> {
    let team = host::issues::team(&issue.team)?;
    let named = settings.named(category);
    // A state that is named is there in one team and perhaps not in another.
    let state = pick(&team.states, named, category).or_else(|| pick(&team.states, None, category));
    Ok(state.map(|state| state.id.clone()))
}

fn move_to(issue: &Issue, state: Option<&str>, why: Option<&str>) -> Result<(), Error> {
    let Some(state) = state else {
        host::log::warn(&format!("{}: its team has no state for this", issue.key));
        return Ok(());
    };
    if let Some(why) = why {
        host::commands::add_comment(&issue.id, why)?;
    }
    host::commands::transition(&issue.id, state)
}
