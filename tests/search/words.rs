//! Words that nobody else uses.
//!
//! Search forgives typos and knows the endings of words, so these are unlike each other by far more than it forgives, and
//! have no endings.

/// Letters without vowels and without those that make endings.
const LETTERS: &[u8] = b"bcdfghjklmnpqrtvwxz";

/// Letters of a word: two at random differ in more than the two that are forgiven, nearly always by ten.
const LENGTH: usize = 14;

/// The word that belongs to a number; others are unlike it.
pub(crate) fn word(of: u64) -> String {
    let mut state = of.wrapping_add(1);
    (0..LENGTH)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            state ^= mixed;
            char::from(LETTERS[(mixed >> 33) as usize % LETTERS.len()])
        })
        .collect()
}

#[test]
fn words_are_unlike_each_other() {
    let words: Vec<_> = (0..2_000).map(word).collect();
    for (at, one) in words.iter().enumerate() {
        for other in &words[..at] {
            let same = one.bytes().zip(other.bytes()).filter(|(a, b)| a == b).count();
            assert!(same < LENGTH - 3, "{one} is like {other}");
        }
    }
}
