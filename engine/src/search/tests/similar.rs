//! Issues that are like a text.

use super::*;

/// Scores of what is like a text, by key, best first.
fn similar(world: &World, title: &str, description: &str) -> Vec<(String, f32)> {
    let Some(search) = world.index.prepare_similar(title, description).unwrap() else { return Vec::new() };
    let hits = world.run(&search, Want::Top { count: 10, after: None });
    for document in &world.documents {
        let tail = search.matcher().matches(&TailDocument::new(document, Language::English), NOW);
        let indexed = hits.best.iter().find(|hit| hit.rank.issue == document.id).map(|hit| hit.rank.score);
        assert_eq!(tail.is_some(), indexed.is_some());
        assert!((tail.unwrap_or_default() - indexed.unwrap_or_default()).abs() < 1e-4);
    }
    hits.best.iter().map(|hit| (world.key(hit.rank.issue).to_owned(), hit.rank.score)).collect()
}

fn world() -> World {
    World::of(&[
        "Login fails with an expired session | The session expires after an hour, then login fails",
        "Export button is slow | Clicking export takes a minute",
        "Session handling | Keep the session of a user alive",
        "Crash on start | On Windows the program crashes when it starts",
        "Dark mode | The colours of dark mode hurt",
    ])
}

#[test]
fn a_duplicate_scores_high_and_what_shares_a_word_scores_low() {
    let found = similar(&world(), "Login fails when the session expired", "");
    assert_eq!(found[0].0, "T-1");
    assert!(found[0].1 > 0.7, "{found:?}");
    assert!(found.iter().skip(1).all(|(_, score)| *score < 0.5), "{found:?}");
}

#[test]
fn the_issue_itself_scores_near_one_and_the_nearer_the_more_words_it_has() {
    let world = world();
    let Document { title, description, .. } = &world.documents[1];
    let found = similar(&world, title, description);
    assert_eq!(found[0].0, "T-2");
    assert!(found[0].1 > 0.9, "{found:?}");
    let found = similar(&world, "Export", "");
    assert_eq!(found[0].0, "T-2");
    assert!(found[0].1 < 0.7, "{found:?}");
}

#[test]
fn a_text_without_a_telling_word_is_like_nothing() {
    let world = world();
    assert_eq!(similar(&world, "", ""), []);
    assert_eq!(similar(&world, "the of and 12 …", ""), []);
    assert_eq!(similar(&world, "zebra giraffe", "elephant"), []);
}

#[test]
fn a_text_of_any_length_stands_for_few_words() {
    let world = world();
    let long: String = (0..20_000).map(|n| format!("session{n} export login crash ")).collect();
    let search = world.index.prepare_similar("Dark", &long).unwrap().unwrap();
    assert!(search.matcher().plan.clauses.len() <= crate::search::bounds::SIMILAR_WORDS_MAX);
    similar(&world, "Dark", &long);
}
