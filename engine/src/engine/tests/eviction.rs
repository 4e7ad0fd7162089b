//! Tenants leave memory and come back, and nobody notices.

use super::gate::{Answers, Gate};
use super::lost::until;
use super::{PASSWORD, World, create, cx};
use crate::command::issue::CreateIssue;
use crate::context::Principal;
use crate::engine::tenants::Tenants;
use crate::engine::{Engine, Founded, SignIn};
use crate::error::ErrorCode;
use crate::filter::{Filter, Sort, SortKey};
use crate::identity::Password;
use crate::limits::Limits;
use crate::platform::NewTenant;
use crate::query::{IssuePageRequest, Window};
use crate::storage::{KeyRing, MasterKey, MasterKeySource, StoreKind, StoreOptions, Stores, open_store};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// An engine in which hardly a tenant has room, and so many tenants.
async fn crowded(folder: &Path, tenants: usize) -> (Engine, Vec<Founded>) {
    let limits = Limits { view_memory_bytes: 1, ..Limits::default() };
    let engine = Engine::builder(folder).store(StoreKind::Fjall).limits(limits).open().await.unwrap();
    let mut founded = Vec::new();
    for n in 0..tenants {
        let new = NewTenant::new(format!("tenant-{n}"), "Acme").with_team("ENG");
        founded.push(engine.create_tenant(new).await.unwrap());
    }
    (engine, founded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_hidden_while_tenants_come_and_go() {
    const WRITERS: usize = 12;
    const ROUNDS: usize = 25;
    let folder = tempfile::tempdir().unwrap();
    let (engine, founded) = crowded(folder.path(), 6).await;
    let founded = Arc::new(founded);
    let work = (0..WRITERS).map(|writer| {
        let (engine, founded) = (engine.clone(), founded.clone());
        tokio::spawn(async move {
            let mut made = Vec::new();
            for round in 0..ROUNDS {
                let tenant = &founded[(writer + round * 5) % founded.len()];
                let id = create(&engine, tenant, &format!("{writer} {round}")).await;
                made.push((tenant.tenant.id, id));
                // Whoever was told of a change finds it in the next read, and all that came before.
                for (at, id) in made.iter().filter(|(at, _)| *at == tenant.tenant.id) {
                    let reader = engine.reader(&Principal::trusted_system(*at)).await.unwrap();
                    assert!(reader.issue(&(*id).into()).await.unwrap().is_some());
                }
                engine.unload(founded[(writer + round) % founded.len()].tenant.id).await.unwrap();
            }
            made
        })
    });
    let mut made = Vec::new();
    for work in work.collect::<Vec<_>>() {
        made.extend(work.await.unwrap());
    }
    for tenant in founded.iter() {
        let report = engine.check(tenant.tenant.id).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        let expected = made.iter().filter(|(at, _)| *at == tenant.tenant.id).count();
        assert_eq!(report.issues, expected as u64);
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_that_nobody_uses_leave_when_memory_is_short_and_the_last_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, founded) = crowded(folder.path(), 5).await;
    for tenant in &founded {
        create(&engine, tenant, "One").await;
    }
    // Who brings an index up to date holds a tenant for a moment.
    let alone = async || {
        crate::engine::keeper::make_room(&engine.0.tenants).await;
        engine.memory().tenants == 1
    };
    until(alone).await;
    assert!(engine.memory().bytes > 0);
    assert!(engine.0.tenants.loaded(founded[4].tenant.id).is_some());
    // What somebody holds stays too.
    let held = engine.reader(&Principal::trusted_system(founded[0].tenant.id)).await.unwrap();
    engine.reader(&Principal::trusted_system(founded[1].tenant.id)).await.unwrap();
    let loaded = |at: usize| engine.0.tenants.loaded(founded[at].tenant.id).is_some();
    let held_and_last = async || {
        crate::engine::keeper::make_room(&engine.0.tenants).await;
        [loaded(0), loaded(1), loaded(4)] == [true, true, false]
    };
    until(held_and_last).await;
    drop(held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_go_on_where_they_were_though_the_tenant_left_in_between() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tenant = world.founded.tenant.id;
    let mut expected = BTreeSet::new();
    for _ in 0..25 {
        expected.insert(world.issue(None).await);
    }
    let us = Principal::trusted_system(tenant);
    let (mut seen, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let reader = world.engine.reader(&us).await.unwrap();
        assert!(!world.engine.unload(tenant).await.unwrap(), "a reader is held");
        let request = IssuePageRequest {
            filter: Filter::everything(),
            sort: vec![Sort { key: SortKey::Updated, descending: true, nulls_first: false }],
            window: Window::First(4, after.take()),
        };
        let page = reader.issues(&request).await.unwrap();
        seen.extend(page.issues.iter().map(|issue| issue.id));
        after = page.cursors.of(page.issues.len() - 1);
        drop((page, reader));
        assert!(world.engine.unload(tenant).await.unwrap());
        if seen.len() == expected.len() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_and_an_ended_session_are_known_after_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tenant = world.founded.tenant.id;
    let command = || CreateIssue { title: "Once".into(), ..CreateIssue::in_team(world.team) };
    let keyed = || world.cx().with_idempotency_key(Some("once".into()));
    let first = world.engine.execute(keyed(), command()).await.unwrap();
    let (slug, email) = ("acme".to_owned(), "ana@acme.test".to_owned());
    let password = Password::new(PASSWORD.to_owned());
    let sign_in = SignIn { tenant: slug, email, password, client: "a browser".into() };
    let signed_in = world.engine.sign_in(sign_in).await.unwrap();
    let crate::engine::SignedIn::Tokens(tokens) = signed_in else { panic!("a challenge") };
    world.engine.authenticate(tokens.access.expose()).await.unwrap();
    world.engine.sign_out(tokens.refresh.expose(), "a browser").await.unwrap();

    assert!(world.engine.unload(tenant).await.unwrap());
    let again = world.engine.execute(keyed(), command()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.issue(), first.issue());
    let refused = world.engine.authenticate(tokens.access.expose()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_keeps_no_tenant_in_memory_and_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tenant = world.founded.tenant.id;
    let mut follower = world.engine.follow(tenant, "test").await.unwrap();
    let known = follower.next(1_000).await.unwrap().last().unwrap().seq;
    follower.done(known).await.unwrap();
    assert!(world.engine.unload(tenant).await.unwrap());

    let heard = tokio::spawn(async move { follower.next(1_000).await.map(|events| (events, follower)) });
    let issue = world.issue(None).await;
    let (events, follower) = heard.await.unwrap().unwrap();
    assert_eq!(events[0].subject, crate::event::Subject::Issue(issue));
    // It is told when the engine is gone.
    let at = events.last().unwrap().seq;
    let mut follower = follower;
    follower.done(at).await.unwrap();
    let heard = tokio::spawn(async move { follower.next(1).await.map(drop) });
    world.engine.close().await;
    assert_eq!(heard.await.unwrap().unwrap_err().code(), ErrorCode::Unavailable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_ask_at_once_for_a_tenant_that_left_get_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tenant = world.founded.tenant.id;
    for _ in 0..20 {
        assert!(world.engine.unload(tenant).await.unwrap());
        let asked: Vec<_> = (0..8)
            .map(|_| {
                let engine = world.engine.clone();
                tokio::spawn(async move { engine.live(tenant).await.unwrap() })
            })
            .collect();
        let mut all = Vec::new();
        for asked in asked {
            all.push(asked.await.unwrap());
        }
        assert!(all.iter().all(|live| Arc::ptr_eq(live, &all[0])));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_lost_a_write_leaves_and_is_taken_over_when_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    world.issue(None).await;
    let World { engine, founded, team } = world;
    engine.close().await;
    let source = MasterKeySource::File(engine.0.folder.master_key());
    let keys = KeyRing::new(engine.0.folder.tenant_keys(), MasterKey::load(&source).unwrap());
    let shard = engine.0.folder.shard(0);
    let gate = Gate::around(open_store(StoreKind::Fjall, &shard, &StoreOptions::default()).unwrap());
    let tenants = Tenants::new(engine.0.shared.clone(), keys, Stores::all_in(gate.clone()));
    let record = founded.tenant.clone();
    let create = || CreateIssue { title: "Two".into(), ..CreateIssue::in_team(team) };

    let live = tenants.load(record.clone()).await.unwrap();
    gate.set(Answers::Lost);
    let lost = live.execute(&cx(&founded), &create()).await.map(drop).unwrap_err();
    assert_eq!(lost.code(), ErrorCode::Unavailable);
    gate.set(Answers::Given);
    assert!(!tenants.unload(record.id).await.unwrap(), "it is held");
    let epoch = live.store().head().await.unwrap().epoch;
    drop(live);
    assert!(tenants.unload(record.id).await.unwrap());
    assert_eq!(tenants.memory().tenants, 0);

    let live = tenants.load(record).await.unwrap();
    assert_eq!(live.store().head().await.unwrap().epoch, epoch + 1, "earlier writers are shut out at once");
    assert_eq!(live.with_view(&crate::access::Scope::system("a test"), |view| view.len()), 2);
    live.execute(&cx(&founded), &create()).await.unwrap();
}
