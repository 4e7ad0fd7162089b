//! Golden files of plugins.

use super::samples::{at, logged, uuid};
use super::{Actor, EventBody, check};
use crate::event::{Amendment, Event, PluginActor, Subject};
use crate::id::{InstallationId, IssueId, MemberId, TeamId, TenantId};
use crate::log::{GENESIS, LogRecord};
use crate::model::{
    Digest, HookPoint, Installation, InstallationStatus, OnFailure, Placement, PluginCode, PluginHooks,
    PluginMode, PluginOrigin, PluginPermissions, Seq, Tenant, Tier,
};
use crate::rows::{PluginEntry, PluginPart};
use std::sync::Arc;

fn hooks() -> PluginHooks {
    PluginHooks {
        amend: vec![HookPoint::Create],
        validate: vec![HookPoint::Update, HookPoint::Transition, HookPoint::Comment],
        next_states: true,
        events: vec!["issue.*".into(), "comment.created".into()],
        inbound: true,
        lifecycle: true,
        schedules: vec!["nightly".into()],
    }
}

fn permissions() -> PluginPermissions {
    PluginPermissions {
        issues_read: true,
        issues_write: true,
        kv: true,
        random: true,
        secrets: vec!["token".into()],
        http: vec!["*.example.com".into()],
    }
}

fn code() -> PluginCode {
    PluginCode {
        digest: Digest([26; 32]),
        plugin: "acme.four-eyes".into(),
        name: "Four eyes".into(),
        version: "1.2.0".into(),
        origin: PluginOrigin::Own,
        bytes: 24_216,
        manifest: "name = \"acme.four-eyes\"".into(),
        hooks: hooks().into(),
        permissions: permissions().into(),
        uploader: Some(MemberId::from_uuid(uuid(4))),
        uploaded_at: at(1),
        removed_at: Some(at(2)),
    }
}

fn installation() -> Installation {
    Installation {
        id: InstallationId::from_uuid(uuid(27)),
        plugin: "acme.four-eyes".into(),
        name: "Four eyes".into(),
        origin: PluginOrigin::Curated,
        digest: Digest([26; 32]),
        code_version: "1.2.0".into(),
        earlier: vec![Digest([28; 32])],
        hooks: hooks().into(),
        granted: permissions().into(),
        settings: "{\"states\":[\"Done\"]}".into(),
        teams: Some(vec![TeamId::from_uuid(uuid(2))]),
        order: 7,
        mode: PluginMode::Shadow,
        on_failure: OnFailure::Open,
        status: InstallationStatus::Disabled,
        stopped: Some("It failed ten times".into()),
        member: MemberId::from_uuid(uuid(29)),
        secrets: vec!["token".into()],
        created_at: at(1),
        updated_at: at(2),
        version: 3,
        acts_after: Seq(41),
        acting_stopped: None,
        secret_hosts: Vec::new(),
    }
}

/// One of which as little is said as can be.
fn plain() -> Installation {
    Installation {
        earlier: Vec::new(),
        teams: None,
        stopped: None,
        secrets: Vec::new(),
        hooks: Arc::default(),
        granted: Arc::default(),
        ..installation()
    }
}

#[test]
fn plugins_are_stored_as_ever() {
    check("plugin_code", &code());
    check("installation", &installation());
    check("installation_plain", &plain());
    check("plugin_entry", &PluginEntry { value: b"what its host alone knows".to_vec() });
    check("plugin_part", &PluginPart { bytes: b"\0asm".to_vec() });
    let id = TenantId::from_uuid(uuid(13));
    let tenant = Tenant::new(id, "acme", Tier::Platinum, Placement::Shard(3), at(0));
    check("tenant_with_plugins", &Tenant { plugins_act: Some(true), ..tenant });
}

#[test]
fn events_of_plugins_are_stored_as_ever() {
    let by = Actor::Member(MemberId::from_uuid(uuid(4)));
    let uploaded = EventBody::PluginCodeSaved { code: Box::new(code()) };
    check("event_plugin_code_saved", &logged(by, Subject::Tenant, uploaded));
    let of = Subject::Installation(installation().id);
    let saved =
        EventBody::InstallationSaved { before: Some(Box::new(plain())), after: Box::new(installation()) };
    check("event_installation_saved", &logged(by, of, saved));
    let again = EventBody::PluginDoneAgain { events: vec![Seq(4), Seq(300)], dropped: true };
    check("event_plugin_done_again", &logged(by, of, again));
    check("event_plugin_address_changed", &logged(by, of, EventBody::PluginAddressChanged));
    let plugin = Actor::Plugin(PluginActor {
        installation: installation().id,
        member: installation().member,
        depth: 2,
        behalf: Some(MemberId::from_uuid(uuid(4))),
    });
    let issue = Subject::Issue(IssueId::from_uuid(uuid(1)));
    let updated = EventBody::IssueUpdated { changes: Vec::new() };
    check("event_of_a_plugin", &logged(plugin, issue, updated.clone()));
    let amended =
        vec![Amendment { installation: installation().id, fields: vec!["priority".into(), "labels".into()] }];
    let event = Event { amended, ..logged(by, issue, updated).event().unwrap() };
    let record = LogRecord::of(&event, &GENESIS, [17; 16]).unwrap();
    check("event_amended_by_a_plugin", &record);
    assert_eq!(
        record.erase().event().unwrap().amended,
        event.amended,
        "what was erased still tells who amended it"
    );
}
