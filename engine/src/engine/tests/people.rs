//! People come, change and go: invitations, roles, suspension, removal, service accounts, profiles.

mod by_platform;
mod invitations;

use super::sign_in::Timed;
use super::{PASSWORD, World};
use crate::command::issue::CreateIssue;
use crate::command::member::{AddMember, HandOver, UpdateMember};
use crate::command::service::CreateServiceAccount;
use crate::command::team::{CreateTeam, SetTeamMember};
use crate::context::{OpContext, Principal};
use crate::engine::{Engine, NewApiKey};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Subject;
use crate::id::MemberId;
use crate::identity::Password;
use crate::model::{KeyScope, MemberStatus, Role, TeamRole};
use crate::tenant::Committed;
use crate::time::Timestamp;

fn member_of(done: &Committed) -> MemberId {
    done.subjects.iter().find_map(crate::engine::people::member_of).unwrap()
}

fn code<T>(done: Result<T>) -> ErrorCode {
    done.err().map(|error: Error| error.code()).unwrap()
}

async fn seats(timed: &Timed) -> u64 {
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    live.directory().seats_taken(Timestamp::from_millis(timed.now()))
}

/// Everything that somebody's access rests on.
struct Access {
    tokens: crate::engine::Tokens,
    key: String,
}

impl Access {
    async fn of_uwe(timed: &Timed) -> Self {
        let tokens = timed.sign_in("uwe").await;
        let new = NewApiKey { scope: KeyScope::Write, ..NewApiKey::new(timed.uwe, "nightly") };
        let (_, key) = timed.engine().create_api_key(timed.cx(timed.uwe), new).await.unwrap();
        Self { tokens, key: key.expose().to_owned() }
    }

    /// Which of them still work: the access token, the key, the refresh token.
    async fn works(&self, timed: &Timed) -> [bool; 3] {
        let key = timed.engine().authenticate(&self.key).await.is_ok();
        let refresh = timed.engine().refresh(self.tokens.refresh.expose(), "a browser").await.is_ok();
        [timed.is_in(&self.tokens).await, key, refresh]
    }
}

fn set(member: MemberId, status: MemberStatus) -> UpdateMember {
    UpdateMember { status: Some(status), ..UpdateMember::of(member) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspension_ends_every_access_at_once_and_reactivation_gives_keys_back() {
    let timed = Timed::new().await;
    let access = Access::of_uwe(&timed).await;
    let run = |command: UpdateMember| timed.engine().execute(timed.cx(timed.ana()), command);
    run(set(timed.uwe, MemberStatus::Suspended)).await.unwrap();
    assert_eq!(access.works(&timed).await, [false; 3]);
    assert_eq!(code(timed.try_sign_in("uwe", PASSWORD, None).await), ErrorCode::Unauthenticated);
    assert_eq!(seats(&timed).await, 1);
    run(set(timed.uwe, MemberStatus::Active)).await.unwrap();
    let [token, key, _] = access.works(&timed).await;
    assert_eq!((token, key), (false, true), "old access tokens stay dead, keys work again");
    timed.sign_in("uwe").await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_ends_every_access_for_good_and_leaves_the_work() {
    let timed = Timed::new().await;
    let access = Access::of_uwe(&timed).await;
    let (team, uwe) = (timed.world.team, timed.uwe);
    let open = CreateIssue { title: "Uwe's work".into(), assignees: vec![uwe], ..CreateIssue::in_team(team) };
    let issue = timed.engine().execute(timed.cx(uwe), open).await.unwrap().issue().unwrap();
    let join = SetTeamMember { team, member: uwe, role: Some(TeamRole::Lead), if_version: None };
    timed.engine().execute(timed.cx(timed.ana()), join).await.unwrap();
    timed.engine().remove_member(timed.cx(timed.ana()), uwe).await.unwrap();
    assert_eq!(access.works(&timed).await, [false; 3]);
    assert_eq!(code(timed.engine().reader(&timed.principal(uwe)).await), ErrorCode::Unauthenticated);
    let reader = timed.engine().reader(&timed.principal(timed.ana())).await.unwrap();
    let row = reader.issue(&issue.into()).await.unwrap().unwrap();
    assert_eq!((row.creator, row.assignees.as_slice()), (uwe, &[uwe][..]));
    assert!(reader.directory().team(team).unwrap().members.is_empty());
    drop(reader);
    timed.engine().execute(timed.cx(timed.ana()), set(uwe, MemberStatus::Active)).await.unwrap();
    assert_eq!(access.works(&timed).await, [false; 3], "what they held is not given back");
    timed.sign_in("uwe").await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_is_asked_again_late_strikes_nobody_who_was_taken_back() {
    let timed = Timed::new().await;
    let remove = || {
        let cx = timed.cx(timed.ana()).with_idempotency_key(Some("once".into()));
        timed.engine().remove_member(cx, timed.uwe)
    };
    remove().await.unwrap();
    timed.engine().execute(timed.cx(timed.ana()), set(timed.uwe, MemberStatus::Active)).await.unwrap();
    let access = Access::of_uwe(&timed).await;
    assert!(remove().await.unwrap().replayed);
    assert_eq!(access.works(&timed).await, [true; 3]);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_goes_on_when_who_asked_has_gone() {
    let timed = Timed::new().await;
    let _access = Access::of_uwe(&timed).await;
    tokio::select! {
        biased;
        _ = timed.engine().remove_member(timed.cx(timed.ana()), timed.uwe) => panic!("it was to be left"),
        () = std::future::ready(()) => {}
    }
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let ended = async {
        while live.directory().api_keys().any(|key| key.member == timed.uwe && !key.revoked) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), ended).await.unwrap();
    drop(live);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_in_force_at_the_next_request() {
    let timed = Timed::new().await;
    let access = Access::of_uwe(&timed).await;
    let role = |role| UpdateMember { role: Some(role), ..UpdateMember::of(timed.uwe) };
    let may = async || {
        let principal = timed.engine().authenticate(&access.key).await.unwrap().principal;
        let reader = timed.engine().reader(&principal).await.unwrap();
        reader.policy().role()
    };
    assert_eq!(may().await, Role::User);
    timed.engine().execute(timed.cx(timed.ana()), role(Role::SuperAdmin)).await.unwrap();
    assert_eq!(may().await, Role::SuperAdmin);
    timed.engine().execute(timed.cx(timed.ana()), role(Role::User)).await.unwrap();
    assert_eq!(may().await, Role::User);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_company_is_handed_over_whole() {
    let timed = Timed::new().await;
    let (ana, uwe) = (timed.ana(), timed.uwe);
    let hand = |who, to| timed.engine().execute(timed.cx(who), HandOver { to });
    assert_eq!(code(hand(uwe, uwe).await), ErrorCode::Forbidden);
    assert_eq!(code(hand(ana, ana).await), ErrorCode::InvalidInput);
    let done = hand(ana, uwe).await.unwrap();
    assert_eq!((member_of(&done), done.events.len()), (uwe, 2));
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let role = |id| live.directory().member(id).unwrap().role;
    assert_eq!((role(uwe), role(ana)), (Role::SuperAdmin, Role::Admin));
    assert_eq!(code(hand(ana, uwe).await), ErrorCode::Forbidden, "who handed over leads no more");
    drop(live);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_super_admins_who_step_down_at_once_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let mut leaders = vec![world.founded.admin.unwrap()];
    for n in 0..4 {
        let add = AddMember {
            id: None,
            email: format!("sue{n}@acme.test"),
            name: format!("Sue {n}"),
            role: Role::SuperAdmin,
            password_hash: None,
        };
        leaders.push(member_of(&world.engine.execute(world.cx(), add).await.unwrap()));
    }
    let tenant = world.founded.tenant.id;
    let step_down = |engine: Engine, n: usize, who: MemberId| async move {
        let cx = OpContext::new(Principal::trusted_member(tenant, who));
        match n % 3 {
            0 => engine.execute(cx, set(who, MemberStatus::Suspended)).await.is_ok(),
            1 => engine.remove_member(cx, who).await.is_ok(),
            _ => {
                let demote = UpdateMember { role: Some(Role::User), ..UpdateMember::of(who) };
                engine.execute(cx, demote).await.is_ok()
            }
        }
    };
    let all = leaders.iter().enumerate();
    let tasks: Vec<_> = all.map(|(n, who)| tokio::spawn(step_down(world.engine.clone(), n, *who))).collect();
    let mut gone = 0;
    for task in tasks {
        gone += usize::from(task.await.unwrap());
    }
    let live = world.engine.live(tenant).await.unwrap();
    assert_eq!((gone, live.directory().active_with_role(Role::SuperAdmin)), (leaders.len() - 1, 1));
    drop(live);
    assert!(world.engine.check(tenant).await.unwrap().is_clean());
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_account_acts_by_its_keys_and_reaches_no_further_than_its_maker() {
    let timed = Timed::new().await;
    let run = |who, command: CreateServiceAccount| timed.engine().execute(timed.cx(who), command);
    let account = |role| CreateServiceAccount { id: None, name: "Deployer".into(), role };
    assert_eq!(code(run(timed.uwe, account(Role::User)).await), ErrorCode::Forbidden);
    let admin = UpdateMember { role: Some(Role::Admin), ..UpdateMember::of(timed.uwe) };
    timed.engine().execute(timed.cx(timed.ana()), admin).await.unwrap();
    assert_eq!(code(run(timed.uwe, account(Role::SuperAdmin)).await), ErrorCode::Forbidden);
    let service = member_of(&run(timed.uwe, account(Role::Admin)).await.unwrap());
    assert_eq!(seats(&timed).await, 2, "it holds no seat");
    let new = || NewApiKey::new(service, "deploy");
    let (_, key) = timed.engine().create_api_key(timed.cx(timed.uwe), new()).await.unwrap();
    let found = timed.engine().authenticate(key.expose()).await.unwrap();
    let open = CreateIssue { title: "By a program".into(), ..CreateIssue::in_team(timed.world.team) };
    timed.engine().execute(OpContext::new(found.principal.clone()), open).await.unwrap();
    let by_key = timed.engine().create_api_key(OpContext::new(found.principal), new()).await;
    assert_eq!(code(by_key), ErrorCode::Forbidden, "no key makes keys");
    let password = timed.engine();
    let password =
        password.set_password(timed.cx(timed.ana()), service, Password::new(PASSWORD.into())).await;
    assert_eq!(code(password), ErrorCode::Rejected, "it has no password");
    let raise = UpdateMember { role: Some(Role::SuperAdmin), ..UpdateMember::of(service) };
    let raised = timed.engine().execute(timed.cx(timed.uwe), raise.clone()).await;
    assert_eq!(code(raised), ErrorCode::Forbidden);
    timed.engine().execute(timed.cx(timed.ana()), raise).await.unwrap();
    let above = timed.engine().create_api_key(timed.cx(timed.uwe), new()).await;
    assert_eq!(code(above), ErrorCode::Forbidden, "it may do more than who asks by now");
    let listed = timed.engine().api_keys(&OpContext::new(timed.principal(timed.uwe)), service).await;
    assert_eq!(code(listed), ErrorCode::Forbidden);
    timed.engine().remove_member(timed.cx(timed.ana()), service).await.unwrap();
    assert_eq!(code(timed.engine().authenticate(key.expose()).await), ErrorCode::Unauthenticated);
    timed.check().await;
}

/// An admin who removes a service account does not learn of the private teams that it belonged to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_tells_nothing_of_private_teams() {
    let timed = Timed::new().await;
    let run = |command: UpdateMember| timed.engine().execute(timed.cx(timed.ana()), command);
    run(UpdateMember { role: Some(Role::Admin), ..UpdateMember::of(timed.uwe) }).await.unwrap();
    let account = CreateServiceAccount { id: None, name: "Deployer".into(), role: Role::User };
    let service = member_of(&timed.engine().execute(timed.cx(timed.uwe), account).await.unwrap());
    let team = CreateTeam { name: "Secret".into(), private: true, ..CreateTeam::with_key("SEC") };
    let done = timed.engine().execute(timed.cx(timed.ana()), team).await.unwrap();
    let of_team = |s: &Subject| if let Subject::Team(id) = s { Some(*id) } else { None };
    let team = done.subjects.iter().find_map(of_team).unwrap();
    let join = SetTeamMember { team, member: service, role: Some(TeamRole::Member), if_version: None };
    timed.engine().execute(timed.cx(timed.ana()), join).await.unwrap();
    let done = timed.engine().remove_member(timed.cx(timed.uwe), service).await.unwrap();
    assert_eq!((done.events.len(), done.rows.len(), done.subjects.len()), (1, 1, 1), "{done:?}");
    let reader = timed.engine().reader(&timed.principal(timed.ana())).await.unwrap();
    assert!(reader.directory().team(team).unwrap().role_of(service).is_none());
    drop(reader);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_account_does_not_lead_a_company_alone() {
    let timed = Timed::new().await;
    let account = CreateServiceAccount { id: None, name: "Root".into(), role: Role::SuperAdmin };
    let service = member_of(&timed.engine().execute(timed.cx(timed.ana()), account).await.unwrap());
    let demote = UpdateMember { role: Some(Role::Admin), ..UpdateMember::of(timed.ana()) };
    assert_eq!(code(timed.engine().execute(timed.cx(timed.ana()), demote).await), ErrorCode::Rejected);
    let over = timed.engine().execute(timed.cx(timed.ana()), HandOver { to: service }).await;
    assert_eq!(code(over), ErrorCode::Rejected);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_is_ones_own() {
    let timed = Timed::new().await;
    let profile = || UpdateMember {
        name: Some("Uwe U.".into()),
        locale: Some(Some("de-CH".into())),
        time_zone: Some(Some("Pacific/Auckland".into())),
        ..UpdateMember::of(timed.uwe)
    };
    let other = timed.member("ute").await;
    assert_eq!(code(timed.engine().execute(timed.cx(other), profile()).await), ErrorCode::Forbidden);
    timed.engine().execute(timed.cx(timed.uwe), profile()).await.unwrap();
    for bad in [
        UpdateMember { locale: Some(Some("no such thing".into())), ..profile() },
        UpdateMember { time_zone: Some(Some("Mars/Olympus".into())), ..profile() },
    ] {
        assert_eq!(code(timed.engine().execute(timed.cx(timed.uwe), bad).await), ErrorCode::InvalidInput);
    }
    let reader = timed.engine().reader(&timed.principal(timed.uwe)).await.unwrap();
    let seen = reader.viewer().unwrap();
    assert_eq!((seen.locale.as_deref(), seen.name.as_str()), (Some("de-CH"), "Uwe U."));
    // Their day is another than the company's, which is that of UTC.
    let text = reader.format_query(&reader.parse_query("created>=2026-11-25").unwrap().filter, &[]);
    let elsewhere = timed.engine().reader(&timed.principal(timed.ana())).await.unwrap();
    assert_ne!(text, elsewhere.format_query(&reader.parse_query("created>=2026-11-25").unwrap().filter, &[]));
    drop((reader, elsewhere));
    timed.check().await;
}
