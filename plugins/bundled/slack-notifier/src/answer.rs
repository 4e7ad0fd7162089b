//! What Slack's answer to a message means.

use mortise_sdk::prelude::*;
use serde::Deserialize;

/// Errors that pass by themselves, as Slack documents them.
const PASSING: [&str; 6] = [
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
];

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    ts: Option<String>,
}

/// The thread that a message began, if Slack took it.
///
/// Slack answers most mistakes with status 200 and says `ok: false` inside.
pub(crate) fn thread(status: u16, body: &[u8]) -> Result<Option<String>, Failure> {
    match status {
        429 => return Err(Failure::retry("Slack asks to wait")),
        500.. => return Err(Failure::retry(format!("Slack answers {status}"))),
        200..300 => {}
        _ => return Err(Failure::permanent(format!("Slack answers {status}"))),
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|error| Failure::retry(format!("Slack's answer cannot be read: {error}")))?;
    if answer.ok {
        return Ok(answer.ts);
    }
    let error = answer.error.unwrap_or_else(|| "no reason given".to_owned());
    if PASSING.contains(&error.as_str()) {
        return Err(Failure::retry(format!("Slack: {error}")));
    }
    Err(Failure::permanent(match error.as_str() {
        "not_in_channel" | "channel_not_found" => {
            format!("Slack: {error}; invite the app to the channel and check its id")
        }
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => {
            format!("Slack: {error}; enter the secret slack-token anew")
        }
        "missing_scope" => format!("Slack: {error}; the app needs chat:write"),
        _ => format!("Slack: {error}"),
    }))
}
