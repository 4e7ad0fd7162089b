//! Credentials that are not what they say, at the server's own door. What is tried of the text of a token alone is tried
//! where it is read (`engine/src/identity/access_token/tests/attacks.rs`); here are those that the installation's own key has
//! signed, those of another kind, and those that are written in another way.

use mortise_engine::id::{MemberId, RootId, SessionId, TenantId};
use mortise_engine::identity::{AccessTokens, Holder, SigningKeys};
use mortise_engine::time::Clock;
use serde_json::{Value, json};

use crate::root::world_with_keys;
use crate::world::{ACME, Client, PASSWORD, World, email, send};

const VIEWER: &str = "{ viewer { name } }";

/// What an installation is called unless it says otherwise.
const ISSUER: &str = "mortise";

fn now_ms() -> i64 {
    Clock::system().now().millis()
}

/// Signs as the server does, with the server's own key.
struct Minter<'a> {
    world: &'a World,
    tenant: TenantId,
    member: MemberId,
    session: SessionId,
}

impl Minter<'_> {
    /// A token of this issuer, for this one in this session, made at this time.
    fn mint(&self, issuer: &str, holder: Holder, session: SessionId, version: u64, at: i64) -> String {
        let keys = SigningKeys::open(&self.world.data().join("keys").join("signing"), now_ms()).unwrap();
        AccessTokens::new(issuer, keys).issue(holder, session, version, at).unwrap().token.expose().to_owned()
    }

    fn holder(&self) -> Holder {
        Holder::Member { tenant: self.tenant, member: self.member }
    }

    /// The version of the member that lets a token in.
    fn version(&self, client: &Client) -> Option<u64> {
        (0..20).find(|version| {
            let token = self.mint(ISSUER, self.holder(), self.session, *version, now_ms());
            client.with_token(ACME, &token).ask(VIEWER, json!({})).code().is_none()
        })
    }
}

fn first<T: std::str::FromStr<Err: std::fmt::Debug>>(client: &Client, document: &str, path: &str) -> T {
    let answer = client.ask(document, json!({}));
    answer.data().pointer(path).and_then(Value::as_str).unwrap().parse().unwrap()
}

/// A session of Uwe that has ended.
fn ended_session(world: &World) -> SessionId {
    let uwe = world.client("uwe");
    let sessions = uwe.ask("{ sessions { id isCurrent } }", json!({})).data()["sessions"].clone();
    let current = sessions.as_array().unwrap().iter().find(|session| session["isCurrent"] == true).unwrap();
    uwe.ask("mutation { signOut { success } }", json!({})).data();
    current["id"].as_str().unwrap().parse().unwrap()
}

/// What is answered to a request with this header, twice: what was refused is not remembered as good.
/// The status, and the whole answer, head and all.
fn asked(client: &Client, authorization: &[(&str, &str)]) -> (u16, String) {
    let body = json!({ "query": VIEWER }).to_string();
    let mut headers = vec![("content-type", "application/json"), ("x-request-id", "the-same")];
    headers.extend(authorization);
    let answers = [(); 2].map(|()| {
        let response = send(client.address, "POST /graphql", &headers, body.as_bytes()).unwrap();
        (response.status, response.told())
    });
    assert_eq!(answers[0], answers[1]);
    answers[0].clone()
}

#[test]
fn what_our_own_key_has_signed_is_nobodys_unless_every_word_of_it_is_true() {
    let (world, [root]) = world_with_keys(["admin"]);
    let (uwe, zoe) = (world.client("uwe"), world.client("zoe"));
    let sessions = "{ sessions { id } }";
    let viewer = "{ viewer { id } }";
    let minter = Minter {
        world: &world,
        tenant: root.tenant_id(ACME.slug).parse().unwrap(),
        member: first(&uwe, viewer, "/viewer/id"),
        session: first(&uwe, sessions, "/sessions/0/id"),
    };
    let other: TenantId = root.tenant_id("other").parse().unwrap();
    let (zoes, zoes_session): (MemberId, SessionId) =
        (first(&zoe, viewer, "/viewer/id"), first(&zoe, sessions, "/sessions/0/id"));
    let ended = ended_session(&world);
    let version = minter.version(&uwe).expect("what the server itself would sign is let in");
    let (own, session, now) = (minter.holder(), minter.session, now_ms());
    let of = |tenant, member| Holder::Member { tenant, member };
    let day = 24 * 60 * 60 * 1000;
    let forged = [
        ("a member of another company here", of(minter.tenant, zoes), zoes_session, version, now),
        ("a member of here in another company", of(other, minter.member), session, version, now),
        ("a company that is not there", of(TenantId::generate(), minter.member), session, version, now),
        ("a member who is not there", of(minter.tenant, MemberId::generate()), session, version, now),
        ("a session that has ended", own, ended, version, now),
        ("rights of before", own, session, version.wrapping_sub(1), now),
        ("rights to come", own, session, version + 1, now),
        ("ended long ago", own, session, version, now - day),
        ("ended a moment ago", own, session, version, now - 11 * 60 * 1000),
        ("from the future", own, session, version, now + day),
        ("an operator", Holder::Root { root: RootId::generate() }, session, version, now),
    ];
    let nonsense = asked(&uwe, &[("authorization", "Bearer nonsense")]);
    assert_eq!(nonsense.0, 401);
    let refused = |what: &str, token: &str| {
        let answer = asked(&uwe, &[("authorization", &format!("Bearer {token}"))]);
        assert_eq!(answer, nonsense, "{what}");
    };
    for (what, holder, session, version, at) in forged {
        refused(what, &minter.mint(ISSUER, holder, session, version, at));
    }
    for issuer in ["", "mortise ", "Mortise", "https://issues.example"] {
        refused(issuer, &minter.mint(issuer, own, session, version, now));
    }
    let elsewhere = SigningKeys::open(&world.beside("their keys"), now).unwrap();
    let elsewhere = AccessTokens::new(ISSUER, elsewhere).issue(own, session, version, now).unwrap();
    refused("signed by another installation", elsewhere.token.expose());
    let good = minter.mint(ISSUER, own, session, version, now);
    assert_eq!(asked(&uwe, &[("authorization", &format!("Bearer {good}"))]).0, 200);
}

#[test]
fn a_credential_of_one_kind_is_none_of_another() {
    let (mut world, [root]) = world_with_keys(["admin"]);
    drop(root);
    let visit = {
        world.stop();
        let words = ["root", "visit", "acme", "--operator", "root@example.com", "--reason", "to be seen"];
        let token = world.run(&words).succeeded().stdout.trim().to_owned();
        world.start();
        token
    };
    let ana = world.client("ana");
    let make = "mutation { apiKeyCreate(input: { name: \"ci\", scope: ADMIN }) { secret } }";
    let key = ana.ask(make, json!({})).data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
    let (access, refresh) = (ana.token.clone().unwrap(), ana.refresh_token.clone().unwrap());
    // Where each belongs, it works: `viewer` is who signed in, and nobody for a visitor.
    for good in [&access, &key, &visit] {
        assert!(ana.with_token(ACME, good).ask("{ tenant { slug } }", json!({})).code().is_none());
    }
    let nobody = world.nobody();
    let fields = [
        "mutation($t: String!) { tokenRefresh(refreshToken: $t) { accessToken } }",
        "mutation($t: String!) { signInFetch(token: $t, verifier: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\") { accessToken } }",
        "mutation($t: String!) { signInAnswer(challenge: $t, code: \"000000\") { accessToken } }",
        "mutation($t: String!) { passwordReset(token: $t, password: \"a fresh passphrase of mine\") { success } }",
        "mutation($t: String!) { invitationAccept(input: { token: $t, name: \"x\", password: \"a fresh passphrase of mine\" }) { success } }",
    ];
    for (at, field) in fields.iter().enumerate() {
        for token in [&access, &refresh, &key, &visit] {
            if at == 0 && *token == refresh {
                continue;
            }
            let answer = nobody.ask(field, json!({ "t": token }));
            // The token is refused, and not the document.
            assert_eq!(answer.code(), Some("UNAUTHENTICATED"), "{field}: {}", answer.text);
            assert!(!answer.text.contains("\"success\":true"), "{}", answer.text);
        }
    }
    let answer = ana.with_token(ACME, &refresh).ask(VIEWER, json!({}));
    assert_eq!((answer.status, answer.code()), (401, Some("UNAUTHENTICATED")));
    nobody.sign_in(ACME, &email("ana"), PASSWORD);
}

#[test]
fn a_token_is_taken_as_it_was_given_and_in_no_other_writing() {
    let world = World::new();
    let ana = world.client("ana");
    let token = ana.token.clone().unwrap();
    let nonsense = asked(&ana, &[("authorization", "Bearer nonsense")]);
    let (head, rest) = token.split_once('.').unwrap();
    for written in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer{token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer {token},Bearer {token}"),
        format!("Bearer Bearer {token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {token}="),
        format!("Bearer {head}=.{rest}"),
        format!("Bearer {head} .{rest}"),
        format!("Bearer {head}%2E{rest}"),
        format!("Bearer {}", token.to_uppercase()),
    ] {
        assert_eq!(asked(&ana, &[("authorization", &written)]), nonsense, "{written}");
    }
    // A megabyte is not even read to its end.
    let endless = format!("Bearer {token}{}", "A".repeat(1 << 20));
    let answer = send(ana.address, "POST /graphql", &[("authorization", &endless)], b"{}");
    assert!(answer.is_err() || answer.is_ok_and(|answer| matches!(answer.status, 400 | 401 | 431)));
    // Nor is it looked for anywhere else.
    let nobody = asked(&ana, &[]);
    let (cookie, plain) = (format!("access_token={token}; Authorization=Bearer {token}"), token.as_str());
    for elsewhere in [("cookie", cookie.as_str()), ("x-access-token", plain), ("proxy-authorization", plain)]
    {
        assert_eq!(asked(&ana, &[elsewhere]), nobody, "{}", elsewhere.0);
    }
    assert_eq!(asked(&ana, &[("authorization", &format!("bearer {token}"))]).0, 200);
    ana.issue("and it is good");
}
