//! What is refused, where, and what is suggested.

use super::super::{ParseError, parse};
use crate::limits::Limits;

/// The one error of a text: the part it marks, what its message has in it, the suggestions.
#[track_caller]
fn check(text: &str, marked: &str, message: &str, suggestions: &[&str]) {
    let errors = parse(text, &Limits::default()).expect_err(text);
    let [error] = &errors[..] else { panic!("{text}: {errors:#?}") };
    assert_eq!(&text[error.start..error.end], marked, "{text}: {error:?}");
    assert!(error.message.contains(message), "{text}: {}", error.message);
    assert_eq!(error.suggestions, suggestions, "{text}: {}", error.message);
}

fn refused(text: &str, limits: &Limits) -> Vec<ParseError> {
    parse(text, limits).expect_err(text)
}

#[test]
fn an_unknown_field_leads_to_the_nearest() {
    check("asignee:me", "asignee", "is no field", &["assignee"]);
    check("x stat:done", "stat", "is no field", &["state", "statesince", "start"]);
    check("http://example.com", "http", "in quotes", &[]);
    check("größe:5", "größe", "is no field", &[]);
}

#[test]
fn an_opening_that_is_never_closed_is_marked() {
    check("state:\"in progress", "\"", "not closed", &[]);
    check("a (b (c)", "(", "not closed", &[]);
    check("a) b", ")", "never opened", &[]);
    check("(state:\"x", "\"", "not closed", &[]);
    check("children:(state:x", "(", "not closed", &[]);
    check("priority:in(high", "(", "not closed", &[]);
}

#[test]
fn a_bad_value_leads_to_those_there_are() {
    check("priority:hihg", "hihg", "is not a priority", &["high"]);
    check("priority:zzz", "zzz", "is not a priority", &["none", "low", "medium", "high", "critical"]);
    check("is:opne", "opne", "shorthand", &["open"]);
    check("number:twelve", "twelve", "is not a number", &[]);
    check("created>-3m", "-3m", "months or minutes", &["-3mo", "-3min"]);
    check("created>soon", "soon", "is not a time", &[]);
    check("age>-30d", "-30d", "has a sign", &["30d"]);
    check("due:2026-02-30", "2026-02-30", "is not a day", &[]);
    check("sort:-updatd", "-updatd", "to order by", &["-updated"]);
    check("archived:maybe", "maybe", "is not a time", &[]);
}

#[test]
fn what_would_silently_mean_something_else_is_refused() {
    check("created:-2w", "created:-2w", "one instant", &["created>-2w", "created<-2w", "created=-2w"]);
    check("state: done", "state: done", "without a blank", &["state:done"]);
    check("labels:bug", "labels:", "wants a number", &["label:"]);
    check("title:a,b", "a,b", "one text", &["\"a,b\""]);
    check("label:(bug,ui)", "bug,ui", "needs no parentheses", &[]);
    check("crash(es)", "crash(es)", "in quotes", &["\"crash(es)\""]);
    check("not(a)", "not(a)", "means nothing", &["\"not(a)\""]);
    check("a - b", "-", "negates nothing", &["\"-\""]);
    check("--verbose", "--verbose", "negates nothing", &["\"--verbose\""]);
    check("any(crash freeze)", "any(crash freeze)", "`OR`", &[]);
    check("state<done", "done", "not a workflow state id", &[]);
    check("priority~high", "priority~", "compares texts", &["priority:"]);
    check("number!=1..3", "number!=1..3", "do not go together", &["-number:1..3"]);
    check("number:1,2..3", "2..3", "range", &[]);
    check("created:in(today)", "today", "a day is many instants", &[]);
}

#[test]
fn words_that_join_want_something_on_both_sides() {
    check("OR a", "OR", "before", &[]);
    check("a OR", "OR", "behind", &[]);
    check("a AND OR b", "OR", "before", &[]);
    check("(a OR )", "OR", "behind", &[]);
    check("a NOT", "NOT", "behind", &[]);
    check("-OR", "-OR", "negates nothing", &["\"-OR\""]);
}

#[test]
fn the_past_says_what_it_wants() {
    check("was:done", "done", "cannot stand here", &[]);
    check("was:title=x", "title", "no past", &[]);
    check("changed:state:done", "state:done", "behind `to:`", &["(state to:done)"]);
    check("changed:(state to:a to:b)", "to:b", "twice", &[]);
    check("changed:(by:me)", "changed:(by:me)", "a field is missing", &[]);
    check("was:", "was:", "a field is missing", &[]);
}

#[test]
fn an_order_stands_outside() {
    check("(a sort:due)", "sort:due", "outside of parentheses", &[]);
    check("-sort:due", "-sort:due", "cannot be negated", &[]);
    check("sort:due:last", "due:last", "none-first", &["due:none-first", "due"]);
}

#[test]
fn all_errors_of_a_text_are_told() {
    let text = "asignee:me priority:hihg (label:bug OR creatd>-2w) due>soon";
    let errors = refused(text, &Limits::default());
    let marked: Vec<&str> = errors.iter().map(|error| &text[error.start..error.end]).collect();
    assert_eq!(marked, ["asignee", "hihg", "creatd", "soon"]);
    let many = "x:1 ".repeat(100);
    assert_eq!(refused(&many, &Limits::default()).len(), 20);
}

#[test]
fn the_first_test_of_too_many_that_are_looked_up_is_marked() {
    let limits = Limits { looked_up_max: 2, ..Limits::default() };
    for (text, marked) in [
        ("a OR b OR is:open OR c d OR e", "c d"),
        (
            "was:state=done changed:state is:open parent:(crash changed:(priority by:me))",
            "changed:(priority by:me)",
        ),
        ("crash comments:(author:me) -comments:(author:me created>-1w) text:freeze", "text:freeze"),
    ] {
        let errors = refused(text, &limits);
        let [error] = &errors[..] else { panic!("{text}: {errors:#?}") };
        assert_eq!(&text[error.start..error.end], marked, "{text}");
        assert!(error.message.contains("at most 2 tests of histories"), "{}", error.message);
    }
    assert!(parse("a OR b OR was:state=done OR comments:(author:me) OR comments>2", &limits).is_ok());
}

#[test]
fn every_bound_is_an_error_that_names_it() {
    let limits = Limits {
        filter_nodes_max: 5,
        filter_depth_max: 3,
        filter_values_max: 2,
        sort_steps_max: 1,
        looked_up_max: 2,
        filter_text_bytes_max: 1_000,
        ..Limits::default()
    };
    for (text, message) in [
        ("state:a,b,c".to_owned(), "3 values in one list: at most 2"),
        ("is:open is:open is:open is:open is:open is:open".to_owned(), "at most 5"),
        ("is:open is:open is:open is:open is:open".to_owned(), "6 tests and groups: at most 5"),
        ("-(-(-(-a)))".to_owned(), "levels: at most 3"),
        ("NOT NOT NOT NOT a".to_owned(), "4 negations of one thing: at most 3"),
        ("((((((((((a))))))))))".to_owned(), "more than 8 times"),
        ("sort:due,rank".to_owned(), "at most 1 steps"),
        ("assignee:(me:yes me:yes me:yes)".to_owned(), "at most 2"),
        ("x".repeat(4097), "4097 bytes: at most 4096"),
        (format!("title:{}", "x".repeat(1_001)), "1001 bytes: at most 1000"),
        (format!("label:a,\"{}\"", "é".repeat(501)), "1002 bytes: at most 1000"),
    ] {
        let errors = refused(&text, &limits);
        assert!(errors[0].message.contains(message), "{}", errors[0].message);
        assert_eq!(errors.len(), 1, "{errors:?}");
    }
    assert!(parse(&"x".repeat(4096), &limits).is_ok());
}
