//! The parameters of a query string.
//!
//! It does not know what they mean.

use mortise_engine::Error;

/// The parameters of a query string of at most so many bytes.
///
/// # Errors
///
/// `INVALID_INPUT`: it is longer, an escape is broken, or the result is not UTF-8.
pub fn read(query: &str, bytes_max: usize) -> Result<Vec<(String, String)>, Error> {
    let pairs = Some(query).filter(|query| query.len() <= bytes_max).and_then(decode);
    pairs.ok_or_else(|| Error::invalid("query", "the query string cannot be read"))
}

/// Decodes `name=value&…`; `None` if an escape is broken or the result is not UTF-8.
#[must_use]
pub(super) fn decode(query: &str) -> Option<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(name)?, unescape(value)?))
        })
        .collect()
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? * 16 + hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(plain).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_and_pluses_are_decoded_and_broken_ones_are_refused() {
        let pairs = decode("query=%7Ba%7D+b&&x=%C3%A9&flag").unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("query", "{a} b"), ("x", "é"), ("flag", "")]);
        assert!(["a=%", "a=%4", "a=%GG", "a=%FF", "%=1"].iter().all(|broken| decode(broken).is_none()));
    }
}
