//! Fake issues and people.

use crate::prelude::{CommentPage, Error, Issue, Member, Page, Team};

pub(crate) fn get(id: &str) -> Result<Issue, Error> {
    super::state::with(|host| host.issues.iter().find(|i| i.id == id || i.key == id).cloned())
        .ok_or(Error::NotFound)
}

pub(crate) fn get_many(ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
    if ids.len() > 100 {
        return Err(Error::invalid("ids", "at most 100 at once"));
    }
    Ok(ids.iter().map(|id| get(id).ok()).collect())
}

pub(crate) fn query(filter: &str, limit: u32, after: Option<&str>) -> Result<Page, Error> {
    let found = found(filter);
    let from = after.map_or(0, |after| found.iter().position(|i| i.id == after).map_or(0, |at| at + 1));
    let limit = limit.clamp(1, 100) as usize;
    let items: Vec<Issue> = found.iter().skip(from).take(limit).cloned().collect();
    let more = found.len() > from + items.len();
    let next = items.last().filter(|_| more).map(|issue| issue.id.clone());
    let cost = u32::try_from(items.len()).unwrap_or(u32::MAX);
    Ok(Page { items, next, cost })
}

pub(crate) fn count(filter: &str) -> Result<u32, Error> {
    Ok(u32::try_from(found(filter).len()).unwrap_or(u32::MAX))
}

fn found(filter: &str) -> Vec<Issue> {
    let (finds, issues) = super::state::with(|host| {
        host.queries.push(filter.to_owned());
        (host.finds.clone(), host.issues.clone())
    });
    issues.into_iter().filter(|issue| finds(filter, issue)).collect()
}

pub(crate) fn comments(issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error> {
    let issue = get(issue)?;
    let of_it: Vec<_> =
        super::state::with(|host| host.comments.iter().filter(|c| c.issue == issue.id).cloned().collect());
    let from = after.map_or(0, |after| of_it.iter().position(|c| c.id == after).map_or(0, |at| at + 1));
    let items: Vec<_> = of_it.iter().skip(from).take(limit.clamp(1, 100) as usize).cloned().collect();
    let more = of_it.len() > from + items.len();
    let next = items.last().filter(|_| more).map(|comment| comment.id.clone());
    Ok(CommentPage { items, next })
}

pub(crate) fn get_member(who: &str) -> Result<Member, Error> {
    super::state::with(|host| host.members.iter().find(|m| m.id == who || m.handle == who).cloned())
        .ok_or(Error::NotFound)
}

pub(crate) fn get_team(which: &str) -> Result<Team, Error> {
    super::state::with(|host| host.teams.iter().find(|t| t.id == which || t.key == which).cloned())
        .ok_or(Error::NotFound)
}
