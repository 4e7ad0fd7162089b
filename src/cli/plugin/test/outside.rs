//! Where a request of a test may go: the rules of a server whose operator lets nothing into private networks, and its words.
//!
//! It resolves no name, sends nothing and knows no secret.

use hyper::Uri;
use mortise::plugins::destination::{HostPattern, host_name};
use mortise::plugins::host::wit::http::{Method, Request};
use mortise::plugins::host::wit::{Error, FieldError};

/// Bytes of an address.
const URL_BYTES_MAX: usize = 8 * 1024;

/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Refuses what a server would not send, with the same kind of error: it is what a plugin acts on.
///
/// # Errors
/// [`Error::Invalid`] for what is no request, [`Error::Denied`] for a host that is not granted.
pub(super) fn expect(request: &Request, granted: &[HostPattern]) -> Result<(), Error> {
    let (host, uri) = host_of(&request.url)?;
    expect_scheme_and_port(&uri)?;
    if !granted.iter().any(|pattern| pattern.matches(&host)) {
        return Err(Error::Denied(format!(
            "requests to `{host}` are not granted: name it under `http` in the manifest, and have the company grant it"
        )));
    }
    let bytes = request.body.as_ref().map_or(0, Vec::len);
    if bytes > BODY_BYTES_MAX {
        return Err(invalid("body", format!("the body, in bytes, may have {BODY_BYTES_MAX} at most")));
    }
    if matches!(request.method, Method::Get | Method::Head) && bytes > 0 {
        return Err(unusable("GET and HEAD have no body: use POST"));
    }
    Ok(())
}

/// The host that an address names, as grants are compared with, and the address itself.
fn host_of(url: &str) -> Result<(String, Uri), Error> {
    if url.len() > URL_BYTES_MAX {
        return Err(invalid("body", format!("the address, in bytes, may have {URL_BYTES_MAX} at most")));
    }
    if url.contains('#') {
        return Err(unusable("it has a fragment: leave out what is behind `#`"));
    }
    let uri: Uri = url.parse().map_err(|_| unusable("write `https://host/path`, percent-encoded"))?;
    let authority = uri.authority();
    let authority = authority.ok_or_else(|| unusable("it is no whole address: write `https://host/path`"))?;
    if authority.as_str().contains('@') {
        return Err(unusable("it names a user: put that in a header, as a secret"));
    }
    let host = host_name(authority.host()).map_err(|error| unusable(&format!("the host {error}")))?;
    if !host.eq_ignore_ascii_case(authority.host()) {
        return Err(unusable(&format!("write its host as `{host}`")));
    }
    Ok((host, uri))
}

fn expect_scheme_and_port(uri: &Uri) -> Result<(), Error> {
    if uri.scheme_str() != Some("https") {
        return Err(unusable("only https is spoken"));
    }
    let behind_host = uri.authority().and_then(|a| a.as_str().strip_prefix(a.host())).unwrap_or_default();
    match uri.port_u16() {
        // A port that is no number, or nothing behind the colon.
        None if !behind_host.is_empty() => Err(unusable("its port is no port")),
        None | Some(443) => Ok(()),
        Some(_) => Err(unusable("only port 443 is spoken to: leave the port away")),
    }
}

fn unusable(why: &str) -> Error {
    invalid("url", format!("the address cannot be used: {why}"))
}

fn invalid(key: &str, message: String) -> Error {
    Error::Invalid(vec![FieldError { key: key.to_owned(), message }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(method: Method, url: &str, body: Option<Vec<u8>>) -> Result<(), Error> {
        let request = Request { method, url: url.to_owned(), headers: Vec::new(), body, timeout_ms: None };
        expect(&request, &["*.example.com".parse().unwrap()])
    }

    #[track_caller]
    fn refused(refused: Result<(), Error>, key: &str, words: &str) {
        let Err(Error::Invalid(fields)) = refused else { panic!("{words}: {refused:?}") };
        assert_eq!(fields[0].key, key);
        assert!(fields[0].message.contains(words), "{words}: {fields:?}");
    }

    #[test]
    fn what_a_server_sends_passes() {
        for url in ["https://a.example.com", "https://A.example.com:443/x?y"] {
            assert!(sent(Method::Get, url, None).is_ok(), "{url}");
        }
        assert!(sent(Method::Post, "https://a.example.com", Some(vec![0; BODY_BYTES_MAX])).is_ok());
    }

    #[test]
    fn an_address_that_a_server_does_not_use_is_invalid_and_not_denied() {
        for (url, words) in [
            ("http://a.example.com/", "only https is spoken"),
            ("https://a.example.com:8443/", "only port 443 is spoken to"),
            ("https://a.example.com:/", "its port is no port"),
            ("https://a.example.com/#x", "fragment"),
            ("https://u@a.example.com/", "names a user"),
            ("https://10.0.0.1/", "is an address"),
            ("/x", "no whole address"),
            ("a b", "percent-encoded"),
        ] {
            refused(sent(Method::Get, url, None), "url", words);
        }
        refused(sent(Method::Get, "https://a.example.com", Some(vec![1])), "url", "use POST");
    }

    #[test]
    fn what_is_too_long_is_invalid_and_a_host_of_nobody_is_denied() {
        let long = Some(vec![0; BODY_BYTES_MAX + 1]);
        refused(sent(Method::Post, "https://a.example.com", long), "body", "262144");
        let denied = sent(Method::Get, "https://example.org/", None);
        assert!(matches!(&denied, Err(Error::Denied(why)) if why.contains("`example.org` are not granted")));
    }
}
