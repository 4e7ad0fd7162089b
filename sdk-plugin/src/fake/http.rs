//! A fake outside.

use crate::bindings::imports::mortise::plugin::http as wire;
use crate::host::http::{Request, Response};
use crate::prelude::Error;

pub(crate) fn send(request: &wire::Request) -> Result<Response, Error> {
    let request = Request(request.clone());
    let answer = super::state::with(|host| {
        host.sent.push(request.clone());
        host.outside.clone()
    });
    Ok(answer(&request))
}

pub(crate) fn enqueue(request: &wire::Request) -> Result<String, Error> {
    Ok(super::state::with(|host| {
        host.enqueued.push(Request(request.clone()));
        format!("out_{}", host.enqueued.len())
    }))
}
