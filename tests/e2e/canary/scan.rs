//! Looks for a word in bytes, and in files. It does not know who may see it.

use std::path::Path;

/// A word that nobody says by chance. It stands in everything that is written for one company's eyes, behind [`ASKED`].
pub(crate) const SECRET: &str = "quaggadell";

/// The word before it, by which others may ask: whatever they ask for, they never say the secret themselves.
pub(crate) const ASKED: &str = "harvestmoon";

/// How much of what stands around the word is told.
const AROUND: usize = 40;

/// What stands around the word wherever it stands in these bytes: in any case, or in base64.
pub(crate) fn found(bytes: &[u8]) -> Vec<String> {
    let mut found = occurrences(&bytes.to_ascii_lowercase(), SECRET.as_bytes(), bytes);
    for part in base64_parts() {
        found.extend(occurrences(bytes, part.as_bytes(), bytes));
    }
    found
}

/// The files below this folder in which it stands, or in whose names; `skipped` says what is not looked at.
pub(crate) fn files(folder: &Path, skipped: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let mut hits = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if skipped(&path) {
            continue;
        }
        let named = found(path.file_name().unwrap().as_encoded_bytes());
        hits.extend(named.into_iter().map(|name| format!("the name {name}")));
        if path.is_dir() {
            hits.extend(files(&path, skipped));
        } else {
            let around = found(&std::fs::read(&path).unwrap());
            hits.extend(around.into_iter().map(|around| format!("{}: {around}", path.display())));
        }
    }
    hits
}

fn occurrences(searched: &[u8], word: &[u8], shown: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = searched[from..].iter().position(|byte| *byte == word[0]) {
        let at = from + at;
        if searched[at..].starts_with(word) {
            let end = shown.len().min(at + word.len() + AROUND);
            found.push(String::from_utf8_lossy(&shown[at.saturating_sub(AROUND)..end]).into_owned());
        }
        from = at + 1;
    }
    found
}

/// What base64 makes of the word, wherever in a text it begins: the part that does not depend on its neighbours.
fn base64_parts() -> [String; 3] {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    [0, 1, 2].map(|skipped| {
        let threes = SECRET.as_bytes()[skipped..].chunks_exact(3);
        let digits = threes.flat_map(|three| {
            let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
            [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
        });
        digits.collect()
    })
}

#[test]
fn the_word_is_found_in_any_case_in_base64_and_among_other_bytes() {
    for text in ["x quaggadell", "QuaggaDell y", "\u{0}\u{fffd}quaggadell", "a=quaggadell&"] {
        assert_eq!(found(text.as_bytes()).len(), 1, "{text}");
    }
    // `quaggadell`, `xquaggadell` and `xxquaggadell`.
    for text in ["cXVhZ2dhZGVsbA==", "eHF1YWdnYWRlbGw=", "eHhxdWFnZ2FkZWxs"] {
        assert_eq!(found(text.as_bytes()).len(), 1, "{text}");
    }
    assert_eq!(found(b"quagga dell, quaggade"), [] as [&str; 0]);
}
