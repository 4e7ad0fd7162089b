//! Reading the company's issues and people. Permission `issues-read`. Only what the installation's member may see; in a
//! workflow hook, what whoever asks may see as well.

use crate::prelude::{CommentPage, Error, Issue, Member, Page, Team};

/// An issue, by id or by key.
///
/// # Errors
///
/// When there is none, or it cannot be seen.
pub fn get(id: &str) -> Result<Issue, Error> {
    super::ask!(issues::get(id))
}

/// Several issues, in the order asked for; at most 100.
///
/// # Errors
///
/// When it is not granted, or too many.
pub fn get_many(ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
    super::ask!(issues::get_many(ids))
}

/// A page of the issues that a filter finds, in the query language that people type. `limit` is at most 100; `after` is the
/// `next` of the page before.
///
/// # Errors
///
/// When the filter is wrong, or its budget is spent.
pub fn query(filter: &str, limit: u32, after: Option<&str>) -> Result<Page, Error> {
    super::ask!(issues::query(filter, limit, after))
}

/// How many issues a filter finds; 100,000 stands for more.
///
/// # Errors
///
/// As [`query`].
pub fn count(filter: &str) -> Result<u32, Error> {
    super::ask!(issues::count(filter))
}

/// A page of an issue's comments, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn comments(issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error> {
    super::ask!(issues::comments(issue, limit, after))
}

/// A member, by id, handle or e-mail address.
///
/// # Errors
///
/// When there is none.
pub fn member(who: &str) -> Result<Member, Error> {
    super::ask!(issues::get_member(who))
}

/// A team, by id or key, with its states and labels.
///
/// # Errors
///
/// When there is none, or it cannot be seen.
pub fn team(which: &str) -> Result<Team, Error> {
    super::ask!(issues::get_team(which))
}
