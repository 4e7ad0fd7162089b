//! Cutting text at a bound without breaking a character.
//!
//! It does not know why a text is bounded.

/// The longest beginning of `text` that has at most `bytes` bytes.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    text.split_at_checked(text.floor_char_boundary(bytes)).map_or(text, |(head, _)| head)
}

/// `text` in pieces of at most `bytes` bytes each, preferably ending after a line; one empty piece for an empty
/// text.
pub(crate) fn pieces(text: &str, bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > bytes {
        let head = clip(rest, bytes);
        // A piece shorter than half the bound would only make more of them.
        let length = head.rfind('\n').map(|at| at + 1).filter(|&at| at > bytes / 2).unwrap_or(head.len());
        let Some((piece, after)) = rest.split_at_checked(length).filter(|(piece, _)| !piece.is_empty())
        else {
            break;
        };
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_lose_nothing_and_keep_the_bound() {
        let text = "ünïcödé line\n".repeat(40);
        let parts = pieces(&text, 50);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|part| part.len() <= 50 && !part.is_empty()));
        assert_eq!(pieces("", 50), [""]);
    }
}
