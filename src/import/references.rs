//! Finds references like `#123` in a text.
//!
//! It does not know markdown: a reference in a code block counts too, which is good enough to tell how many lead
//! nowhere.

use super::numbers::MAX_NUMBER;

/// The numbers `text` refers to, in order. `owner/repo#5`, `&#39;` and `#5a` are not references.
pub(crate) fn references(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.match_indices('#').filter_map(|(at, _)| {
        let (before, after) = text.split_at_checked(at)?;
        if before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || "_&/-#".contains(c)) {
            return None;
        }
        let after = after.strip_prefix('#')?;
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (digits, rest) = after.split_at_checked(end)?;
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        digits.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_after_a_free_hash_are_references() {
        let text = "#1, (#22) see #3. not a#4, o/r#5, &#39; #6a ##7 #0 # #99999999999";
        assert_eq!(references(text).collect::<Vec<_>>(), [1, 22, 3]);
    }
}
