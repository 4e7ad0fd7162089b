//! Requests to the outside. Permission `http` with hosts. https only, public addresses only, no redirects.

use crate::bindings::imports::mortise::plugin::http as wire;
pub use crate::bindings::imports::mortise::plugin::http::{HeaderValue, Method, Response, SecretValue};
use crate::prelude::Error;
use serde::Serialize;

/// A request on its way out.
///
/// # Examples
///
/// ```
/// use mortise_sdk::{fake, host::http::Request};
/// let host = fake::Host::new().secret("token", "s3cret").install();
/// Request::post("https://chat.example.com/hook")
///     .secret_header("authorization", "Bearer ", "token")
///     .json(&serde_json::json!({ "text": "hello" }))
///     .enqueue()
///     .unwrap();
/// assert_eq!(host.enqueued().len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Request(pub(crate) wire::Request);

impl Request {
    /// A request with this method to this address.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self(wire::Request { method, url: url.into(), headers: Vec::new(), body: None, timeout_ms: None })
    }

    /// Asks for something.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::Get, url)
    }

    /// Sends something.
    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::Post, url)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push((name.to_owned(), HeaderValue::Text(value.into())));
        self
    }

    /// With a header of `prefix` followed by a secret, which the host puts in.
    #[must_use]
    pub fn secret_header(mut self, name: &str, prefix: &str, secret: &str) -> Self {
        let value = SecretValue { prefix: prefix.to_owned(), secret: secret.to_owned() };
        self.0.headers.push((name.to_owned(), HeaderValue::Secret(value)));
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = Some(body.into());
        self
    }

    /// With a body of JSON, and the header that says so. What cannot be written as JSON becomes `null`.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        self.header("content-type", "application/json").body(body)
    }

    /// Waits no longer than this for the answer, in milliseconds.
    #[must_use]
    pub const fn timeout_ms(mut self, ms: u32) -> Self {
        self.0.timeout_ms = Some(ms);
        self
    }

    /// Sends it now, within this call's time. Not in a dry run.
    ///
    /// # Errors
    ///
    /// When it is not granted, or nothing came back.
    pub fn send(self) -> Result<Response, Error> {
        super::ask!(http::send(&self.0))
    }

    /// Sends it after the run, at least once, with retries and an idempotency key; answers its id.
    ///
    /// # Errors
    ///
    /// When it is not granted.
    pub fn enqueue(self) -> Result<String, Error> {
        super::ask!(http::enqueue(&self.0))
    }
}

impl Response {
    /// Whether the status says that it went well.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// A header of the answer, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Request {
    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// Its method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.0.method
    }

    /// Its headers, as they were given.
    #[must_use]
    pub fn headers(&self) -> &[(String, HeaderValue)] {
        &self.0.headers
    }

    /// Its body, if it has one.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.0.body.as_deref()
    }
}
