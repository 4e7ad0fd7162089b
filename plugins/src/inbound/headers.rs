//! Headers at the edge: what a guest is told of a request, and what of its answer goes out.
//!
//! An answer comes from our own address, so it must not be a page: text and JSON alone, and nothing that sets or leads.

/// Headers that are for us, for a proxy or for the connection, and never for a guest.
const KEPT_BACK: [&str; 12] = [
    "authorization",
    "cookie",
    "connection",
    "content-length",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

const KEPT_BACK_BEGINNING: &str = "x-forwarded-";

/// Headers of a request that a guest is told, at most.
const HEADERS_MAX: usize = 100;
/// Bytes of their names and values together.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// Of a request, as the guest is told them: in lower case, in order.
pub(super) fn told(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut bytes = 0_usize;
    let lowered = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let fitting = lowered
        .filter(|(name, _)| !KEPT_BACK.contains(&name.as_str()) && !name.starts_with(KEPT_BACK_BEGINNING));
    fitting
        .take(HEADERS_MAX)
        .take_while(|(name, value)| {
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            bytes <= HEADER_BYTES_MAX
        })
        .collect()
}

/// Of a guest's answer, as they go out.
pub(super) fn sent(headers: &[(String, String)]) -> Vec<(String, String)> {
    let of = |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let kind = of("content-type").map_or("text/plain; charset=utf-8", |(_, value)| content_type(value));
    let mut sent = vec![
        ("content-type".to_owned(), kind.to_owned()),
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ("cache-control".to_owned(), "no-store".to_owned()),
    ];
    if let Some((_, seconds)) = of("retry-after")
        && seconds.len() <= 6
        && seconds.bytes().all(|b| b.is_ascii_digit())
    {
        sent.push(("retry-after".to_owned(), seconds.clone()));
    }
    sent
}

/// The kind of content that goes out for the one that was wanted.
fn content_type(wanted: &str) -> &'static str {
    let essence = wanted.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => "application/json",
        "application/xml" | "text/xml" => "application/octet-stream",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_guest_sees_signatures_and_no_proofs() {
        let headers = pairs(&[
            ("X-Hub-Signature-256", "sha256=1"),
            ("Cookie", "session=1"),
            ("Authorization", "Bearer x"),
            ("X-Forwarded-For", "10.0.0.1"),
        ]);
        assert_eq!(told(headers), pairs(&[("x-hub-signature-256", "sha256=1")]));
        let long = vec![("x".to_owned(), "y".repeat(20_000)); 3];
        assert_eq!(told(long).len(), 1);
    }

    #[test]
    fn an_answer_is_no_page_and_leads_nowhere() {
        let headers = pairs(&[
            ("Content-Type", "text/html"),
            ("Location", "https://elsewhere.example"),
            ("Set-Cookie", "a=b"),
            ("Retry-After", "30"),
        ]);
        let sent = sent(&headers);
        assert_eq!(sent[0].1, "text/plain; charset=utf-8");
        assert_eq!(
            sent.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["content-type", "x-content-type-options", "cache-control", "retry-after"]
        );
    }
}
