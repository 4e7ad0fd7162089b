//! What a company may have, kept while it writes as fast as it can, and across restarts.

mod deals;

use super::{World, cx};
use crate::command::issue::{CreateIssue, DeleteIssue, RestoreIssue};
use crate::command::member::{AddMember, RemoveMember, UpdateMember};
use crate::command::workflow::{CreateWorkflow, UpdateWorkflow};
use crate::context::{OpContext, Principal};
use crate::engine::Engine;
use crate::entitlement::DELETED_COUNTS_MS;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Subject;
use crate::id::{IssueId, MemberId};
use crate::model::{EntitlementKey, EntitlementValue, MemberStatus, Role, Tier};
use crate::platform::NewTenant;
use crate::storage::StoreKind;
use crate::tenant::Committed;
use crate::time::{Clock, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A world with a clock that is set by hand.
struct Dated {
    world: World,
    hand: Arc<AtomicI64>,
}

impl Dated {
    async fn found(folder: &Path) -> Self {
        let hand = Arc::new(AtomicI64::new(1_772_366_400_000));
        let read = hand.clone();
        let clock = Clock::from_fn(move || Timestamp::from_millis(read.load(Ordering::Relaxed)));
        let engine = Engine::builder(folder).store(StoreKind::Fjall).clock(clock).open().await.unwrap();
        let founded = engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await.unwrap();
        let team = founded.team.unwrap();
        Self { world: World { engine, founded, team }, hand }
    }

    fn wait(&self, millis: i64) {
        self.hand.fetch_add(millis, Ordering::Relaxed);
    }
}

impl World {
    async fn agree(&self, key: EntitlementKey, count: u64) {
        let value = Some((EntitlementValue::Count(count), None));
        self.engine.override_entitlement(self.cx(), key, value).await.unwrap();
    }

    async fn try_issue(&self) -> Result<Committed> {
        let command = CreateIssue { title: "One".into(), ..CreateIssue::in_team(self.team) };
        self.engine.execute(self.cx(), command).await
    }

    async fn used(&self, key: EntitlementKey) -> Option<u64> {
        let us = Principal::trusted_system(self.founded.tenant.id);
        let all = self.engine.entitlements(&us).await.unwrap();
        all.iter().find(|entitlement| entitlement.key == key).unwrap().used
    }

    async fn member(&self, n: usize) -> Result<MemberId> {
        let command = AddMember {
            id: None,
            email: format!("m{n}@acme.test"),
            name: format!("M {n}"),
            role: Role::User,
            password_hash: None,
        };
        let done = self.engine.execute(self.cx(), command).await?;
        Ok(done
            .subjects
            .iter()
            .find_map(|s| if let Subject::Member(id) = s { Some(*id) } else { None })
            .unwrap())
    }

    async fn is_whole(&self) {
        let report = self.engine.check(self.founded.tenant.id).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }
}

#[track_caller]
fn refused(error: &Error, key: EntitlementKey, limit: u64, used: u64) {
    assert_eq!(error.code(), ErrorCode::EntitlementExceeded, "{error:?}");
    let exceeded = error.exceeded().unwrap();
    assert_eq!((exceeded.key.as_str(), exceeded.limit, exceeded.used), (key.as_str(), limit, used));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_creates_at_the_limit_never_pass_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::found_as(Engine::builder(folder.path()), Tier::Basic).await);
    world.agree(EntitlementKey::Issues, 40).await;
    for _ in 0..39 {
        world.try_issue().await.unwrap();
    }
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.try_issue().await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => refused(&error, EntitlementKey::Issues, 40, 40),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(world.used(EntitlementKey::Issues).await, Some(40));
    world.is_whole().await;
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_waits_to_become_durable_counts_and_the_first_to_come_get_the_last_places() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::found_as(Engine::builder(folder.path()), Tier::Basic).await);
    world.agree(EntitlementKey::Issues, 25).await;
    // All of them are on their way before the first is durable.
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.try_issue().await.is_ok() })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.unwrap());
    }
    assert_eq!(made, 25);
    world.engine.unload(world.founded.tenant.id).await.unwrap();
    refused(&world.try_issue().await.unwrap_err(), EntitlementKey::Issues, 25, 25);
    world.is_whole().await;
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_issue_counts_for_thirty_days_and_takes_room_again_when_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let Dated { world, hand } = Dated::found(folder.path()).await;
    let dated = Dated { world, hand };
    let world = &dated.world;
    world.agree(EntitlementKey::Issues, 2).await;
    let ids: Vec<IssueId> = vec![world.issue(None).await, world.issue(None).await];
    let delete = DeleteIssue { issue: ids[0].into(), if_version: None };
    let restore = || RestoreIssue { issue: ids[0].into() };
    world.engine.execute(world.cx(), delete.clone()).await.unwrap();
    refused(&world.try_issue().await.unwrap_err(), EntitlementKey::Issues, 2, 2);
    // While it counts, taking it back takes nothing.
    world.engine.execute(world.cx(), restore()).await.unwrap();
    world.engine.execute(world.cx(), delete).await.unwrap();

    dated.wait(DELETED_COUNTS_MS - 1);
    refused(&world.try_issue().await.unwrap_err(), EntitlementKey::Issues, 2, 2);
    dated.wait(1);
    assert_eq!(world.used(EntitlementKey::Issues).await, Some(1));
    world.try_issue().await.unwrap();
    let error = world.engine.execute(world.cx(), restore()).await.unwrap_err();
    refused(&error, EntitlementKey::Issues, 2, 2);
    world.engine.unload(world.founded.tenant.id).await.unwrap();
    assert_eq!(world.used(EntitlementKey::Issues).await, Some(2));
    world.is_whole().await;
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_suspended_or_removed_frees_a_seat_and_takes_one_when_they_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let mut people = Vec::new();
    for n in 0..4 {
        people.push(world.member(n).await.unwrap());
    }
    refused(&world.member(9).await.unwrap_err(), EntitlementKey::Users, 5, 5);
    let status = |member, status| UpdateMember { status: Some(status), ..UpdateMember::of(member) };
    world.engine.execute(world.cx(), status(people[0], MemberStatus::Suspended)).await.unwrap();
    world.engine.execute(world.cx(), RemoveMember { member: people[1] }).await.unwrap();
    assert_eq!(world.used(EntitlementKey::Users).await, Some(3));
    world.member(5).await.unwrap();
    world.engine.execute(world.cx(), status(people[0], MemberStatus::Active)).await.unwrap();
    let back = world.engine.execute(world.cx(), status(people[1], MemberStatus::Active)).await.unwrap_err();
    refused(&back, EntitlementKey::Users, 5, 5);
    assert_eq!(back.exceeded().unwrap().upgrade_to.as_deref(), Some("PREMIUM"));
    // Nobody's name or role is in the way.
    let rename = UpdateMember { name: Some("Max".into()), ..status(people[0], MemberStatus::Active) };
    world.engine.execute(world.cx(), rename).await.unwrap();
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_tier_deletes_nothing_and_lets_change_but_not_add() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let tenant = world.engine.set_tier(world.cx(), Tier::Premium).await.unwrap();
    assert_eq!((tenant.tier, tenant.version), (Tier::Premium, 2));
    for n in 0..8 {
        world.member(n).await.unwrap();
    }
    let us = Principal::trusted_system(tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    let workflow = reader.directory().workflows().next().unwrap().id;
    let rename =
        |name: &str| UpdateWorkflow { workflow, if_version: None, name: Some(name.into()), mode: None };
    world.engine.execute(world.cx(), rename("Ours")).await.unwrap();

    world.engine.set_tier(world.cx(), Tier::Basic).await.unwrap();
    refused(&world.member(20).await.unwrap_err(), EntitlementKey::Users, 5, 9);
    let another = CreateWorkflow::named("Another");
    let error = world.engine.execute(world.cx(), another).await.unwrap_err();
    refused(&error, EntitlementKey::CustomWorkflows, 0, 0);
    let reader = world.engine.reader(&us).await.unwrap();
    assert_eq!(reader.directory().members().filter(|m| m.is_active()).count(), 9);
    assert_eq!(reader.directory().workflow(workflow).unwrap().name, "Ours");
    world.issue(None).await;
    world.is_whole().await;
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sold_and_agreed_is_in_the_log_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let id = world.founded.tenant.id;
    world.engine.set_tier(world.cx(), Tier::Platinum).await.unwrap();
    world.engine.set_tier(world.cx(), Tier::Platinum).await.unwrap();
    world.agree(EntitlementKey::Users, 7).await;
    world.agree(EntitlementKey::Issues, 9).await;
    world.engine.override_entitlement(world.cx(), EntitlementKey::Users, None).await.unwrap();
    let mut follower = world.engine.follow(id, "sold").await.unwrap();
    let events = follower.next(100).await.unwrap();
    let said: Vec<&str> =
        events.iter().filter_map(|event| event.body.as_ref()).map(|body| body.name()).collect();
    let sold = said.iter().filter(|name| **name == "tenant.tier_changed").count();
    let agreed = said.iter().filter(|name| **name == "tenant.entitlement_agreed").count();
    assert_eq!((sold, agreed), (1, 3), "{said:?}");
    follower.done(events.last().unwrap().seq).await.unwrap();
    world.is_whole().await;
    world.engine.close().await;
    drop((world, follower));

    let engine = Engine::builder(folder.path()).open().await.unwrap();
    let all = engine.entitlements(&Principal::trusted_system(id)).await.unwrap();
    let value =
        |key| all.iter().find(|entitlement| entitlement.key == key).map(|e| (&e.value, e.agreed)).unwrap();
    assert_eq!(value(EntitlementKey::Users), (&EntitlementValue::Unlimited, false));
    assert_eq!(value(EntitlementKey::Issues), (&EntitlementValue::Count(9), true));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_agreed_is_refused_and_members_agree_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let past = Timestamp::from_millis(0);
    for (key, value, until, field) in [
        (EntitlementKey::Users, EntitlementValue::Flag(true), None, "value"),
        (EntitlementKey::Sla, EntitlementValue::Count(1), None, "value"),
        (EntitlementKey::Sla, EntitlementValue::Words(vec!["\n".into()]), None, "value"),
        (EntitlementKey::BurstPerSecond, EntitlementValue::Count(0), None, "value"),
        (EntitlementKey::Users, EntitlementValue::Count(1), Some(past), "until"),
    ] {
        let error =
            world.engine.override_entitlement(world.cx(), key, Some((value, until))).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some(field)), "{key}");
    }
    let ana = Principal::trusted_member(world.founded.tenant.id, world.founded.admin.unwrap());
    let error = world.engine.set_tier(OpContext::new(ana), Tier::Platinum).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_counted_by_who_makes_them_until_the_day_ends() {
    let folder = tempfile::tempdir().unwrap();
    let dated = Dated::found(folder.path()).await;
    let world = &dated.world;
    let tenant = world.founded.tenant.id;
    let person = Principal::trusted_member(tenant, world.member(1).await.unwrap());
    world.agree(EntitlementKey::SessionCallsPerDay, 3).await;
    for used in 1..=3 {
        let calls = world.engine.count_call(&person).await.unwrap().unwrap();
        assert_eq!((calls.limit, calls.used), (Some(3), used));
    }
    let error = world.engine.count_call(&person).await.unwrap_err();
    let midnight = "2026-03-02T00:00:00Z".parse().unwrap();
    assert_eq!(error.code(), ErrorCode::RateLimited);
    assert_eq!(error.exceeded().unwrap().resets_at, Some(midnight));
    assert_eq!(world.engine.count_call(&cx(&world.founded).principal).await.unwrap(), None);
    assert_eq!(world.used(EntitlementKey::SessionCallsPerDay).await, Some(3));
    assert_eq!(world.used(EntitlementKey::ApiCallsPerDay).await, Some(0));
    dated.wait(12 * 60 * 60 * 1000);
    assert_eq!(world.engine.count_call(&person).await.unwrap().unwrap().used, 1);
    world.engine.close().await;
}
