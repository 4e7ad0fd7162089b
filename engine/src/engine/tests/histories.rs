//! Tests of what was, asked of the engine: what is read, what is refused, and that lists, counts and pages agree.

use super::life::{Life, everything};
use crate::command::comment::{CreateComment, DeleteComment};
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::context::{OpContext, Principal};
use crate::error::{Error, ErrorCode};
use crate::filter::{
    CommentTest, Compare, Filter, HistoryTest, Many, MemberTest, PastChange, Test, TimeField, Was, When,
};
use crate::id::{CommentId, IssueId, MemberId};
use crate::limits::Limits;
use crate::model::Priority;
use crate::query::{IssuePageRequest, Window};
use crate::time::Timestamp;

struct World {
    life: Life,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let life = Life::found(folder.path(), 3, limits).await;
        life.wait_ms(1_000);
        Self { life, _folder: folder }
    }

    fn cx(&self, who: MemberId) -> OpContext {
        self.life.wait_ms(1_000);
        OpContext::new(Principal::trusted_member(self.life.tenant, who))
    }

    async fn create(&self, who: MemberId, title: &str) -> IssueId {
        let team = self.life.reader().await.directory().teams().next().unwrap().id;
        let command = CreateIssue { title: title.into(), ..CreateIssue::in_team(team) };
        self.life.engine.execute(self.cx(who), command).await.unwrap().issue().unwrap()
    }

    async fn prioritize(&self, who: MemberId, issue: IssueId, priority: Priority) -> Timestamp {
        let patch = IssuePatch { priority: Some(priority), ..IssuePatch::default() };
        self.life.engine.execute(self.cx(who), UpdateIssue::new(issue.into(), patch)).await.unwrap();
        self.life.now()
    }

    async fn comment(&self, who: MemberId, issue: IssueId) -> (CommentId, Timestamp) {
        let id = CommentId::generate();
        let command = CreateComment { id: Some(id), issue: issue.into(), body: "Yes".into(), parent: None };
        self.life.engine.execute(self.cx(who), command).await.unwrap();
        (id, self.life.now())
    }

    /// The issues that pass, oldest first: list and count agree.
    async fn passing(&self, filter: impl Into<Filter>) -> Vec<IssueId> {
        let (reader, filter) = (self.life.reader().await, filter.into());
        let request =
            IssuePageRequest { filter: filter.clone(), sort: Vec::new(), window: Window::First(250, None) };
        let list = reader.issues(&request).await.unwrap();
        assert_eq!(list.total, reader.count(&filter).await.unwrap());
        list.issues.iter().rev().map(|issue| issue.id).collect()
    }

    async fn refusal(&self, filter: impl Into<Filter>) -> Error {
        self.life.reader().await.count(&filter.into()).await.unwrap_err()
    }
}

fn changed_to(priority: Priority) -> HistoryTest {
    let change = PastChange::Priority(Was::Changed { from: None, to: Some(Compare::Eq(priority)) });
    HistoryTest { change, during: None, by: None }
}

fn by(test: HistoryTest, member: MemberId) -> Test {
    Test::History(HistoryTest { by: Some(MemberTest::Id(Compare::Eq(member))), ..test })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_found_by_what_when_and_who() {
    let world = World::new(Limits::default()).await;
    let [ana, bo, _] = world.life.people[..] else { panic!("three people") };
    let one = world.create(ana, "One").await;
    let two = world.create(ana, "Two").await;
    let high = world.prioritize(ana, one, Priority::High).await;
    world.prioritize(bo, one, Priority::Low).await;
    world.prioritize(bo, two, Priority::High).await;
    assert_eq!(world.passing(Test::History(changed_to(Priority::High))).await, [one, two]);
    assert_eq!(world.passing(by(changed_to(Priority::High), ana)).await, [one]);
    let not = Filter::Not(Box::new(by(changed_to(Priority::High), ana).into()));
    assert_eq!(world.passing(not).await, [two]);
    let during = |compare| Test::History(HistoryTest { during: Some(compare), ..changed_to(Priority::High) });
    assert_eq!(world.passing(during(Compare::Gt(When::At(high)))).await, [two]);
    assert_eq!(world.passing(during(Compare::Lte(When::At(high)))).await, [one]);
    let had = PastChange::Priority(Was::Had(Compare::Eq(Priority::High)));
    let had = HistoryTest { change: had, during: Some(Compare::Eq(When::At(world.life.now()))), by: None };
    assert_eq!(world.passing(Test::History(had)).await, [two]);
    world.life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comments_are_found_by_who_wrote_them_and_when() {
    let world = World::new(Limits::default()).await;
    let [ana, bo, _] = world.life.people[..] else { panic!("three people") };
    let one = world.create(ana, "One").await;
    let two = world.create(ana, "Two").await;
    let quiet = world.create(ana, "Quiet").await;
    let (_, first) = world.comment(ana, one).await;
    let (second, _) = world.comment(bo, one).await;
    world.comment(bo, two).await;
    let by = |member| CommentTest::Author(MemberTest::Id(Compare::Eq(member)));
    let later = || CommentTest::Created(Compare::Gt(When::At(first)));
    assert_eq!(world.passing(Test::Comments(Many::Some(vec![later()]))).await, [one, two]);
    assert_eq!(world.passing(Test::Comments(Many::Some(vec![by(ana), later()]))).await, []);
    assert_eq!(world.passing(Test::Comments(Many::Some(vec![later(), by(bo)]))).await, [one, two]);
    assert_eq!(world.passing(Test::Comments(Many::Every(vec![later()]))).await, [two, quiet]);
    assert_eq!(world.passing(Test::Comments(Many::None(vec![later(), by(bo)]))).await, [quiet]);
    world.life.engine.execute(world.cx(bo), DeleteComment { comment: second }).await.unwrap();
    assert_eq!(world.passing(Test::Comments(Many::Some(vec![later(), by(bo)]))).await, [two]);
    world.life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_candidates_and_too_much_reading_are_too_costly_and_a_narrow_filter_is_not() {
    let limits = Limits { history_candidates_max: 3, history_events_max: 8, ..Limits::default() };
    let world = World::new(limits).await;
    let ana = world.life.people[0];
    let mut issues = Vec::new();
    for n in 0..4 {
        issues.push(world.create(ana, &format!("Number {n}")).await);
    }
    for issue in &issues {
        world.prioritize(ana, *issue, Priority::High).await;
    }
    let test = || by(changed_to(Priority::High), ana);
    let refused = world.refusal(test()).await;
    assert_eq!((refused.code(), refused.field()), (ErrorCode::TooCostly, Some("filter")));
    assert!(refused.message().contains("history_candidates_max"), "{refused}");
    // Only what changed lately can have been changed lately.
    world.prioritize(ana, issues[2], Priority::Low).await;
    let last = world.prioritize(ana, issues[2], Priority::High).await;
    let lately = changed_to(Priority::High);
    let lately = Test::History(HistoryTest { during: Some(Compare::Gte(When::At(last))), ..lately });
    assert_eq!(world.passing(lately).await, [issues[2]]);
    let beside = |test: Test| Filter::All(vec![test.into(), Test::Id(Compare::Eq(issues[2])).into()]);
    assert_eq!(world.passing(beside(test())).await, [issues[2]]);
    for priority in [Priority::Low, Priority::Critical].repeat(3) {
        world.prioritize(ana, issues[2], priority).await;
    }
    let bo = world.life.people[1];
    let refused = world.refusal(beside(by(changed_to(Priority::Critical), bo))).await;
    assert_eq!(refused.code(), ErrorCode::TooCostly);
    assert!(refused.message().contains("history_events_max"), "{refused}");
    world.life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_for_an_earlier_answer_and_too_many_dear_tests_are_refused() {
    let world = World::new(Limits { looked_up_max: 2, ..Limits::default() }).await;
    let refused = world.refusal(Test::Looked(0)).await;
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("filter")));
    let dear = |n: usize| Filter::Any(vec![by(changed_to(Priority::High), MemberId::generate()).into(); n]);
    assert_eq!(world.passing(dear(2)).await, []);
    let refused = world.refusal(dear(3)).await;
    assert_eq!(refused.code(), ErrorCode::TooCostly);
    assert!(refused.message().contains("looked_up_max"), "{refused}");
    world.life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dear_test_beside_others_finds_what_it_finds_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::found(folder.path(), 11, Limits::default()).await;
    for _ in 0..120 {
        life.step().await;
    }
    let reader = life.reader().await;
    let ids = async |filter: Filter| {
        let request = IssuePageRequest { filter, sort: Vec::new(), window: Window::First(250, None) };
        let list = reader.issues(&request).await.unwrap();
        list.issues.iter().map(|issue| issue.id).collect::<std::collections::BTreeSet<_>>()
    };
    for _ in 0..60 {
        let (dear, plain) = (life.dear_test(), life.plain_filter(2));
        let all = |parts: Vec<Filter>| Filter::All([vec![everything()], parts].concat());
        let alone = ids(all(vec![dear.clone().into()])).await;
        let beside = ids(all(vec![plain.clone()])).await;
        let both = ids(all(vec![dear.clone().into(), plain.clone()])).await;
        assert_eq!(both, &alone & &beside, "{dear:?} {plain:?}");
        let any = ids(all(vec![Filter::Any(vec![plain.clone(), dear.clone().into()])])).await;
        assert_eq!(any, &alone | &beside, "{dear:?} {plain:?}");
        let not = ids(all(vec![plain.clone(), Filter::Not(Box::new(dear.clone().into()))])).await;
        assert_eq!(not, &beside - &alone, "{dear:?} {plain:?}");
    }
    let fresh = Test::Time(TimeField::Updated, Compare::Null(false));
    assert_eq!(ids(Filter::All(vec![everything(), fresh.into()])).await.len(), life.issues.len());
    life.close().await;
}
