//! Relations through the whole engine: two at once make no circle, readers see them from both ends, the check agrees.

use super::World;
use crate::command::issue::{CreateRelation, DeleteIssue, DeleteRelation, RestoreIssue};
use crate::error::ErrorCode;
use crate::filter::Link;
use crate::id::IssueId;
use crate::model::RelationKind;

const BLOCKS: Link = Link { kind: RelationKind::Blocks, reversed: false };

async fn with_issues(folder: &std::path::Path, count: usize) -> (World, Vec<IssueId>) {
    let world = World::found(folder).await;
    let mut issues = Vec::new();
    for _ in 0..count {
        issues.push(world.issue(None).await);
    }
    (world, issues)
}

fn relation(issue: IssueId, link: Link, other: IssueId) -> CreateRelation {
    CreateRelation { issue: issue.into(), link, other: other.into(), if_version: None, close: true }
}

async fn closes_clean(world: World) {
    let report = world.engine.check(world.founded.tenant.id).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_relations_that_would_make_a_circle_together_the_last_is_refused() {
    const ROUND: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let (world, issues) = with_issues(folder.path(), ROUND).await;
    for kind in [RelationKind::Blocks, RelationKind::Precedes, RelationKind::Duplicates] {
        let asked = (0..ROUND).map(|at| {
            let (from, to) = (issues[at], issues[(at + 1) % ROUND]);
            // Every second one is said from its other end.
            let reversed = at % 2 == 1;
            let (issue, other) = if reversed { (to, from) } else { (from, to) };
            let (engine, cx) = (world.engine.clone(), world.cx());
            let command = relation(issue, Link { kind, reversed }, other);
            tokio::spawn(async move { engine.execute(cx, command).await })
        });
        let mut refused = Vec::new();
        for asked in asked.collect::<Vec<_>>() {
            refused.extend(asked.await.unwrap().err());
        }
        assert_eq!(refused.iter().map(|e| e.code()).collect::<Vec<_>>(), [ErrorCode::InvalidInput], "{kind}");
    }
    closes_clean(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relation_is_read_from_both_ends_and_hidden_while_one_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (world, issues) = with_issues(folder.path(), 4).await;
    let [a, b, c, d] = issues.as_slice() else { panic!("four issues") };
    let relates = Link { kind: RelationKind::Relates, reversed: false };
    let precedes = Link { kind: RelationKind::Precedes, reversed: true };
    for command in [
        relation(*c, BLOCKS, *a),
        relation(*a, BLOCKS, *b),
        relation(*d, relates, *a),
        relation(*a, precedes, *d),
    ] {
        world.engine.execute(world.cx(), command).await.unwrap();
    }
    let reader = world.engine.reader(&world.cx().principal).await.unwrap();
    let seen = async |from: IssueId| {
        let issue = reader.issue(&from.into()).await.unwrap().unwrap();
        let related = reader.relations(&issue).await.unwrap();
        related.into_iter().map(|(link, other)| (link, other.id)).collect::<Vec<_>>()
    };
    let blocked = Link { reversed: true, ..BLOCKS };
    assert_eq!(seen(*a).await, [(BLOCKS, *b), (blocked, *c), (relates, *d), (precedes, *d)]);
    assert_eq!(seen(*b).await, [(blocked, *a)]);
    assert_eq!(seen(*c).await, [(BLOCKS, *a)]);

    let delete = DeleteIssue { issue: (*b).into(), if_version: None };
    world.engine.execute(world.cx(), delete).await.unwrap();
    assert_eq!(seen(*a).await, [(blocked, *c), (relates, *d), (precedes, *d)]);
    world.engine.execute(world.cx(), RestoreIssue { issue: (*b).into() }).await.unwrap();
    assert_eq!(seen(*a).await.len(), 4);
    closes_clean(world).await;
}

/// Numbers that look drawn by lot and are the same each time.
struct Lot(u64);

impl Lot {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_leave_what_the_check_agrees_with() {
    let folder = tempfile::tempdir().unwrap();
    let (world, issues) = with_issues(folder.path(), 10).await;
    let writers = (0..4_u64).map(|writer| {
        let (engine, cx, issues) = (world.engine.clone(), world.cx(), issues.clone());
        tokio::spawn(async move {
            let mut lot = Lot(writer);
            for _ in 0..60 {
                let (a, b) = (issues[lot.below(issues.len())], issues[lot.below(issues.len())]);
                let kind = RelationKind::ALL[lot.below(RelationKind::ALL.len())];
                let link = Link { kind, reversed: lot.below(2) == 0 };
                // Some are refused, which is as it should be: the check judges what is left.
                let _ = match lot.below(4) {
                    0 => {
                        let part = DeleteRelation { issue: a.into(), link, other: b.into() };
                        engine.execute(cx.clone(), part).await
                    }
                    _ => engine.execute(cx.clone(), relation(a, link, b)).await,
                };
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let reader = world.engine.reader(&world.cx().principal).await.unwrap();
    let mut ends = 0;
    for issue in &issues {
        let issue = reader.issue(&(*issue).into()).await.unwrap().unwrap();
        ends += reader.relations(&issue).await.unwrap().len();
    }
    assert!(ends > 20 && ends % 2 == 0, "{ends} ends of relations");
    closes_clean(world).await;
}
