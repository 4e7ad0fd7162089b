//! An answer that says the secrets that went out with its request says them to nobody: in their place stand asterisks, as many
//! as there were bytes, so that lengths and quotes stay as they are.
//!
//! It is a guard against accidents, such as an error that repeats the token it refuses. A host that means to tell a plugin a
//! secret writes it otherwise; against that stands that the company says where each may be sent.

use super::{HeaderText, OutgoingAnswer, OutgoingRequest, SecretOf};
use std::ops::Range;
use zeroize::Zeroizing;

/// Shorter secrets, in bytes, stay: such letters stand in an answer by chance.
const BYTES_MIN: usize = 8;

/// The secrets that a request sends, as an answer could repeat them.
pub(super) fn sent(request: &OutgoingRequest, secret_of: SecretOf<'_>) -> Vec<Zeroizing<String>> {
    let mut names: Vec<&str> = request
        .headers
        .iter()
        .filter_map(|(_, value)| match value {
            HeaderText::Secret { secret, .. } => Some(secret.as_str()),
            HeaderText::Text(_) => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    let values = names.into_iter().filter_map(secret_of);
    // On its way a header loses what is empty at its ends.
    let values = values.map(|value| Zeroizing::new(value.trim().to_owned()));
    let mut values: Vec<_> = values.filter(|value| value.len() >= BYTES_MIN).collect();
    // One may be a part of another.
    values.sort_unstable_by_key(|value| std::cmp::Reverse(value.len()));
    values
}

/// The answer without these secrets.
pub(super) fn masked(mut answer: OutgoingAnswer, secrets: &[Zeroizing<String>]) -> OutgoingAnswer {
    for secret in secrets {
        for (_, value) in &mut answer.headers {
            if value.contains(secret.as_str()) {
                *value = value.replace(secret.as_str(), &"*".repeat(secret.len()));
            }
        }
        let found = places(&answer.body, secret);
        let cut = answer.body_truncated.then(|| beginning_at_end(&answer.body, secret)).flatten();
        for place in found.into_iter().chain(cut) {
            if let Some(bytes) = answer.body.get_mut(place) {
                bytes.fill(b'*');
            }
        }
    }
    answer
}

/// Where a secret stands in a body. It is whole characters, and so it stands within what is text.
fn places(body: &[u8], secret: &str) -> Vec<Range<usize>> {
    let (mut places, mut begin) = (Vec::new(), 0);
    for chunk in body.utf8_chunks() {
        let found = chunk.valid().match_indices(secret);
        places.extend(found.map(|(at, _)| begin + at..begin + at + secret.len()));
        begin += chunk.valid().len() + chunk.invalid().len();
    }
    places
}

/// Where a body that was cut ends in the beginning of a secret.
fn beginning_at_end(body: &[u8], secret: &str) -> Option<Range<usize>> {
    let mut beginnings = (BYTES_MIN..secret.len()).rev().filter_map(|len| secret.as_bytes().get(..len));
    let beginning = beginnings.find(|beginning| body.ends_with(beginning))?;
    Some(body.len() - beginning.len()..body.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::Method;

    const SECRET: &str = "chaffinch-7f3a";

    fn answer(body: &[u8], body_truncated: bool) -> OutgoingAnswer {
        let headers = vec![
            ("x-echo".to_owned(), format!("Bearer {SECRET}")),
            ("content-type".to_owned(), "text/plain".to_owned()),
        ];
        OutgoingAnswer { status: 401, headers, body: body.to_vec(), body_truncated }
    }

    fn body(body: &[u8], body_truncated: bool) -> Vec<u8> {
        masked(answer(body, body_truncated), &[Zeroizing::new(SECRET.to_owned())]).body
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_told_without_it() {
        let told = masked(answer(b"", false), &[Zeroizing::new(SECRET.to_owned())]);
        assert_eq!(told.headers[0].1, "Bearer **************");
        assert_eq!(told.headers[1].1, "text/plain");
        for (said, told) in [
            ("bad token chaffinch-7f3a!", "bad token **************!"),
            ("chaffinch-7f3achaffinch-7f3a", "****************************"),
            ("é chaffinch-7f3a", "é **************"),
            ("chaffinch-7f3", "chaffinch-7f3"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(body(said.as_bytes(), false), told.as_bytes(), "{said}");
        }
        let bytes = [&[0xff, 0xc3, 0][..], SECRET.as_bytes(), &[0xe2, 0x82]].concat();
        assert_eq!(body(&bytes, false), [&[0xff, 0xc3, 0][..], &[b'*'; 14], &[0xe2, 0x82]].concat());
        // What a lead byte without an end stands before is whole again.
        let bytes = [&[0xe2, 0x82][..], SECRET.as_bytes()].concat();
        assert_eq!(body(&bytes, false), [&[0xe2, 0x82][..], &[b'*'; 14]].concat());
    }

    #[test]
    fn what_was_cut_within_a_secret_does_not_tell_its_beginning() {
        assert_eq!(body(b"token chaffinch-7f3", true), b"token *************");
        assert_eq!(body(b"token chaffinc", true), b"token ********");
        assert_eq!(body(b"token chaf", true), b"token chaf", "too short to be told from chance");
    }

    #[test]
    fn secrets_that_were_sent_are_meant_each_once_the_longest_first() {
        let secret = |name: &str| {
            ("x".to_owned(), HeaderText::Secret { prefix: String::new(), secret: name.to_owned() })
        };
        let request = OutgoingRequest {
            method: Method::Get,
            url: "https://api.example.com/".to_owned(),
            headers: vec![secret("part"), secret("whole"), secret("part"), secret("pin"), secret("none")],
            body: None,
            timeout: None,
        };
        let secret_of = |name: &str| {
            let value = match name {
                "part" => " chaffinch",
                "whole" => SECRET,
                "pin" => "1234",
                _ => return None,
            };
            Some(Zeroizing::new(value.to_owned()))
        };
        let sent = sent(&request, &secret_of);
        let sent: Vec<&str> = sent.iter().map(|value| value.as_str()).collect();
        assert_eq!(sent, [SECRET, "chaffinch"]);
    }
}
