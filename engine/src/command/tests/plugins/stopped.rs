//! Whether an installation takes part, and what is stopped of one that fails too often.

use super::*;
use crate::command::plugin::{FailedAs, StopInstallation};
use crate::draft::SideRecord;
use crate::model::{HookPoint, OnFailure};

fn stop(id: InstallationId, failed: FailedAs) -> StopInstallation {
    StopInstallation { id, reason: "It failed ten times".into(), failed, letters: true }
}

fn letters(done: &Done) -> Vec<String> {
    let letter = |record: &SideRecord| match record {
        SideRecord::Mail(_, mail) => Some(format!("{} {}", mail.template, mail.to)),
        _ => None,
    };
    done.records.iter().filter_map(letter).collect()
}

#[test]
fn an_installation_takes_part_or_not_and_it_is_said_why() {
    let mut company = Company::new();
    let id = company.installed("1");
    let stop = stop(id, FailedAs::Asked);
    assert_eq!(company.refuses(stop.clone()).0, ErrorCode::Forbidden, "nobody claims that it failed");
    assert_eq!(company.run_as_system(stop.clone()).unwrap().names(), ["plugin.disabled"]);
    assert_eq!(company.plugin(id).stopped.as_deref(), Some("It failed ten times"));
    let again = DisableInstallation { id, reason: Some("other".into()) };
    assert!(company.run(company.ada, again).unwrap().events.is_empty());
    let done = company.run_as_system(stop).unwrap();
    assert!(done.events.is_empty() && letters(&done).is_empty(), "it is off already");
    let ada = company.ada;
    let done = company.run(ada, Starting { command: EnableInstallation { id }, head: Seq(99) }).unwrap();
    assert_eq!(done.names(), ["plugin.enabled"]);
    let plugin = company.plugin(id);
    assert_eq!((plugin.stopped.as_deref(), plugin.acts_after), (None, Seq(99)));
    assert!(company.start(ada, EnableInstallation { id }).unwrap().events.is_empty());
    assert_eq!(company.plugin(id).acts_after, Seq(99));
}

/// A guard that acts by itself too.
fn guard(company: &mut Company) -> InstallationId {
    let validate = vec![HookPoint::Transition];
    let hooks = Arc::new(PluginHooks { validate, events: vec!["issue.*".into()], ..PluginHooks::default() });
    company.upload(PluginCode { hooks, ..code("1") }).unwrap();
    let id = installation(&company.start(company.ada, install("1")).unwrap());
    assert!(company.plugin(id).guards());
    id
}

#[test]
fn a_guard_that_fails_stays_and_what_it_does_by_itself_is_stopped_alone() {
    let mut company = Company::new();
    let id = guard(&mut company);
    let done = company.run_as_system(stop(id, FailedAs::Asked)).unwrap();
    assert!(done.events.is_empty(), "{:?}", done.names());
    assert!(company.plugin(id).is_acting());

    assert!(company.directory.has_acting_plugin());
    let done = company.run_as_system(stop(id, FailedAs::Acting)).unwrap();
    assert_eq!(done.names(), ["plugin.acting_stopped"]);
    let plugin = company.plugin(id);
    assert!(plugin.is_enabled() && !plugin.is_acting());
    assert_eq!(plugin.acting_stopped.as_deref(), Some("It failed ten times"));
    assert!(!company.directory.has_acting_plugin());
    assert!(company.run_as_system(stop(id, FailedAs::Acting)).unwrap().events.is_empty());

    let ada = company.ada;
    let done = company.run(ada, Starting { command: EnableInstallation { id }, head: Seq(99) }).unwrap();
    assert_eq!(done.names(), ["plugin.enabled"]);
    assert!(company.plugin(id).is_acting());
    assert_eq!(company.plugin(id).acts_after, Seq(99), "what happened meanwhile is not made up for");

    company.run_as_system(stop(id, FailedAs::Acting)).unwrap();
    company.run(ada, DisableInstallation { id, reason: None }).unwrap();
    assert_eq!(company.plugin(id).acting_stopped, None, "it takes no part at all");
}

#[test]
fn one_that_guards_nothing_is_switched_off_however_it_fails() {
    for failed in [FailedAs::Asked, FailedAs::Acting] {
        let mut company = Company::new();
        let id = guard(&mut company);
        let open = ChangeInstallation { on_failure: Some(OnFailure::Open), ..ChangeInstallation::of(id) };
        company.run(company.ada, open).unwrap();
        assert_eq!(company.run_as_system(stop(id, failed)).unwrap().names(), ["plugin.disabled"]);
        assert!(!company.plugin(id).is_enabled());
    }
}

#[test]
fn its_admins_are_written_to_unless_the_outbox_has_no_room() {
    let mut company = Company::new();
    let id = guard(&mut company);
    // One that stays holds people up, and one that is stopped does less than it should.
    for failed in [FailedAs::Asked, FailedAs::Acting] {
        let mut written = letters(&company.run_as_system(stop(id, failed)).unwrap());
        written.sort();
        assert_eq!(written, ["plugin_fails ada@acme.example", "plugin_fails sue@acme.example"], "{failed:?}");
    }
    let again = company.run_as_system(stop(id, FailedAs::Acting)).unwrap();
    assert!(letters(&again).is_empty(), "it is stopped already");
    let mut company = Company::new();
    let id = guard(&mut company);
    let silent = StopInstallation { letters: false, ..stop(id, FailedAs::Acting) };
    assert!(letters(&company.run_as_system(silent).unwrap()).is_empty());
}
