//! What holds for every tree and every text.

use super::super::{complete, format, format_in, parse, parse_in};
use super::wide;
use crate::directory::Directory;
use crate::filter::random::{Sources, sort};
use crate::filter::{
    CommentTest, Filter, LabelTest, Many, MemberTest, ParentTest, PastChange, SourceTest, StateTest,
    TeamTest, Test, TextOperator, TextTest, Was, WorkflowTest,
};
use crate::limits::Limits;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn cases() -> ProptestConfig {
    let long = std::env::var_os("MORTISE_PROVE").is_some();
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if long { 50_000 } else { 400 })
    }
}

/// Valid texts for tests that spoil them.
const TEXTS: &[&str] = &[
    r#"state:"in progress" assignee:me -label:wontfix priority>=high created>-2w (crash OR freeze) sort:-updated"#,
    "changed:(state from:todo to:done during:-2w..now by:me) OR was:state=done",
    "children:every(category:completed) blockedby:(is:open) comments:(author:me created>-1w) any(x) all(y)",
    "ENG-12 key:eng-1,eng-2 due:..-1w estimate:in(1,2) title^=\"a \\\" b\" NOT (a b) “smart quotes”",
];

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_tree_reads_back_as_itself(filter in Sources::wild().filter(24), sort in sort()) {
        let text = format(&filter, &sort);
        let query = parse(&text, &wide());
        prop_assert!(query.is_ok(), "{text}\n{query:?}");
        let query = query.unwrap();
        prop_assert_eq!(&query.filter, &filter, "{}", text);
        prop_assert_eq!(query.sort, sort, "{}", text);
    }

    #[test]
    fn every_tree_reads_back_in_every_zone(filter in Sources::wild().filter(8), zone in proptest::sample::select(&["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"][..])) {
        let zone = TimeZone::get(zone).unwrap();
        let text = format_in(&filter, &[], &zone);
        let query = parse_in(&text, &wide(), &zone);
        prop_assert_eq!(query.map(|query| query.filter), Ok(filter), "{}", text);
    }

    #[test]
    fn what_no_text_says_reads_back_in_its_normal_form(filter in Sources::wild().filter(8), spoil in any::<u8>()) {
        let filter = spoiled(&filter, spoil);
        let text = format(&filter, &[]);
        let normal = normal(&filter);
        prop_assert_eq!(parse(&text, &wide()).map(|query| query.filter), Ok(normal), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_with_places(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn a_text_of_pieces_of_the_language_is_read_or_refused(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24)) {
        check(&pieces.concat());
    }

    #[test]
    fn a_spoiled_text_is_read_or_refused(which in 0..TEXTS.len(), at in any::<usize>(), cut in 0_usize..6, put in any::<Option<char>>()) {
        let mut text: Vec<char> = TEXTS[which].chars().collect();
        let at = at % text.len();
        let end = (at + cut).min(text.len());
        text.splice(at..end, put);
        check(&text.into_iter().collect::<String>());
    }
}

const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    "(",
    ")",
    "\"",
    "“",
    "”",
    "-",
    ",",
    "..",
    ":",
    "=",
    "!=",
    ">=",
    "~",
    "^=",
    "==",
    "in(",
    "any(",
    "all(",
    "every(",
    "AND",
    "OR",
    "NOT",
    "state",
    "priority",
    "created",
    "label",
    "assignee",
    "labels",
    "blocks",
    "parent",
    "comments",
    "was",
    "changed",
    "sort",
    "is",
    "text",
    "from",
    "to",
    "by",
    "during",
    "me",
    "none",
    "any",
    "high",
    "-2w",
    "3m",
    "today",
    "2026-01-31",
    "ENG-12",
    "12",
    "done",
    "x",
    "\\",
    "é",
    "author",
    "created",
    ".email",
    ".id",
    "usr_00000000000000000000000000",
];

/// Reads a text: what is accepted has a canonical text that reads back, what is refused has places inside the text.
fn check(text: &str) {
    let limits = Limits::default();
    match parse(text, &limits) {
        Ok(query) => {
            let canonical = format(&query.filter, &query.sort);
            let again = parse(&canonical, &wide())
                .unwrap_or_else(|errors| panic!("{text:?} {canonical:?} {errors:?}"));
            assert_eq!((&again.filter, &again.sort), (&query.filter, &query.sort), "{text:?} {canonical:?}");
            assert_eq!(format(&again.filter, &again.sort), canonical, "{text:?}");
        }
        Err(errors) => {
            assert!((1..=20).contains(&errors.len()));
            for error in errors {
                assert!(text.get(error.start..error.end).is_some(), "{text:?} {error:?}");
                assert!(!error.message.is_empty());
            }
        }
    }
    for at in [0, text.len() / 2, text.len()] {
        for completion in complete(text, at, &Directory::default(), None) {
            assert!(text.get(completion.start..completion.end).is_some(), "{text:?} {at} {completion:?}");
        }
    }
}

/// The tree with values added to text tests that use one, and taken from them.
fn spoiled(filter: &Filter, how: u8) -> Filter {
    each(filter, &|text| {
        let mut text = text.clone();
        if !matches!(text.operator, TextOperator::In | TextOperator::Nin) {
            match how % 3 {
                0 => text.values.clear(),
                1 => text.values.push("more".to_owned()),
                _ => {}
            }
        }
        text
    })
}

/// The normal form: a text test that uses one value has one.
fn normal(filter: &Filter) -> Filter {
    each(filter, &|text| {
        let mut text = text.clone();
        if !matches!(text.operator, TextOperator::In | TextOperator::Nin) {
            text.values.resize(1, String::new());
        }
        text
    })
}

type Change<'a> = &'a dyn Fn(&TextTest) -> TextTest;

fn each(filter: &Filter, change: Change<'_>) -> Filter {
    let all = |parts: &[Filter]| parts.iter().map(|part| each(part, change)).collect::<Vec<_>>();
    match filter {
        Filter::All(parts) => Filter::All(all(parts)),
        Filter::Any(parts) => Filter::Any(all(parts)),
        Filter::Not(part) => Filter::Not(Box::new(each(part, change))),
        Filter::Test(test) => Filter::Test(match test {
            Test::Title(text) => Test::Title(change(text)),
            Test::Source(SourceTest::System(text)) => Test::Source(SourceTest::System(change(text))),
            Test::Team(TeamTest::Key(text)) => Test::Team(TeamTest::Key(change(text))),
            Test::Team(TeamTest::Name(text)) => Test::Team(TeamTest::Name(change(text))),
            Test::State(test) => Test::State(state(test, change)),
            Test::Creator(test) => Test::Creator(member(test, change)),
            Test::Assignees(many) => Test::Assignees(several(many, |test| member(test, change))),
            Test::Labels(many) => Test::Labels(several(many, |test| label(test, change))),
            Test::Participants(many) => Test::Participants(several(many, |test| member(test, change))),
            Test::Approvals(many) => Test::Approvals(several(many, |test| state(test, change))),
            Test::Workflow(WorkflowTest::Name(text)) => Test::Workflow(WorkflowTest::Name(change(text))),
            Test::Comments(many) => Test::Comments(several(many, |test| match test {
                CommentTest::Author(test) => CommentTest::Author(member(test, change)),
                other => other.clone(),
            })),
            Test::Parent(ParentTest::Passes(part)) => {
                Test::Parent(ParentTest::Passes(Box::new(each(part, change))))
            }
            Test::Children(many) => Test::Children(several(many, |part| each(part, change))),
            Test::Related(link, many) => Test::Related(*link, several(many, |part| each(part, change))),
            Test::History(history) => {
                let mut history = history.clone();
                history.change = match &history.change {
                    PastChange::State(test) => PastChange::State(was(test, |test| state(test, change))),
                    PastChange::Assignee(test) => {
                        PastChange::Assignee(was(test, |test| member(test, change)))
                    }
                    PastChange::Label(test) => PastChange::Label(was(test, |test| label(test, change))),
                    other => other.clone(),
                };
                history.by = history.by.map(|test| member(&test, change));
                Test::History(history)
            }
            other => other.clone(),
        }),
    }
}

fn several<T>(many: &Many<T>, change: impl Fn(&T) -> T) -> Many<T> {
    let all = |tests: &[T]| tests.iter().map(&change).collect();
    match many {
        Many::Some(tests) => Many::Some(all(tests)),
        Many::Every(tests) => Many::Every(all(tests)),
        Many::None(tests) => Many::None(all(tests)),
        Many::Length(compare) => Many::Length(compare.clone()),
    }
}

fn was<T>(was: &Was<T>, change: impl Fn(&T) -> T) -> Was<T> {
    match was {
        Was::Had(test) => Was::Had(change(test)),
        Was::Changed { from, to } => {
            Was::Changed { from: from.as_ref().map(&change), to: to.as_ref().map(&change) }
        }
    }
}

fn state(test: &StateTest, change: Change<'_>) -> StateTest {
    match test {
        StateTest::Name(text) => StateTest::Name(change(text)),
        other => other.clone(),
    }
}

fn label(test: &LabelTest, change: Change<'_>) -> LabelTest {
    match test {
        LabelTest::Name(text) => LabelTest::Name(change(text)),
        other => other.clone(),
    }
}

fn member(test: &MemberTest, change: Change<'_>) -> MemberTest {
    match test {
        MemberTest::Name(text) => MemberTest::Name(change(text)),
        MemberTest::Email(text) => MemberTest::Email(change(text)),
        other => other.clone(),
    }
}

/// A megabyte of nothing but openings must not overflow the stack of a small thread, nor take long.
#[test]
fn hostile_texts_take_no_stack_and_no_time() {
    let limits = Limits { query_bytes_max: 1 << 20, ..Limits::default() };
    let texts: Vec<String> = [
        "(",
        ")",
        "-",
        "NOT ",
        "any(",
        "children:(",
        "was:(",
        "\"",
        "a ",
        "a:",
        "state:a,",
        "x..",
        "assignee:every(",
        "((a OR ",
    ]
    .iter()
    .map(|piece| piece.repeat(200_000 / piece.len()))
    .collect();
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let run = small.spawn(move || {
        for text in texts {
            let errors = parse(&text, &limits).err().unwrap_or_default();
            assert!(errors.len() <= 20, "{}", &text[..20]);
            let _ = complete(&text, text.len(), &Directory::default(), None);
        }
    });
    run.unwrap().join().unwrap();
}
