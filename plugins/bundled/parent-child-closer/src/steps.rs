//! What follows from an issue that was closed or reopened.

use crate::settings::{AllCanceled, Reopen, Settings};
use bundled_common::{is_closed, pick};
use mortise_sdk::prelude::*;
use std::collections::{BTreeMap, VecDeque};

/// Parents above one another that one event moves. What the plugin does itself does not come back to it, so it goes all the way.
const PARENTS: usize = 8;
/// Sub-issues that one event moves: with those above, a move and a row each, of the 90 keys of one commit.
const CHILDREN: usize = 37;
/// Of so many each gets a comment as well, and each of those above, which takes three keys more.
const COMMENTED: usize = 10;

/// Open sub-issues of a closed parent are closed like it, and theirs with them. How many are.
pub(crate) fn children_follow(settings: &Settings, parent: &Issue) -> Result<usize, Error> {
    let follows = match parent.state.category {
        Category::Canceled => settings.cancel_children,
        _ => settings.complete_children,
    };
    if !follows {
        return Ok(0);
    }
    let mut children = open_below(settings, parent)?;
    if children.len() > CHILDREN {
        host::log::warn(&format!(
            "{}: only {CHILDREN} of the open sub-issues below it are closed",
            parent.key
        ));
        children.truncate(CHILDREN);
    }
    let mut states: BTreeMap<String, Option<String>> = BTreeMap::new();
    let comment = settings.comment && children.len() <= COMMENTED;
    for child in &children {
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
    Ok(children.len())
}

/// Open sub-issues of an issue and of those, nearest first: one more than are moved, where there are so many.
fn open_below(settings: &Settings, issue: &Issue) -> Result<Vec<Issue>, Error> {
    let mut found: Vec<Issue> = Vec::new();
    let mut above = VecDeque::from([issue.id.clone()]);
    while let Some(id) = above.pop_front()
        && found.len() <= CHILDREN
    {
        let wanted = (CHILDREN + 1 - found.len()) as u32;
        let page = host::issues::query(&format!("parent:(id:{id}) is:open"), wanted, None)?;
        for child in page.items.into_iter().filter(|child| settings.only.fits(child)) {
            above.push_back(child.id.clone());
            found.push(child);
        }
    }
    Ok(found)
}

/// The parent of a closed issue is closed, if that was the last one, and so on to the top. `moved` sub-issues are moved with it.
pub(crate) fn parents_close(settings: &Settings, child: &Issue, moved: usize) -> Result<(), Error> {
    let comment = settings.comment && moved <= COMMENTED;
    let mut last = child.clone();
    for above in 0..PARENTS {
        let Some(mut parent) = parent(&last)? else { return Ok(()) };
        // What is moved here is counted as it was.
        let staged = (above > 0).then_some(last.state.category);
        let Some(category) = closes_as(settings, &parent, staged)? else { return Ok(()) };
        let state = target(settings, &parent, category)?;
        let why = comment.then(|| format!("Closed with its last sub-issue, {}.", last.key));
        move_to(&parent, state.as_deref(), why.as_deref())?;
        parent.state.category = category;
        last = parent;
    }
    Ok(())
}

/// As what a parent is closed, if it is. `staged` is what the sub-issue through which we come is closed as, where it is not yet.
fn closes_as(
    settings: &Settings,
    parent: &Issue,
    staged: Option<Category>,
) -> Result<Option<Category>, Error> {
    if !settings.close_parent || is_closed(parent.state.category) || !settings.only.fits(parent) {
        return Ok(None);
    }
    // What its app member does not see is not counted; the fewer it sees, the more it leaves alone below.
    let open = host::issues::count(&format!("parent:(id:{}) is:open", parent.id))?;
    if open > u32::from(staged.is_some()) {
        return Ok(None);
    }
    let completed = match staged {
        Some(Category::Completed) => 1,
        _ => host::issues::count(&format!("parent:(id:{}) category:completed", parent.id))?,
    };
    Ok(match (completed, settings.all_canceled) {
        (0, AllCanceled::Leave) => None,
        (0, AllCanceled::Cancel) => Some(Category::Canceled),
        _ => Some(Category::Completed),
    })
}

/// The parent of a reopened issue is reopened, and so on to the top.
pub(crate) fn parents_reopen(settings: &Settings, child: &Issue) -> Result<(), Error> {
    let mut reopened = child.clone();
    for _ in 0..PARENTS {
        let Some(parent) = parent(&reopened)? else { return Ok(()) };
        let reopens = match settings.reopen_parent {
            Reopen::Never => false,
            Reopen::Completed => parent.state.category == Category::Completed,
            Reopen::Closed => is_closed(parent.state.category),
        };
        if !reopens || !settings.only.fits(&parent) {
            return Ok(());
        }
        let state = target(settings, &parent, Category::Started)?;
        let why = settings.comment.then(|| format!("Reopened, since {} was.", reopened.key));
        move_to(&parent, state.as_deref(), why.as_deref())?;
        reopened = parent;
    }
    Ok(())
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
