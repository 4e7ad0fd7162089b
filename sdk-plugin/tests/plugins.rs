//! A plugin of every kind, called as its component would be: through the entry points, against the fake host.

use mortise_sdk::prelude::*;
use mortise_sdk::{entry, fake};
use serde_json::json;

/// Counts, tells, and refuses what nobody may say.
struct Everything;

mortise_sdk::register!(Everything: workflow, automation, scheduled, inbound, lifecycle);

impl WorkflowPlugin for Everything {
    fn amend(_: &Call, issue: &Issue, _: &Proposal) -> Result<Vec<Edit>, Error> {
        let words: Vec<String> = host::settings::get("urgent")?.unwrap_or_default();
        let urgent = words.iter().any(|word| issue.title.contains(word));
        Ok(if urgent { vec![Edit::SetPriority(Priority::High)] } else { Vec::new() })
    }

    fn validate(_: &Call, _: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
        let Proposal::Comment(body) = proposal else { return Ok(Verdict::allow()) };
        if body.is_empty() {
            return Err(Error::Internal("an empty comment".to_owned()));
        }
        let denied = body.contains("damn");
        Ok(if denied { Verdict::deny("be kind").at("body", "is unkind") } else { Verdict::allow() })
    }
}

impl AutomationPlugin for Everything {
    fn on_event(_: &Call, event: Event) -> Result<(), Failure> {
        let Event::Created(issue) = event else { return Ok(()) };
        let count = host::kv::get_json::<u32>("count")?.unwrap_or_default() + 1;
        host::kv::set_json("count", &count)?;
        host::commands::add_comment(&issue.id, &format!("number {count}"))?;
        host::http::Request::post("https://hooks.example.com/new")
            .secret_header("authorization", "Bearer ", "token")
            .json(&json!({ "key": issue.key }))
            .enqueue()?;
        Ok(())
    }
}

impl ScheduledPlugin for Everything {
    fn on_schedule(_: &Call, tick: Tick) -> Result<(), Failure> {
        for issue in host::issues::query("is:stale", 50, None)?.items {
            host::commands::transition(&issue.id, &tick.schedule)?;
        }
        Ok(())
    }
}

impl InboundPlugin for Everything {
    fn on_request(_: &Call, request: InboundRequest) -> Result<InboundResponse, Failure> {
        let tag: Vec<u8> = request.headers.iter().flat_map(|(_, value)| value.bytes()).collect();
        let digest = host::secrets::Digest::Sha256;
        let ours = host::secrets::hmac_verify("signing", digest, &request.body, &tag)?;
        Ok(InboundResponse { status: if ours { 204 } else { 401 }, headers: Vec::new(), body: Vec::new() })
    }
}

impl LifecyclePlugin for Everything {
    fn on_lifecycle(_: &Call, step: Step) -> Result<(), Failure> {
        match step {
            Step::Upgraded(from) if from.starts_with("0.") => Err(Failure::permanent("too old")),
            _ => Ok(()),
        }
    }
}

#[test]
fn an_amendment_follows_the_settings() {
    let _host = fake::Host::new().settings(json!({ "urgent": ["fire"] })).install();
    let issue = Issue { title: "fire in the kitchen".to_owned(), ..fake::issue("ENG-1") };
    let edits = entry::amend::<Everything>(&fake::call(), &issue, &Proposal::Create);
    assert_eq!(edits, [Edit::SetPriority(Priority::High)]);
    assert_eq!(entry::amend::<Everything>(&fake::call(), &fake::issue("ENG-2"), &Proposal::Create), []);
}

#[test]
fn what_a_plugin_does_not_say_is_allowed_and_open() {
    let call = fake::call();
    assert_eq!(
        entry::validate::<Everything>(&call, &fake::issue("ENG-1"), &Proposal::Create),
        Verdict::allow()
    );
    let candidates = [vec![fake::state("done", Category::Completed)]];
    let open = entry::next_states::<Everything>(&call, &[fake::issue("ENG-1")], &candidates);
    assert_eq!(open, [[NextState::enabled(fake::state("done", Category::Completed))]]);
}

#[test]
#[should_panic(expected = "the host failed: an empty comment")]
fn a_verdict_that_fails_is_a_trap() {
    let proposal = Proposal::Comment(String::new());
    let _ = entry::validate::<Everything>(&fake::call(), &fake::issue("ENG-1"), &proposal);
}

#[test]
fn an_automation_stages_remembers_and_sends() {
    let host = fake::Host::new().kv("count", "6").install();
    Everything::on_event(&fake::call(), fake::created(fake::issue("ENG-1"))).unwrap();
    let expected = fake::Command::AddComment { issue: "ENG-1".to_owned(), body: "number 7".to_owned() };
    assert_eq!(host.commands(), [expected]);
    assert_eq!(host.kv("count").as_deref(), Some(b"7".as_slice()));
    let sent = host.enqueued();
    assert_eq!(sent[0].url(), "https://hooks.example.com/new");
    assert_eq!(sent[0].content(), Some(br#"{"key":"ENG-1"}"#.as_slice()));
}

#[test]
fn a_schedule_acts_on_what_a_filter_finds() {
    let found = |filter: &str, issue: &Issue| filter == "is:stale" && issue.key != "ENG-2";
    let issues = ["ENG-1", "ENG-2", "ENG-3"].map(fake::issue);
    let host = fake::Host::new().issues(issues).finding(found).install();
    Everything::on_schedule(&fake::call(), fake::tick("archive")).unwrap();
    let moved = |id: &str| fake::Command::Transition { id: id.to_owned(), to: "archive".to_owned() };
    assert_eq!(host.commands(), [moved("ENG-1"), moved("ENG-3")]);
    assert_eq!(host.queries(), ["is:stale"]);
}

#[test]
fn a_request_that_is_not_signed_is_refused_and_one_without_a_secret_fails() {
    let request = || fake::inbound(&[("x-signature", "none")], "{}");
    let host = fake::Host::new().secret("signing", "s3cret").install();
    assert_eq!(Everything::on_request(&fake::call(), request()).unwrap().status, 401);
    drop(host);
    let failure = Everything::on_request(&fake::call(), request()).unwrap_err();
    assert!(matches!(failure, Failure::Permanent(why) if why == "not found"));
}

#[test]
fn a_failure_is_logged_on_its_way_out() {
    let host = fake::Host::new().install();
    let step = Step::Upgraded("0.9.0".to_owned());
    let failed = entry::handle(|| Everything::on_lifecycle(&fake::call(), step));
    assert!(matches!(failed, Err(Failure::Permanent(_))));
    assert_eq!(host.logs()[0].message, "too old");
}

#[test]
fn what_may_pass_is_tried_again_and_the_rest_is_not() {
    let again =
        [Error::Unavailable(500), Error::Conflict("2".to_owned()), Error::QuotaExceeded(Quota::HostCalls)];
    let not = [Error::NotFound, Error::Denied("kv".to_owned()), Error::invalid("title", "is empty")];
    assert!(again.into_iter().all(|error| matches!(Failure::from(error), Failure::Retry(_))));
    assert!(not.into_iter().all(|error| matches!(Failure::from(error), Failure::Permanent(_))));
}
