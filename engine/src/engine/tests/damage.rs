//! Each kind of damage to what is derived is found by the check.

use super::World;
use crate::command::comment::CreateComment;
use crate::command::label::CreateLabel;
use crate::command::view::CreateView;
use crate::id::{CommentId, IssueId, LabelId};
use crate::model::{Comment, Issue, Label, Relation, RelationKind};
use crate::rows::{self, CommentPlace, LongText};
use crate::saved_view::{Favorites, SavedView};
use crate::storage::{Batch, CommitOutcome};
use std::pin::Pin;

struct Things {
    issue: Issue,
    comment: Comment,
    label: Label,
    view: SavedView,
    key: crate::id::ApiKeyId,
}

async fn things(world: &World) -> Things {
    let issue = world.issue(Some("long ".repeat(1_000))).await;
    let (comment, label) = (CommentId::generate(), LabelId::generate());
    let write = CreateComment { id: Some(comment), issue: issue.into(), body: "Yes.".into(), parent: None };
    world.engine.execute(world.cx(), write).await.unwrap();
    let mark = CreateLabel { id: Some(label), name: "ui".into(), color: None, description: None, team: None };
    world.engine.execute(world.cx(), mark).await.unwrap();
    let ana = world.founded.admin.unwrap();
    let (done, _) =
        world.engine.create_api_key(world.cx(), crate::engine::NewApiKey::new(ana, "ci")).await.unwrap();
    let Some(crate::event::Subject::Key(key)) = done.subjects.first().copied() else { panic!("no key") };
    let view = CreateView { shared: true, ..CreateView::named("All") };
    let saved = world.engine.execute(world.cx(), view).await.unwrap();
    let Some(crate::event::Subject::View(view)) = saved.subjects.first().copied() else { panic!("no view") };
    let live = world.engine.live(world.founded.tenant.id).await.unwrap();
    let stored = live.store().get::<Issue>(&rows::issue(issue)).await.unwrap().unwrap();
    let said = live.store().get::<Comment>(&rows::comment(issue, comment)).await.unwrap().unwrap();
    let label = Label::clone(live.directory().label(label).unwrap());
    let view = SavedView::clone(live.directory().view(view).unwrap());
    Things { issue: stored, comment: said, label, view, key }
}

/// Does the damage in a world of its own, and looks for the words in the check's report.
fn is_found(words: &'static str, damage: impl Fn(&mut Batch, &Things)) -> Pin<Box<impl Future<Output = ()>>> {
    // A whole life of an engine is a large future.
    Box::pin(async move {
        let folder = tempfile::tempdir().unwrap();
        let world = World::found(folder.path()).await;
        let things = things(&world).await;
        let tenant = world.founded.tenant.id;
        let report = world.engine.check(tenant).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        let mut batch = Batch::new();
        damage(&mut batch, &things);
        let outcome = world.engine.live(tenant).await.unwrap().store().commit(batch).await;
        assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
        let report = world.engine.check(tenant).await.unwrap();
        assert!(report.differences.iter().any(|d| d.contains(words)), "`{words}` is not in {report:#?}");
        world.engine.close().await;
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_issues() {
    let changed = |batch: &mut Batch, things: &Things| {
        let issue = Issue { title: "Another".into(), ..things.issue.clone() };
        batch.put(rows::issue(issue.id), &issue).unwrap();
    };
    is_found("the log makes", changed).await;
    is_found("the cached row is not the stored one", changed).await;
    is_found("differs from its stored row", changed).await;
    is_found("issues are stored", |batch, things| batch.delete(rows::issue(things.issue.id))).await;
    is_found("the log knows nothing of it", |batch, things| {
        let issue = Issue { id: IssueId::generate(), number: 99, ..things.issue.clone() };
        batch.put(rows::issue(issue.id), &issue).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_relations() {
    fn injured(batch: &mut Batch, things: &Things, relations: Vec<Relation>) {
        let issue = Issue { relations, ..things.issue.clone() };
        batch.put(rows::issue(issue.id), &issue).unwrap();
    }
    let blocks = |to| Relation { kind: RelationKind::Blocks, to };
    let lost = |batch: &mut Batch, things: &Things| injured(batch, things, vec![blocks(IssueId::generate())]);
    is_found("which is not stored", lost).await;
    is_found("differs from its stored row", lost).await;
    is_found("has the relation BLOCKS to itself", |batch, things| {
        injured(batch, things, vec![blocks(things.issue.id)]);
    })
    .await;
    is_found("not in order, each once", |batch, things| {
        injured(batch, things, vec![blocks(things.issue.id); 2]);
    })
    .await;
    is_found("2 issues lead to a circle", |batch, things| {
        let other = Issue { id: IssueId::generate(), number: 99, ..things.issue.clone() };
        injured(batch, things, vec![blocks(other.id)]);
        let back = Issue { relations: vec![blocks(things.issue.id)], ..other };
        batch.put(rows::issue(back.id), &back).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_long_texts() {
    let text = "the stored description is not what the log says";
    is_found(text, |batch, things| batch.delete(rows::long_text(things.issue.id))).await;
    is_found(text, |batch, things| {
        batch.put(rows::long_text(things.issue.id), &LongText { text: "x".into() }).unwrap();
    })
    .await;
    is_found("long descriptions are stored", |batch, _| {
        batch.put(rows::long_text(IssueId::generate()), &LongText { text: "x".into() }).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_comments() {
    is_found("comment cmt_", |batch, things| {
        let comment = Comment { body: "No.".into(), ..things.comment.clone() };
        batch.put(rows::comment(comment.issue, comment.id), &comment).unwrap();
    })
    .await;
    is_found("comments, and has 0", |batch, things| {
        batch.delete(rows::comment(things.comment.issue, things.comment.id));
    })
    .await;
    is_found("is not found by its id", |batch, things| {
        batch.delete(rows::comment_place(things.comment.id));
    })
    .await;
    is_found("comments can be found by id", |batch, things| {
        let place = CommentPlace { issue: things.issue.id };
        batch.put(rows::comment_place(CommentId::generate()), &place).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_small_tables_and_keys() {
    is_found("labels", |batch, things| batch.delete(rows::label(things.label.id))).await;
    is_found("labels", |batch, things| {
        let label = Label { color: "#000000".into(), ..things.label.clone() };
        batch.put(rows::label(label.id), &label).unwrap();
    })
    .await;
    is_found("views", |batch, things| batch.delete(rows::view(things.view.id))).await;
    is_found("favorites", |batch, things| {
        let favorites = Favorites { member: things.view.owner, views: vec![things.view.id] };
        batch.put(rows::favorites(favorites.member), &favorites).unwrap();
    })
    .await;
    is_found("API keys", |batch, things| batch.delete(rows::api_key(things.key))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_read_is_a_difference_and_the_rest_is_checked() {
    is_found("cannot be read to the end", |batch, things| {
        // A row of another kind stands in the issue's place.
        batch.put(rows::issue(things.issue.id), &LongText { text: "x".into() }).unwrap();
    })
    .await;
}
