//! The knobs of the router, each with its default, its unit and what it is for.
//!
//! It does not know tenants or plans: these bounds protect the process, and hold for everybody. What a company has bought
//! comes with each request.

use std::{fmt, sync::Arc, time::Duration};

use mortise_engine::model::Network;
use mortise_plugins::Plugins;

use super::limit::RateLimits;
use crate::oidc::OidcOptions;

/// What [`router`](super::router) serves, and within which limits.
#[derive(Debug, Clone)]
pub struct RouterOptions {
    /// Bounds on requests. Default: [`HttpLimits::default`].
    pub limits: HttpLimits,
    /// How fast and how much may be asked. Default: [`RateLimits::default`].
    pub rate_limits: RateLimits,
    /// Whether `__schema` and `__type` may be asked. Default: yes. Off, the shape of the schema is not told by any
    /// answer; GraphiQL loses its documentation and completion.
    pub introspection: bool,
    /// Whether the GraphiQL page is served at `/graphiql`, and at `/graphql` to browsers. Default: yes.
    pub graphiql: bool,
    /// Whether `/metrics` is served. Default: yes. It tells nothing about tenants, but is not meant for the public:
    /// keep it behind the proxy, or turn it off and encode the registry elsewhere.
    pub metrics: bool,
    /// The proxies before this server, whose word on a client's address (`x-forwarded-for`) is believed. Default: none, so
    /// that the address is the peer's. Name them all, and only them: keys bound to networks and the limits on guessing go by
    /// this address.
    pub proxies: Vec<Network>,
    /// How people sign in by their company's identity provider: then `/oidc/start` and `/oidc/callback` are served. Default:
    /// they do not.
    pub oidc: Option<OidcOptions>,
    /// Whether the API of those who run the platform is served at `/root/graphql`, to platform keys alone. Default: no.
    pub root: bool,
    /// The plugins of the companies, attached to the engine that is served. With them `/plugins`, `/plugins/in/…` and, with
    /// `root`, `/root/plugins` are served. Default: none, and fields about plugins say so.
    pub plugins: Option<Plugins>,
    /// Adds request-scoped data (loaders, flags) to each request before execution. Default: nothing is added.
    pub prepare: Option<Prepare>,
}

impl Default for RouterOptions {
    fn default() -> Self {
        Self {
            limits: HttpLimits::default(),
            rate_limits: RateLimits::default(),
            introspection: true,
            graphiql: true,
            metrics: true,
            proxies: Vec::new(),
            oidc: None,
            root: false,
            plugins: None,
            prepare: None,
        }
    }
}

/// A function that is given every GraphQL request just before it is executed.
#[derive(Clone)]
pub struct Prepare(Arc<dyn Fn(async_graphql::Request) -> async_graphql::Request + Send + Sync>);

impl Prepare {
    /// Wraps the function. It runs on the async runtime: it must not block.
    pub fn new(
        prepare: impl Fn(async_graphql::Request) -> async_graphql::Request + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(prepare))
    }

    pub(super) fn run(&self, request: async_graphql::Request) -> async_graphql::Request {
        (self.0)(request)
    }
}

impl fmt::Debug for Prepare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepare")
    }
}

/// Bounds on one request and on all of them together. Reaching one is a typed answer, never a dropped connection.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// Largest body of a request, in bytes; beyond it 413. Default: 2 MiB. Variables live in it and need no bound of
    /// their own; of a GET the query string is bounded by the server's limit on request heads.
    pub body_bytes_max: usize,
    /// Longest time for a body to arrive whole; beyond it 408 and the connection is closed. Default: 10 s.
    pub body_timeout: Duration,
    /// Longest time for the head of a request to arrive. Default: 10 s. The router sees requests only after this:
    /// whoever runs the connections applies it (hyper's `header_read_timeout`).
    pub header_timeout: Duration,
    /// Longest time from the body to the answer; beyond it 503. Default: 10 s. A query is given up; what a mutation had
    /// begun may still be done: the caller repeats it with the same idempotency key.
    pub request_timeout: Duration,
    /// Most GraphQL requests at work at once; beyond it 503 with `Retry-After: 1`. Default: 1024. Health checks are
    /// not counted.
    pub in_flight_max: usize,
    /// Most GraphQL requests executed at once. Default: 256. Others wait their turn, in the order in which they came.
    pub executed_at_once_max: usize,
    /// Longest time to wait for one's turn; beyond it 503 with `Retry-After: 1`. Who would wait longer, by the length of the
    /// line and by how long turns took lately, is told so at once. Default: half a second: an answer that comes much later
    /// is one that nobody waits for any more, and making it would delay all others.
    pub turn_timeout: Duration,
    /// Most errors in one answer. Default: 10; the rest is dropped.
    pub errors_max: usize,
    /// Longest message of an error, in bytes. Default: 300; the rest is cut.
    pub message_bytes_max: usize,
    /// Memory for parsed documents, in bytes as estimated. Default: 16 MiB. The least useful are forgotten first.
    pub document_cache_bytes_max: u64,
    /// Bounds on a GraphQL document. Default: [`DocumentLimits::default`].
    pub document: DocumentLimits,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 2 * 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(10),
            in_flight_max: 1024,
            executed_at_once_max: 256,
            turn_timeout: Duration::from_millis(500),
            errors_max: 10,
            message_bytes_max: 300,
            document_cache_bytes_max: 16 * 1024 * 1024,
            document: DocumentLimits::default(),
        }
    }
}

/// Bounds on a GraphQL document, checked in time linear in its length, before validation. Where fragments are counted
/// as expanded, a fragment counts at each place it is spread.
#[derive(Debug, Clone)]
pub struct DocumentLimits {
    /// Longest text, in bytes. Default: 16 KiB.
    pub bytes_max: usize,
    /// Most selections (fields, spreads, inline fragments), fragments expanded. Default: 2,000.
    pub selections_max: u64,
    /// Deepest field below the root. Default: 15, which the standard introspection query reaches.
    pub depth_max: u32,
    /// Deepest nesting of fields and fragments together. Default: 40.
    pub nesting_max: u32,
    /// Deepest nesting of brackets in the text, literals included. Default: 64.
    pub brackets_max: u32,
    /// Deepest nesting of objects in one argument or variable, together where a literal holds a variable. Default: 40,
    /// which the JSON of any filter that the engine takes stays below. A recursive input type is read by one call per
    /// object, and such calls take much of the stack: it has to see to it that there is room.
    pub objects_max: u32,
    /// Most aliases, fragments expanded. Default: 200.
    pub aliases_max: u64,
    /// Most directives in the text, wherever they stand. Default: 100.
    pub directives_max: u32,
    /// Most operations. Default: 10.
    pub operations_max: usize,
    /// Most variables of all operations together. Default: 100.
    pub variables_max: usize,
    /// Most fragment spreads in the text. Default: 50.
    pub spreads_max: u32,
    /// Most lists of types or fields inside one another in an introspection. Default: 2; the standard query uses 1.
    pub introspection_lists_max: u32,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            bytes_max: 16 * 1024,
            selections_max: 2_000,
            depth_max: 15,
            nesting_max: 40,
            brackets_max: 64,
            objects_max: 40,
            aliases_max: 200,
            directives_max: 100,
            operations_max: 10,
            variables_max: 100,
            spreads_max: 50,
            introspection_lists_max: 2,
        }
    }
}
