//! Archives go into a real engine in a temporary folder, which is checked when it is closed.

use std::path::Path;

use mortise::command::IssueRef;
use mortise::command::issue::CreateIssue;
use mortise::command::team::CreateTeam;
use mortise::context::{OpContext, Principal};
use mortise::id::TenantId;
use mortise::model::{
    Comment, EntitlementKey, EntitlementValue, Issue, MemberStatus, Resolution, StateCategory, Tier,
};
use mortise::query::Reader;
use mortise::{Engine, NewTenant};
use tempfile::TempDir;

use super::*;
use crate::import::tests::real_archive;

struct World {
    engine: Engine,
    tenant: TenantId,
    importer: Importer,
    _folder: TempDir,
}

/// A company that may have as many issues as there are.
fn large(slug: &str, name: &str) -> NewTenant {
    NewTenant::new(slug, name).with_tier(Tier::Platinum)
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::builder(folder.path().join("data")).open().await.unwrap();
        let tenant = engine.create_tenant(large("acme", "Acme")).await.unwrap().tenant.id;
        let us = OpContext::new(Principal::trusted_system(tenant));
        let importer = engine.begin_import(us, None).await.unwrap();
        Self { engine, tenant, importer, _folder: folder }
    }

    fn target(&self) -> Target<'_> {
        Target { importer: &self.importer, team: "spec" }
    }

    async fn import(&self, path: &Path) -> anyhow::Result<Added> {
        self.import_until(path, u64::MAX).await.map(Option::unwrap)
    }

    /// Imports, and gives up when so many batches have been written.
    async fn import_until(&self, path: &Path, batches: u64) -> anyhow::Result<Option<Added>> {
        let mut archive = Archive::open(path).unwrap();
        let survey = archive.survey(&|_| true).unwrap();
        let plan = plan(self.target(), &survey).await?;
        let (tell, mut told) = tokio::sync::mpsc::channel(1);
        let mut written = 0;
        let progress = move |_| {
            written += 1;
            if written == batches {
                tell.try_send(()).unwrap();
            }
        };
        tokio::select! {
            biased;
            Some(()) = told.recv() => Ok(None),
            added = apply(self.target(), &plan, archive, &survey, progress) => added.map(Some),
        }
    }

    async fn reader(&self) -> Reader {
        self.importer.reader().await.unwrap()
    }

    async fn issue(&self, key: &str) -> Issue {
        let issue = self.reader().await.issue(&key.parse::<IssueRef>().unwrap()).await.unwrap();
        Issue::clone(&issue.unwrap_or_else(|| panic!("there is no {key}")))
    }

    async fn comments(&self, issue: &Issue) -> Vec<Comment> {
        let reader = self.reader().await;
        let mut comments: Vec<Comment> = Vec::new();
        loop {
            let after = comments.last().map(|comment| comment.id);
            let (page, more) = reader.comments(issue, after, 100).await.unwrap();
            comments.extend(page.iter().map(|comment| Comment::clone(comment)));
            if !more {
                return comments;
            }
        }
    }

    /// Everything that was imported, in words that are the same in every tenant.
    async fn told(&self, numbers: u32) -> Vec<String> {
        let reader = self.reader().await;
        let directory = reader.directory();
        let person = |id| directory.member(id).unwrap().source.clone().unwrap();
        let mut told = Vec::new();
        for number in 1..=numbers {
            let key = IssueRef::Key("SPEC".to_owned(), number);
            let Some(issue) = reader.issue(&key).await.unwrap() else { continue };
            let mut labels: Vec<_> =
                issue.labels.iter().map(|id| directory.label(*id).unwrap().name.clone()).collect();
            labels.sort();
            let description = reader.description(&issue).await.unwrap();
            told.push(format!(
                "{number} {} {:?} {} {labels:?} {:?} {} {} {:?} {:?} {} {description:?}",
                issue.title,
                issue.category,
                person(issue.creator),
                issue.source,
                issue.created_at,
                issue.updated_at,
                issue.completed_at,
                issue.resolution,
                issue.comment_count,
            ));
            let mut comments = self.comments(&issue).await;
            for (at, reply) in comments.iter().enumerate().filter(|(_, comment)| comment.parent.is_some()) {
                assert!(comments[..at].iter().any(|c| Some(c.id) == reply.parent), "{:?}", reply.source);
            }
            // Those of the same second stand in an order of each tenant's own.
            comments.sort_by_key(|c| (c.created_at, c.source.clone().unwrap().id));
            let place = |id| comments.iter().position(|comment| Some(comment.id) == id);
            told.extend(comments.iter().map(|c| {
                format!(
                    "{} {} {:?} {:?} {}",
                    person(c.author),
                    c.created_at,
                    place(c.parent),
                    c.source,
                    c.body
                )
            }));
        }
        told
    }

    async fn close(self) {
        let report = self.engine.check(self.tenant).await.unwrap();
        assert_eq!(report.differences, [""; 0]);
        self.engine.close().await;
    }
}

/// A file with an archive of these elements.
fn archive_file(folder: &TempDir, issues: &str, pulls: &str) -> std::path::PathBuf {
    let path = folder.path().join("archive.json");
    std::fs::write(&path, crate::import::tests::archive(issues, pulls)).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_archive_comes_in_whole_and_a_second_run_adds_nothing() {
    let Some(path) = real_archive() else { return };
    let world = World::new().await;
    let added = world.import(&path).await.unwrap();
    assert_eq!((added.teams, added.issues, added.comments), (1, 446 + 998, 2_363 + 979 + 1_306));
    assert_eq!(added.people, 171, "everybody; no author is unknown");
    assert_eq!(added.labels, 21 + 1, "the repository's, and the one of pull requests");
    assert_eq!(world.import(&path).await.unwrap(), Added::default());

    let reader = world.reader().await;
    let directory = reader.directory();
    assert!(directory.members().all(|member| member.status == MemberStatus::Ghost));
    assert_eq!(directory.team_by_key("SPEC").unwrap().name, "tls13-spec");
    assert!(reader.issue(&"SPEC-1258".parse().unwrap()).await.unwrap().is_none(), "a gap stays one");
    let create = CreateIssue {
        title: "A new one".into(),
        ..CreateIssue::in_team(directory.team_by_key("SPEC").unwrap().id)
    };
    let cx = OpContext::new(Principal::trusted_system(world.tenant));
    world.engine.execute(cx, create).await.unwrap();
    assert_eq!(world.issue("SPEC-1455").await.title, "A new one", "new numbers follow the largest");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_interrupted_ends_like_one_that_was_not() {
    let Some(path) = real_archive() else { return };
    let (whole, broken) = (World::new().await, World::new().await);
    whole.import(&path).await.unwrap();
    for batches in [1, 2, 40] {
        assert_eq!(broken.import_until(&path, batches).await.unwrap(), None);
    }
    let rest = broken.import(&path).await.unwrap();
    assert!(rest.issues > 0 && rest.issues < 1_444, "{rest:?}");
    let (whole_told, broken_told) = (whole.told(1_454).await, broken.told(1_454).await);
    let difference = whole_told.iter().zip(&broken_told).find(|(whole, broken)| whole != broken);
    assert!(difference.is_none() && whole_told.len() == broken_told.len(), "{difference:?}");
    whole.close().await;
    broken.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_and_pull_requests_keep_their_numbers_ends_and_authors() {
    let folder = tempfile::tempdir().unwrap();
    let path = archive_file(
        &folder,
        r##"{"number": 7, "title": "Broken", "state": "CLOSED", "author": null, "url": "https://x/7", "body": "as in #9\u0000",
             "createdAt": "2020-01-01T00:00:00Z", "closedAt": "2020-02-01T00:00:00Z", "labels": ["Bug"], "assignees": ["bo"],
             "comments": [{"author": "bo", "body": "yes", "createdAt": "2020-01-02T00:00:00Z"}]}"##,
        r#"{"number": 9, "title": "Fix", "state": "MERGED", "author": "ada", "createdAt": "2020-01-03T00:00:00Z",
            "mergedAt": "2020-02-01T00:00:00Z", "mergedBy": "bo", "reviews": [{"id": "R1", "state": "APPROVED", "author": "bo",
            "body": "good", "createdAt": "2020-01-05T00:00:00Z", "comments": [{"body": "here", "createdAt": "2020-01-05T00:00:00Z"},
            {"body": "drafted", "createdAt": "2020-01-04T00:00:00Z"}]}]},
           {"number": 4, "title": "Never", "state": "CLOSED", "author": "ada", "createdAt": "2020-01-03T00:00:00Z",
            "closedAt": "2020-02-01T00:00:00Z"}"#,
    );
    let world = World::new().await;
    world.import(&path).await.unwrap();
    let directory = world.reader().await.directory().clone();
    let who = |id| directory.member(id).unwrap().source.clone().unwrap();
    let labels = |issue: &Issue| -> Vec<String> {
        issue.labels.iter().map(|id| directory.label(*id).unwrap().name.clone()).collect()
    };

    let broken = world.issue("SPEC-7").await;
    assert_eq!((broken.category, broken.resolution), (StateCategory::Completed, Some(Resolution::Done)));
    assert_eq!(broken.completed_at, Some("2020-02-01T00:00:00Z".parse().unwrap()));
    assert_eq!((who(broken.creator), who(broken.assignees[0])), ("github:ghost".into(), "github:bo".into()));
    assert_eq!(broken.description.as_deref(), Some("as in #9 "));
    assert_eq!(labels(&broken), ["bug"], "names of labels differ in case only by mistake");
    let source = broken.source.unwrap();
    assert_eq!((source.id.as_str(), source.url.as_deref()), ("o/r#7", Some("https://x/7")));

    let fix = world.issue("SPEC-9").await;
    assert_eq!(
        (fix.resolution, fix.source.clone().unwrap().state.as_deref()),
        (Some(Resolution::Done), Some("merged"))
    );
    assert_eq!(labels(&fix), ["pull-request"]);
    let said = world.comments(&fix).await;
    let bodies: Vec<_> = said.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(bodies.len(), 3, "{bodies:?}");
    assert!(bodies[0].starts_with("Review: approved"), "a review stands before its remarks: {bodies:?}");
    assert_eq!((said[1].parent, who(said[1].author)), (Some(said[0].id), "github:bo".into()));
    let never = world.issue("SPEC-4").await;
    assert_eq!(
        (never.resolution, never.source.unwrap().state.as_deref()),
        (Some(Resolution::WontDo), Some("closed"))
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_whose_issues_have_those_numbers_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = archive_file(&folder, &crate::import::tests::thread(1, ""), "");
    let world = World::new().await;
    let cx = || OpContext::new(Principal::trusted_system(world.tenant));
    let command = CreateTeam {
        id: None,
        key: "SPEC".into(),
        name: "Spec".into(),
        description: None,
        workflow: None,
        private: false,
    };
    world.engine.execute(cx(), command).await.unwrap();
    let team = world.reader().await.directory().team_by_key("SPEC").unwrap().id;
    let create = CreateIssue { title: "In the way".into(), ..CreateIssue::in_team(team) };
    world.engine.execute(cx(), create).await.unwrap();
    let error = world.import(&path).await.unwrap_err();
    assert!(error.to_string().contains("SPEC-1"), "{error}");
    assert_eq!(world.reader().await.directory().members().count(), 0);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_between_the_passes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = archive_file(&folder, &crate::import::tests::thread(1, ""), "");
    let world = World::new().await;
    let mut archive = Archive::open(&path).unwrap();
    let survey = archive.survey(&|_| true).unwrap();
    std::fs::write(&path, "{}").unwrap();
    let plan = plan(world.target(), &survey).await.unwrap();
    let error = apply(world.target(), &plan, archive, &survey, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("has changed"), "{error}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_too_large_for_the_company_is_refused_before_anything_is_written() {
    let Some(path) = real_archive() else { return };
    let world = World::new().await;
    let agree = async |count| {
        let value = Some((EntitlementValue::Count(count), None));
        let cx = OpContext::new(Principal::trusted_system(world.tenant));
        world.engine.override_entitlement(cx, EntitlementKey::Issues, value).await.unwrap();
    };
    agree(1_000).await;
    let before = world.reader().await.seq();
    let error = world.import(&path).await.unwrap_err();
    assert!(format!("{error:#}").contains("nothing was written"), "{error:#}");
    let cause = error.downcast_ref::<mortise::Error>().unwrap();
    assert_eq!(cause.code(), ErrorCode::EntitlementExceeded);
    assert_eq!(world.reader().await.seq(), before);
    // What is there already needs no room a second time.
    agree(1_444).await;
    world.import_until(&path, 10).await.unwrap();
    world.import(&path).await.unwrap();
    world.import(&path).await.unwrap();
    world.close().await;
}
