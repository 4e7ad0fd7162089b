//! Fake commands: they are kept, and change nothing.

use super::Command;
use super::state::Host;
use crate::prelude::{Edit, Error, NewIssue, Quota};

const COMMANDS_MAX: usize = 100;

fn stage<T>(what: impl FnOnce(&mut Host) -> (Command, T)) -> Result<T, Error> {
    super::state::with(|host| {
        if host.commands.len() >= COMMANDS_MAX {
            return Err(Error::QuotaExceeded(Quota::Commands));
        }
        let (command, answer) = what(host);
        host.commands.push(command);
        Ok(answer)
    })
}

fn fresh(host: &mut Host, prefix: &str) -> String {
    host.counter += 1;
    format!("{prefix}_new{}", host.counter)
}

pub(crate) fn create_issue(issue: &NewIssue) -> Result<String, Error> {
    stage(|host| {
        let id = fresh(host, "iss");
        (Command::CreateIssue { id: id.clone(), issue: issue.clone() }, id)
    })
}

pub(crate) fn update_issue(id: &str, edits: &[Edit], expect: Option<&str>) -> Result<(), Error> {
    let expect = expect.map(str::to_owned);
    stage(|_| (Command::UpdateIssue { id: id.to_owned(), edits: edits.to_vec(), expect }, ()))
}

pub(crate) fn transition(id: &str, to: &str) -> Result<(), Error> {
    stage(|_| (Command::Transition { id: id.to_owned(), to: to.to_owned() }, ()))
}

pub(crate) fn add_comment(issue: &str, body: &str) -> Result<String, Error> {
    stage(|host| {
        let id = fresh(host, "cmt");
        (Command::AddComment { issue: issue.to_owned(), body: body.to_owned() }, id)
    })
}

pub(crate) fn link_issues(a: &str, kind: &str, b: &str) -> Result<(), Error> {
    stage(|_| (Command::LinkIssues { a: a.to_owned(), kind: kind.to_owned(), b: b.to_owned() }, ()))
}
