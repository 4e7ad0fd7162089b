//! Moves whose records may or may not have been saved, and stores that fail.

use super::{found, is_whole_at};
use crate::command::issue::CreateIssue;
use crate::engine::tests::gate::{Answers, Gate};
use crate::engine::tests::{create, cx};
use crate::engine::{Destination, Engine, EngineBuilder};
use crate::error::ErrorCode;
use crate::model::{Branding, Placement, Tier};
use crate::storage::{StoreKind, StoreOptions, Stores, open_store};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// An engine whose platform's store, and those of tenants, can be told to fail.
pub(in crate::engine::tests) async fn gated(folder: &Path) -> (Engine, Arc<Gate>) {
    let builder = Engine::builder(folder).store(StoreKind::Fjall);
    let opened = tokio::task::spawn_blocking(move || builder.open_files(0));
    let mut opened = opened.await.unwrap().unwrap();
    let gate = Gate::around(opened.platform.clone());
    opened.platform = gate.clone();
    (Box::pin(EngineBuilder::start(opened, Vec::new(), Branding::default())).await.unwrap(), gate)
}

/// The write that decides a move does this, and the platform's store that from then on. Where the company is then.
async fn the_deciding_write(once: Answers, then: Answers) -> Placement {
    let folder = tempfile::tempdir().unwrap();
    let (engine, gate) = gated(folder.path()).await;
    let founded = found(&engine, "acme", Tier::Basic).await;
    let tenant = founded.tenant.id;
    let mut made = BTreeSet::from([create(&engine, &founded, "One").await]);
    // The first says that a copy is made.
    gate.plan(1, once, then);
    let moved = engine.move_tenant(tenant, Destination::At(Placement::Dedicated)).await;
    if then == Answers::Away {
        assert_eq!(moved.map(drop).unwrap_err().code(), ErrorCode::Unavailable);
        let command = CreateIssue { title: "Late".into(), ..CreateIssue::in_team(founded.team.unwrap()) };
        let refused = engine.execute(cx(&founded), command).await.map(drop).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Unavailable, "it is not known where it lives");
        gate.set(Answers::Given);
    } else {
        assert_eq!(moved.is_ok(), once == Answers::Lost);
    }
    engine.finished().await;
    made.insert(create(&engine, &founded, "Two").await);
    let placement = engine.0.platform.tenant(tenant).unwrap().placement.clone();
    is_whole_at(&engine, tenant, &made, &placement).await;
    engine.close().await;
    placement
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_whose_end_was_saved_and_not_confirmed_has_happened() {
    assert_eq!(the_deciding_write(Answers::Lost, Answers::Given).await, Placement::Dedicated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_whose_end_was_not_saved_has_not_happened() {
    assert_eq!(the_deciding_write(Answers::Dropped, Answers::Given).await, Placement::Shard(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_company_of_which_it_is_not_known_where_it_lives_works_again_when_the_platforms_store_is_back() {
    assert_eq!(the_deciding_write(Answers::Lost, Answers::Away).await, Placement::Dedicated);
    assert_eq!(the_deciding_write(Answers::Dropped, Answers::Away).await, Placement::Shard(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_ready_though_a_store_of_companies_fails() {
    let folder = tempfile::tempdir().unwrap();
    let builder = Engine::builder(folder.path()).store(StoreKind::Fjall);
    let opened = tokio::task::spawn_blocking(move || builder.open_files(0));
    let mut opened = opened.await.unwrap().unwrap();
    let path = folder.path().join("shards").join("00");
    let gate = Gate::around(open_store(StoreKind::Fjall, &path, &StoreOptions::default()).unwrap());
    opened.stores = Stores::all_in(gate.clone());
    let engine = Box::pin(EngineBuilder::start(opened, Vec::new(), Branding::default())).await.unwrap();
    let founded = found(&engine, "acme", Tier::Basic).await;
    gate.set(Answers::Away);
    let command = CreateIssue { title: "One".into(), ..CreateIssue::in_team(founded.team.unwrap()) };
    assert_eq!(engine.execute(cx(&founded), command).await.unwrap_err().code(), ErrorCode::Unavailable);
    engine.ready().await.unwrap();
}
