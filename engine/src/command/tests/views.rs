//! Who sees, makes and changes saved views, and what is at hand.

use super::why;
use super::world::{Company, Done};
use crate::command::favorites::{SetFavorite, SetFavorites};
use crate::command::member::RemoveMember;
use crate::command::team::UpdateTeam;
use crate::command::view::{CreateView, DeleteView, UpdateView};
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::filter::{Filter, GroupBy, Sort, SortKey, Test};
use crate::id::{MemberId, TeamId, ViewId};
use crate::saved_view::{SavedView, ready_made};

fn make(who: MemberId, company: &mut Company, view: CreateView) -> Result<ViewId> {
    let id = ViewId::generate();
    company.run(who, CreateView { id: Some(id), ..view }).map(|_| id)
}

fn private(name: &str) -> CreateView {
    CreateView::named(name)
}

fn public(name: &str) -> CreateView {
    CreateView { shared: true, ..CreateView::named(name) }
}

fn rename(who: MemberId, company: &mut Company, view: ViewId) -> Result<Done> {
    company.run(who, UpdateView { name: Some("Another".into()), ..UpdateView::of(view) })
}

fn row(company: &Company, view: ViewId) -> &SavedView {
    company.directory.view(view).unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, code: ErrorCode, field: Option<&str>) {
    let error = result.unwrap_err();
    assert_eq!(why(&error), (code, field), "{error}");
}

#[test]
fn everybody_makes_private_views_and_shares_with_a_team() {
    let mut company = Company::new();
    let team = Some(company.team);
    for who in [company.uli, company.ada, company.sue] {
        make(who, &mut company, private("Mine")).unwrap();
        make(who, &mut company, CreateView { team, ..public("Ours") }).unwrap();
    }
}

#[test]
fn only_admins_share_with_the_whole_company() {
    let mut company = Company::new();
    let (uli, ada) = (company.uli, company.ada);
    refused(make(uli, &mut company, public("All")), ErrorCode::Forbidden, Some("shared"));
    let mine = make(uli, &mut company, private("Mine")).unwrap();
    let share = UpdateView { shared: Some(true), ..UpdateView::of(mine) };
    refused(company.run(uli, share.clone()), ErrorCode::Forbidden, Some("shared"));
    let with_team = UpdateView { team: Some(Some(company.team)), ..share };
    company.run(uli, with_team).unwrap();
    let with_all = UpdateView { team: Some(None), ..UpdateView::of(mine) };
    refused(company.run(uli, with_all.clone()), ErrorCode::Forbidden, Some("shared"));
    company.run(ada, with_all).unwrap();
    // It is public now, and still its owner's.
    rename(uli, &mut company, mine).unwrap();
}

#[test]
fn a_private_view_is_not_there_for_anybody_else() {
    let mut company = Company::new();
    let view = make(company.uli, &mut company, private("Mine")).unwrap();
    let unknown = ViewId::generate();
    for who in [company.ute, company.ada, company.sue] {
        let told = rename(who, &mut company, view).unwrap_err();
        let of_nothing = rename(who, &mut company, unknown).unwrap_err();
        assert_eq!(
            told.message().replace(&view.to_string(), "it"),
            of_nothing.message().replace(&unknown.to_string(), "it")
        );
        assert_eq!(told.code(), ErrorCode::NotFound);
        refused(company.run(who, DeleteView { view, if_version: None }), ErrorCode::NotFound, None);
        let favorite = SetFavorite { view, favorite: true };
        refused(company.run(who, favorite), ErrorCode::NotFound, Some("viewId"));
    }
    rename(company.uli, &mut company, view).unwrap();
}

#[test]
fn a_shared_view_is_changed_by_its_owner_and_admins() {
    let mut company = Company::new();
    let team = Some(company.team);
    let view = make(company.uli, &mut company, CreateView { team, ..public("Ours") }).unwrap();
    refused(rename(company.ute, &mut company, view), ErrorCode::Forbidden, None);
    refused(company.run(company.ute, DeleteView { view, if_version: None }), ErrorCode::Forbidden, None);
    rename(company.uli, &mut company, view).unwrap();
    let hide = UpdateView { shared: Some(false), ..UpdateView::of(view) };
    refused(company.run(company.ada, hide.clone()), ErrorCode::Forbidden, None);
    company.run(company.uli, hide).unwrap();
    let share = UpdateView { shared: Some(true), ..UpdateView::of(view) };
    company.run(company.uli, share).unwrap();
    company.run(company.ada, DeleteView { view, if_version: None }).unwrap();
}

#[test]
fn a_shared_view_outlives_its_owner() {
    let mut company = Company::new();
    let team = Some(company.team);
    let view = make(company.uli, &mut company, CreateView { team, ..public("Ours") }).unwrap();
    company.run(company.sue, RemoveMember { member: company.uli }).unwrap();
    rename(company.ada, &mut company, view).unwrap();
    assert_eq!(row(&company, view).owner, company.uli);
}

#[test]
fn a_deleted_view_holds_nothing_and_is_not_found() {
    let mut company = Company::new();
    let filter = Filter::Test(Test::Described(true));
    let view = make(company.uli, &mut company, CreateView { filter, ..private("Mine") }).unwrap();
    refused(
        company.run(company.uli, DeleteView { view, if_version: Some(2) }),
        ErrorCode::Conflict,
        Some("ifVersion"),
    );
    company.run(company.uli, DeleteView { view, if_version: Some(1) }).unwrap();
    let row = row(&company, view);
    assert_eq!((row.deleted_at, &row.filter), (Some(company.now), &Filter::everything()));
    refused(rename(company.uli, &mut company, view), ErrorCode::NotFound, None);
    refused(company.run(company.uli, DeleteView { view, if_version: None }), ErrorCode::NotFound, None);
    let again = CreateView { id: Some(view), ..private("Again") };
    refused(company.run(company.uli, again), ErrorCode::Conflict, Some("id"));
}

#[test]
fn an_update_changes_what_it_says_and_nothing_else() {
    let mut company = Company::new();
    let team = Some(company.team);
    let made = CreateView {
        description: Some("What is due".into()),
        team,
        group_by: Some(GroupBy::State),
        sub_group_by: Some(GroupBy::Assignee),
        sort: vec![Sort { key: SortKey::Due, descending: false, nulls_first: false }],
        columns: vec!["title".into(), " dueDate".into(), "title".into()],
        ..private("Due")
    };
    let view = make(company.uli, &mut company, made).unwrap();
    let before = row(&company, view).clone();
    assert_eq!(before.columns, ["title", "dueDate"]);
    let done = company.run(company.uli, UpdateView::of(view)).unwrap();
    assert_eq!((done.events.len(), done.subjects), (0, vec![Subject::View(view)]));
    let patch = UpdateView {
        if_version: Some(1),
        description: Some(None),
        sub_group_by: Some(None),
        ..UpdateView::of(view)
    };
    company.run(company.uli, patch.clone()).unwrap();
    let after =
        SavedView { description: None, sub_group_by: None, version: 2, updated_at: company.now, ..before };
    assert_eq!(*row(&company, view), after);
    refused(company.run(company.uli, patch), ErrorCode::Conflict, Some("ifVersion"));
}

#[test]
fn what_a_view_holds_is_checked() {
    let mut company = Company::new();
    let deep = (0..20).fold(Filter::everything(), |inner, _| Filter::Not(Box::new(inner)));
    let text = crate::filter::TextTest::folded(crate::filter::TextOperator::Contains, "x".repeat(20_000));
    let sort = Sort { key: SortKey::Created, descending: true, nulls_first: false };
    let cases = [
        (private(" "), ErrorCode::InvalidInput, "name"),
        (private(&"x".repeat(101)), ErrorCode::InvalidInput, "name"),
        (CreateView { filter: deep, ..private("A") }, ErrorCode::TooCostly, "filter"),
        (CreateView { filter: Test::Title(text).into(), ..private("A") }, ErrorCode::InvalidInput, "filter"),
        (CreateView { filter: Test::Looked(0).into(), ..private("A") }, ErrorCode::InvalidInput, "filter"),
        (CreateView { sort: vec![sort; 11], ..private("A") }, ErrorCode::TooCostly, "sort"),
        (CreateView { columns: vec!["a".into(); 51], ..private("A") }, ErrorCode::InvalidInput, "columns"),
        (CreateView { columns: vec!["x".repeat(41)], ..private("A") }, ErrorCode::InvalidInput, "columns"),
        (CreateView { columns: vec!["a\nb".into()], ..private("A") }, ErrorCode::InvalidInput, "columns"),
        (
            CreateView { sub_group_by: Some(GroupBy::Team), ..private("A") },
            ErrorCode::InvalidInput,
            "subGroupBy",
        ),
        (
            CreateView { group_by: Some(GroupBy::Team), sub_group_by: Some(GroupBy::Team), ..private("A") },
            ErrorCode::InvalidInput,
            "subGroupBy",
        ),
        (CreateView { team: Some(TeamId::generate()), ..private("A") }, ErrorCode::NotFound, "teamId"),
    ];
    for (view, code, field) in cases {
        refused(make(company.uli, &mut company, view), code, Some(field));
    }
}

#[test]
fn there_are_no_more_views_than_the_limits() {
    let mut company = Company::new();
    (company.limits.views_max, company.limits.views_per_member_max) = (3, 2);
    let (uli, ute) = (company.uli, company.ute);
    let first = make(uli, &mut company, private("1")).unwrap();
    make(uli, &mut company, private("2")).unwrap();
    refused(make(uli, &mut company, private("3")), ErrorCode::InvalidInput, Some("name"));
    make(ute, &mut company, private("3")).unwrap();
    refused(make(ute, &mut company, private("4")), ErrorCode::InvalidInput, Some("name"));
    company.run(uli, DeleteView { view: first, if_version: None }).unwrap();
    make(ute, &mut company, private("4")).unwrap();
}

#[test]
fn private_views_of_those_who_left_take_no_room() {
    let mut company = Company::new();
    company.limits.views_max = 1;
    let (uli, ute) = (company.uli, company.ute);
    make(uli, &mut company, private("Mine")).unwrap();
    refused(make(ute, &mut company, private("Mine")), ErrorCode::InvalidInput, Some("name"));
    company.run(company.sue, RemoveMember { member: uli }).unwrap();
    make(ute, &mut company, private("Mine")).unwrap();
}

#[test]
fn a_view_that_its_owner_does_not_see_any_more_takes_none_of_their_room() {
    let mut company = Company::new();
    company.limits.views_per_member_max = 1;
    let (uli, sue, team) = (company.uli, company.sue, company.team);
    make(uli, &mut company, CreateView { team: Some(team), ..public("Ours") }).unwrap();
    refused(make(uli, &mut company, private("Mine")), ErrorCode::InvalidInput, Some("name"));
    company.run(sue, UpdateTeam { private: Some(true), ..UpdateTeam::of(team) }).unwrap();
    make(uli, &mut company, private("Mine")).unwrap();
}

#[test]
fn the_views_that_every_company_has_stay_as_they_are() {
    let mut company = Company::new();
    let view = ready_made()[0].id;
    for who in [company.uli, company.sue] {
        let error = rename(who, &mut company, view).unwrap_err();
        let expected =
            "not allowed to change the view `My issues`: every company has it; make a view of your own";
        assert_eq!((error.code(), error.message()), (ErrorCode::Forbidden, expected));
        refused(company.run(who, DeleteView { view, if_version: None }), ErrorCode::Forbidden, None);
    }
    let taken = CreateView { id: Some(view), ..private("Mine") };
    refused(company.run(company.uli, taken), ErrorCode::Conflict, Some("id"));
}

#[test]
fn the_embedding_program_shares_the_views_it_makes() {
    let mut company = Company::new();
    refused(company.run_as_system(private("Whose")), ErrorCode::InvalidInput, Some("shared"));
    company.run_as_system(public("All")).unwrap();
    let set = SetFavorites { views: Vec::new() };
    refused(company.run_as_system(set), ErrorCode::Forbidden, None);
}

fn at_hand(company: &Company, who: MemberId) -> Vec<ViewId> {
    company.directory.favorites(who).map(|favorites| favorites.views.clone()).unwrap_or_default()
}

#[test]
fn what_is_at_hand_is_each_ones_own_and_in_their_order() {
    let mut company = Company::new();
    let (uli, ute) = (company.uli, company.ute);
    let mine = make(uli, &mut company, private("Mine")).unwrap();
    let (first, second) = (ready_made()[0].id, ready_made()[1].id);
    let done = company.run(uli, SetFavorites { views: vec![second, mine, second] }).unwrap();
    assert_eq!((done.names(), done.subjects), (vec!["favorites.updated"], vec![Subject::Member(uli)]));
    company.run(uli, SetFavorite { view: first, favorite: true }).unwrap();
    assert_eq!(at_hand(&company, uli), [second, mine, first]);
    assert_eq!(company.run(uli, SetFavorite { view: first, favorite: true }).unwrap().events.len(), 0);
    assert_eq!(at_hand(&company, ute), []);
    assert_eq!(company.run(ute, SetFavorites { views: Vec::new() }).unwrap().events.len(), 0);

    company.run(uli, DeleteView { view: mine, if_version: None }).unwrap();
    company.run(uli, SetFavorite { view: second, favorite: false }).unwrap();
    assert_eq!(at_hand(&company, uli), [first], "what is gone goes with the next choice");
}

#[test]
fn no_more_is_at_hand_than_the_limit() {
    let mut company = Company::new();
    company.limits.favorites_max = 1;
    let views: Vec<ViewId> = ready_made().iter().map(|view| view.id).collect();
    let all = SetFavorites { views: views.clone() };
    refused(company.run(company.uli, all), ErrorCode::InvalidInput, Some("viewIds"));
    company.run(company.uli, SetFavorite { view: views[0], favorite: true }).unwrap();
    let one_more = SetFavorite { view: views[1], favorite: true };
    refused(company.run(company.uli, one_more), ErrorCode::InvalidInput, Some("viewId"));
}
