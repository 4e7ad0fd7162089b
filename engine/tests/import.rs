//! The largest batches that an import may send, on the real stores.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use mortise_engine::command::import::{
    IMPORT_ITEMS_MAX, IMPORT_TEXT_BYTES_MAX, ImportBatch, ImportItem, ImportedComment, ImportedIssue,
    imported_comment_id, imported_issue_id,
};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::Origin;
use mortise_engine::id::{IssueId, TeamId, TenantId};
use mortise_engine::model::{IssueKind, IssueSource};
use mortise_engine::storage::StoreKind;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, NewTenant};

const THEN: Timestamp = Timestamp::from_millis(1_600_000_000_000);

fn source(id: &str) -> IssueSource {
    IssueSource { system: "github".into(), id: id.into(), url: None, state: None }
}

fn issue(tenant: TenantId, team: TeamId, number: u32, description: Option<String>) -> ImportItem {
    let id = format!("I_{number}");
    ImportItem::Issue(Box::new(ImportedIssue {
        id: imported_issue_id(tenant, "github", &id, THEN),
        source: source(&id),
        team,
        number,
        title: "Imported".into(),
        description,
        kind: IssueKind::Task,
        closed: None,
        creator: "github:octocat".into(),
        assignees: Vec::new(),
        labels: Vec::new(),
        created_at: THEN,
        updated_at: THEN,
    }))
}

fn comment(tenant: TenantId, issue: IssueId, key: &str, body: String) -> ImportItem {
    ImportItem::Comment(Box::new(ImportedComment {
        id: imported_comment_id(tenant, "github", key, THEN),
        source: source(key),
        issue,
        author: "github:octocat".into(),
        body,
        parent: None,
        created_at: THEN,
        updated_at: THEN,
    }))
}

async fn largest_batches(kind: StoreKind) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(folder.path()).store(kind).open().await.unwrap();
    let founded = engine
        .create_tenant(
            NewTenant::new("acme", "Acme").with_tier(mortise_engine::model::Tier::Platinum).with_team("ENG"),
        )
        .await
        .unwrap();
    let (tenant, team) = (founded.tenant.id, founded.team.unwrap());
    let us = Principal::trusted_system(tenant);
    let batch = async |name: &str, items: Vec<ImportItem>| {
        let cx = OpContext::new(us.clone()).with_origin(Origin::Import);
        let cx = cx.with_idempotency_key(Some(name.to_owned()));
        engine.execute(cx, ImportBatch { items }).await.unwrap();
    };
    batch("person", vec![ImportItem::Person { source: "github:octocat".into(), name: "octocat".into() }])
        .await;
    let items = u32::try_from(IMPORT_ITEMS_MAX).unwrap();
    batch("issues", (1..=items).map(|number| issue(tenant, team, number, None)).collect()).await;

    // Each comment on an issue of its own, two of them as long as comments get: the most keys.
    let body = |n: u32| "x".repeat(if n <= 2 { 63 * 1024 } else { 100 });
    let said = (1..=items).map(|n| {
        let on = imported_issue_id(tenant, "github", &format!("I_{n}"), THEN);
        comment(tenant, on, &format!("c{n}"), body(n))
    });
    batch("comments", said.collect()).await;
    let texts = (1..=items).map(|n| "x".repeat(if n == 1 { IMPORT_TEXT_BYTES_MAX - 4096 } else { 200 }));
    let long = texts.zip(101..).map(|(text, number)| issue(tenant, team, number, Some(text)));
    batch("texts", long.collect()).await;
    batch("alone", vec![issue(tenant, team, 1_000, Some("x".repeat(256 * 1024)))]).await;

    let report = engine.check(tenant).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_batches_fit_on_sled() {
    largest_batches(StoreKind::Sled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_batches_fit_on_fjall() {
    largest_batches(StoreKind::Fjall).await;
}
