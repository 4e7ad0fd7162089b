//! Hostile filters: they are refused by name, or answered within a bound.

use super::world::{issue_id, plain};
use super::{World, scope};
use crate::error::ErrorCode;
use crate::filter::{
    CommentTest, Compare, Filter, HistoryTest, LabelTest, Link, Many, MemberTest, ParentTest, PastChange,
    SourceTest, StateTest, TeamTest, Test, TextOperator, TextSearch, TextTest, Was, WorkflowTest,
};
use crate::limits::Limits;
use crate::model::{Issue, Relation, RelationKind};
use crate::view::validate;

#[track_caller]
fn refused(filter: &Filter, what: &str) {
    let error = validate(filter, &Limits::default()).unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::TooCostly, Some("filter")));
    assert!(error.to_string().contains(what), "{error}");
}

fn nested(times: usize, wrap: impl Fn(Filter) -> Filter) -> Filter {
    (0..times).fold(Filter::everything(), |filter, _| wrap(filter))
}

fn children(filter: Filter) -> Filter {
    Filter::Test(Test::Children(Many::Some(vec![filter])))
}

fn related(filter: Filter) -> Filter {
    let link = Link { kind: RelationKind::Relates, reversed: false };
    Filter::Test(Test::Related(link, Many::Every(vec![filter])))
}

#[test]
fn what_is_too_deep_is_refused_however_it_is_nested() {
    refused(&nested(12, |filter| Filter::Not(Box::new(filter))), "levels");
    refused(&nested(12, children), "levels");
    refused(&nested(12, related), "levels");
    refused(&nested(12, |f| Filter::Test(Test::Parent(ParentTest::Passes(Box::new(f))))), "levels");
    assert!(validate(&nested(11, children), &Limits::default()).is_ok());
}

#[test]
fn the_deepest_filter_that_can_be_made_is_measured_without_the_stack() {
    // It is taken apart by hand: dropping it at once would overflow the stack of a test.
    let mut filter = nested(100_000, |filter| Filter::Not(Box::new(filter)));
    assert_eq!(filter.size(), (100_001, 100_001));
    assert!(validate(&filter, &Limits::default()).is_err());
    while let Filter::Not(inner) = filter {
        filter = *inner;
    }
}

#[test]
fn what_has_too_many_nodes_or_values_is_refused_wherever_they_stand() {
    let wide = |n| Filter::All(vec![Filter::everything(); n]);
    refused(&wide(200), "tests and groups");
    refused(&children(wide(199)), "tests and groups");
    let ids = |n| Filter::Test(Test::Id(Compare::In(vec![issue_id(1); n])));
    refused(&ids(251), "values");
    refused(&related(children(ids(251))), "values");
    assert!(validate(&children(ids(250)), &Limits::default()).is_ok());
    let many = Filter::Test(Test::Children(Many::None(vec![Filter::everything(); 200])));
    refused(&many, "tests and groups");
}

#[test]
fn a_text_that_is_too_long_is_refused_wherever_it_stands() {
    type With = fn(TextTest) -> Test;
    let tests: [With; 13] = [
        Test::Title,
        |text| Test::Source(SourceTest::Id(Compare::Nin(text.values))),
        |text| Test::Source(SourceTest::System(text)),
        |text| Test::Team(TeamTest::Name(text)),
        |text| Test::State(StateTest::Name(text)),
        |text| Test::Creator(MemberTest::Email(text)),
        |text| Test::Rank(Compare::In(text.values)),
        |text| Test::Workflow(WorkflowTest::Name(text)),
        |text| Test::Participants(Many::Some(vec![MemberTest::Name(text)])),
        |text| Test::Approvals(Many::Every(vec![StateTest::Name(text)])),
        |text| Test::Labels(Many::None(vec![LabelTest::Name(text)])),
        |text| Test::Comments(Many::Every(vec![CommentTest::Author(MemberTest::Name(text))])),
        |text| {
            let was = Was::Changed { from: None, to: Some(LabelTest::Name(text)) };
            Test::History(HistoryTest { change: PastChange::Label(was), during: None, by: None })
        },
    ];
    let check = |test: Test| validate(&children(test.into()), &Limits::default());
    for test in tests {
        let long = |bytes| {
            test(TextTest {
                operator: TextOperator::In,
                values: vec!["x".into(), "x".repeat(bytes)],
                folded: true,
            })
        };
        assert!(check(long(2_048)).is_ok());
        let error = check(long(2_049)).unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some("filter")));
        assert!(error.message().contains("2049 bytes: at most 2048"), "{error}");
    }
    let searched = |text: &str| check(Test::Text(TextSearch::of(text)));
    assert!(searched("crash \"on start\"").is_ok());
    for text in ["crash \"on start", "", &"x ".repeat(1_025)] {
        assert_eq!(searched(text).unwrap_err().field(), Some("text"), "{text}");
    }
}

#[test]
fn filters_inside_filters_add_up_and_do_not_multiply() {
    // Everybody is related to everybody: ten levels of looking would take 60 to the tenth looks.
    let everybody: Vec<_> =
        (0..60).map(|n| Relation { kind: RelationKind::Relates, to: issue_id(n) }).collect();
    let rows: Vec<_> = (0..60).map(|n| Issue { relations: everybody.clone(), ..plain(n) }).collect();
    let world = World::plain(&rows);
    let filter = nested(10, related);
    assert_eq!(world.count(filter.clone()), 60);
    assert!(world.view.passes(&scope(), &world.question(&filter), 0));
}
