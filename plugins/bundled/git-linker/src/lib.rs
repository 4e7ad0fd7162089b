//! Links commits and pull requests of GitHub with the issues that they name.
//!
//! Whatever comes in is from outside: nothing is read before the signature has been checked, texts are shown as they are, and
//! what a delivery can make happen is bounded.

mod keys;
mod link;
mod payload;
mod pull_request;
mod push;
mod settings;
#[cfg(test)]
mod tests;

use data_encoding::HEXLOWER_PERMISSIVE;
use link::Outcome;
use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

/// The secret that GitHub signs with.
const SECRET: &str = "github-webhook";
/// How long a delivery is remembered, in seconds: GitHub lets people send one again for three days.
const REMEMBERED: u32 = 7 * 24 * 3600;

impl InboundPlugin for Plugin {
    fn on_request(call: &Call, request: InboundRequest) -> Result<InboundResponse, Failure> {
        if !request.method.eq_ignore_ascii_case("post") {
            return Ok(answer(405, "only POST"));
        }
        if !is_signed(&request)? {
            return Ok(answer(401, "the signature is missing or wrong"));
        }
        let Some(event) = header(&request, "x-github-event") else {
            return Ok(answer(400, "no x-github-event"));
        };
        if event == "ping" {
            return Ok(answer(200, "pong"));
        }
        let is_json =
            header(&request, "content-type").is_none_or(|kind| kind.starts_with("application/json"));
        if !is_json {
            return Ok(answer(415, "choose the content type application/json"));
        }
        let settings = Settings::read()?;
        let outcome = match event {
            "push" => push::read(&request.body).map(|push| push::take(&settings, &push)),
            "pull_request" => {
                pull_request::read(&request.body).map(|pull| pull_request::take(&settings, &pull))
            }
            _ => return Ok(answer(202, "not an event that links anything")),
        };
        let plan = match outcome {
            Ok(plan) => plan,
            Err(error) => return Ok(answer(400, &format!("the payload cannot be read: {error}"))),
        };
        let Some(plan) = plan else { return Ok(answer(202, "nothing to do")) };
        if !is_first(&request)? {
            return Ok(answer(200, "this delivery was taken before"));
        }
        let outcome = link::carry_out(&settings, call, &plan)?;
        Ok(told(&outcome))
    }
}

/// Whether GitHub, or whoever has the secret, wrote the body.
fn is_signed(request: &InboundRequest) -> Result<bool, Error> {
    let tag = header(request, "x-hub-signature-256").and_then(|header| header.strip_prefix("sha256="));
    let Some(tag) = tag.and_then(|tag| HEXLOWER_PERMISSIVE.decode(tag.as_bytes()).ok()) else {
        return Ok(false);
    };
    host::secrets::hmac_verify(SECRET, host::secrets::Digest::Sha256, &request.body, &tag)
}

/// Whether the delivery comes for the first time. It is noted in the same write as what it does.
fn is_first(request: &InboundRequest) -> Result<bool, Error> {
    let Some(delivery) = header(request, "x-github-delivery") else { return Ok(true) };
    let delivery: String =
        delivery.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect();
    match host::kv::put(&format!("delivery/{delivery}"), b"", host::kv::Expectation::Absent, Some(REMEMBERED))
    {
        Ok(_) => Ok(true),
        Err(Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn header<'r>(request: &'r InboundRequest, name: &str) -> Option<&'r str> {
    let found = request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

fn told(outcome: &Outcome) -> InboundResponse {
    let body = serde_json::json!({ "linked": outcome.linked, "moved": outcome.moved });
    InboundResponse { status: 200, headers: json_header(), body: body.to_string().into_bytes() }
}

fn answer(status: u16, message: &str) -> InboundResponse {
    let body = serde_json::json!({ "message": message });
    InboundResponse { status, headers: json_header(), body: body.to_string().into_bytes() }
}

fn json_header() -> Vec<(String, String)> {
    vec![("content-type".to_owned(), "application/json".to_owned())]
}

mortise_sdk::register!(Plugin: inbound);
