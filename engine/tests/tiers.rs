//! What the tiers include, printed: the price list of the product. And that it holds whichever way a change comes in.

use mortise_engine::command::import::{ImportBatch, ImportItem, ImportedIssue, imported_issue_id};
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::command::team::CreateTeam;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::entitlement::Tiers;
use mortise_engine::event::Origin;
use mortise_engine::id::{TeamId, TenantId};
use mortise_engine::model::{EntitlementKey, EntitlementValue, IssueKind, IssueSource};
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, ErrorCode, NewTenant};

const THEN: Timestamp = Timestamp::from_millis(1_600_000_000_000);

#[test]
fn the_price_list_is_as_it_was_reviewed() {
    insta::assert_snapshot!("tiers", Tiers::default().to_string());
}

fn imported(tenant: TenantId, team: TeamId, number: u32) -> ImportItem {
    let id = format!("I_{number}");
    ImportItem::Issue(Box::new(ImportedIssue {
        id: imported_issue_id(tenant, "github", &id, THEN),
        source: IssueSource { system: "github".into(), id, url: None, state: None },
        team,
        number,
        title: "Imported".into(),
        description: None,
        kind: IssueKind::Task,
        closed: None,
        creator: "github:octocat".into(),
        assignees: Vec::new(),
        labels: Vec::new(),
        created_at: THEN,
        updated_at: THEN,
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn imports_and_single_issues_at_once_never_pass_the_limit_and_no_import_is_half_there() {
    const LIMIT: u64 = 25;
    const BATCH: u32 = 7;
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(folder.path()).open().await.unwrap();
    let founded = engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await.unwrap();
    let (tenant, team) = (founded.tenant.id, founded.team.unwrap());
    let us = Principal::trusted_system(tenant);
    let cx = || OpContext::new(us.clone());
    let importing = |name: &str| cx().with_origin(Origin::Import).with_idempotency_key(Some(name.to_owned()));
    let limit = Some((EntitlementValue::Count(LIMIT), None));
    engine.override_entitlement(cx(), EntitlementKey::Issues, limit).await.unwrap();
    let other = CreateTeam {
        id: None,
        key: "IMP".into(),
        name: "Imported".into(),
        description: None,
        workflow: None,
        private: false,
    };
    engine.execute(cx(), other).await.unwrap();
    let person = ImportItem::Person { source: "github:octocat".into(), name: "octocat".into() };
    engine.execute(importing("person"), ImportBatch { items: vec![person] }).await.unwrap();
    let into = engine.reader(&us).await.unwrap().directory().team_by_key("IMP").unwrap().id;

    let mut tasks = Vec::new();
    for n in 0..30 {
        let (engine, cx, import) = (engine.clone(), cx(), importing(&format!("batch {n}")));
        let numbers = (1..=BATCH).map(|number| n * 100 + number);
        let items = numbers.map(|number| imported(tenant, into, number)).collect();
        tasks.push(tokio::spawn(async move {
            let (done, adds) = if n % 10 == 0 {
                (engine.execute(import, ImportBatch { items }).await, u64::from(BATCH))
            } else {
                let one = CreateIssue { title: "One".into(), ..CreateIssue::in_team(team) };
                (engine.execute(cx, one).await, 1)
            };
            done.map(|_| adds)
        }));
    }
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(adds) => made += adds,
            Err(error) => assert_eq!(error.code(), ErrorCode::EntitlementExceeded, "{error:?}"),
        }
    }
    let all = engine.entitlements(&us).await.unwrap();
    let used = all.iter().find(|one| one.key == EntitlementKey::Issues).unwrap().used;
    // There are more single ones than places, so none is left over.
    assert_eq!((made, used), (LIMIT, Some(LIMIT)));
    assert!(engine.check(tenant).await.unwrap().is_clean());
    engine.close().await;
}
