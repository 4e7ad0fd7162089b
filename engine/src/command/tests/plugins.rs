//! What companies may do with plugins, and who.

mod beside;
mod stopped;

use super::why;
use super::world::{Company, Done};
use crate::command::Command;
use crate::command::key::CreateApiKey;
use crate::command::member::{RemoveMember, UpdateMember};
use crate::command::plugin::{
    ChangeInstallation, DisableInstallation, EnableInstallation, InstallPlugin, RemoveInstallation,
    RemovePluginCode, RollBackInstallation, Starting, Starts, UpgradeInstallation, UploadPlugin,
};
use crate::command::service::CreateServiceAccount;
use crate::command::team::SetTeamMember;
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::{ApiKeyId, InstallationId, MemberId, TeamId};
use crate::identity::{ApiKeyRecord, Holder, SecretBytes};
use crate::model::{
    Digest, Installation, InstallationStatus, KeyScope, MemberStatus, PluginCode, PluginHooks, PluginMode,
    PluginOrigin, PluginPermissions, Role, Seq, TeamRole, Tier,
};
use std::sync::Arc;

fn digest(version: &str) -> Digest {
    Digest::of(version.as_bytes())
}

fn asks() -> PluginPermissions {
    PluginPermissions { issues_read: true, secrets: vec!["token".into()], ..PluginPermissions::default() }
}

fn code(version: &str) -> PluginCode {
    PluginCode {
        digest: digest(version),
        plugin: "acme.four-eyes".into(),
        name: "Four eyes".into(),
        version: version.into(),
        origin: PluginOrigin::Own,
        bytes: 100,
        manifest: "a manifest".into(),
        hooks: PluginHooks { next_states: true, ..PluginHooks::default() }.into(),
        permissions: asks().into(),
        uploader: None,
        uploaded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        removed_at: None,
    }
}

impl Company {
    fn upload(&mut self, code: PluginCode) -> Result<Done> {
        self.run(self.ada, UploadPlugin::new(code).written())
    }

    fn start<C: Starts>(&mut self, who: MemberId, command: C) -> Result<Done> {
        self.run(who, Starting { command, head: Seq(77) })
    }

    fn installed(&mut self, version: &str) -> InstallationId {
        self.upload(code(version)).unwrap();
        installation(&self.start(self.ada, install(version)).unwrap())
    }

    fn plugin(&self, id: InstallationId) -> Arc<Installation> {
        self.directory.installation(id).unwrap().clone()
    }

    fn refuses<C: Command>(&mut self, command: C) -> (ErrorCode, Option<String>) {
        let error = self.run(self.ada, command).unwrap_err();
        (error.code(), error.field().map(str::to_owned))
    }
}

fn install(version: &str) -> InstallPlugin {
    InstallPlugin { granted: asks(), enable: true, ..InstallPlugin::of(digest(version)) }
}

fn upgrade(id: InstallationId, version: &str) -> UpgradeInstallation {
    UpgradeInstallation::to(id, digest(version), asks())
}

fn installation(done: &Done) -> InstallationId {
    let named = |s: &Subject| if let Subject::Installation(id) = s { Some(*id) } else { None };
    done.subjects.iter().find_map(named).unwrap()
}

#[test]
fn admins_manage_plugins_and_users_do_not() {
    let mut company = Company::new();
    let refused = company.run(company.uli, UploadPlugin::new(code("1"))).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let id = company.installed("1");
    let uli = company.uli;
    assert_eq!(company.run(uli, ChangeInstallation::of(id)).unwrap_err().code(), ErrorCode::Forbidden);
    let stranger = ChangeInstallation::of(InstallationId::generate());
    assert_eq!(company.run(uli, stranger).unwrap_err().code(), ErrorCode::Forbidden, "not even that");
    assert_eq!(company.start(uli, EnableInstallation { id }).unwrap_err().code(), ErrorCode::Forbidden);
    assert_eq!(company.run(uli, RemoveInstallation { id }).unwrap_err().code(), ErrorCode::Forbidden);
    company.run(company.sue, RemoveInstallation { id }).unwrap();
}

#[test]
fn code_is_there_once_and_a_version_is_the_same_bytes_for_ever() {
    let mut company = Company::new();
    let done = company.upload(code("1")).unwrap();
    assert_eq!(done.names(), ["plugin.uploaded"]);
    let kept = company.directory.plugin_code(digest("1")).unwrap().clone();
    assert_eq!((kept.uploader, kept.uploaded_at), (Some(company.ada), company.now));
    assert!(company.upload(code("1")).unwrap().events.is_empty(), "it is there already");

    let other = PluginCode { digest: digest("other bytes"), ..code("1") };
    let error = company.upload(other.clone()).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("version")));
    assert!(error.message().contains("raise the version"), "{error}");

    assert_eq!(
        company.run(company.ada, RemovePluginCode { digest: digest("1") }).unwrap().names(),
        ["plugin.code_removed"]
    );
    assert!(company.directory.plugin_code(digest("1")).unwrap().manifest.is_empty());
    assert_eq!(company.upload(other).unwrap_err().code(), ErrorCode::Conflict, "the version was used");
    assert_eq!(company.refuses(RemovePluginCode { digest: digest("1") }).0, ErrorCode::NotFound);
    company.upload(code("1")).unwrap();
    let back = company.directory.plugin_code(digest("1")).unwrap();
    assert_eq!((back.removed_at, &*back.manifest), (None, "a manifest"));
}

#[test]
fn companies_with_the_same_code_hold_its_manifest_once() {
    let (mut one, mut other) = (Company::new(), Company::new());
    one.upload(code("1")).unwrap();
    other.upload(code("1")).unwrap();
    let manifest = |company: &Company| company.directory.plugin_code(digest("1")).unwrap().manifest.clone();
    assert!(Arc::ptr_eq(&manifest(&one), &manifest(&other)));
}

#[test]
fn what_is_uploaded_is_of_bounded_size_and_number() {
    let mut company = Company::new();
    let refused = |company: &mut Company, code| {
        let error = company.upload(code).unwrap_err();
        (error.code(), error.field().map(str::to_owned))
    };
    let invalid = |field: &str| (ErrorCode::InvalidInput, Some(field.to_owned()));
    let large = company.limits.plugin_bytes_max + 1;
    assert_eq!(refused(&mut company, PluginCode { bytes: large, ..code("1") }), invalid("file"));
    assert_eq!(refused(&mut company, PluginCode { bytes: 0, ..code("1") }), invalid("file"));
    let curated = PluginCode { origin: PluginOrigin::Curated, bytes: large, ..code("large") };
    company.upload(curated).unwrap();
    assert_eq!(refused(&mut company, PluginCode { plugin: "Acme X".into(), ..code("1") }), invalid("plugin"));
    assert_eq!(refused(&mut company, PluginCode { version: " ".into(), ..code("1") }), invalid("version"));
    company.limits.plugin_codes_max = 2;
    company.upload(code("1")).unwrap();
    assert_eq!(refused(&mut company, code("2")).0, ErrorCode::Rejected);
    company.run(company.ada, RemovePluginCode { digest: digest("1") }).unwrap();
    company.upload(code("2")).unwrap();
    company.run(company.ada, RemovePluginCode { digest: digest("2") }).unwrap();
    company.limits.plugin_codes_ever_max = 3;
    assert_eq!(refused(&mut company, code("3")).0, ErrorCode::Rejected);
    company.upload(code("1")).unwrap();
}

#[test]
fn each_tier_has_the_plugins_that_it_includes_and_the_refusal_names_the_one_that_does() {
    let mut company = Company::new();
    let curated = PluginCode { origin: PluginOrigin::Curated, ..code("1") };
    for (tier, own, of_catalogue) in [
        (Tier::Basic, Some("PLATINUM"), Some("PREMIUM")),
        (Tier::Premium, Some("PLATINUM"), None),
        (Tier::Platinum, None, None),
    ] {
        company.tenant.tier = tier;
        for (code, upgrade_to) in [(curated.clone(), of_catalogue), (code("own"), own)] {
            match (company.upload(code), upgrade_to) {
                (Ok(_), None) => {}
                (Err(error), Some(tier)) => {
                    assert_eq!(error.code(), ErrorCode::EntitlementExceeded);
                    assert_eq!(error.exceeded().unwrap().upgrade_to.as_deref(), Some(tier), "{error}");
                }
                (done, expected) => panic!("{tier}: {done:?}, and not {expected:?}"),
            }
        }
    }
    let id = installation(&company.start(company.ada, install("own")).unwrap());
    company.tenant.tier = Tier::Premium;
    // What is there can be changed and stopped, but not begun again.
    company.run(company.ada, ChangeInstallation { order: Some(3), ..ChangeInstallation::of(id) }).unwrap();
    company.run(company.ada, DisableInstallation { id, reason: None }).unwrap();
    let error = company.start(company.ada, EnableInstallation { id }).unwrap_err();
    assert_eq!(error.code(), ErrorCode::EntitlementExceeded);
    company.run(company.ada, RemoveInstallation { id }).unwrap();
}

#[test]
fn with_an_installation_comes_the_member_that_it_acts_as() {
    let mut company = Company::new();
    company.limits.service_accounts_max = 1;
    let seats = company.directory.seats_taken(company.now);
    let id = company.installed("1");
    let plugin = company.plugin(id);
    assert_eq!((plugin.status, plugin.acts_after), (InstallationStatus::Enabled, Seq(77)));
    assert_eq!(&*plugin.code_version, "1");
    let app = company.directory.member(plugin.member).unwrap().clone();
    assert_eq!((app.role, app.is_service(), app.name.as_str()), (Role::User, true, "Four eyes"));
    assert_eq!(company.directory.seats_taken(company.now), seats, "it holds no seat");
    let service = CreateServiceAccount { id: None, name: "CI".into(), role: Role::User };
    company.run(company.ada, service).unwrap();

    // Nobody touches it but by the installation.
    let (sue, member) = (company.sue, app.id);
    let rename = UpdateMember { role: Some(Role::Admin), ..UpdateMember::of(member) };
    assert_eq!(company.run(sue, rename).unwrap_err().code(), ErrorCode::Rejected);
    assert_eq!(company.run(sue, RemoveMember { member }).unwrap_err().code(), ErrorCode::Rejected);
    let key = key_of(&company, member);
    assert_eq!(company.run(sue, key).unwrap_err().code(), ErrorCode::Rejected);

    let name = Some("Two people".to_owned());
    company.run(company.ada, ChangeInstallation { name, ..ChangeInstallation::of(id) }).unwrap();
    assert_eq!(company.directory.member(member).unwrap().name, "Two people");

    let team = company.team;
    let join = SetTeamMember { team, if_version: None, member, role: Some(TeamRole::Member) };
    company.run(sue, join).unwrap();
    let done = company.run(company.ada, RemoveInstallation { id }).unwrap();
    assert_eq!(done.names(), ["plugin.removed", "member.updated", "team.updated"]);
    let gone = company.directory.member(member).unwrap();
    assert_eq!((gone.status, gone.access_version), (MemberStatus::Removed, app.access_version + 1));
    assert!(company.directory.team(team).unwrap().role_of(member).is_none());
    let back = UpdateMember { status: Some(MemberStatus::Active), ..UpdateMember::of(member) };
    assert_eq!(company.run(sue, back).unwrap_err().code(), ErrorCode::Rejected, "it does not come back");
    assert_eq!(company.refuses(ChangeInstallation::of(id)).0, ErrorCode::NotFound);
}

fn key_of(company: &Company, member: MemberId) -> CreateApiKey {
    let (id, holder) = (ApiKeyId::generate(), Holder::Member { tenant: company.tenant.id, member });
    let fresh = SecretBytes::generate().unwrap();
    let (record, _) = ApiKeyRecord::create(id, holder, "CI".into(), 0, None, &fresh);
    CreateApiKey {
        id,
        member,
        name: "CI".into(),
        expires_at: None,
        scope: KeyScope::Write,
        networks: Vec::new(),
        record: minicbor::to_vec(&record).unwrap(),
    }
}

#[test]
fn a_plugin_is_granted_just_what_it_asks_for() {
    let mut company = Company::new();
    company.upload(code("1")).unwrap();
    let less = InstallPlugin { granted: PluginPermissions::default(), ..install("1") };
    let error = company.start(company.ada, less).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("granted")));
    assert!(error.message().contains("issues-read, secret token"), "{error}");
    let more = PluginPermissions { http: vec!["evil.example".into()], ..asks() };
    let error =
        company.start(company.ada, InstallPlugin { granted: more.clone(), ..install("1") }).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("granted")));
    assert!(error.message().contains("http evil.example"), "{error}");

    let id = company.start(company.ada, install("1")).map(|done| installation(&done)).unwrap();
    company.upload(PluginCode { permissions: more.clone().into(), ..code("2") }).unwrap();
    let error = company.start(company.ada, upgrade(id, "2")).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("granted")));
    company.start(company.ada, UpgradeInstallation { granted: more.clone(), ..upgrade(id, "2") }).unwrap();
    assert_eq!(*company.plugin(id).granted, more);
    company.start(company.ada, RollBackInstallation { id, digest: None }).unwrap();
    assert_eq!(*company.plugin(id).granted, asks(), "as it was then");
}

#[test]
fn what_is_said_of_an_installation_fits() {
    let mut company = Company::new();
    company.upload(code("1")).unwrap();
    let mut refused = |install: InstallPlugin| {
        let error = company.start(company.ada, install).unwrap_err();
        (error.code(), error.field().map(str::to_owned))
    };
    let invalid = |field: &str| (ErrorCode::InvalidInput, Some(field.to_owned()));
    for settings in ["", "[]", "1", "{\"a\":", &format!("{{\"a\":\"{}\"}}", "x".repeat(64 * 1024))] {
        assert_eq!(
            refused(InstallPlugin { settings: settings.to_owned(), ..install("1") }),
            invalid("settings")
        );
    }
    let nowhere = InstallPlugin { teams: Some(Vec::new()), ..install("1") };
    assert_eq!(refused(nowhere), invalid("teamIds"));
    let lost = InstallPlugin { teams: Some(vec![TeamId::generate()]), ..install("1") };
    assert_eq!(refused(lost).0, ErrorCode::NotFound);
    assert_eq!(refused(install("2")).0, ErrorCode::NotFound);

    let team = company.team;
    let twice = InstallPlugin { teams: Some(vec![team, team]), ..install("1") };
    let id = installation(&company.start(company.ada, twice).unwrap());
    assert_eq!(company.plugin(id).teams, Some(vec![team]));
    let again = company.start(company.ada, install("1")).unwrap_err();
    assert_eq!(why(&again), (ErrorCode::Conflict, Some("digest")));
    company.limits.installations_max = 1;
    company.upload(PluginCode { plugin: "acme.other".into(), ..code("other") }).unwrap();
    assert_eq!(company.start(company.ada, install("other")).unwrap_err().code(), ErrorCode::Rejected);
}

#[test]
fn what_was_said_of_an_installation_is_changed() {
    let mut company = Company::new();
    let id = company.installed("1");
    let change = ChangeInstallation {
        if_version: Some(1),
        settings: Some("{\"a\":1}".into()),
        mode: Some(PluginMode::Shadow),
        order: Some(9),
        teams: Some(Some(vec![company.team])),
        ..ChangeInstallation::of(id)
    };
    assert_eq!(company.run(company.ada, change.clone()).unwrap().names(), ["plugin.updated"]);
    let plugin = company.plugin(id);
    assert_eq!((plugin.version, plugin.order, plugin.mode), (2, 9, PluginMode::Shadow));
    assert_eq!(company.refuses(change), (ErrorCode::Conflict, Some("ifVersion".into())));
    let all = ChangeInstallation { teams: Some(None), ..ChangeInstallation::of(id) };
    company.run(company.ada, all.clone()).unwrap();
    assert_eq!(company.plugin(id).teams, None);
    assert!(company.run(company.ada, all).unwrap().events.is_empty());
}

#[test]
fn an_installation_is_upgraded_and_rolled_back() {
    let mut company = Company::new();
    let id = company.installed("0");
    for version in 1..=12 {
        company.upload(code(&version.to_string())).unwrap();
        let done = company.start(company.ada, upgrade(id, &version.to_string())).unwrap();
        assert_eq!(done.names(), ["plugin.upgraded"]);
    }
    let earlier: Vec<_> = (2..12).map(|version| digest(&version.to_string())).collect();
    assert_eq!(company.plugin(id).earlier, earlier, "the newest ten");
    assert_eq!(company.refuses(RemovePluginCode { digest: digest("11") }).0, ErrorCode::Rejected);
    assert_eq!(company.refuses(RemovePluginCode { digest: digest("12") }).0, ErrorCode::Rejected);
    company.run(company.ada, RemovePluginCode { digest: digest("1") }).unwrap();

    let back = |digest| RollBackInstallation { id, digest };
    assert_eq!(company.start(company.ada, back(Some(digest("1")))).unwrap_err().code(), ErrorCode::Rejected);
    assert_eq!(company.start(company.ada, back(None)).unwrap().names(), ["plugin.rolled_back"]);
    assert_eq!((company.plugin(id).digest, company.plugin(id).earlier.len()), (digest("11"), 9));
    company.start(company.ada, back(Some(digest("3")))).unwrap();
    assert_eq!((&*company.plugin(id).code_version, company.plugin(id).earlier.len()), ("3", 1));
    // Code that it is no longer rolled back to can be upgraded to, and let go.
    company.start(company.ada, upgrade(id, "12")).unwrap();
    company.run(company.ada, RemovePluginCode { digest: digest("11") }).unwrap();

    company.upload(PluginCode { plugin: "acme.other".into(), ..code("other") }).unwrap();
    let error = company.start(company.ada, upgrade(id, "other")).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("digest")));
}

#[test]
fn what_begins_to_act_on_events_with_an_upgrade_begins_there() {
    let mut company = Company::new();
    let id = company.installed("1");
    let hooks = Arc::new(PluginHooks { events: vec!["issue.*".into()], ..PluginHooks::default() });
    company.upload(PluginCode { hooks: hooks.clone(), ..code("2") }).unwrap();
    company.upload(PluginCode { hooks, ..code("3") }).unwrap();
    assert!(!company.directory.has_acting_plugin());
    for (version, head) in [("2", 90), ("3", 95)] {
        let command = upgrade(id, version);
        assert!(command.acts(&company.directory));
        company.run(company.ada, Starting { command, head: Seq(head) }).unwrap();
        assert_eq!(company.plugin(id).acts_after, Seq(90), "and goes on with the next");
    }
    assert!(company.directory.has_acting_plugin());
}
