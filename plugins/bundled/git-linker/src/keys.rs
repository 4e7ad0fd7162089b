//! Keys of issues in texts: which are named, and which of them behind a closing word.

/// Keys that one text may name; what comes after is not read.
const KEYS: usize = 20;

/// A key that a text names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Named {
    /// In capitals, such as `ENG-12`.
    pub(crate) key: String,
    /// It stands behind a closing word, as in `fixes ENG-12`.
    pub(crate) closes: bool,
}

/// Keys in a text that people wrote, in capitals as people write them: `utf-8` is none.
pub(crate) fn in_text(text: &str, closing_words: &[String]) -> Vec<Named> {
    let mut out: Vec<Named> = Vec::new();
    let mut closes = false;
    for (gap, word) in words(text) {
        if let Some(key) = key(word) {
            // Words go on closing through `fixes ENG-1, ENG-2 and ENG-3`, not beyond a full stop or a line.
            closes = closes && !gap.contains(['.', '\n', ';', '(', ')']);
            push(&mut out, key, closes);
        } else if closing_words.iter().any(|closing| closing.eq_ignore_ascii_case(word)) {
            closes = true;
        } else if !matches!(word, "and" | "issue" | "issues") {
            closes = false;
        }
    }
    out
}

/// Keys in the name of a branch, where people write small letters and other words around them: `ana/eng-12-fix-login`.
pub(crate) fn in_branch(branch: &str) -> Vec<String> {
    let mut out: Vec<Named> = Vec::new();
    let is_between = |c: char| !c.is_ascii_alphanumeric();
    let parts: Vec<&str> = branch.split_inclusive(is_between).collect();
    for pair in parts.windows(2) {
        let [team, number] = pair else { continue };
        // Only letters, a hyphen and a number make a key.
        let Some(team) = team.strip_suffix('-') else { continue };
        let number = number.strip_suffix(is_between).unwrap_or(number);
        if let Some(key) = key(&format!("{}-{number}", team.to_ascii_uppercase())) {
            push(&mut out, key, false);
        }
    }
    out.into_iter().map(|named| named.key).collect()
}

fn push(out: &mut Vec<Named>, key: String, closes: bool) {
    if let Some(had) = out.iter_mut().find(|had| had.key == key) {
        had.closes |= closes;
    } else if out.len() < KEYS {
        out.push(Named { key, closes });
    }
}

/// Words with what stands before each: letters, digits, hyphens and underscores that hang together.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        let begins = rest.find(is_inside)?;
        let (gap, after) = rest.split_at(begins);
        let ends = after.find(|c| !is_inside(c)).unwrap_or(after.len());
        let (word, behind) = after.split_at(ends);
        rest = behind;
        Some((gap, word))
    })
}

/// A word as a key: two to ten capitals or digits of a team, a hyphen, a number that does not begin with 0.
fn key(word: &str) -> Option<String> {
    let (team, number) = word.split_once('-')?;
    let is_team = (2..=10).contains(&team.len())
        && team.starts_with(|c: char| c.is_ascii_uppercase())
        && team.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let is_number = (1..=9).contains(&number.len())
        && !number.starts_with('0')
        && number.chars().all(|c| c.is_ascii_digit());
    (is_team && is_number).then(|| word.to_owned())
}
