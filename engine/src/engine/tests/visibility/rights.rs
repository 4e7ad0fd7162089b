//! Sight follows rights: it comes and goes with what gives it, at once, and for the past too.

use super::Company;
use crate::command::issue::{CreateIssue, CreateRelation, IssuePatch, UpdateIssue};
use crate::command::member::UpdateMember;
use crate::command::team::{CreateTeam, SetTeamMember, UpdateTeam};
use crate::error::ErrorCode;
use crate::filter::{Compare, Filter, Link, Many, ParentTest, TeamTest, Test};
use crate::id::{IssueId, MemberId};
use crate::model::{MemberStatus, RelationKind, Role, TeamRole};
use crate::query::{LiveChange, LiveQuery, Past, Reader};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sight_comes_and_goes_with_what_gives_it() {
    let company = Company::new().await;
    let [private, confidential, later] = company.hidden.as_slice() else { panic!() };
    let sees = async |who: MemberId, id: &IssueId| {
        company.reader(who).await.issue(&(*id).into()).await.unwrap().is_some()
    };
    assert!(sees(company.eve, confidential).await && !sees(company.eve, private).await);
    assert!(sees(company.ute, later).await && !sees(company.eve, later).await);
    let leave = IssuePatch { removed_assignees: vec![company.eve], ..IssuePatch::default() };
    company.run(company.ute, UpdateIssue::new((*confidential).into(), leave)).await.unwrap();
    assert!(!sees(company.eve, confidential).await, "who works on it no more sees it no more");
    let member = |member, role| SetTeamMember { team: company.secret_team, member, role, if_version: None };
    assert_eq!(
        company.run(company.eve, member(company.eve, Some(TeamRole::Member))).await.unwrap_err().code(),
        ErrorCode::NotFound,
        "nobody adds themselves to a team they do not know of"
    );
    company.run(company.ute, member(company.eve, Some(TeamRole::Member))).await.unwrap();
    assert!(sees(company.eve, private).await, "a lead adds members");
    company.run(company.eve, member(company.uli, Some(TeamRole::Member))).await.unwrap_err();
    company.run(company.eve, member(company.eve, None)).await.unwrap();
    assert!(!sees(company.eve, private).await, "anybody may leave");
    let promote = |role| UpdateMember { role: Some(role), ..UpdateMember::of(company.uli) };
    company.run(company.ana(), promote(Role::SuperAdmin)).await.unwrap();
    assert!(sees(company.uli, private).await);
    company.run(company.ana(), promote(Role::User)).await.unwrap();
    assert!(!sees(company.uli, private).await);
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_makes_something_private_or_confidential_is_not_shut_out() {
    let company = Company::new().await;
    let hide = IssuePatch { confidential: Some(true), ..IssuePatch::default() };
    company.run(company.ada, UpdateIssue::new(company.open.into(), hide)).await.unwrap();
    let seen = company.reader(company.ada).await.issue(&company.open.into()).await.unwrap().unwrap();
    assert_eq!(seen.confidential.as_ref().unwrap().participants, [company.ada]);
    let reader = company.reader(company.eve).await;
    assert!(reader.issue(&company.open.into()).await.unwrap().is_none());
    let team = CreateTeam { name: "Mine".into(), private: true, ..CreateTeam::with_key("MINE") };
    company.run(company.ada, team).await.unwrap();
    let mine = |reader: &Reader| reader.directory().team_by_key("MINE").is_some();
    assert!(mine(&company.reader(company.ada).await) && !mine(&company.reader(company.uli).await));
    let outsider = IssuePatch { assignees: Some(vec![company.uli]), ..IssuePatch::default() };
    let private = UpdateIssue::new(company.hidden[0].into(), outsider);
    let refused = company.run(company.ute, private).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected, "work of a private team is not given to outsiders");
    let named = IssuePatch { participants: Some(vec![company.uli]), ..IssuePatch::default() };
    let open = company
        .make(company.uli, CreateIssue { title: "plain".into(), ..CreateIssue::in_team(company.world.team) });
    let open = open.await;
    let refused = company.run(company.ute, UpdateIssue::new(open.into(), named)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidInput, "an open issue names nobody");
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_list_loses_what_its_reader_may_not_see_any_more() {
    let company = Company::new().await;
    let reader = company.reader(company.uli).await;
    let of_team = Test::Team(TeamTest::Id(Compare::Eq(company.world.team)));
    let mut list = LiveQuery::new(&reader, Filter::from(of_team)).await.unwrap();
    assert_eq!(list.issues(&reader), [company.open]);
    let hide = IssuePatch { confidential: Some(true), ..IssuePatch::default() };
    let other = CreateIssue { title: "seen".into(), ..CreateIssue::in_team(company.world.team) };
    let other = company.make(company.ana(), other).await;
    company.run(company.ana(), UpdateIssue::new(other.into(), hide)).await.unwrap();
    let mut said = Vec::new();
    for event in company.log_behind(list.place()).await {
        said.extend(list.take(&reader, &event).await.unwrap());
    }
    assert!(!said.contains(&LiveChange::Changed(other)), "{said:?}");
    assert_eq!(list.issues(&reader), [company.open]);
    let private = UpdateTeam { private: Some(true), ..UpdateTeam::of(company.world.team) };
    company.run(company.ana(), private).await.unwrap();
    for event in company.log_behind(list.place()).await {
        said.extend(list.take(&reader, &event).await.unwrap());
    }
    assert_eq!((said.last(), list.len()), (Some(&LiveChange::Reset), 0));
    company.end().await;
}

/// A list that looks at the issues around one hears of it when those are hidden, and when they are shown again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_list_loses_what_it_showed_because_of_an_issue_that_was_hidden() {
    let company = Company::new().await;
    let titled =
        |title: &str| CreateIssue { title: title.into(), ..CreateIssue::in_team(company.world.team) };
    let (cause, blocked) = (company.make(company.ana(), titled("cause")).await, titled("blocked"));
    let blocked = company.make(company.ana(), blocked).await;
    let part = CreateIssue { parent: Some(cause.into()), ..titled("part") };
    let part = company.make(company.ana(), part).await;
    let link = Link { kind: RelationKind::Blocks, reversed: false };
    let (issue, other) = (cause.into(), blocked.into());
    let relate = CreateRelation { issue, link, other, if_version: None, close: false };
    company.run(company.ana(), relate).await.unwrap();
    let reader = company.reader(company.uli).await;
    let by_cause = Many::Some(vec![Test::Id(Compare::Eq(cause)).into()]);
    let by_cause = Test::Related(Link { reversed: true, ..link }, by_cause);
    let mut related = LiveQuery::new(&reader, Filter::from(by_cause)).await.unwrap();
    let alone = Test::Parent(ParentTest::Null(true));
    let mut alone = LiveQuery::new(&reader, Filter::from(alone)).await.unwrap();
    assert_eq!(related.issues(&reader), [blocked]);
    assert!(!alone.issues(&reader).contains(&part));
    for hidden in [true, false] {
        let place = related.place();
        let hide = IssuePatch { confidential: Some(hidden), ..IssuePatch::default() };
        company.run(company.ana(), UpdateIssue::new(cause.into(), hide)).await.unwrap();
        for event in company.log_behind(place).await {
            related.take(&reader, &event).await.unwrap();
            alone.take(&reader, &event).await.unwrap();
        }
        assert_eq!(related.is_empty(), hidden, "what a hidden issue blocks");
        assert_eq!(alone.issues(&reader).contains(&part), hidden, "what is a part of a hidden issue");
    }
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_seen_with_the_rights_of_today() {
    let company = Company::new().await;
    let later = company.hidden[2];
    for (who, sees) in [(company.uli, false), (company.ute, true)] {
        let then = company.reader(who).await.at(Past::Seq(company.before)).await.unwrap();
        let found = then.issue(&later.into()).await.unwrap();
        assert_eq!(found.is_some_and(|issue| issue.confidential.is_none()), sees);
        let here = Test::Id(Compare::Eq(later)).into();
        assert_eq!(then.count(&here).await.unwrap(), u64::from(sees));
    }
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_suspended_reads_and_changes_nothing_any_more() {
    let company = Company::new().await;
    let held = company.reader(company.ute).await;
    let suspend = UpdateMember { status: Some(MemberStatus::Suspended), ..UpdateMember::of(company.ute) };
    company.run(company.ana(), suspend).await.unwrap();
    assert_eq!(
        held.refreshed().count(&Filter::everything()).await.unwrap(),
        0,
        "a reader that is held on to"
    );
    let refused = company.world.engine.reader(&company.principal(company.ute)).await.err().unwrap();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    let open = CreateIssue { title: "x".into(), ..CreateIssue::in_team(company.world.team) };
    assert_eq!(company.run(company.ute, open).await.unwrap_err().code(), ErrorCode::Unauthenticated);
    company.end().await;
}
