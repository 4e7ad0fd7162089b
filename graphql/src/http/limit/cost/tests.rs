//! What documents are reckoned at.

use super::*;
use async_graphql::parser::parse_query;
use serde_json::json;

fn limits() -> RateLimits {
    let prices = Prices {
        proving_fields: vec!["signIn"],
        refreshing_fields: vec!["refresh"],
        fields: vec![("description", 10), ("search", 20)],
        rows: vec![("comments", 7)],
        arguments: vec![("at", 30)],
        lists: vec![("plugins", 50)],
        ..Prices::default()
    };
    RateLimits { prices, ..RateLimits::default() }
}

#[track_caller]
fn check(document: &str, variables: serde_json::Value, expected: u64) {
    let limits = limits();
    let costs = Costs::of(&parse_query(document).unwrap(), &limits);
    let points = costs.find(None).unwrap().points(&Variables::from_json(variables));
    assert_eq!(points, expected, "{document}");
}

#[test]
fn an_object_is_a_point_and_its_plain_fields_are_none() {
    check("{ viewer { id name team { key } } }", json!({}), 1 + 2);
    check("{ __typename }", json!({}), 1);
}

#[test]
fn pages_multiply_what_is_in_them() {
    let one = "{ issues(first: 20) { totalCount nodes { title state { name } } pageInfo { endCursor } } }";
    check(one, json!({}), 1 + 20 * 2);
    let edges = "{ issues(first: 20) { edges { cursor node { title state { name } } } } }";
    check(edges, json!({}), 1 + 20 * 2);
    let two = "{ issues(first: 20) { nodes { comments(last: 5) { nodes { body author { name } } } } } }";
    check(two, json!({}), 1 + 20 * (1 + 5 * (2 + 7)));
    let search = "{ search(first: 20) { hits { nodes { issue { title } } } } }";
    check(search, json!({}), 1 + 20 + 20 * 2);
}

#[test]
fn a_page_without_a_size_is_reckoned_at_the_usual_one_and_none_above_the_largest() {
    check("{ issues { nodes { title } } }", json!({}), 1 + 50);
    check("{ issues(first: 1000000000000) { nodes { title } } }", json!({}), 1 + 250);
    check("{ issues(first: -5) { nodes { title } } }", json!({}), 1);
}

#[test]
fn sizes_that_are_variables_count_as_they_are_sent() {
    let document = "query($n: Int) { issues(first: $n) { nodes { title } } }";
    check(document, json!({"n": 7}), 1 + 7);
    check(document, json!({}), 1 + 50);
}

#[test]
fn a_list_of_ids_is_as_many_rows_and_in_a_mutation_as_many_changes() {
    let ids = |number: usize| json!({ "ids": vec!["x"; number] });
    let nodes = "query($ids: [ID!]!) { a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { state { id } } }";
    check(nodes, ids(250), 1 + 250 + 250 * 2);
    check("query($x: ID!) { nodes(ids: [$x, \"y\", \"z\"]) { id } }", json!({"x": "x"}), 1 + 3);
    check("{ nodes(ids: \"y\") { id } }", json!({}), 1 + 1);
    let change = "mutation($ids: [ID!]!) { bump(ids: $ids) { issues { id } } }";
    check(change, ids(500), 1 + 10 + 500 * 10 + 2);
    check(change, ids(50_000), 1 + 10 + u64::from(LISTED_MAX) * 10 + 2);
}

#[test]
fn what_is_long_or_read_for_little_of_an_answer_has_points_of_its_own() {
    check("{ issues(first: 20) { nodes { description } } }", json!({}), 1 + 20 * (1 + 10));
    check("{ comments(first: 20) { nodes { id } } }", json!({}), 1 + 20 * (1 + 7));
    check("{ issue(id: 1, at: 2) { title } }", json!({}), 1 + 1 + 30);
}

#[test]
fn a_list_that_takes_no_size_is_as_many_rows_as_it_has_at_most() {
    check("{ plugins { id } }", json!({}), 1 + 50);
    check("{ plugins { health { runs } } }", json!({}), 1 + 50 * 2);
    check("{ plugins { runs(first: 20) { nodes { id } } } }", json!({}), 1 + 50 * (1 + 20));
}

#[test]
fn fragments_count_where_they_are_spread() {
    let document = "{ issues(first: 10) { ...P } ... on Query { viewer { id } } }
        fragment P on C { nodes { ...I } } fragment I on Issue { state { name } team { key } }";
    check(document, json!({}), 1 + 10 * 3 + 1);
}

#[test]
fn pages_are_counted_as_often_as_fragments_bring_them_in() {
    let document = "{ a { ...P } b { ...P } } fragment P on C { x(first: 1) { y(first: 1) { id } } }";
    assert_eq!(Costs::of(&parse_query(document).unwrap(), &limits()).pages(), 4);
}

#[test]
fn each_change_of_a_mutation_has_its_own_points() {
    check("mutation { a: bump b: bump { issue { id } } }", json!({}), 1 + 2 * 10 + 2);
}

#[test]
fn fields_that_prove_who_asks_are_counted_wherever_they_stand() {
    let document = "mutation { a: signIn { t } ...F } fragment F on Mutation { signIn { t } bump refresh }";
    let costs = Costs::of(&parse_query(document).unwrap(), &limits());
    let cost = costs.find(None).unwrap();
    assert_eq!((cost.proving, cost.refreshing), (2, 1));
}

#[test]
fn pages_within_pages_saturate() {
    let document =
        format!("{}{}", "{ a(first: 250) ".repeat(14), "}".repeat(14)).replace("250) }", "250) { b } }");
    let limits = RateLimits::default();
    let costs = Costs::of(&parse_query(document).unwrap(), &limits);
    assert_eq!(costs.find(None).unwrap().points(&Variables::default()), u64::MAX);
}
