//! Sessions, keys, second factors, providers and visits, as a client of the API sees them.

use super::world::{PASSWORD, World};
use mortise_engine::identity::SecretBytes;
use mortise_engine::identity::totp::code_at_ms;
use serde_json::{Value, json};

const SIGN_IN: &str = "mutation($password: String!) {
    signIn(input: {tenant: \"acme\", email: \"bob@example.com\", password: $password}) {
        accessToken refreshToken challenge { token kind } } }";

async fn sign_in(world: &World) -> Value {
    let answer = world.execute(None, SIGN_IN, json!({"password": PASSWORD})).await;
    answer.into_result().unwrap().data.into_json().unwrap()["signIn"].take()
}

/// The code that an app with this secret shows now.
fn code(world: &World, base32: &Value) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(base32.as_str().unwrap().as_bytes()).unwrap();
    let secret = SecretBytes::from_bytes(bytes.try_into().unwrap());
    code_at_ms(&secret, world.engine.clock().now().millis()).to_string()
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let world = World::new().await;
    let access = sign_in(&world).await["accessToken"].as_str().unwrap().to_owned();
    sign_in(&world).await;
    let found = world.engine.authenticate(&access).await.unwrap();
    let bob = crate::Viewer { principal: found.principal, session: found.session };
    let list = "{ sessions { id device isCurrent providerId createdAt lastUsedAt expiresAt address } }";
    let sessions = world.ask_as(&bob, list, json!({})).await["sessions"].take();
    let current: Vec<_> = sessions.as_array().unwrap().iter().map(|s| s["isCurrent"].clone()).collect();
    assert_eq!(current, [json!(false), json!(true)]);
    let end = "mutation($id: ID) { sessionRevoke(id: $id) { success events userErrors { code } } }";
    let done = world.ask_as(&bob, end, json!({})).await;
    assert_eq!(done["sessionRevoke"]["events"], json!(["session.revoked"]));
    let mine = json!({"id": sessions[1]["id"]});
    assert_eq!(world.ask_as(&bob, end, mine.clone()).await["sessionRevoke"]["success"], true);
    assert!(world.engine.authenticate(&access).await.is_err());
    let again = world.ask_as(&bob, end, mine).await;
    assert_eq!(again["sessionRevoke"]["userErrors"], json!([{"code": "NOT_FOUND"}]));
    let theirs = world
        .code(
            Some(&world.bob),
            "{ sessions(memberId: \"usr_00000000000000000000000000\") { id } }",
            json!({}),
        )
        .await;
    assert_eq!(theirs, "FORBIDDEN");
}

#[tokio::test]
async fn a_personal_token_is_made_listed_used_and_revoked() {
    let world = World::new().await;
    let make = "mutation($input: ApiKeyCreateInput!, $dry: Boolean! = false) { apiKeyCreate(input: $input, dryRun: $dry) {
        success secret apiKey { id name shown scope networks expiresAt } userErrors { field code } events } }";
    let input = json!({"name": "my script", "scope": "WRITE", "networks": ["10.1.2.3/8"]});
    let rehearsed = world.ask_as(&world.bob, make, json!({"input": input, "dry": true})).await;
    assert_eq!(rehearsed["apiKeyCreate"]["apiKey"], Value::Null);
    let opened = world.engine.authenticate(rehearsed["apiKeyCreate"]["secret"].as_str().unwrap()).await;
    assert!(opened.is_err());
    let made = world.ask_as(&world.bob, make, json!({"input": input})).await["apiKeyCreate"].take();
    assert_eq!((&made["success"], &made["events"]), (&json!(true), &json!(["key.created"])));
    assert_eq!(
        (&made["apiKey"]["scope"], &made["apiKey"]["networks"]),
        (&json!("WRITE"), &json!(["10.0.0.0/8"]))
    );
    let secret = made["secret"].as_str().unwrap();
    assert!(world.engine.authenticate(secret).await.is_err(), "from nowhere");
    let found = world.engine.authenticate_from(secret, Some([10, 9, 9, 9].into())).await.unwrap();
    let by_key = crate::Viewer { principal: found.principal, session: None };
    assert_eq!(world.ask_as(&by_key, "{ viewer { name } }", json!({})).await["viewer"]["name"], "Bob");
    assert_eq!(world.code(Some(&by_key), "{ apiKeys { id } }", json!({})).await, "FORBIDDEN");

    let listed =
        world.ask_as(&world.bob, "{ apiKeys { id lastUsedAt lastUsedFrom revokedAt } }", json!({})).await;
    assert_eq!(listed["apiKeys"][0]["lastUsedFrom"], "10.9.9.9");
    let revoke = "mutation($id: ID!) { apiKeyRevoke(id: $id) { success events } }";
    let done = world.ask_as(&world.bob, revoke, json!({"id": made["apiKey"]["id"]})).await;
    assert_eq!(done["apiKeyRevoke"]["events"], json!(["key.revoked"]));
    assert!(world.engine.authenticate_from(secret, Some([10, 9, 9, 9].into())).await.is_err());

    let bad = json!({"input": {"name": "x", "networks": ["10.0.0.0/8", "nonsense"]}});
    let response = world.execute(Some(&world.bob), make, bad).await;
    assert!(format!("{:?}", response.errors).contains("input.networks[1]"), "{:?}", response.errors);
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_asked_for() {
    let world = World::new().await;
    let begin = "mutation($password: String) { secondFactorBegin(password: $password) { secret uri } }";
    assert_eq!(world.code(Some(&world.bob), begin, json!({"password": "wrong"})).await, "INVALID_INPUT");
    let shown =
        world.ask_as(&world.bob, begin, json!({"password": PASSWORD})).await["secondFactorBegin"].take();
    assert!(
        shown["uri"].as_str().unwrap().starts_with("otpauth://totp/Acme%20Ltd:bob%40example.com?secret=")
    );
    let confirm = "mutation($code: String!) { secondFactorConfirm(code: $code) { recoveryCodes tokens { accessToken } } }";
    let enabled =
        world.ask_as(&world.bob, confirm, json!({"code": code(&world, &shown["secret"])})).await["secondFactorConfirm"].take();
    assert_eq!((enabled["recoveryCodes"].as_array().unwrap().len(), &enabled["tokens"]), (10, &Value::Null));
    let state = world.ask_as(&world.bob, "{ secondFactor { recoveryCodesLeft } }", json!({})).await;
    assert_eq!(state["secondFactor"]["recoveryCodesLeft"], 10);

    let challenged = sign_in(&world).await;
    assert_eq!(
        (&challenged["accessToken"], &challenged["challenge"]["kind"]),
        (&Value::Null, &json!("CODE"))
    );
    let answer = "mutation($challenge: String!, $code: String!) {
        signInAnswer(challenge: $challenge, code: $code) { accessToken challenge { kind } } }";
    let token = &challenged["challenge"]["token"];
    let wrong = world.code(None, answer, json!({"challenge": token, "code": "x"})).await;
    assert_eq!(wrong, "UNAUTHENTICATED");
    let right = json!({"challenge": token, "code": enabled["recoveryCodes"][3]});
    let done = world.execute(None, answer, right).await.into_result().unwrap().data.into_json().unwrap();
    assert!(done["signInAnswer"]["accessToken"].is_string());

    let bob = world.bob.principal.member().unwrap().to_string();
    let reset = "mutation($id: ID!) { secondFactorReset(memberId: $id) { success userErrors { code } } }";
    let by_bob = world.ask_as(&world.bob, reset, json!({"id": bob})).await;
    assert_eq!(by_bob["secondFactorReset"]["userErrors"], json!([{"code": "REJECTED"}]));
    assert_eq!(world.ask(reset, json!({"id": bob})).await["secondFactorReset"]["success"], true);
    assert!(sign_in(&world).await["accessToken"].is_string());
}

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_for_everybody() {
    let world = World::new().await;
    let ask =
        "mutation($email: String!) { passwordResetRequest(tenant: \"acme\", email: $email) { success } }";
    for email in ["bob@example.com", "nobody@example.com"] {
        let answer = world.execute(None, ask, json!({"email": email})).await;
        assert_eq!(answer.data.into_json().unwrap(), json!({"passwordResetRequest": {"success": true}}));
    }
    let reset =
        "mutation { passwordReset(token: \"mot_nonsense\", password: \"a good long sentence\") { success } }";
    assert_eq!(world.code(None, reset, json!({})).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn providers_and_rules_are_for_super_admins() {
    let world = World::new().await;
    let create = "mutation($input: IdentityProviderCreateInput!) { identityProviderCreate(input: $input) {
        success identityProvider { id issuer domains version } userErrors { field code } } }";
    let input = json!({"name": "Corporate", "issuer": "https://login.example.com", "clientId": "mortise",
        "clientSecret": "very secret", "domains": ["Example.com"]});
    let made = world.ask(create, json!({"input": input})).await["identityProviderCreate"].take();
    assert_eq!(made["identityProvider"]["domains"], json!(["example.com"]));
    assert!(!made.to_string().contains("very secret"));
    let by_bob = world.ask_as(&world.bob, create, json!({"input": input})).await;
    assert_eq!(by_bob["identityProviderCreate"]["userErrors"][0]["code"], "FORBIDDEN");
    assert_eq!(world.code(Some(&world.bob), "{ identityProviders { id } }", json!({})).await, "FORBIDDEN");

    let public = "query($tenant: String!) { signInProviders(tenant: $tenant) { id name } }";
    let seen = world.execute(None, public, json!({"tenant": "acme"})).await.data.into_json().unwrap();
    assert_eq!(seen["signInProviders"], json!([{"id": made["identityProvider"]["id"], "name": "Corporate"}]));
    let nowhere = world.execute(None, public, json!({"tenant": "nowhere"})).await.data.into_json().unwrap();
    assert_eq!(nowhere, json!({"signInProviders": []}));

    let update = "mutation($id: ID!, $input: IdentityProviderUpdateInput!) {
        identityProviderUpdate(id: $id, input: $input, ifVersion: 1) { identityProvider { name domainClaim version } } }";
    let change =
        json!({"id": made["identityProvider"]["id"], "input": {"name": "Staff", "domainClaim": "hd"}});
    let changed = world.ask(update, change).await;
    let expected = json!({"name": "Staff", "domainClaim": "hd", "version": 2});
    assert_eq!(changed["identityProviderUpdate"]["identityProvider"], expected);
    let rules = "mutation { accessSettingsUpdate(input: {passwordSignIn: false}) { success } }";
    assert_eq!(world.ask(rules, json!({})).await["accessSettingsUpdate"]["success"], true);
    let said = world
        .ask_as(&world.bob, "{ accessSettings { passwordSignIn secondFactorRequired version } }", json!({}))
        .await;
    assert_eq!(
        said["accessSettings"],
        json!({"passwordSignIn": false, "secondFactorRequired": false, "version": 1})
    );
    let delete = "mutation($id: ID!) { identityProviderDelete(id: $id) { success userErrors { code } } }";
    let last = world.ask(delete, json!({"id": made["identityProvider"]["id"]})).await;
    assert_eq!(
        last["identityProviderDelete"]["userErrors"],
        json!([{"code": "REJECTED"}]),
        "the only way in"
    );
}

#[tokio::test]
async fn a_visit_is_seen_and_ended_by_the_company() {
    use mortise_engine::NewVisit;
    use mortise_engine::identity::Password;
    use mortise_engine::model::KeyScope;
    let world = World::new().await;
    let password = Password::new("an operators passphrase".into());
    let root = world.engine.create_root("root@platform.test", "Rolf", password).await.unwrap();
    let reason = "They asked us to look".to_owned();
    let new = NewVisit { tenant: world.tenant, reason, scope: KeyScope::Read, minutes: 30 };
    let (_, token) = world.engine.begin_visit(root, new).await.unwrap();
    let found = world.engine.authenticate(token.expose()).await.unwrap();
    let visitor = crate::Viewer { principal: found.principal, session: found.session };
    let seen =
        world.ask_as(&visitor, "{ viewer { name } tenant { slug } issues { totalCount } }", json!({})).await;
    assert_eq!(seen, json!({"viewer": null, "tenant": {"slug": "acme"}, "issues": {"totalCount": 0}}));
    let create =
        "mutation($team: ID!) { issueCreate(input: {teamId: $team, title: \"No\"}) { userErrors { code } } }";
    let refused = world.ask_as(&visitor, create, json!({"team": world.team})).await;
    assert_eq!(refused["issueCreate"]["userErrors"], json!([{"code": "FORBIDDEN"}]));

    let visits =
        world.ask("{ visits { id operator reason scope endedAt } }", json!({})).await["visits"].take();
    let expected =
        json!({"operator": "Rolf", "reason": "They asked us to look", "scope": "READ", "endedAt": null});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&visits[0][name], value);
    }
    assert_eq!(world.code(Some(&world.bob), "{ visits { id } }", json!({})).await, "FORBIDDEN");
    let end = "mutation($id: ID!) { visitEnd(id: $id) { success events } }";
    let ended = world.ask(end, json!({"id": visits[0]["id"]})).await;
    assert_eq!(ended["visitEnd"]["events"], json!(["visit.ended"]));
    assert!(world.engine.authenticate(token.expose()).await.is_err());
}
