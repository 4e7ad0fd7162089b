//! Texts: into queries, into Markdown, into templates of one line.

/// A text as a value of the query language: in quotes, unless it is a plain word that means nothing there. Ids stay plain, since
/// in quotes they would be names.
#[must_use]
pub fn value(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !["none", "any", "me", "missing", "or", "and", "not"]
            .contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Several such values as a list: one of these.
#[must_use]
pub fn values<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    texts.into_iter().map(|text| value(text.as_ref())).collect::<Vec<_>>().join(",")
}

/// At most `most` characters of a text; a cut text ends in an ellipsis.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

/// A text from outside as Markdown that shows it as it is: nothing of it becomes a link, a mention or a heading, and it stays
/// on one line.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '@' | '&' | '('
            | ')' => {
                out.extend(['\\', c]);
            }
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A text in which `{{name}}` is replaced by the value of that name. What has no value stays as it is written, so that a
/// mistake is seen.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let found = after.split_once("}}").and_then(|(name, behind)| {
            let name = name.trim();
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, behind))
        });
        match found {
            Some((value, behind)) => {
                out.push_str(value);
                rest = behind;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_stays_one_text() {
        assert_eq!(value(r#"say "hi" \ bye"#), r#""say \"hi\" \\ bye""#);
        assert_eq!(values(["a,b", "lbl_0A", "none"]), r#""a,b",lbl_0A,"none""#);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(clip("grüße", 5), "grüße");
        assert_eq!(clip("grüße an alle", 6), "grüße…");
    }

    #[test]
    fn text_from_outside_mentions_nobody() {
        assert_eq!(plain("hi @ana\n# [x](y)"), "hi \\@ana \\# \\[x\\]\\(y\\)");
    }

    #[test]
    fn a_value_is_not_filled_again() {
        assert_eq!(fill("{{a}} {{ b }} {{c}} {{", &[("a", "{{b}}"), ("b", "2")]), "{{b}} 2 {{c}} {{");
    }
}
