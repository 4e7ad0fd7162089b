//! Comparing what is stored with what must be.

use super::relations::Relations;
use super::replay::Replay;
use super::{CheckReport, flows};
use crate::directory::Directory;
use crate::entitlement::IssueCount;
use crate::error::Result;
use crate::event::Subject;
use crate::id::IssueId;
use crate::model::{Comment, Issue, Tenant};
use crate::rows::{self, CommentPlace, LongText, tag};
use crate::storage::{Scan, TenantStore};
use crate::tenant::{LiveTenant, Thread, each};
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// Compares the stored rows of issues and comments with the replay.
pub(super) async fn rows(live: &LiveTenant, replay: &Replay, report: &mut CheckReport) -> Result<()> {
    let store = live.store();
    let mut counts = FxHashMap::default();
    // What was cached as its first comment was met, and what is stored: a reader may cache more meanwhile.
    let mut threads: FxHashMap<IssueId, (Option<Thread>, Vec<Comment>)> = FxHashMap::default();
    each::<Comment>(store, tag::COMMENT, |comment| {
        report.comments = report.comments.saturating_add(1);
        if comment.deleted_at.is_none() {
            *counts.entry(comment.issue).or_insert(0_u32) += 1;
        }
        if !replay.erased.contains(&Subject::Issue(comment.issue)) {
            same("comment", comment.id, replay.comments.get(&comment.id), &comment, report);
        }
        let (cached, stored) =
            threads.entry(comment.issue).or_insert_with(|| (live.cached_thread(comment.issue), Vec::new()));
        if cached.is_some() && comment.deleted_at.is_none() {
            stored.push(comment);
        }
    })
    .await?;
    let mut relations = Relations::default();
    let flows_are_known = flows::are_known(replay);
    each::<Issue>(store, tag::ISSUE, |issue| {
        relations.take(&issue);
        if flows_are_known {
            flows::check(&issue, replay, report);
        }
        report.issues = report.issues.saturating_add(1);
        if !replay.erased.contains(&Subject::Issue(issue.id)) {
            same("issue", issue.id, replay.issues.get(&issue.id), &issue, report);
        }
        if live.cached_issue(issue.id).is_some_and(|cached| *cached != issue) {
            report.differs(format!("issue {}: the cached row is not the stored one", issue.id));
        }
        let same_thread = match threads.get(&issue.id) {
            Some((cached, stored)) => {
                cached.as_ref().is_none_or(|cached| cached.iter().map(|c| &**c).eq(stored))
            }
            None => live.cached_thread(issue.id).is_none_or(|cached| cached.is_empty()),
        };
        if !same_thread {
            report.differs(format!("issue {}: the cached comments are not the stored ones", issue.id));
        }
        let counted = counts.get(&issue.id).copied().unwrap_or_default();
        if counted != issue.comment_count {
            let said = issue.comment_count;
            report.differs(format!("issue {}: says it has {said} comments, and has {counted}", issue.id));
        }
    })
    .await?;
    relations.check(report);
    if report.issues != replay.issues.len() as u64 {
        report.differs(format!("{} issues are stored, the log makes {}", report.issues, replay.issues.len()));
    }
    if report.comments != replay.comments.len() as u64 && replay.erased.is_empty() {
        report.differs(format!(
            "{} comments are stored, the log makes {}",
            report.comments,
            replay.comments.len()
        ));
    }
    texts(store, replay, report).await?;
    places(store, replay, report).await
}

fn same<R: PartialEq + Debug>(
    what: &str,
    id: impl std::fmt::Display,
    expected: Option<&R>,
    stored: &R,
    report: &mut CheckReport,
) {
    match expected {
        None => report.differs(format!("{what} {id} is stored, and the log knows nothing of it")),
        Some(expected) if expected != stored => {
            report.differs(format!("{what} {id}: stored {stored:?}, the log makes {expected:?}"));
        }
        Some(_) => {}
    }
}

/// Long descriptions lie beside their rows: all of them, and no others.
async fn texts(store: &TenantStore, replay: &Replay, report: &mut CheckReport) -> Result<()> {
    let mut stored = 0_usize;
    for (issue, expected) in &replay.long_texts {
        let text = store.get::<LongText>(&rows::long_text(*issue)).await?;
        stored += usize::from(text.is_some());
        let hash = text.map(|text| blake3::hash(text.text.as_bytes()));
        if hash != Some(*expected) && !replay.erased.contains(&Subject::Issue(*issue)) {
            report.differs(format!("issue {issue}: the stored description is not what the log says"));
        }
    }
    let mut all = 0_usize;
    each::<LongText>(store, tag::LONG_TEXT, |_| all += 1).await?;
    if all != stored && replay.erased.is_empty() {
        report.differs(format!("{all} long descriptions are stored, the log makes {stored}"));
    }
    Ok(())
}

/// Every comment is found by its own id, and nothing else is.
async fn places(store: &TenantStore, replay: &Replay, report: &mut CheckReport) -> Result<()> {
    let mut found = 0_usize;
    let mut scan = Scan::prefix(&rows::all(tag::COMMENT_PLACE));
    loop {
        let page = store.scan::<CommentPlace>(scan.clone()).await?;
        found += page.entries.len();
        match page.entries.last() {
            Some((last, _)) if page.more => scan = scan.after(last),
            _ => break,
        }
    }
    if found != replay.comments.len() && replay.erased.is_empty() {
        report
            .differs(format!("{found} comments can be found by id, the log makes {}", replay.comments.len()));
    }
    for comment in replay.comments.values() {
        let place = store.get::<CommentPlace>(&rows::comment_place(comment.id)).await?;
        if place.map(|p| p.issue) != Some(comment.issue) {
            report.differs(format!("comment {} is not found by its id", comment.id));
        }
    }
    Ok(())
}

/// Compares two forms of the small tables.
pub(super) fn directory(
    one: &Directory,
    other: &Directory,
    first: &str,
    second: &str,
    report: &mut CheckReport,
) {
    let mut tables = |what: &str, one: BTreeSet<String>, other: BTreeSet<String>| {
        for row in one.difference(&other) {
            report.differs(format!("{what}: {first} has {row}, {second} not"));
        }
        for row in other.difference(&one) {
            report.differs(format!("{what}: {second} has {row}, {first} not"));
        }
    };
    tables("members", texts_of(one.members()), texts_of(other.members()));
    tables("teams", texts_of(one.teams()), texts_of(other.teams()));
    tables("labels", texts_of(one.labels()), texts_of(other.labels()));
    tables("workflows", texts_of(one.workflows()), texts_of(other.workflows()));
    tables("workflow versions", texts_of(one.versions()), texts_of(other.versions()));
    tables("views", texts_of(one.views()), texts_of(other.views()));
    tables("favorites", texts_of(one.all_favorites()), texts_of(other.all_favorites()));
    tables("API keys", texts_of(one.api_keys()), texts_of(other.api_keys()));
    tables("second factors", texts_of(one.second_factors()), texts_of(other.second_factors()));
    tables("identity providers", texts_of(one.providers()), texts_of(other.providers()));
    tables(
        "rules of signing in",
        texts_of([one.access()].into_iter()),
        texts_of([other.access()].into_iter()),
    );
    tables("visits", texts_of(one.visits()), texts_of(other.visits()));
    tables("invitations", texts_of(one.invitations()), texts_of(other.invitations()));
    tables("plugins", texts_of(one.installations()), texts_of(other.installations()));
    tables("code of plugins", texts_of(one.plugin_codes()), texts_of(other.plugin_codes()));
}

fn texts_of<R: Debug>(rows: impl Iterator<Item = R>) -> BTreeSet<String> {
    rows.map(|row| format!("{row:?}")).collect()
}

/// No number of a team is given twice.
pub(super) fn numbers(replay: &Replay, report: &mut CheckReport) {
    let mut given = FxHashMap::default();
    for issue in replay.issues.values() {
        if let Some(other) = given.insert((issue.team, issue.number), issue.id) {
            report.differs(format!("issues {other} and {} have the same number {}", issue.id, issue.number));
        }
    }
}

/// The record of the tenant is as the log says that it was sold and agreed.
pub(super) fn deals(replay: &Replay, record: &Tenant, report: &mut CheckReport) {
    if replay.erased.contains(&Subject::Tenant) {
        return;
    }
    if let Some(tier) = replay.tier.filter(|tier| *tier != record.tier) {
        report.differs(format!("the record has the tier {}, and the log sold {tier}", record.tier));
    }
    let agreed = record.overrides.iter().flatten();
    let agreed: BTreeMap<_, _> = agreed.map(|agreed| (agreed.key, agreed.clone())).collect();
    if agreed != replay.agreed {
        report.differs("what the record says was agreed is not what the log says".to_owned());
    }
}

/// The writer's count of issues is what a count of them gives.
pub(super) fn counted(replay: &Replay, counted: &IssueCount, now: Timestamp, report: &mut CheckReport) {
    let mut again = IssueCount::default();
    replay.issues.values().for_each(|issue| again.note(None, issue));
    let (said, is) = (counted.at(now), again.at(now));
    if said != is && replay.erased.is_empty() {
        report
            .differs(format!("{said} issues are counted against what the company may have, there are {is}"));
    }
}
