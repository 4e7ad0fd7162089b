//! The benchmark `relevance` measures rightly, and its judged set contradicts itself nowhere and speaks of what exists.
//!
//! It runs no search: how good the answers are is a figure, not a test.

#![expect(clippy::print_stderr, reason = "a test without its data says so")]

#[path = "world/data.rs"]
mod data;
#[path = "../benches/relevance/judgments.rs"]
mod judgments;
#[path = "../benches/relevance/measure.rs"]
mod measure;

use std::collections::BTreeSet;

use judgments::Judgments;
use measure::{DEPTH, Grades, HELPFUL, first_right, grade, mean, ndcg, reciprocal};

fn grades(of: &[(u32, u8)]) -> Grades {
    of.iter().copied().collect()
}

#[track_caller]
fn check_ndcg(found: &[u32], of: &[(u32, u8)], expected: f64) {
    let actual = ndcg(found, &grades(of));
    assert!((actual - expected).abs() < 1e-4, "{found:?} of {of:?}: {actual}, expected {expected}");
}

#[test]
fn an_answer_is_as_good_as_the_places_of_its_grades() {
    let two = &[(7, 3), (8, 2)];
    check_ndcg(&[7, 8], two, 1.0);
    check_ndcg(&[7, 8, 99], two, 1.0);
    // (3/log2 2 + 7/log2 3) / (7/log2 2 + 3/log2 3)
    check_ndcg(&[8, 7], two, 0.834);
    // 7/log2 3 / (7/log2 2 + 3/log2 3)
    check_ndcg(&[99, 7], two, 0.4966);
    check_ndcg(&[99], two, 0.0);
    check_ndcg(&[], two, 0.0);
    check_ndcg(&[7], &[], 0.0);
}

#[test]
fn an_issue_found_twice_gains_once() {
    check_ndcg(&[7, 7, 7], &[(7, 3)], 1.0);
    check_ndcg(&[7, 7, 8], &[(7, 3), (8, 3)], (1.0 + 0.5) / (1.0 + 0.630_93));
}

#[test]
fn what_lies_behind_the_tenth_place_counts_for_nothing() {
    let far: Vec<u32> = (100..110).chain([7]).collect();
    check_ndcg(&far, &[(7, 3)], 0.0);
    assert_eq!(first_right(&far, |number| number == 7), None);
    // Nor is anybody blamed for finding only ten of eleven.
    let eleven: Vec<(u32, u8)> = (1..=11).map(|number| (number, 3)).collect();
    check_ndcg(&(1..=10).collect::<Vec<_>>(), &eleven, 1.0);
}

#[test]
fn the_first_right_answer_is_counted_from_one() {
    assert_eq!(first_right(&[5, 6, 7], |number| number > 5), Some(2));
    assert_eq!((reciprocal(Some(1)), reciprocal(Some(4)), reciprocal(None)), (1.0, 0.25, 0.0));
    assert_eq!((mean([0.0, 0.5, 1.0]), mean([])), (0.5, 0.0));
    assert_eq!((grade(7, &grades(&[(7, 3)])), grade(8, &grades(&[(7, 3)]))), (3, 0));
}

#[test]
fn every_query_has_its_answer_and_stands_once() {
    let judgments = Judgments::read().unwrap();
    assert!(judgments.queries.len() >= 60 && judgments.similar.len() >= 40);
    let mut texts = BTreeSet::new();
    for query in &judgments.queries {
        assert!(texts.insert(&query.text), "twice: {}", query.text);
        assert!(query.grades.values().all(|grade| (1..=3).contains(grade)), "{query:?}");
        assert!(query.grades.values().any(|grade| *grade > HELPFUL), "nothing is sought: {query:?}");
        assert!(!query.class.is_empty() && !query.text.trim().is_empty(), "{query:?}");
    }
    for similar in &judgments.similar {
        assert!(texts.insert(&similar.title), "twice: {}", similar.title);
        assert!((1..DEPTH).contains(&similar.duplicates.len()), "{similar:?}");
    }
}

#[test]
fn every_judged_issue_is_in_the_archive() {
    let Some(path) = data::archive("tls13-spec.json") else { return };
    let archive: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let there: BTreeSet<u64> = ["issues", "pulls"]
        .iter()
        .flat_map(|list| archive[list].as_array().unwrap())
        .map(|item| item["number"].as_u64().unwrap())
        .collect();
    let judgments = Judgments::read().unwrap();
    let queries = judgments.queries.iter().flat_map(|query| query.grades.keys());
    let titles = judgments.similar.iter().flat_map(|similar| &similar.duplicates);
    for number in queries.chain(titles) {
        assert!(there.contains(&u64::from(*number)), "{number} is not there");
    }
}
