//! A guest that does what a test tells it: it reads a script, makes the host calls in it, logs what came of each, and answers
//! as told. It knows nothing of the tests.
//!
//! # Where the script is
//!
//! The first of these that is a JSON array or object: the comment's text (for comments), the title of the issue, its
//! description, the body of an inbound request, and last the setting `script`. For `next-states` the first issue counts.
//! An object holds a script for each function by its name: `amend`, `validate`, `next-states`, `on-event`, `on-schedule`,
//! `on-request`, `on-lifecycle`; `*` for all others. Without a script it does nothing and lets everything pass.
//!
//! # The script
//!
//! A list of steps, each `["word", arguments…]`, done in order. In every text of them `$issue`, `$key`, `$actor`,
//! `$invocation` and `$attempt` stand for what the call says, and `$last` for what the last host call answered: the id it
//! gave, the text under the key, the body of the response.
//! After a host call its outcome is logged as `word: ok …` or `word: error …`, and the script goes on; a word with `!` before
//! it (`["!get", "ENG-1"]`) ends the call with the host's error instead.
//!
//! | Host call | |
//! |---|---|
//! | `["log", "warn", "text"]` | `trace`, `debug`, `info`, `warn`, `error` |
//! | `["settings"]`, `["setting", "word"]`, `["now"]`, `["random", 16]` | |
//! | `["get", "ENG-1"]`, `["get-many", ["ENG-1"]]`, `["comments", "ENG-1"]` | |
//! | `["query", "filter", 10]`, `["count", "filter"]`, `["member", "ana"]`, `["team", "ENG"]` | |
//! | `["create", {"team": "ENG", "title": "x"}]` | also `description`, `state`, `kind`, `priority`, `assignees`, `labels`, `parent`, `estimate`, `due-date` |
//! | `["update", "$issue", [{"title": "x"}], "revision"]` | edits as below; the revision may be left out |
//! | `["transition", "$issue", "done"]`, `["comment", "$issue", "text"]`, `["link", "a", "blocks", "b"]` | |
//! | `["kv-get", "k"]`, `["kv-set", "k", "text", 60]`, `["kv-delete", "k"]`, `["kv-scan", "prefix"]` | `60`: seconds to live, or left out |
//! | `["kv-add", "k", 1]` | reads a number, adds, and writes it if nobody was faster |
//! | `["secrets"]`, `["hmac", "token", "text"]` | |
//! | `["send", "POST", "https://…", {"name": "value"}, "body"]`, `["enqueue", …]` | a header may be `{"prefix": "Bearer ", "secret": "token"}` |
//!
//! | Answer | |
//! |---|---|
//! | `["deny", "message", {"field": "message"}]`, `["allow"]` | of `validate` |
//! | `["edits", [{"title": "x"}, {"add-label": "bug"}, {"estimate": null}]]` | of `amend`: keys as in the contract's `edit` without `set-`; also `add-label`, `remove-label`, `clear-field` |
//! | `["disable", {"done": "why not"}]` | of `next-states`: by the key of a state |
//! | `["misshape"]` | of `next-states`: a list too few |
//! | `["respond", 200, "body"]` | of `on-request` |
//! | `["retry", "why"]`, `["permanent", "why"]` | ends the call: failures of handlers; in a workflow hook it traps |
//!
//! | Harm | |
//! |---|---|
//! | `["loop"]`, `["burn", 1000000]` | for ever; so many rounds of arithmetic |
//! | `["recurse"]` | until the stack is spent |
//! | `["alloc", 64]` | holds so many MiB; without a number until there are no more |
//! | `["panic", "text"]`, `["trap"]` | with a text in the log, and without |
//! | `["repeat", 1000, [steps]]` | |
//! | `["silent"]` | from here outcomes are not logged |
//! | `["fill", "log", 100000]` | a line of so many bytes; `deny`: as the message; `comment`, `kv-set`, `enqueue`: as the text |
//! | `["entered"]` | logs how often this instance was called: always 1, unless one is used twice |

mod calls;
mod harm;
mod outcome;
mod script;
mod values;

use mortise_sdk::prelude::*;
use outcome::Outcome;
use script::{Scene, play};

struct Puppet;

mortise_sdk::register!(Puppet: workflow, automation, scheduled, inbound, lifecycle);

impl WorkflowPlugin for Puppet {
    fn amend(call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Vec<Edit>, Error> {
        Ok(on_issue("amend", call, issue, proposal)?.edits)
    }

    fn validate(call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
        Ok(on_issue("validate", call, issue, proposal)?.verdict)
    }

    fn next_states(
        call: &Call,
        issues: &[Issue],
        candidates: &[Vec<StateRef>],
    ) -> Result<Vec<Vec<NextState>>, Error> {
        let outcome = match issues.first() {
            Some(issue) => decided(play(&Scene::of_issue("next-states", call, issue, None)))?,
            None => Outcome::default(),
        };
        let narrowed =
            |states: &Vec<StateRef>| states.iter().map(|state| outcome.next_state(state)).collect();
        let taken = candidates.len().saturating_sub(usize::from(outcome.misshaped));
        Ok(candidates.iter().take(taken).map(narrowed).collect())
    }
}

impl AutomationPlugin for Puppet {
    fn on_event(call: &Call, event: Event) -> Result<(), Failure> {
        let scene = match &event {
            Event::Created(issue) | Event::Deleted(issue) => Scene::of_issue("on-event", call, issue, None),
            Event::Updated(it) => Scene::of_issue("on-event", call, &it.issue, None),
            Event::Commented(it) => Scene::of_issue("on-event", call, &it.issue, Some(&it.comment.body)),
            Event::Other(_) => Scene::without_issue("on-event", call, ""),
        };
        play(&scene).map(drop)
    }
}

impl ScheduledPlugin for Puppet {
    fn on_schedule(call: &Call, tick: Tick) -> Result<(), Failure> {
        host::log::debug(&format!("tick of {} due {} missed {}", tick.schedule, tick.due_at, tick.missed));
        play(&Scene::without_issue("on-schedule", call, "")).map(drop)
    }
}

impl InboundPlugin for Puppet {
    fn on_request(call: &Call, request: InboundRequest) -> Result<InboundResponse, Failure> {
        let body = String::from_utf8_lossy(&request.body);
        let outcome = play(&Scene::without_issue("on-request", call, &body))?;
        let (status, body) = outcome.response.unwrap_or((204, String::new()));
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        Ok(InboundResponse { status, headers, body: body.into_bytes() })
    }
}

impl LifecyclePlugin for Puppet {
    fn on_lifecycle(call: &Call, step: Step) -> Result<(), Failure> {
        host::log::debug(&format!("{step:?}"));
        play(&Scene::without_issue("on-lifecycle", call, "")).map(drop)
    }
}

fn on_issue(function: &str, call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Outcome, Error> {
    let comment = if let Proposal::Comment(body) = proposal { Some(body.as_str()) } else { None };
    decided(play(&Scene::of_issue(function, call, issue, comment)))
}

/// A workflow hook cannot fail but by a trap.
fn decided(played: Result<Outcome, Failure>) -> Result<Outcome, Error> {
    played.map_err(|failure| match failure {
        Failure::Retry(why) | Failure::Permanent(why) => Error::Internal(why),
    })
}
