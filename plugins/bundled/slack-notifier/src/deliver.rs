//! Ways to Slack: by webhook, as a bot, in a thread.

use crate::answer;
use crate::settings::{Route, Settings, Via};
use mortise_sdk::prelude::*;
use serde_json::Value as Json;

const POST_MESSAGE: &str = "https://slack.com/api/chat.postMessage";
const HOOKS: &str = "https://hooks.slack.com";
/// The name of the secret: a bot token, `xoxb-…`.
const TOKEN: &str = "slack-token";
/// How long a thread is remembered after it began, in seconds: 90 days.
const TTL: u32 = 90 * 24 * 3600;
/// How long Slack may take to answer, in milliseconds.
const TIMEOUT: u32 = 3000;

/// Sends a message about an issue, or hands it to the host to be sent.
pub(crate) fn deliver(
    settings: &Settings,
    route: &Route,
    call: &Call,
    issue: &str,
    mut message: Json,
) -> Result<(), Failure> {
    if settings.via == Via::Webhook {
        let Some(path) = &settings.webhook_path else {
            return Err(Failure::permanent("the setting webhook-path is missing"));
        };
        request(&format!("{HOOKS}{path}"), &message).enqueue()?;
        return Ok(());
    }
    if route.channel.is_empty() {
        return Err(Failure::permanent("a route has no channel"));
    }
    set(&mut message, "channel", &route.channel);
    let key = format!("thread/{}/{issue}", route.channel);
    let thread = if settings.threads { host::kv::get(&key)? } else { None };
    if let Some(thread) = thread.and_then(|entry| String::from_utf8(entry.value).ok()) {
        set(&mut message, "thread_ts", &thread);
    } else if settings.threads && call.mode == RunMode::Live {
        let response = authorized(&message).timeout_ms(TIMEOUT).send()?;
        if let Some(thread) = answer::thread(response.status, &response.body)? {
            host::kv::put(&key, thread.as_bytes(), host::kv::Expectation::Anything, Some(TTL))?;
        }
        return Ok(());
    }
    authorized(&message).enqueue()?;
    Ok(())
}

fn authorized(message: &Json) -> host::http::Request {
    request(POST_MESSAGE, message).secret_header("authorization", "Bearer ", TOKEN)
}

fn request(url: &str, message: &Json) -> host::http::Request {
    host::http::Request::post(url)
        .header("content-type", "application/json; charset=utf-8")
        .body(message.to_string().into_bytes())
}

fn set(message: &mut Json, key: &str, value: &str) {
    if let Some(message) = message.as_object_mut() {
        message.insert(key.to_owned(), Json::from(value));
    }
}
