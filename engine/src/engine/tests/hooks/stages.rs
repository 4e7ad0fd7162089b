//! What a plugin stages: each step sees those before it, others are asked about the whole, and it is durable with its place.

use super::*;
use crate::command::issue::CreateRelation;
use crate::command::plugin::{ChangeInstallation, DisableInstallation, RemoveInstallation};
use crate::error::Result;
use crate::filter::Link;
use crate::id::CommentId;
use crate::model::{RelationKind, Seq};
use crate::rows::{self, FollowerCursor};
use crate::tenant::Committed;

fn comment(id: Option<CommentId>, issue: IssueId, body: &str, parent: Option<CommentId>) -> Step {
    Step::Comment(CreateComment { id, issue: issue.into(), body: body.into(), parent })
}

fn named(world: &World, id: IssueId, title: &str) -> Step {
    Step::Create(CreateIssue { id: Some(id), title: title.into(), ..new(world) })
}

async fn stage(world: &World, by_whom: &Installation, steps: Vec<Step>) -> Result<Committed> {
    world.engine.execute(by(world, by_whom, 1), Staged { steps, records: vec![], as_of: None }).await
}

#[tokio::test]
async fn a_step_sees_the_issues_relations_and_comments_of_those_before_it() {
    let (_folder, world, _) = played(Script::new()).await;
    let one = install(&world, "one", |_| {}).await;
    let one = installation(&world, one).await;
    let (a, b, said) = (IssueId::generate(), IssueId::generate(), CommentId::generate());
    let link = Link { kind: RelationKind::Blocks, reversed: false };
    let relate = |from: IssueId, to: IssueId| {
        Step::Relate(CreateRelation {
            issue: from.into(),
            link,
            other: to.into(),
            if_version: None,
            close: false,
        })
    };
    let steps = vec![
        named(&world, a, "A"),
        named(&world, b, "B"),
        comment(Some(said), a, "hello", None),
        comment(None, a, "hello to you", Some(said)),
        relate(a, b),
    ];
    stage(&world, &one, steps).await.unwrap();
    let (made_a, made_b) = (issue(&world.engine, &world, a).await, issue(&world.engine, &world, b).await);
    assert_eq!(made_a.number + 1, made_b.number);
    assert_eq!((made_a.comment_count, made_a.relations.len()), (2, 1));
    // An answer to what is there already, and a circle that a step before would close.
    stage(&world, &one, vec![comment(None, a, "again", Some(said))]).await.unwrap();
    let c = IssueId::generate();
    let refused =
        stage(&world, &one, vec![named(&world, c, "C"), relate(b, c), relate(c, a)]).await.unwrap_err();
    assert_eq!(refused.item(), Some(2), "{refused:?}");
    let twice = vec![comment(Some(said), a, "the same id", None)];
    assert_eq!(stage(&world, &one, twice).await.unwrap_err().code(), ErrorCode::Conflict);
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

#[tokio::test]
async fn what_another_plugin_denies_says_which_step_it_was_and_whose_word_that_is() {
    let script = Script::new().denying(|name, proposal| match (name, proposal.comment.as_deref()) {
        ("other", Some("spam")) => no("not that"),
        ("other", None) if proposal.after.title == "No" => no("not this one"),
        _ => Ok(None),
    });
    let (_folder, world, _) = played(script).await;
    let one = install(&world, "one", |_| {}).await;
    install(&world, "other", |_| {}).await;
    let one = installation(&world, one).await;
    let (a, b) = (IssueId::generate(), IssueId::generate());
    let steps = vec![named(&world, a, "A"), comment(None, a, "spam", None)];
    let refused = stage(&world, &one, steps).await.unwrap_err();
    assert_eq!((refused.item(), refused.message()), (Some(1), "item 1: other: not that"));
    let refused = stage(&world, &one, vec![named(&world, a, "A"), named(&world, b, "No")]).await.unwrap_err();
    assert_eq!((refused.item(), refused.message()), (Some(1), "item 1: other: not this one"));
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    assert_eq!(reader.issues_by_id(&[a, b]).await.unwrap(), [None, None], "all of it or nothing");
}

#[tokio::test]
async fn a_stage_and_its_place_are_there_together_when_the_engine_is_opened_anew() {
    let (folder, world, _) = played(Script::new()).await;
    let id = install(&world, "one", |_| {}).await;
    let one = installation(&world, id).await;
    let made = IssueId::generate();
    let follower = Installation::follower_of(id);
    let records = vec![
        PluginRecord::Place(follower.clone(), Seq(7)),
        PluginRecord::Entry(id, b"kv/a".to_vec(), Some(vec![1])),
    ];
    let staged = Staged { steps: vec![named(&world, made, "A")], records, as_of: None };
    world.engine.execute(by(&world, &one, 1), staged).await.unwrap();
    // One that is refused moves its place no further.
    let records = vec![PluginRecord::Place(follower.clone(), Seq(9))];
    let staged = Staged { steps: vec![named(&world, made, "A")], records, as_of: None };
    assert!(world.engine.execute(by(&world, &one, 1), staged).await.is_err());
    let World { engine, founded, team } = world;
    engine.close().await;
    drop(engine);
    let engine = Engine::builder(folder.path()).store(crate::storage::StoreKind::Fjall).open().await.unwrap();
    let world = World { engine, founded, team };
    assert_eq!(issue(&world.engine, &world, made).await.title, "A");
    let tenant = world.founded.tenant.id;
    let live = world.engine.live(tenant).await.unwrap();
    let place = live.store().get::<FollowerCursor>(&rows::follower(&follower)).await.unwrap();
    assert_eq!(place.map(|cursor| cursor.seq), Some(Seq(7)));
    let room = world.engine.plugin_room(tenant, id).await.unwrap();
    assert_eq!(room.get(b"kv/a").await.unwrap(), Some(vec![1]));
}

#[tokio::test]
async fn as_much_as_fits_into_one_batch_can_be_staged_and_no_more() {
    let (_folder, world, _) = played(Script::new()).await;
    let one = install(&world, "one", |_| {}).await;
    let one = installation(&world, one).await;
    let some = |number: usize| -> Vec<Step> { (0..number).map(|_| Step::Create(new(&world))).collect() };
    let done = stage(&world, &one, some(50)).await.unwrap();
    assert_eq!(done.events.len(), 50);
    for too_many in [51, 100, 101] {
        let refused = stage(&world, &one, some(too_many)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidInput, "{too_many}: {refused:?}");
    }
    // The writer goes on where it was.
    let next = made(&world, new(&world)).await;
    assert_eq!(next.number, 51);
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

#[tokio::test]
async fn what_a_plugin_staged_before_it_was_changed_or_switched_off_does_not_happen() {
    let (_folder, world, _) = played(Script::new()).await;
    let id = install(&world, "one", |_| {}).await;
    let one = installation(&world, id).await;
    let stage = |as_of: Option<u64>| {
        let staged = Staged { steps: vec![Step::Create(new(&world))], records: vec![], as_of };
        world.engine.execute(by(&world, &one, 1), staged)
    };
    stage(Some(one.version)).await.unwrap();
    let rename = ChangeInstallation { name: Some("Other".into()), ..ChangeInstallation::of(id) };
    world.engine.execute(world.cx(), rename).await.unwrap();
    assert_eq!(stage(Some(one.version)).await.unwrap_err().code(), ErrorCode::Conflict);
    stage(None).await.unwrap();
    let changed = installation(&world, id).await;
    world.engine.execute(world.cx(), DisableInstallation { id, reason: None }).await.unwrap();
    assert_eq!(stage(Some(changed.version)).await.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(stage(None).await.unwrap_err().code(), ErrorCode::Conflict);
    // It is told of its own end, and may see to what is left.
    let disabled = installation(&world, id).await;
    stage(Some(disabled.version)).await.unwrap();
    world.engine.remove_installation(world.cx(), RemoveInstallation { id }).await.unwrap();
    assert!(stage(Some(disabled.version + 1)).await.is_err());
}
