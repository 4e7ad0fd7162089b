//! Hostile queries: each ends within bounds, with an answer or an error that says which and where.

use super::*;
use crate::error::ErrorCode;
use crate::search::bounds::{EXPANSIONS_MAX, EXPANSIONS_PER_WORD_MAX, TOP_MAX};

/// A world with more words that begin with `a` than a beginning stands for. `aa0` is in the most issues.
fn many_words() -> World {
    let words: Vec<String> = (0..EXPANSIONS_PER_WORD_MAX + 10).map(|n| format!("aa{}", letters(n))).collect();
    let mut texts: Vec<String> = words.iter().map(|word| format!("title {word}")).collect();
    texts.extend(words.iter().take(EXPANSIONS_PER_WORD_MAX).map(|word| format!("again {word}")));
    World::of(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn letters(number: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    [letter(number / 26), letter(number)].iter().collect()
}

#[test]
fn a_beginning_stands_for_its_most_frequent_words() {
    let world = many_words();
    let search = world.prepare("title aa*");
    assert_eq!(search.matcher().narrowed(), vec![std::ops::Range { start: 6, end: 9 }]);
    assert_eq!(world.find("title aa*").split(' ').count(), EXPANSIONS_PER_WORD_MAX);
    assert_eq!(world.prepare("title aaa*").matcher().narrowed(), Vec::<Range<usize>>::new());
}

#[test]
fn too_short_a_beginning_cannot_be_excluded() {
    let world = many_words();
    let query = SearchQuery::parse("title -aa*", Typing::Done, &Limits::default()).unwrap();
    let error = world.index.prepare(&query).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(error.message().contains("byte 7"), "{error}");
    assert_eq!(world.find("title -aaa*").split(' ').count(), EXPANSIONS_PER_WORD_MAX + 10 - 26);
}

#[test]
fn all_beginnings_of_a_query_stand_for_a_bounded_number_of_words() {
    let world = many_words();
    let query = "aa* title:aa* aaa* aab* a* title:a* title:aaa* title:aab* comment:a*";
    let search = world.prepare(query);
    let terms: usize =
        search.matcher().plan.clauses.iter().flat_map(|c| &c.words).map(|w| w.terms.len()).sum();
    assert!(terms <= EXPANSIONS_MAX + 9 * 3, "{terms}");
    world.find(query);
}

#[test]
fn what_a_query_reads_is_known_beforehand() {
    let world = World::of(&["alpha | alpha", "alphas", "beta"]);
    let cost = |query: &str| -> Vec<u64> {
        let search = world.prepare(query);
        search
            .matcher()
            .plan
            .clauses
            .iter()
            .flat_map(|clause| &clause.words)
            .map(|word| word.cost())
            .collect()
    };
    // A title and a description have it as it is written; another title has its stem, written like it.
    assert_eq!(cost("alpha \"alpha beta\" absent"), [4, 2, 1, 0]);
}

#[test]
fn no_more_hits_are_returned_than_one_search_may() {
    let texts = vec!["alpha"; TOP_MAX + 5];
    let world = World::of(&texts);
    let hits = world.run(&world.prepare("alpha"), Want::Top { count: usize::MAX, after: None });
    assert_eq!((hits.best.len(), hits.total), (TOP_MAX, TOP_MAX as u64 + 5));
    assert_eq!(
        world.run(&world.prepare("alpha"), Want::Top { count: 0, after: None }).total,
        TOP_MAX as u64 + 5
    );
}

#[test]
fn the_same_word_many_times_is_one_word() {
    let world = World::of(&["alpha", "beta"]);
    let search = world.prepare(&"alpha ".repeat(32));
    assert_eq!(search.matcher().plan.clauses.len(), 1);
    assert_eq!(world.find(&"alpha ".repeat(32)), "T-1");
}

#[test]
fn many_misspelt_words_are_forgiven_up_to_a_bound() {
    let world = World::of(&["alphabetical betamaximum"]);
    let query: String =
        (0..30).map(|n| format!("alphabetica{} ", letters(n).trim_start_matches('a'))).collect();
    let search = world.prepare(&query);
    let forgiven = search.matcher().plan.clauses.iter().flat_map(|c| &c.words).filter(|w| w.near.is_some());
    assert_eq!(forgiven.count(), crate::search::bounds::FUZZY_WORDS_MAX);
}
