//! The steps that call the host, each as one line.

use crate::script::Answer;
use crate::values::{edits, new_issue, number, request, text, texts};
use mortise_sdk::host::http::Response;
use mortise_sdk::host::kv::Expectation;
use mortise_sdk::host::log::Level;
use mortise_sdk::host::secrets::Digest;
use mortise_sdk::host::{clock, commands, issues, kv, log, random, secrets, settings};
use mortise_sdk::prelude::{CommentPage, Error, Issue, Page};
use serde_json::Value;

/// Makes a host call; none when there is no such step.
pub fn made(word: &str, arguments: &[Value]) -> Option<Result<Answer, Error>> {
    let argument = |at: usize| arguments.get(at).unwrap_or(&Value::Null);
    let (first, second, third) = (text(argument(0)), text(argument(1)), text(argument(2)));
    Some(match word {
        "log" => Ok(logged(&first, &second)),
        "settings" => settings::all::<Value>().map(|all| Answer::named(all.to_string())),
        "setting" => {
            settings::get::<Value>(&first).map(|it| Answer::named(it.map(|it| text(&it)).unwrap_or_default()))
        }
        "now" => Ok(Answer::named(clock::now())),
        "random" => random::bytes(number(argument(0)).unwrap_or(16)).map(Answer::of),
        "get" => issues::get(&first).map(|it| Answer { shown: shown(&it), last: it.id }),
        "get-many" => issues::get_many(&texts(argument(0))).map(several),
        "query" => issues::query(&first, number(argument(1)).unwrap_or(10), None).map(found),
        "count" => issues::count(&first).map(|count| Answer::named(count.to_string())),
        "comments" => issues::comments(&first, 100, None).map(said),
        "member" => issues::member(&first)
            .map(|it| Answer { shown: format!("{} {}", it.handle, it.role), last: it.id }),
        "team" => {
            issues::team(&first).map(|it| Answer { shown: format!("{} {}", it.key, it.name), last: it.id })
        }
        "create" => commands::create_issue(&new_issue(argument(0))).map(Answer::named),
        "update" => updated(&first, argument(1), argument(2)),
        "transition" => commands::transition(&first, &second).map(Answer::of),
        "comment" => commands::add_comment(&first, &second).map(Answer::named),
        "link" => commands::link_issues(&first, &second, &third).map(Answer::of),
        "kv-get" => {
            kv::get(&first).map(|it| it.map_or_else(|| Answer::of(()), |it| Answer::bytes(&it.value)))
        }
        "kv-set" => {
            kv::put(&first, second.as_bytes(), Expectation::Anything, number(argument(2))).map(Answer::of)
        }
        "kv-add" => added(&first, argument(1).as_i64().unwrap_or(1)),
        "kv-delete" => kv::delete(&first).map(Answer::of),
        "kv-scan" => {
            kv::scan(&first, 100, None).map(|it| Answer::of(it.iter().map(|it| &it.key).collect::<Vec<_>>()))
        }
        "secrets" => Ok(Answer::of(secrets::names())),
        "hmac" => {
            secrets::hmac(&first, Digest::Sha256, second.as_bytes()).map(|mac| Answer::named(hex(&mac)))
        }
        "send" => request(arguments).send().map(responded),
        "enqueue" => request(arguments).enqueue().map(Answer::named),
        _ => return None,
    })
}

fn logged(level: &str, message: &str) -> Answer {
    let level = match level {
        "trace" => Level::Trace,
        "debug" => Level::Debug,
        "warn" => Level::Warn,
        "error" => Level::Error,
        _ => Level::Info,
    };
    log::write(level, message, &[]);
    Answer::of(())
}

/// `ENG-1 backlog "Login fails" at 3`
fn shown(issue: &Issue) -> String {
    format!("{} {} {:?} at {}", issue.key, issue.state.key, issue.title, issue.revision)
}

fn several(issues: Vec<Option<Issue>>) -> Answer {
    let shown: Vec<String> =
        issues.iter().map(|it| it.as_ref().map_or_else(|| "-".to_owned(), shown)).collect();
    Answer::named(shown.join("; "))
}

fn said(page: CommentPage) -> Answer {
    let bodies: Vec<&str> = page.items.iter().map(|comment| comment.body.as_str()).collect();
    Answer {
        shown: format!("{bodies:?}"),
        last: bodies.last().map(|it| (*it).to_owned()).unwrap_or_default(),
    }
}

fn found(page: Page) -> Answer {
    let keys: Vec<&str> = page.items.iter().map(|issue| issue.key.as_str()).collect();
    Answer { shown: format!("{keys:?} next {:?} cost {}", page.next, page.cost), last: keys.join(",") }
}

fn updated(id: &str, changes: &Value, revision: &Value) -> Result<Answer, Error> {
    let edits = edits(changes)?;
    match revision.as_str() {
        Some(revision) => commands::update_issue_at(id, &edits, revision)?,
        None => commands::update_issue(id, &edits)?,
    }
    Ok(Answer::of(()))
}

fn added(key: &str, more: i64) -> Result<Answer, Error> {
    let before = kv::get(key)?;
    let number = before.as_ref().and_then(|it| std::str::from_utf8(&it.value).ok()?.parse::<i64>().ok());
    let sum = number.unwrap_or_default().saturating_add(more).to_string();
    let expect = before.map_or(Expectation::Absent, |it| Expectation::At(it.revision));
    kv::put(key, sum.as_bytes(), expect, None)?;
    Ok(Answer::named(sum))
}

fn responded(response: Response) -> Answer {
    let body = Answer::bytes(&response.body);
    Answer { shown: format!("{} {} {:?}", response.status, body.shown, response.headers), last: body.last }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
