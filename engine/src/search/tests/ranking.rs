//! In which order hits come, and how they are paged.

use super::*;

#[test]
fn the_title_counts_more_than_the_description_and_that_more_than_comments() {
    let world = World::of(&["x | y | crash", "x | crash | z", "crash | y | z"]);
    assert_eq!(world.find("crash"), "T-3 T-2 T-1");
}

#[test]
fn words_side_by_side_rank_above_words_apart() {
    let far = "session a b c d e f g h i j k l m timeout";
    let world = World::of(&[&format!("x | {far}"), &format!("x | {}", far.replace("a b", "timeout b"))]);
    assert_eq!(world.find("session timeout"), "T-2 T-1");
}

#[test]
fn a_typo_ranks_below_the_word_itself() {
    let world =
        World::of(&["handshaka | handshaka handshaka", "x | a long story | and then a handshake somewhere"]);
    assert_eq!(world.find("handshake"), "T-2 T-1");
}

#[test]
fn the_word_itself_ranks_above_its_inflections() {
    let world = World::of(&["tested", "testing", "tests"]);
    assert!(world.find("testing").starts_with("T-2"));
    assert!(world.find("tests").starts_with("T-3"));
}

#[test]
fn recent_and_open_issues_rank_a_little_higher() {
    let mut world = World::new(Language::English);
    let mut documents: Vec<Document> = (1..=3).map(|number| document(number, "crash")).collect();
    documents[0].is_open = false;
    documents[1].updated_at = Timestamp::from_millis(0);
    world.write(documents);
    let hits = world.run(&world.prepare("crash"), Want::Top { count: 10, after: None });
    let order: Vec<&str> = hits.best.iter().map(|hit| world.key(hit.rank.issue)).collect();
    assert_eq!(order, ["T-3", "T-1", "T-2"]);
    assert!(hits.best[0].rank.score <= 1.25 * hits.best[2].rank.score);
}

#[test]
fn a_key_ranks_first() {
    let world = World::of(&["x", "T-1 T-1 T-1 | T-1"]);
    assert_eq!(world.find("T-1"), "T-1 T-2");
}

#[test]
fn pages_cover_everything_once_and_in_order() {
    let texts: Vec<String> =
        (0..137).map(|n| format!("crash {} | {}", n % 7, "word ".repeat(n % 5))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut world = World::new(Language::English);
    // Several commits, so that there are several segments.
    for (chunk, texts) in (0_u32..).zip(texts.chunks(40)) {
        let documents = (chunk * 40..).zip(texts).map(|(number, text)| document(number, text)).collect();
        world.write(documents);
    }
    let search = world.prepare("crash");
    let all = world.run(&search, Want::Top { count: 1_000, after: None });
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = world.run(&search, Want::Top { count: 10, after });
        assert_eq!(page.total, 137);
        let Some(last) = page.best.last() else { break };
        after = Some(last.rank);
        paged.extend(page.best);
    }
    assert_eq!(paged, all.best);
    assert!(all.best.is_sorted_by(|a, b| a.rank > b.rank));
}

#[test]
fn all_hits_come_with_their_scores_in_order_of_ordinal() {
    let world = World::of(&["crash", "other", "crash crash", "x | crash"]);
    let search = world.prepare("crash");
    let all = world.run(&search, Want::All { scored: usize::MAX });
    assert_eq!(all.all.iter().collect::<Vec<_>>(), [0, 2, 3]);
    let best = world.run(&search, Want::Top { count: 10, after: None });
    for (ordinal, score) in all.all.iter().zip(&all.scores) {
        assert_eq!(best.best.iter().find(|hit| hit.ordinal == ordinal).unwrap().rank.score, *score);
    }
    assert!(world.run(&search, Want::All { scored: 0 }).scores.is_empty());
}

#[test]
fn of_all_hits_the_best_have_the_scores_they_have_alone() {
    let texts: Vec<String> = (0..40)
        .map(|at| format!("{} log | crash {}", "pad ".repeat(at % 7), "crash ".repeat(at % 5)))
        .collect();
    let world = World::of(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let search = world.prepare("crash log");
    let every = world.run(&search, Want::All { scored: usize::MAX });
    for count in [1, 3, 10, 39, 40, 41] {
        let some = world.run(&search, Want::All { scored: count });
        assert_eq!(some.all, every.all);
        let mut ranked = every.scores.clone();
        ranked.sort_unstable_by(|a, b| b.total_cmp(a));
        let last = ranked[count.min(ranked.len()) - 1];
        for (score, exact) in some.scores.iter().zip(&every.scores) {
            assert!(
                score == exact || (*score == f32::NEG_INFINITY && *exact < last),
                "{score} {exact} {last}"
            );
        }
    }
}
