//! Addresses beside the endpoint that strangers come to: they are limited as strangers are.
//!
//! It does not know what is behind them.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
};
use mortise_engine::model::Network;

use super::{Limiter, Standing, clock::Ticks};
use crate::http::{
    accept::Media, options::RouterOptions, refusal::Refusal, request_info::RequestInfo, response,
};

/// These routes, with points of their own for each address: a request takes as many as a field that proves who asks. For
/// routes beside the endpoint: it counts who asks itself.
pub fn by_address(routes: Router, options: &RouterOptions) -> Router {
    guarded(routes, options, |limiter, address| limiter.proving(address, 1))
}

/// The same, but a request takes as many points as one of somebody who does not say who they are. For routes where nobody signs
/// in, and that know themselves how many they serve at once.
pub(crate) fn strangers_by_address(routes: Router, options: &RouterOptions) -> Router {
    guarded(routes, options, Limiter::asking)
}

fn guarded(
    routes: Router,
    options: &RouterOptions,
    take: fn(&Limiter, Option<IpAddr>) -> Result<(), Refusal>,
) -> Router {
    let limiter = Limiter::new(options.rate_limits.clone(), Ticks::monotonic());
    let proxies: Arc<[Network]> = options.proxies.clone().into();
    routes.layer(from_fn(move |request: Request, next: Next| {
        let (limiter, proxies) = (limiter.clone(), Arc::clone(&proxies));
        async move {
            let (parts, body) = request.into_parts();
            let info = RequestInfo::of(&parts, &proxies);
            match take(&limiter, info.address) {
                Ok(()) => next.run(Request::from_parts(parts, body)).await,
                Err(refusal) => response::refused(refusal, Media::Unsaid, &info, &Standing::default()),
            }
        }
    }))
}
