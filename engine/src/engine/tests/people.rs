//! People come, change and go: invitations, roles, suspension, removal, service accounts, profiles.

use super::sign_in::Timed;
use super::{PASSWORD, World};
use crate::command::invitation::WithdrawInvitation;
use crate::command::issue::CreateIssue;
use crate::command::member::{AddMember, HandOver, UpdateMember};
use crate::command::service::CreateServiceAccount;
use crate::command::team::SetTeamMember;
use crate::context::{OpContext, Principal};
use crate::engine::{Engine, NewApiKey, NewInvitation};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Subject;
use crate::id::{InvitationId, MemberId};
use crate::identity::Password;
use crate::model::{InvitationStatus, KeyScope, MemberStatus, Role, TeamRole};
use crate::tenant::Committed;
use crate::time::Timestamp;

/// A week and an hour, in seconds.
const LONGER_THAN_A_LINK: i64 = (7 * 24 + 1) * 60 * 60;

fn member_of(done: &Committed) -> MemberId {
    done.subjects.iter().find_map(|s| if let Subject::Member(id) = s { Some(*id) } else { None }).unwrap()
}

fn code<T>(done: Result<T>) -> ErrorCode {
    done.err().map(|error: Error| error.code()).unwrap()
}

async fn invite(timed: &Timed, email: &str) -> Result<InvitationId> {
    let new = NewInvitation { email: email.into(), name: Some("Ida".into()), role: Role::Admin };
    let done = timed.engine().invite(timed.cx(timed.ana()), new).await?;
    Ok(done
        .subjects
        .iter()
        .find_map(|s| if let Subject::Invitation(id) = s { Some(*id) } else { None })
        .unwrap())
}

/// The token of the letter that was written last.
async fn newest_token(timed: &Timed) -> String {
    let mail = timed.outbox().await.pop().unwrap();
    assert_eq!(mail.template, "invitation");
    mail.values.iter().find(|(name, _)| name == "token").unwrap().1.clone()
}

async fn accept(timed: &Timed, token: &str) -> Result<MemberId> {
    let password = Password::new(PASSWORD.to_owned());
    timed.engine().accept_invitation(token, "Ida Ido", password).await.map(|joined| joined.member)
}

async fn seats(timed: &Timed) -> u64 {
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    live.directory().seats_taken(Timestamp::from_millis(timed.now()))
}

async fn status(timed: &Timed, id: InvitationId) -> InvitationStatus {
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    live.directory().invitation(id).unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_invited_joins_by_the_link_once_and_signs_in() {
    let timed = Timed::new().await;
    assert_eq!(seats(&timed).await, 2);
    let id = invite(&timed, " Ida@Acme.test ").await.unwrap();
    assert_eq!(seats(&timed).await, 3, "an open invitation holds a seat");
    let token = newest_token(&timed).await;
    let weak = timed.engine().accept_invitation(&token, "Ida", Password::new("short".into())).await;
    assert_eq!(code(weak), ErrorCode::InvalidInput);
    let member = accept(&timed, &token).await.unwrap();
    assert_eq!((seats(&timed).await, status(&timed, id).await), (3, InvitationStatus::Accepted));
    assert_eq!(code(accept(&timed, &token).await), ErrorCode::Unauthenticated, "a link is good once");
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let joined = live.directory().member(member).cloned().unwrap();
    assert_eq!((joined.name.as_str(), joined.role), ("Ida Ido", Role::Admin));
    drop(live);
    timed.sign_in("ida").await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_sent_again_withdrawn_or_is_old_opens_nothing() {
    let timed = Timed::new().await;
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let first = newest_token(&timed).await;
    assert_eq!(code(invite(&timed, "IDA@acme.test").await), ErrorCode::Conflict);
    timed.pass(60);
    timed.engine().resend_invitation(timed.cx(timed.ana()), id).await.unwrap();
    let second = newest_token(&timed).await;
    assert_ne!(first, second);
    assert_eq!(code(accept(&timed, &first).await), ErrorCode::Unauthenticated);
    timed.pass(LONGER_THAN_A_LINK);
    assert_eq!(seats(&timed).await, 2, "one whose time is over holds no seat");
    assert_eq!(code(accept(&timed, &second).await), ErrorCode::Unauthenticated);
    timed.engine().resend_invitation(timed.cx(timed.ana()), id).await.unwrap();
    let third = newest_token(&timed).await;
    let withdraw = || timed.engine().execute(timed.cx(timed.ana()), WithdrawInvitation { invitation: id });
    withdraw().await.unwrap();
    assert!(withdraw().await.unwrap().events.is_empty(), "withdrawn twice is withdrawn");
    assert_eq!(code(accept(&timed, &third).await), ErrorCode::Unauthenticated);
    let again = timed.engine().resend_invitation(timed.cx(timed.ana()), id).await;
    assert_eq!(code(again), ErrorCode::Rejected);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_by_another_way_ends_the_invitation() {
    let timed = Timed::new().await;
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let token = newest_token(&timed).await;
    let ida = timed.member("ida").await;
    assert_eq!((seats(&timed).await, status(&timed, id).await), (3, InvitationStatus::Accepted));
    assert_eq!(code(accept(&timed, &token).await), ErrorCode::Unauthenticated);
    assert_eq!(code(invite(&timed, "ida@acme.test").await), ErrorCode::Conflict);
    assert_ne!(ida, timed.uwe);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_accept_at_once_are_one_member() {
    let timed = Timed::new().await;
    invite(&timed, "ida@acme.test").await.unwrap();
    let token = newest_token(&timed).await;
    let both = tokio::join!(accept(&timed, &token), accept(&timed, &token));
    let joined = [both.0, both.1].into_iter().filter(Result::is_ok).count();
    assert_eq!((joined, seats(&timed).await), (1, 3));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_super_admins_invite() {
    let timed = Timed::new().await;
    let new = || NewInvitation { email: "ida@acme.test".into(), name: None, role: Role::User };
    assert_eq!(code(timed.engine().invite(timed.cx(timed.uwe), new()).await), ErrorCode::Forbidden);
    let leads = Principal::trusted_member(timed.world.founded.tenant.id, timed.ana());
    let by_key = OpContext::new(leads.limited_to(KeyScope::Admin));
    assert_eq!(code(timed.engine().invite(by_key.clone(), new()).await), ErrorCode::Forbidden);
    let over = timed.engine().execute(by_key, HandOver { to: timed.uwe }).await;
    assert_eq!(code(over), ErrorCode::Forbidden, "no key lets people in, or makes a super admin");
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let resend = timed.engine().resend_invitation(timed.cx(timed.uwe), id).await;
    assert_eq!(code(resend), ErrorCode::Forbidden);
    let withdraw = timed.engine().execute(timed.cx(timed.uwe), WithdrawInvitation { invitation: id }).await;
    assert_eq!(code(withdraw), ErrorCode::Forbidden);
    assert_eq!(timed.outbox().await.len(), 1);
    timed.check().await;
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
    timed.engine().remove_member(timed.cx(timed.ana()), service).await.unwrap();
    assert_eq!(code(timed.engine().authenticate(key.expose()).await), ErrorCode::Unauthenticated);
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
