//! Companies move while they work, and nothing is lost or in two places.

mod unconfirmed;

pub(super) use unconfirmed::gated;

use super::{PASSWORD, World, create};
use crate::command::issue::CreateIssue;
use crate::context::Principal;
use crate::engine::{Destination, Engine, EngineBuilder, Founded, SignIn, SignedIn};
use crate::error::ErrorCode;
use crate::id::{IssueId, TenantId};
use crate::identity::Password;
use crate::limits::Limits;
use crate::model::{Home, Housing, Placement, Tier, Undertaking};
use crate::platform::NewTenant;
use crate::storage::{Place, StoreKind};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const KINDS: [StoreKind; 2] = [StoreKind::Sled, StoreKind::Fjall];

pub(super) async fn open(folder: &Path, kind: StoreKind) -> Engine {
    Engine::builder(folder).store(kind).open().await.unwrap()
}

pub(super) async fn found(engine: &Engine, slug: &str, tier: Tier) -> Founded {
    let new = NewTenant::new(slug, slug).with_team("ENG").with_tier(tier);
    engine.create_tenant(new).await.unwrap()
}

/// Whether a store holds nothing of a tenant.
async fn is_clear(engine: &Engine, tenant: TenantId, placement: &Placement) -> bool {
    engine.0.tenants.stores.is_clear(Place::of(tenant, placement), tenant).await.unwrap()
}

/// All issues are there, everything derived can be derived again, and there is no second copy.
async fn is_whole_at(engine: &Engine, tenant: TenantId, issues: &BTreeSet<IssueId>, placement: &Placement) {
    let record = engine.0.platform.tenant(tenant).unwrap();
    assert_eq!((&record.placement, &record.undertaking), (placement, &None));
    let report = engine.check(tenant).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!(report.issues, issues.len() as u64);
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    for id in issues {
        assert!(reader.issue(&(*id).into()).await.unwrap().is_some(), "{id} is lost");
    }
    for other in [Placement::Shard(0), Placement::Shard(5), Placement::Dedicated] {
        assert_eq!(is_clear(engine, tenant, &other).await, other != *placement, "{other}");
    }
}

async fn a_company_moves_while_it_works(kind: StoreKind) {
    const WRITERS: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), kind).await;
    let founded = Arc::new(found(&engine, "acme", Tier::Basic).await);
    let neighbour = found(&engine, "other", Tier::Basic).await;
    create(&engine, &neighbour, "Stays").await;
    let tenant = founded.tenant.id;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (engine, founded, stop) = (engine.clone(), founded.clone(), stop.clone());
            tokio::spawn(async move {
                let mut made = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    made.push(create(&engine, &founded, &format!("{writer} {}", made.len())).await);
                }
                made
            })
        })
        .collect();
    let mut from = Placement::Shard(0);
    for to in [Placement::Dedicated, Placement::Shard(5), Placement::Dedicated, Placement::Shard(0)] {
        let moved = engine.move_tenant(tenant, Destination::At(to.clone())).await.unwrap();
        assert_eq!((&moved.from, &moved.to), (&from, &to));
        assert!(moved.entries > 0 && !moved.paused.is_zero());
        from = to;
    }
    stop.store(true, Ordering::Relaxed);
    let mut made = BTreeSet::new();
    for writer in writers {
        made.extend(writer.await.unwrap());
    }
    is_whole_at(&engine, tenant, &made, &Placement::Shard(0)).await;
    engine.move_tenant(tenant, Destination::At(Placement::Dedicated)).await.unwrap();
    engine.close().await;
    drop(engine);
    let engine = open(folder.path(), kind).await;
    is_whole_at(&engine, tenant, &made, &Placement::Dedicated).await;
    assert_eq!(engine.check(neighbour.tenant.id).await.unwrap().issues, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_company_moves_while_it_works_on_sled() {
    a_company_moves_while_it_works(StoreKind::Sled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_company_moves_while_it_works_on_fjall() {
    a_company_moves_while_it_works(StoreKind::Fjall).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_work_with_a_company_do_not_notice_that_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tenant = world.founded.tenant.id;
    let sign_in = SignIn {
        tenant: "acme".into(),
        email: "ana@acme.test".into(),
        password: Password::new(PASSWORD.to_owned()),
        client: "a browser".into(),
    };
    let SignedIn::Tokens(tokens) = world.engine.sign_in(sign_in).await.unwrap() else {
        panic!("a challenge")
    };
    let mut follower = world.engine.follow(tenant, "test").await.unwrap();
    let events = follower.next(1_000).await.unwrap();
    follower.done(events.last().unwrap().seq).await.unwrap();
    let one = world.issue(Some("long ".repeat(20_000))).await;
    let reader = world.engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    let keyed = || world.cx().with_idempotency_key(Some("once".into()));
    let command = || CreateIssue { title: "Once".into(), ..CreateIssue::in_team(world.team) };
    let once = world.engine.execute(keyed(), command()).await.unwrap();

    world.engine.move_tenant(tenant, Destination::HomeOf(Tier::Platinum)).await.unwrap();

    assert!(reader.issue(&one.into()).await.unwrap().is_some(), "a reader of before");
    assert_eq!(follower.next(1_000).await.unwrap().len(), 2, "a follower of before");
    follower.done(once.seq).await.unwrap();
    let again = world.engine.execute(keyed(), command()).await.unwrap();
    assert_eq!((again.replayed, again.issue()), (true, once.issue()));
    world.engine.authenticate(tokens.access.expose()).await.unwrap();
    drop(reader);
    // And as it is read from the store it lies in.
    assert!(world.engine.unload(tenant).await.unwrap());
    world.engine.refresh(tokens.refresh.expose(), "a browser").await.unwrap();
    assert_eq!(world.engine.follow(tenant, "test").await.unwrap().at(), once.seq);
    assert!(world.engine.check(tenant).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn companies_live_where_their_tier_belongs_as_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let place = |founded: &Founded| founded.tenant.placement.clone();
    assert_eq!(place(&found(&engine, "basic", Tier::Basic).await), Placement::Shard(0));
    assert_eq!(place(&found(&engine, "premium", Tier::Premium).await), Placement::Shard(100));
    let platinum = found(&engine, "platinum", Tier::Platinum).await;
    assert_eq!(place(&platinum), Placement::Dedicated);
    create(&engine, &platinum, "One").await;
    assert!(is_clear(&engine, platinum.tenant.id, &Placement::Shard(0)).await);
    let already = engine.move_tenant(platinum.tenant.id, Destination::Home).await.unwrap();
    assert_eq!((already.entries, &already.from), (0, &already.to));
    engine.close().await;
    drop(engine);

    let two = |first| Home::Shards { numbers: first..=first + 1, tenants_max: 1 };
    let housing = Housing { basic: two(0), premium: Home::Dedicated, platinum: two(40) };
    let builder: EngineBuilder = Engine::builder(folder.path()).housing(housing);
    let engine = builder.open().await.unwrap();
    assert_eq!(place(&found(&engine, "basic-2", Tier::Basic).await), Placement::Shard(1));
    assert_eq!(place(&found(&engine, "basic-3", Tier::Basic).await), Placement::Shard(0));
    let moved = engine.move_tenant(platinum.tenant.id, Destination::Home).await.unwrap();
    assert_eq!(moved.to, Placement::Shard(40));
    assert_eq!(engine.check(platinum.tenant.id).await.unwrap().issues, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn more_companies_with_stores_of_their_own_work_than_may_be_open() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { stores_open_max: 4, ..Limits::default() };
        let engine = Engine::builder(folder.path()).store(kind).limits(limits).open().await.unwrap();
        let mut all = Vec::new();
        for n in 0..8 {
            all.push(Arc::new(found(&engine, &format!("tenant-{n}"), Tier::Platinum).await));
        }
        let work = all.iter().map(|founded| {
            let (engine, founded) = (engine.clone(), founded.clone());
            tokio::spawn(async move {
                for n in 0..5 {
                    create(&engine, &founded, &n.to_string()).await;
                }
            })
        });
        for work in work.collect::<Vec<_>>() {
            work.await.unwrap();
        }
        assert!(engine.stores_open() <= 4 && engine.stores_use().opened > 8);
        for founded in &all {
            let report = engine.check(founded.tenant.id).await.unwrap();
            assert!(report.is_clean() && report.issues == 5, "{report:#?}");
        }
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_interrupted_move_has_left_is_removed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Basic).await;
    let tenant = founded.tenant.id;
    let made = BTreeSet::from([create(&engine, &founded, "One").await]);
    for undertaking in [
        Undertaking::Copying { to: Placement::Dedicated, due: None },
        Undertaking::Leaving { from: Placement::Shard(5), due: None },
    ] {
        let left = undertaking.elsewhere().unwrap();
        let stores = &engine.0.tenants.stores;
        let lease = stores.enter(Place::of(tenant, left)).await.unwrap();
        let half = vec![(b"Dhalf".to_vec(), Some(bytes::Bytes::from_static(b"a row")))];
        lease.store().adopt(tenant, half).await.unwrap();
        drop(lease);
        engine.amend(tenant, |record| record.undertaking = Some(undertaking.clone())).await.unwrap();
        engine.close().await;
        drop(engine);
        engine = open(folder.path(), StoreKind::Fjall).await;
        engine.finished().await;
        is_whole_at(&engine, tenant, &made, &Placement::Shard(0)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_is_not_there_is_not_moved() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let refused = engine.move_tenant(TenantId::generate(), Destination::Home).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_waits_until_a_move_has_stopped_and_the_company_is_whole_in_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Basic).await;
    let tenant = founded.tenant.id;
    let made = BTreeSet::from([create(&engine, &founded, "One").await]);
    let moving = tokio::spawn({
        let engine = engine.clone();
        async move { engine.move_tenant(tenant, Destination::At(Placement::Dedicated)).await.map(|m| m.to) }
    });
    engine.close().await;
    assert!(engine.0.undertakings.turn().await.is_err(), "nothing is begun any more");
    let expected = match moving.await.unwrap() {
        Ok(to) => to,
        // What was written before it was stopped says where.
        Err(_) => engine.0.platform.tenant(tenant).unwrap().placement.clone(),
    };
    drop(engine);
    let engine = open(folder.path(), StoreKind::Fjall).await;
    engine.finished().await;
    is_whole_at(&engine, tenant, &made, &expected).await;
    create(&engine, &founded, "Two").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_whose_writes_cannot_be_held_back_in_time_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Basic).await;
    let tenant = founded.tenant.id;
    let made = BTreeSet::from([create(&engine, &founded, "One").await]);
    let residence = engine.0.tenants.residence(&founded.tenant);
    let held = residence.pause().await;
    let refused = engine.move_tenant(tenant, Destination::At(Placement::Dedicated)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    assert!(refused.message().contains("stays where it is"), "{refused}");
    drop(held);
    is_whole_at(&engine, tenant, &made, &Placement::Shard(0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_was_on_its_way_to_where_its_tier_lives_gets_there_after_a_restart() {
    for place in [Placement::Shard(0), Placement::Shard(5)] {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path(), StoreKind::Fjall).await;
        let new = NewTenant::new("acme", "Acme").with_team("ENG").with_tier(Tier::Platinum);
        let founded = engine.create_tenant(new.with_placement(place.clone())).await.unwrap();
        let tenant = founded.tenant.id;
        let made = BTreeSet::from([create(&engine, &founded, "One").await]);
        let copying = match place {
            Placement::Shard(0) => Undertaking::Copying { to: Placement::Dedicated, due: Some(true) },
            _ => Undertaking::Leaving { from: Placement::Shard(0), due: Some(true) },
        };
        engine.amend(tenant, |record| record.undertaking = Some(copying)).await.unwrap();
        engine.close().await;
        drop(engine);
        let engine = open(folder.path(), StoreKind::Fjall).await;
        engine.finished().await;
        is_whole_at(&engine, tenant, &made, &Placement::Dedicated).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_homes_that_makes_no_sense_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let premium = Home::Shards { numbers: 50..=200, tenants_max: 20 };
    let housing = Housing { premium, ..Housing::default() };
    let refused = Box::pin(Engine::builder(folder.path()).housing(housing).open()).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("housing")));
}
