//! Texts and the canonical texts of their trees, and some trees in full.

use super::super::{format, parse};
use crate::filter::*;
use crate::limits::Limits;
use crate::model::{Priority, RelationKind, StateCategory};

/// The text is read as what the canonical text says, and that is its canonical text.
#[track_caller]
fn check(text: &str, canonical: &str) {
    let query = parse(text, &Limits::default()).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
    assert_eq!(format(&query.filter, &query.sort), canonical, "{text}\n{:?}", query.filter);
    let again =
        parse(canonical, &Limits::default()).unwrap_or_else(|errors| panic!("{canonical}: {errors:#?}"));
    assert_eq!((again.filter, again.sort), (query.filter, query.sort), "{canonical}");
}

/// The text is its own canonical text.
#[track_caller]
fn same(text: &str) {
    check(text, text);
}

#[track_caller]
fn tree(text: &str, filter: impl Into<Filter>) {
    let filter = filter.into();
    assert_eq!(parse(text, &Limits::default()).map(|query| query.filter), Ok(filter), "{text}");
}

fn name(text: &str) -> TextTest {
    TextTest::folded(TextOperator::Eq, text)
}

fn words(text: &str) -> Filter {
    Test::Text(TextSearch { text: text.to_owned() }).into()
}

fn moment(text: &str) -> When {
    text.parse().unwrap()
}

#[test]
fn a_text_is_read_as_the_tree_it_says() {
    tree("", Filter::everything());
    tree("state:\"in progress\"", Test::State(StateTest::Name(name("in progress"))));
    tree("assignee:me", Test::Assignees(Many::Some(vec![MemberTest::Me(true)])));
    tree(
        "-label:wontfix",
        Filter::Not(Box::new(Test::Labels(Many::Some(vec![LabelTest::Name(name("wontfix"))])).into())),
    );
    tree("label!=wontfix", Test::Labels(Many::None(vec![LabelTest::Name(name("wontfix"))])));
    tree("priority>=high", Test::Priority(Compare::Gte(Priority::High)));
    tree("priority:high,critical", Test::Priority(Compare::In(vec![Priority::High, Priority::Critical])));
    tree("created>-2w", Test::Time(TimeField::Created, Compare::Gt(moment("-P2W"))));
    tree("due:..-1w", Test::Date(DateField::Due, Compare::Lte("-P1W".parse().unwrap())));
    tree("crash freeze", words("crash freeze"));
    tree("crash OR freeze", Filter::Any(vec![words("crash"), words("freeze")]));
    tree("a b OR c", Filter::Any(vec![words("a b"), words("c")]));
    tree("a (b OR c)", Filter::All(vec![words("a"), Filter::Any(vec![words("b"), words("c")])]));
    tree("NOT a b", Filter::All(vec![Filter::Not(Box::new(words("a"))), words("b")]));
    tree("ENG-12", Test::Key(Compare::Eq(IssueKey { team: "ENG".to_owned(), number: 12 })));
    tree("assignee:none", Test::Assignees(Many::None(vec![])));
    tree("assignee:any", Test::Assignees(Many::Some(vec![])));
    tree("assignees>=2", Test::Assignees(Many::Length(Compare::Gte(2))));
    tree("state==Done", Test::State(StateTest::Name(TextTest { folded: false, ..name("Done") })));
    tree("title:login", Test::Title(TextTest::folded(TextOperator::Contains, "login")));
    tree("title=login", Test::Title(name("login")));
}

#[test]
fn relations_and_the_past_are_read_as_the_trees_they_say() {
    let open =
        Filter::from(Test::Category(Compare::Nin(vec![StateCategory::Completed, StateCategory::Canceled])));
    let blocked_by = Link { kind: RelationKind::Blocks, reversed: true };
    tree("blockedby:(is:open)", Test::Related(blocked_by, Many::Some(vec![open.clone()])));
    tree("children:every(is:open)", Test::Children(Many::Every(vec![open.clone()])));
    tree("parent:(is:open)", Test::Parent(ParentTest::Passes(Box::new(open))));
    tree(
        "comments:(author:me created>-1w)",
        Test::Comments(Many::Some(vec![
            CommentTest::Author(MemberTest::Me(true)),
            CommentTest::Created(Compare::Gt(moment("-P1W"))),
        ])),
    );
    tree(
        "was:state=\"in progress\"",
        Test::History(HistoryTest {
            change: PastChange::State(Was::Had(StateTest::Name(name("in progress")))),
            during: None,
            by: None,
        }),
    );
    tree(
        "changed:(state from:\"in progress\" to:done during:-2w..now by:me)",
        Test::History(HistoryTest {
            change: PastChange::State(Was::Changed {
                from: Some(StateTest::Name(name("in progress"))),
                to: Some(StateTest::Name(name("done"))),
            }),
            during: Some(Compare::Between(moment("-P2W"), moment("now"))),
            by: Some(MemberTest::Me(true)),
        }),
    );
}

#[test]
fn case_and_spelling_are_forgiven() {
    check("Priority:HIGH", "priority:high");
    check("priority >= high", "priority>=high");
    check("priority:>=high", "priority>=high");
    check("STATUS:done tag:bug kind:bug", "state:done label:bug type:bug");
    check("blocked_by:any", "blockedby:any");
    check("resolution:WontDo", "resolution:wont_do");
    check("category:cancelled", "category:canceled");
    check("state:“in progress”", "state:\"in progress\"");
    check("assignee:@ME", "assignee:me");
    check("key:eng-12", "ENG-12");
    check("label:a, b", "label:a,b");
    check("priority:(high, low)", "priority:high,low");
    check("created>-P2W", "created>-2w");
    check("age>P30D", "age>30d");
    check("  a   b  ", "a b");
    check("a AND b", "a AND b");
    check("state:done AND label:bug", "state:done label:bug");
    check("NOT state:done", "-state:done");
    check("((a))", "a");
    check("“curly phrase” x", "\"curly phrase\" x");
}

#[test]
fn an_issue_is_found_by_its_id_where_it_came_from() {
    let id = |compare| Test::Source(SourceTest::Id(compare));
    tree("source.id:acme/web#12", id(Compare::Eq("acme/web#12".to_owned())));
    tree("source.id!=a#1,\"b c#2\"", id(Compare::Nin(vec!["a#1".to_owned(), "b c#2".to_owned()])));
    tree("source.id:any", id(Compare::Null(false)));
    for text in ["source.id:\"none\"", "source.id:\".hidden#1\"", "source.id:in()", "source.id:a,b"] {
        same(text);
    }
    check("SOURCE.ID = x", "source.id:x");
}

#[test]
fn who_is_let_in_what_is_followed_and_what_waits_are_read_as_the_trees_they_say() {
    tree("is:confidential", Test::Confidential(true));
    tree("confidential:no", Test::Confidential(false));
    tree("participant:me", Test::Participants(Many::Some(vec![MemberTest::Me(true)])));
    tree("participants>2", Test::Participants(Many::Length(Compare::Gt(2))));
    tree("workflow:\"bug triage\"", Test::Workflow(WorkflowTest::Name(name("bug triage"))));
    tree("is:awaiting-approval", Test::Approvals(Many::Some(Vec::new())));
    tree("approval:done", Test::Approvals(Many::Some(vec![StateTest::Name(name("done"))])));
    tree("version>3", Test::Version(Compare::Gt(3)));
    tree("rank<\"m..n\"", Test::Rank(Compare::Lt("m..n".to_owned())));
    for text in [
        "is:confidential",
        "confidential:no",
        "participant!=me",
        "participant:every(email$=@b.example)",
        "workflow!=usual",
        "workflow:wf_00000000000000000000000000",
        "workflowversion:wfv_00000000000000000000000000",
        "approval:every(name:done)",
        "approvals:0",
        "rank:a..m",
        "rank:\"none\"",
        "version:18446744073709551615",
    ] {
        same(text);
    }
    check("confidential:yes", "is:confidential");
    check("-is:confidential", "-is:confidential");
    check("confidential!=yes", "confidential:no");
    check("is:awaiting-approval", "approval:any");
    check("approvals:none", "approval:none");
    check("participants:any", "participant:any");
}

#[test]
fn shorthands_stand_for_what_they_say() {
    same("is:open");
    same("is:closed is:archived is:deleted");
    check("category:completed,canceled", "is:closed");
    check("is:assigned", "assignee:any");
    check("is:unassigned", "assignee:none");
    check("is:imported", "source:any");
    check("is:blocked", "blockedby:(is:open)");
    check("is:overdue", "is:open due<today");
    check("assignee!=none", "assignee:any");
    check("commenter:me", "comments:(author:me)");
    check("commenter!=me", "comments:none(author:me)");
    check("commenter:every(email$=@b.example)", "comments:every(author.email$=@b.example)");
    check("assignee.email:(a@b.example, c@d.example)", "assignee.email:a@b.example,c@d.example");
    check("assignees:none", "assignee:none");
    check("estimate!=none", "estimate:any");
    check("parent!=ENG-1", "-parent:ENG-1");
}

#[test]
fn a_list_that_mixes_ways_to_name_people_is_several_tests() {
    check("assignee:none,me", "assignee:none OR assignee:me");
    check("assignee:me,ana,ben", "assignee:me OR assignee:ana,ben");
    check("assignee!=me,ana x", "(assignee!=me assignee!=ana) x");
    check("creator:ana@example.com", "creator.email:ana@example.com");
    check("creator!=me,ana", "creator!=me creator!=ana");
}

#[test]
fn days_stand_for_all_their_instants() {
    same("created:today");
    same("created:2026-01-31");
    same("created:2026-01-01..2026-02-01");
    same("created>=yesterday");
    same("created<=2026-01-31");
    same("created=2026-01-31T09:30:00Z");
    same("created=-2w");
    same("created:-2w..now");
    check("created!=today", "-created:today");
    check("created:2026-01-31T00:00:00Z..2026-01-31T23:59:59.999Z", "created:2026-01-31");
    check("created:2026-01-31..", "created>=2026-01-31");
    check("due:now", "due:today");
    check("due:-1d..+1d", "due:yesterday..tomorrow");
    same("archived:no archived>-1w deleted:none");
}

#[test]
fn every_shape_of_a_group_has_a_text() {
    same("() x");
    same("any()");
    same("any(x)");
    same("all(x)");
    same("all(a OR b)");
    same("any((a b))");
    same("(state:x state:y) OR c");
    check("state:x state:y OR c", "(state:x state:y) OR c");
    same("a b OR c");
    same("state:x (state:y state:z)");
    same("-(-x)");
    same("-(a b)");
    same("-a AND b");
    same("children:((state:x state:y))");
    same("children:(a OR b)");
    same("children:(())");
    check("children:()", "children:any");
    same("parent:() parent:(any())");
}

#[test]
fn what_stands_in_no_filter_that_is_asked_is_written_as_nothing() {
    assert_eq!(format(&Filter::Not(Box::new(Test::Looked(3).into())), &[]), "-any()");
}

#[test]
fn names_that_look_like_something_else_stand_in_quotes() {
    same("state:\"none\" assignee:\"me\" label:\"any\"");
    same("assignee:\"ana@home\"");
    same("label:\"a,b\" label:\"a..b\" label:\"=x\" label:\"(x)\"");
    same("state:st_00000000000000000000000000");
    same("state:\"st_00000000000000000000000000\"");
    same("state.id:in()");
    same("state:in()");
    same("priority:none priority:missing priority:present");
    same("title:none title:any");
    same(r#"label:"a \" b \\ c""#);
    same("text:ENG-12 text:-x text:OR");
    same("text:\"a  b\"");
}

#[test]
fn several_things_are_asked_for_in_parentheses() {
    same("assignee:(name!=ana)");
    same("assignee:every(email$=@example.com)");
    same("assignee:none(name:ana id:any)");
    same("assignee:(me:no)");
    same("assignee.email!=ana@example.com");
    same("label~bug label!~bug label^=b label$==B label:(name!=a name!=b)");
    same("comments>3 children:2 blocks:1..3 labels:in() assignees:missing");
    same("blocks:ENG-1,ENG-2 blocks!=ENG-3 duplicates:none");
    check("assignee:some(name:ana)", "assignee:ana");
    check("children:all(is:open)", "children:every(is:open)");
    check("children:no(is:open)", "children:none(is:open)");
}

#[test]
fn the_past_has_one_form() {
    same("was:state=done");
    same("was:priority>=high");
    same("was:assignee=me");
    same("was:(label=bug by:me)");
    same("changed:state");
    same("changed:(assignee to:me)");
    same("changed:(assignee from.email:a@b.example by.email:c@d.example)");
    same("changed:(priority from<high to>=high during:today)");
    check("was:(by:me state:done)", "was:(state=done by:me)");
    check("was:(state:done)", "was:state=done");
    check("was:state:done", "was:state=done");
}

#[test]
fn an_order_is_no_part_of_the_filter() {
    same("sort:-updated,priority");
    same("x sort:due:none-first,-created");
    check("sort:+due:nulls-first x ORDER:rank", "x sort:due:none-first,rank");
    check("a OR b sort:number", "a OR b sort:number");
}
