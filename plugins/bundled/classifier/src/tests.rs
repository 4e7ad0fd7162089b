//! What is learned of words, how it is measured and kept.

mod company;

use crate::codec;
use crate::learning::{Example, Learning};
use crate::measure::measure;
use crate::model::{Count, Guess};
use crate::words::features;
use std::collections::{BTreeMap, BTreeSet};

/// Issues of two kinds that are told apart by their words, and some of a third that are not.
fn examples(count: usize) -> Vec<(BTreeSet<String>, Vec<Option<usize>>)> {
    let bugs = ["crash", "error", "broken", "fails", "panic"];
    let wishes = ["please", "support", "would", "nice", "option"];
    let places = ["login", "search", "board", "export", "mail", "api"];
    (0..count)
        .map(|at| {
            let place = places[(at / 2) % places.len()];
            let (words, kind) = if at % 2 == 0 { (bugs, 0) } else { (wishes, 1) };
            let title = format!("{} {place} {}", words[at % 5], words[(at / 5) % 5]);
            // The second question has nothing to do with the words.
            (features(&title, ""), vec![Some(kind), Some((at / 7) % 2)])
        })
        .collect()
}

fn questions() -> Vec<(String, Vec<String>)> {
    let own = |words: [&str; 2]| words.map(str::to_owned).to_vec();
    vec![("kind".to_owned(), own(["bug", "feature"])), ("priority".to_owned(), own(["low", "high"]))]
}

fn learned() -> Learning {
    let mut learning = Learning::new(200);
    let examples: Vec<Example> = examples(200)
        .into_iter()
        .map(|(features, answers)| Example { words: learning.numbers(features), answers })
        .collect();
    learning.ask(questions());
    let (kept, learned): (Vec<_>, Vec<_>) = examples.iter().enumerate().partition(|(at, _)| at % 5 == 0);
    for (_, example) in learned {
        learning.learn(example);
    }
    let kept: Vec<&Example> = kept.into_iter().map(|(_, example)| example).collect();
    measure(&mut learning, &kept, 0.8);
    learning
}

fn guess(learning: &mut Learning, title: &str) -> Option<Guess> {
    let words = learning.numbers(features(title, ""));
    learning.tasks[0].guess(&learning.known(&words), &learning.logs)
}

#[test]
fn words_tell_kinds_apart() {
    let mut learning = learned();
    let mut guess = |title: &str| guess(&mut learning, title).unwrap();
    assert_eq!(guess("Crash in search").answer, 0);
    assert_eq!(guess("Please support search").answer, 1);
    assert!(guess("search").clarity < guess("panic error").clarity);
}

#[test]
fn what_words_cannot_tell_is_not_said() {
    let learning = learned();
    assert!(learning.tasks[0].threshold.is_some());
    assert_eq!(learning.tasks[1].threshold, None);
}

#[test]
fn one_answer_alone_is_no_opinion() {
    let mut learning = Learning::new(1);
    let words = learning.numbers(features("crash", ""));
    learning.ask(questions());
    learning.learn(&Example { words, answers: vec![Some(0), None] });
    assert_eq!(guess(&mut learning, "crash"), None);
}

#[test]
fn of_a_label_whatever_did_not_say_yes_said_no() {
    let mut learning = Learning::new(40);
    let own = |title: &str, learning: &mut Learning| learning.numbers(features(title, ""));
    let (pay, other) = (own("payment card", &mut learning), own("dark colours", &mut learning));
    learning.ask(vec![("label:pay".to_owned(), vec!["yes".to_owned(), "no".to_owned()])]);
    for at in 0..40 {
        let (words, answer) = if at % 4 == 0 { (&pay, 0) } else { (&other, 1) };
        learning.learn(&Example { words: words.clone(), answers: vec![Some(answer)] });
    }
    assert_eq!(guess(&mut learning, "card").unwrap().answer, 0);
    assert_eq!(guess(&mut learning, "colours").unwrap().answer, 1);
}

#[test]
fn what_was_learned_is_kept_as_it_was() {
    let (_, words) = learned().words();
    let all: BTreeSet<String> = words.keys().cloned().collect();
    let mut read = BTreeMap::new();
    for chunk in codec::chunks(&words) {
        codec::read(&chunk, &all, &mut read);
    }
    assert!(!words.is_empty() && read == words);
}

#[test]
fn chunks_stay_below_what_an_entry_may_have() {
    let count = Count { issues: 7, of: (0..60).map(|place| (place, 7)).collect() };
    let words: BTreeMap<String, Count> =
        (0..6000).map(|at| (format!("word{at:08}"), count.clone())).collect();
    let chunks = codec::chunks(&words);
    assert!(chunks.len() > 1 && chunks.len() <= 16, "{}", chunks.len());
    assert!(chunks.iter().all(|chunk| chunk.len() <= 60_000));
}

#[test]
fn a_damaged_chunk_ends_where_it_is_damaged() {
    let words = ["crash", "login"].map(|word| (word.to_owned(), Count { issues: 3, of: vec![(0, 3)] }));
    let words = BTreeMap::from(words);
    let all: BTreeSet<String> = words.keys().cloned().collect();
    let chunk = codec::chunks(&words).remove(0);
    for cut in 0..chunk.len() {
        let mut read = BTreeMap::new();
        codec::read(&chunk[..cut], &all, &mut read);
        assert!(read.len() < 2);
    }
}

#[test]
fn of_too_many_words_the_rarest_are_left_out() {
    let mut learning = Learning::new(20_000);
    let examples: Vec<Example> = (0..20_000)
        .map(|at| {
            let words =
                BTreeSet::from([format!("once{at}"), "often".to_owned(), format!("some{}", at / 2 % 9000)]);
            Example { words: learning.numbers(words), answers: vec![Some(at % 2), None] }
        })
        .collect();
    learning.ask(questions());
    for example in &examples {
        learning.learn(example);
    }
    let (_, words) = learning.words();
    assert!(words.contains_key("often") && words.len() <= 6000, "{}", words.len());
}

#[test]
fn words_are_taken_as_people_write_them() {
    let features = features("App crashes: Über-Login, error 500", "Version 20260131 of it");
    let expected =
        ["^app", "^crashes", "^error", "^login", "^über", "app", "crashes", "500", "version", "über"];
    for word in expected {
        assert!(features.contains(word), "{word}: {features:?}");
    }
    assert!(!features.contains("20260131") && !features.contains("of"));
}
