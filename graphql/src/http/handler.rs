//! The GraphQL endpoint: one request from its head to its answer.
//!
//! Read [`Endpoint::answer`] for the order of things. It does not know what any schema is about.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{
    ObjectType, Request as GraphQlRequest, Response as Executed, SchemaBuilder, SubscriptionType, Value,
    Variables, futures_util::FutureExt, parser::types::OperationType,
};
use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tokio::{sync::Semaphore, time::timeout};
use tracing::Instrument;

use super::{
    accept::{self, Media},
    authentication::{AuthFailure, Authenticator},
    body,
    code::ErrorCode,
    document_cache::{Document, DocumentCache},
    errors,
    execution::Schemas,
    graphiql,
    limit::{Account, Bill, Cost, Limiter, Pass, Standing, Ticks},
    metrics::HttpMetrics,
    options::RouterOptions,
    parameters::Parameters,
    refusal::Refusal,
    request_info::RequestInfo,
    response,
    turns::{TooLate, Turns},
    variables,
};

/// What the endpoint's requests share.
pub(super) struct Endpoint<Q, M, S, A> {
    schemas: Schemas<Q, M, S>,
    authenticator: A,
    documents: DocumentCache,
    /// Places for requests at work, whatever is done for them at the moment.
    slots: Semaphore,
    turns: Turns,
    limiter: Limiter,
    metrics: HttpMetrics,
    options: RouterOptions,
}

impl<Q, M, S, A> Endpoint<Q, M, S, A>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
    A: Authenticator,
{
    pub(super) fn new(
        schema: impl Fn() -> SchemaBuilder<Q, M, S>,
        authenticator: A,
        metrics: HttpMetrics,
        options: RouterOptions,
    ) -> Self {
        Self {
            schemas: Schemas::new(schema, &options),
            authenticator,
            documents: DocumentCache::new(&options.limits),
            slots: Semaphore::new(options.limits.in_flight_max.min(Semaphore::MAX_PERMITS)),
            turns: Turns::new(options.limits.executed_at_once_max, options.limits.turn_timeout),
            limiter: Limiter::new(options.rate_limits.clone(), Ticks::monotonic()),
            metrics,
            options,
        }
    }

    /// Answers one request, whatever happens on the way.
    pub(super) async fn serve(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        if self.options.graphiql && graphiql::is_asked_for(&parts) {
            return graphiql::page(&parts.headers);
        }
        let info = RequestInfo::of(&parts, &self.options.proxies);
        parts.extensions.insert(info.clone());
        let media = accept::negotiate(&parts.headers);
        let mut trail = Trail::default();
        let mut body = Some(body);
        let answer = Box::pin(self.answer(parts, &mut body, media, &info, &mut trail));
        // What is logged on the way says which request, and once that is known which tenant, it was about.
        let span =
            tracing::info_span!("request", request.id = %info.request_id, tenant.id = tracing::field::Empty);
        let answer =
            AssertUnwindSafe(answer).catch_unwind().instrument(span.clone()).await.unwrap_or_else(|_panic| {
                tracing::error!(request.id = info.request_id, "a GraphQL request panicked");
                Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, errors::MASK))
            });
        let media = media.unwrap_or(Media::Unsaid);
        let limits = &self.options.limits;
        let response = match answer {
            Ok(mut executed) => {
                errors::finish(&mut executed.errors, limits, &info.request_id);
                response::executed(executed, media, &info, &trail.standing)
            }
            Err(mut refusal) => {
                let (status, unread) = (refusal.status, body.filter(|unread| !body::is_at_end(unread)));
                match unread {
                    // Nothing holds a place for it any more, so what is long is not read to the end.
                    Some(unread) if status == StatusCode::TOO_MANY_REQUESTS && !body::is_short(&unread) => {
                        refusal = refusal.header(header::CONNECTION, HeaderValue::from_static("close"));
                    }
                    Some(unread) if status != StatusCode::SERVICE_UNAVAILABLE => {
                        body::discard(unread, limits).await;
                    }
                    _ => {}
                }
                errors::finish(&mut refusal.errors, limits, &info.request_id);
                response::refused(refusal, media, &info, &trail.standing)
            }
        };
        self.metrics.answered(trail.operation, response.status(), info.received_at.elapsed());
        span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
        response
    }

    /// The order of things. `trail` tells the caller how far it came.
    async fn answer(
        &self,
        parts: Parts,
        body: &mut Option<Body>,
        media: Option<Media>,
        info: &RequestInfo,
        trail: &mut Trail,
    ) -> Result<Executed, Refusal> {
        // Whom it cannot serve in time the server turns away before it does anything for them.
        let _slot = self.slots.try_acquire().map_err(|_| busy())?;
        self.turns.hope()?;
        let _counted = InFlight::enter(&self.metrics);
        if !matches!(parts.method, Method::GET | Method::POST) {
            return Err(Refusal::method("GET, POST", "this method is not served here: use GET or POST"));
        }
        if media.is_none() {
            return Err(Refusal::new(
                StatusCode::NOT_ACCEPTABLE,
                ErrorCode::InvalidInput,
                "the answer is application/graphql-response+json or application/json: accept one of them",
            ));
        }
        let patience = self.options.limits.request_timeout;
        let admitted = timeout(patience, self.admit(&parts, info, trail)).await;
        let (identity, pass) = admitted.unwrap_or_else(|_elapsed| Err(AuthFailure::Unavailable.into()))?;
        let answer = async {
            let parameters = self.parameters(&parts, body).await?;
            let run = self.run(parameters, &parts.method, identity, &pass, info, &mut *trail);
            timeout(patience, run).await.unwrap_or_else(|_elapsed| {
                tracing::warn!(request.id = info.request_id, "a GraphQL request ran out of time");
                Err(Refusal::unavailable(out_of_time(trail.operation)))
            })
        };
        answer.await.inspect_err(|refusal| {
            // Reading and validating is work too, whatever comes of it.
            if refusal.status == StatusCode::BAD_REQUEST {
                pass.settle(0, self.limiter.invalid_points());
            }
        })
    }

    /// Tells who asks, and lets them in if they ask neither too fast nor too often.
    async fn admit(
        &self,
        parts: &Parts,
        info: &RequestInfo,
        trail: &mut Trail,
    ) -> Result<(Option<A::Identity>, Pass), Refusal> {
        let shown = parts.headers.get(header::AUTHORIZATION);
        if let Some(shown) = shown.filter(|_| self.authenticator.is_costly(parts)) {
            self.limiter.may_show(info.address, shown)?;
        }
        let identity = match self.authenticator.authenticate(parts).await {
            Ok(identity) => identity,
            Err(failure) => {
                if matches!(failure, AuthFailure::InvalidToken | AuthFailure::InvalidKey) {
                    self.limiter.bad_credentials(info.address, shown)?;
                }
                return Err(failure.into());
            }
        };
        let Some(identity) = identity else {
            return Ok((None, self.limiter.stranger(info.address)?));
        };
        if let Some(shown) = shown {
            self.limiter.good_credentials(shown);
        }
        let account = self.authenticator.account(&identity);
        let pass = self.limiter.enter(account).inspect_err(|_| {
            trail.standing.burst = account.and_then(Account::with_none_left);
        })?;
        trail.standing.burst = pass.burst;
        pass.owes_nothing()?;
        trail.standing.calls = self.authenticator.count(&identity).await.map_err(|failure| {
            if let AuthFailure::CallsSpent(spent) = &failure {
                trail.standing.calls = Some(spent.calls);
            }
            Refusal::from(failure)
        })?;
        Ok((Some(identity), pass))
    }

    async fn parameters(&self, parts: &Parts, body: &mut Option<Body>) -> Result<Parameters, Refusal> {
        if parts.method == Method::GET {
            return Parameters::from_query_string(parts.uri.query().unwrap_or_default());
        }
        body::check_type(&parts.headers)?;
        let body = body.take().unwrap_or_default();
        Parameters::from_json(&body::read(body, &self.options.limits).await?)
    }

    async fn run(
        &self,
        mut parameters: Parameters,
        method: &Method,
        identity: Option<A::Identity>,
        pass: &Pass,
        info: &RequestInfo,
        trail: &mut Trail,
    ) -> Result<Executed, Refusal> {
        let sent = std::mem::take(&mut parameters.variables);
        let name = parameters.operation_name();
        let document = self.document(parameters.document()?, name).await?;
        let operation = &document.operation(name)?.node;
        trail.operation = Some(operation.ty);
        check_method(method, operation.ty)?;
        let around = if document.mixes_variables { document.objects } else { 0 };
        variables::check_depth(&sent, self.options.limits.document.objects_max.saturating_sub(around))?;
        let (values, absent) = match self.schemas.types() {
            Some(types) => variables::coerce(operation, sent, types).map_err(Refusal::in_document)?,
            None => (sent, Vec::new()),
        };
        if document.mixes_variables || self.schemas.types().is_none() {
            self.judge(&document, name, values.clone()).await?;
        }

        let cost = document.costs.find(name);
        self.limiter.proving(info.address, cost.map_or(0, |cost| cost.proving))?;
        self.limiter.refreshing(info.address, cost.map_or(0, |cost| cost.refreshing))?;
        let reserved = cost.map_or(0, |cost| cost.points(&values));
        pass.reserve(reserved)?;
        trail.standing = Standing { requested_cost: reserved, budget: pass.standing(), ..trail.standing };

        let mut parsed = document.with_only(name)?;
        if !absent.is_empty() {
            variables::omit_absent(&mut parsed, &absent);
        }
        let mut request = GraphQlRequest::new(String::new()).variables(values).data(info.clone());
        request = request.data(trail.standing);
        request.operation_name = name.map(str::to_owned);
        request.set_parsed_query(parsed);
        if let Some(identity) = &identity {
            request = request.data(identity.clone());
        }
        let bill = Bill::new(pass, reserved, || {
            let work = identity.as_ref().map_or(0, |identity| self.authenticator.work(identity));
            work.saturating_add(cost.map_or(0, Cost::base))
        });
        let executed = async {
            let _turn = self.turns.turn().await?;
            self.execute(request, info).await
        };
        let mut executed = match executed.await {
            Ok(executed) => executed,
            Err(refusal) => {
                bill.give_back();
                return Err(refusal);
            }
        };
        let used = bill.settle();
        trail.standing.budget = pass.standing();
        if let Some(cost) = trail.standing.cost(used) {
            executed.extensions.insert("cost".to_owned(), Value::Binary(cost.into()));
        }
        Ok(executed)
    }

    async fn execute(&self, mut request: GraphQlRequest, info: &RequestInfo) -> Result<Executed, Refusal> {
        if let Some(prepare) = &self.options.prepare {
            request = prepare.run(request);
        }
        let mut executed = self.schemas.execute(request).await;
        executed.errors.truncate(self.options.limits.errors_max);
        errors::code_or_mask(&mut executed.errors, &info.request_id);
        // Errors without a path come from before the first resolver: a cost limit of the schema's own.
        let never_began =
            executed.data == Value::Null && executed.errors.iter().all(|error| error.path.is_empty());
        if never_began && !executed.errors.is_empty() {
            return Err(Refusal { in_document: false, ..Refusal::in_document(executed.errors) });
        }
        Ok(executed)
    }

    /// The document of this text, with a verdict: from the cache, or read and judged now.
    async fn document(&self, text: &str, operation_name: Option<&str>) -> Result<Arc<Document>, Refusal> {
        if let Some(document) = self.documents.get(text) {
            return Ok(document);
        }
        let (limits, reckoning) = (&self.options.limits.document, self.limiter.reckoning());
        let document = Document::read(text, limits, self.options.introspection, reckoning)?;
        self.judge(&document, operation_name, Variables::default()).await?;
        let document = Arc::new(document);
        self.documents.keep(text, Arc::clone(&document));
        Ok(document)
    }

    async fn judge(&self, document: &Document, name: Option<&str>, values: Variables) -> Result<(), Refusal> {
        // Names that do not exist are refused here, in our own words.
        document.operation(name)?;
        self.schemas.judge(&document.parsed, name, values).await.map_err(|mut found| {
            errors::code_as_invalid(&mut found);
            Refusal::in_document(found)
        })
    }
}

/// There is more to do than the server can.
fn busy() -> Refusal {
    Refusal::unavailable("the server has more to do than it can: try again")
}

impl From<TooLate> for Refusal {
    fn from(_: TooLate) -> Self {
        busy()
    }
}

/// How far a request came.
#[derive(Default)]
struct Trail {
    /// What kind of operation it turned out to be, if it came to that.
    operation: Option<OperationType>,
    standing: Standing,
}

/// What to do when an operation of this kind took too long; when it is not known, nothing had begun.
const fn out_of_time(operation: Option<OperationType>) -> &'static str {
    match operation {
        Some(OperationType::Mutation) => {
            "it took too long, and its outcome is unknown: repeat it with the same idempotency key"
        }
        Some(OperationType::Query | OperationType::Subscription) => {
            "it took too long and was given up: ask for less at once, or ask again in a moment"
        }
        None => "it took too long to be read, and nothing was done: repeat it in a moment",
    }
}

/// Whether an operation of this kind may come by this method, or at all.
fn check_method(method: &Method, operation: OperationType) -> Result<(), Refusal> {
    match operation {
        OperationType::Mutation if *method == Method::GET => {
            Err(Refusal::method("POST", "a mutation changes things: send it by POST"))
        }
        OperationType::Subscription => {
            Err(Refusal::bad_request("subscriptions are not served by this endpoint"))
        }
        OperationType::Query | OperationType::Mutation => Ok(()),
    }
}

/// Counts a request as at work for as long as this lives, also when the client goes away.
struct InFlight<'a>(&'a HttpMetrics);

impl<'a> InFlight<'a> {
    fn enter(metrics: &'a HttpMetrics) -> Self {
        metrics.in_flight.inc();
        Self(metrics)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.dec();
    }
}
