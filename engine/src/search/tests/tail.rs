//! The index and the matcher of the tail agree, on random documents and random queries.

use super::*;
use proptest::prelude::*;

/// Few words, so that they meet often; with inflections, typos, beginnings, names of programs and other scripts.
const WORDS: [&str; 28] = [
    "login",
    "logins",
    "logni",
    "loging",
    "logged",
    "log",
    "logger",
    "session",
    "sessions",
    "sesion",
    "sessiom",
    "expired",
    "expires",
    "the",
    "of",
    "handshake",
    "handshakes",
    "handshke",
    "hanshakes",
    "handshake_timeout",
    "timeout",
    "useEffect",
    "effect",
    "TLS1.3",
    "größe",
    "grosse",
    "東京",
    "a1b2",
];

/// Worlds to try; many when it is proved at length.
fn cases() -> u32 {
    if std::env::var("MORTISE_PROVE").is_ok_and(|set| set == "1") { 500 } else { 12 }
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned)
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..most).prop_map(|words| words.join(" "))
}

fn any_document() -> impl Strategy<Value = Document> {
    let comments = prop::collection::vec(text(5), 0..3);
    (text(4), text(12), comments, any::<bool>(), 0..9_u32).prop_map(
        |(title, description, comments, is_open, number)| Document {
            title,
            description,
            comments,
            is_open,
            updated_at: NOW.plus_millis(-i64::from(number) * 1_000_000_000),
            ..document(number, "")
        },
    )
}

fn clause() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec!["", "", "", "title:", "description:", "comment:"]);
    let sign = prop::sample::select(vec!["", "", "", "-"]);
    let phrase = prop::collection::vec(word(), 1..4).prop_map(|words| format!("\"{}\"", words.join(" ")));
    let beginning = (word(), 1_usize..4).prop_map(|(word, n)| word.chars().take(n).collect::<String>() + "*");
    let key = (0..9).prop_map(|number| format!("T-{number}"));
    let what = prop_oneof![4 => word(), 1 => phrase, 1 => beginning, 1 => key];
    (sign, field, what).prop_map(|(sign, field, what)| format!("{sign}{field}{what}"))
}

fn any_query() -> impl Strategy<Value = String> {
    prop::collection::vec(clause(), 1..5).prop_map(|clauses| clauses.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn the_index_and_the_tail_forgive_the_same_typos(
        words in prop::collection::vec("[abé]{3,10}", 1..30),
        sought in prop::collection::vec("[abé]{4,9}", 30),
    ) {
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        let world = World::of_language(Language::None, &texts);
        for word in sought {
            world.find(&word);
        }
    }

    #[test]
    fn the_index_and_the_tail_find_the_same_with_the_same_scores(
        documents in prop::collection::vec(any_document(), 1..25),
        updates in prop::collection::vec((any::<prop::sample::Index>(), any_document()), 0..8),
        queries in prop::collection::vec((any_query(), any::<bool>()), 40),
    ) {
        let mut world = World::new(Language::English);
        let (first, second) = documents.split_at(documents.len() / 2);
        world.write(first.to_vec());
        world.write(second.to_vec());
        for (which, changed) in updates {
            let before = &documents[which.index(documents.len())];
            world.write(vec![Document { id: before.id, keys: before.keys.clone(), ..changed }]);
        }
        for (query, typing) in queries {
            world.find_typing(&query, if typing { Typing::LastWord } else { Typing::Done });
        }
    }
}
