//! Saved views as readers see them.

use super::World;
use crate::command::favorites::SetFavorites;
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::command::member::AddMember;
use crate::command::view::{CreateView, DeleteView, UpdateView};
use crate::context::{OpContext, Principal};
use crate::event::{EventBody, Subject};
use crate::id::{MemberId, ViewId};
use crate::model::{Role, Seq, StateCategory};
use crate::query::Reader;
use crate::saved_view::ready_made;

/// Ana leads; Bo works here.
struct People {
    world: World,
    ana: MemberId,
    bo: MemberId,
    folder: tempfile::TempDir,
}

impl People {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::found(folder.path()).await;
        let add = AddMember {
            id: None,
            email: "bo@acme.test".into(),
            name: "Bo".into(),
            role: Role::User,
            password_hash: None,
        };
        let done = world.engine.execute(world.cx(), add).await.unwrap();
        let Some(Subject::Member(bo)) = done.subjects.first().copied() else { panic!("no member") };
        let ana = world.founded.admin.unwrap();
        Self { world, ana, bo, folder }
    }

    fn cx(&self, who: MemberId) -> OpContext {
        OpContext::new(Principal::trusted_member(self.world.founded.tenant.id, who))
    }

    async fn make(&self, who: MemberId, view: CreateView) -> ViewId {
        let done = self.world.engine.execute(self.cx(who), view).await.unwrap();
        let Some(Subject::View(view)) = done.subjects.first().copied() else { panic!("no view") };
        view
    }

    async fn reader(&self, who: MemberId) -> Reader {
        self.world.engine.reader(&self.cx(who).principal).await.unwrap()
    }

    async fn end(self) {
        let report = self.world.engine.check(self.world.founded.tenant.id).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.world.engine.close().await;
    }
}

fn names(reader: &Reader) -> Vec<String> {
    reader.views().iter().map(|view| view.name.clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_listed_ready_made_ones_first_and_private_ones_for_their_owner() {
    let people = People::new().await;
    let shared = |name: &str| CreateView { shared: true, ..CreateView::named(name) };
    people.make(people.ana, shared("éclair")).await;
    people.make(people.ana, shared("Zeta")).await;
    let own = people.make(people.bo, CreateView::named("Bo's own")).await;
    let ready = ["My issues", "Active", "Backlog", "Created by me"];
    assert_eq!(names(&people.reader(people.ana).await), [&ready[..], &["éclair", "Zeta"]].concat());
    assert_eq!(
        names(&people.reader(people.bo).await),
        [&ready[..], &["Bo's own", "éclair", "Zeta"]].concat()
    );
    assert!(people.reader(people.ana).await.view(own).is_none());
    assert_eq!(people.reader(people.bo).await.view(own).unwrap().name, "Bo's own");

    let delete = DeleteView { view: own, if_version: None };
    people.world.engine.execute(people.cx(people.bo), delete).await.unwrap();
    assert!(people.reader(people.bo).await.view(own).is_none());
    people.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ready_made_views_list_what_they_say() {
    let people = People::new().await;
    let issue = |title: &str| CreateIssue {
        title: title.into(),
        assignees: vec![people.bo],
        ..CreateIssue::in_team(people.world.team)
    };
    let mut issues = Vec::new();
    for title in ["Open", "Closed"] {
        let done = people.world.engine.execute(people.cx(people.ana), issue(title)).await.unwrap();
        issues.push(done.issue().unwrap());
    }
    let reader = people.reader(people.ana).await;
    let workflow = reader.directory().workflow_of(people.world.team).unwrap();
    let closed = workflow.first_of(StateCategory::Completed).unwrap().id;
    let close = IssuePatch { state: Some(closed), ..IssuePatch::default() };
    let close = UpdateIssue::new(issues[1].into(), close);
    people.world.engine.execute(people.cx(people.ana), close).await.unwrap();
    for (who, expected) in [(people.ana, [0, 1, 0, 2]), (people.bo, [1, 1, 0, 0])] {
        let reader = people.reader(who).await;
        for (view, expected) in ready_made().iter().zip(expected) {
            assert_eq!(reader.count(&view.filter).await.unwrap(), expected, "{}", view.name);
        }
    }
    people.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_at_hand_survives_a_restart_and_hides_what_is_no_longer_seen() {
    let people = People::new().await;
    let shared = CreateView { shared: true, ..CreateView::named("Shared") };
    let view = people.make(people.ana, shared).await;
    let views = vec![view, ready_made()[2].id];
    people.world.engine.execute(people.cx(people.bo), SetFavorites { views }).await.unwrap();
    let at_hand = async |people: &People, who| {
        let favorites = people.reader(who).await.favorites();
        favorites.iter().map(|view| view.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(at_hand(&people, people.bo).await, ["Shared", "Backlog"]);
    assert!(at_hand(&people, people.ana).await.is_empty());

    let People { world, ana, bo, folder } = people;
    let World { engine, founded, team } = world;
    engine.close().await;
    drop(engine);
    let engine = crate::engine::Engine::builder(folder.path()).open().await.unwrap();
    let people = People { world: World { engine, founded, team }, ana, bo, folder };
    assert_eq!(at_hand(&people, bo).await, ["Shared", "Backlog"]);

    let hide = UpdateView { shared: Some(false), ..UpdateView::of(view) };
    people.world.engine.execute(people.cx(ana), hide).await.unwrap();
    assert_eq!(at_hand(&people, bo).await, ["Backlog"]);
    people.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_tells_that_a_private_view_was_saved_and_not_what_it_holds() {
    let people = People::new().await;
    people.make(people.bo, CreateView::named("Bo's own")).await;
    let told = async |who| {
        let reader = people.reader(who).await;
        let events = reader.events(Seq::default(), 100).await.unwrap();
        let bodies = events.into_iter().filter_map(|event| event.body);
        let mut views = bodies.filter_map(|body| match body {
            EventBody::ViewSaved { after, .. } => Some((after.name, after.owner)),
            _ => None,
        });
        views.next().unwrap()
    };
    assert_eq!(told(people.ana).await, (String::new(), people.bo));
    let promote = crate::command::member::UpdateMember {
        member: people.bo,
        if_version: None,
        name: None,
        role: Some(Role::SuperAdmin),
        status: None,
        locale: None,
        time_zone: None,
    };
    people.world.engine.execute(people.cx(people.ana), promote).await.unwrap();
    assert_eq!(told(people.bo).await, ("Bo's own".to_owned(), people.bo));
    people.end().await;
}
