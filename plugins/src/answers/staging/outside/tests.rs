//! Where a request may go that is answered without being sent.

use super::*;

const BODY_BYTES_MAX: usize = 256 << 10;

fn sent(method: Method, url: &str, body: Option<Vec<u8>>) -> Result<(), Error> {
    let request = Request { method, url: url.to_owned(), headers: Vec::new(), body, timeout_ms: None };
    expect_allowed(&request, &["*.example.com".parse().unwrap()])
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
