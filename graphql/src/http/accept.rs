//! Which media type the client wants its answer in, from the `Accept` header.
//!
//! It does not know which types the request body may have; there is only one.

use http::{HeaderMap, HeaderValue, header};

/// The media types of an answer, and whether the client asked for it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells what happened.
    GraphQl,
    /// `application/json` because the client named it. Statuses stay 200 where GraphQL over HTTP wants it for the
    /// sake of old clients, which read anything else as a broken connection.
    Json,
    /// `application/json` because the client did not say. The status tells what happened, as under `GraphQl`.
    Unsaid,
}

impl Media {
    /// What goes into `content-type`.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::Unsaid => "application/json; charset=utf-8",
        })
    }

    /// Whether the status line may say what became of the document.
    pub(super) fn status_tells(self) -> bool {
        self != Self::Json
    }
}

/// The best media type for these headers; `None` when the client takes none of ours.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
    if !headers.contains_key(header::ACCEPT) {
        return Some(Media::Unsaid);
    }
    let weigh = |name: &str| ranges(headers).find_map(|(range, weight)| (range == name).then_some(weight));
    let wildcard = weigh("application/*").or_else(|| weigh("*/*"));
    [
        (weigh("application/graphql-response+json"), Media::GraphQl),
        (weigh("application/json"), Media::Json),
        (wildcard, Media::Unsaid),
    ]
    .into_iter()
    .filter_map(|(weight, media)| Some((weight.filter(|weight| *weight > 0)?, media)))
    // The first of equals: the newer type before the older, a name before a wildcard.
    .reduce(|best, next| if next.0 > best.0 { next } else { best })
    .map(|(_, media)| media)
}

/// Whether this is a browser that wants a page, not a program that wants data.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    ranges(headers).any(|(range, weight)| range == "text/html" && weight > 0)
}

/// The media ranges of the `Accept` headers with their weights in thousandths.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = (String, u16)> + '_ {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
            (name, weight)
        })
}

/// A weight such as `0.8`; what cannot be read counts as full.
fn thousandths(weight: &str) -> u16 {
    match weight.trim().parse::<f32>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1, so at most 1000"
        )]
        Ok(weight) if weight.is_finite() => (weight.clamp(0.0, 1.0) * 1000.0) as u16,
        _ => 1000,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::{Media, negotiate};

    fn check(accept: &'static str, expected: Option<Media>) {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
        assert_eq!(negotiate(&headers), expected, "Accept: {accept}");
    }

    #[test]
    fn the_heaviest_of_our_types_wins_and_the_newer_of_equals() {
        check("application/json", Some(Media::Json));
        check("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphQl));
        check("application/json, application/graphql-response+json", Some(Media::GraphQl));
        check("application/graphql-response+json;q=0.1, application/json; q=0.9", Some(Media::Json));
        check("application/json;q=0.5, */*;q=0.1", Some(Media::Json));
        check("*/*", Some(Media::Unsaid));
        check("application/*", Some(Media::Unsaid));
        check("text/html, */*;q=0.8", Some(Media::Unsaid));
        check("text/plain", None);
        check("application/json;q=0", None);
        assert_eq!(negotiate(&HeaderMap::new()), Some(Media::Unsaid));
    }
}
