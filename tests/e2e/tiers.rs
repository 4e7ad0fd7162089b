//! What a company has bought, as it meets it: limits that count, that are fast, and that outlive a crash.

use serde_json::{Value, json};

use crate::world::{ACME, Client, PASSWORD, Response, World, email};

/// A document of one field.
const HELLO: &str = "{ __typename }";

/// A world in which `acme` is of this tier and has these agreements; nothing runs yet.
fn founded(tier: &str, agreements: &[(&str, &str)]) -> World {
    let world = World::founded_on("sled");
    world.run(&["tenant", "tier", "acme", tier]).succeeded();
    for (key, value) in agreements {
        world.run(&["tenant", "override", "acme", key, value]).succeeded();
    }
    world
}

/// An API key of `ana`; nothing may run.
fn key(world: &World) -> String {
    let words = ["token", "create", "--tenant", "acme", "--member", &email("ana")];
    world.run(&words).succeeded().stdout.trim().to_owned()
}

/// The answer to this document as it comes over the wire.
fn raw(client: &Client, document: &str) -> Response {
    let body = json!({ "query": document }).to_string();
    client.post(&[("content-type", "application/json")], body.as_bytes()).unwrap()
}

/// An entitlement of the company, as the API shows it.
fn entitlement(client: &Client, key: &str) -> Value {
    let document = "{ tenant { entitlements {
        key limit used unlimited allowed words resetsAt agreed agreedUntil
    } } }";
    let answer = client.ask(document, json!({}));
    let all = answer.data()["tenant"]["entitlements"].as_array().unwrap();
    all.iter().find(|one| one["key"] == key).unwrap_or_else(|| panic!("{key}: {}", answer.text)).clone()
}

#[test]
fn a_full_company_is_told_what_would_lift_it_and_can_do_all_but_add() {
    let mut world = founded("basic", &[("issues", "2")]);
    world.run(&["tenant", "override", "acme", "issues", "2", "--until", "52w"]).succeeded();
    world.start();
    let ana = world.client("ana");
    let (first, second) = (ana.issue("One"), ana.issue("Two"));
    let document = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) {
        success userErrors { code message exceeded { key limit used resetsAt upgradeTo } }
    } }";
    let input = json!({ "teamId": ana.id_of("teams", "ENG"), "title": "Three" });
    let answer = ana.ask(document, json!({ "input": input }));
    let error = &answer.data()["issueCreate"]["userErrors"][0];
    assert_eq!(error["code"], "ENTITLEMENT_EXCEEDED", "{}", answer.text);
    assert_eq!(
        error["exceeded"],
        json!({ "key": "issues", "limit": 2, "used": 2, "resetsAt": null, "upgradeTo": null })
    );
    assert!(error["message"].as_str().unwrap().contains("2 of 2"), "{error}");
    let issues = entitlement(&ana, "issues");
    assert_eq!((&issues["limit"], &issues["used"], &issues["agreed"]), (&json!(2), &json!(2), &json!(true)));
    assert_eq!(entitlement(&ana, "users")["used"], 4);

    let (first, second) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    ana.change("issueUpdate", json!({ "id": first, "input": { "title": "Uno" } })).payload();
    ana.change("commentCreate", json!({ "input": { "issueId": second, "body": "Still here" } })).payload();
    ana.change("issueDelete", json!({ "id": second })).payload();
    let again = ana.change("issueCreate", json!({ "input": input }));
    assert_eq!(
        again.code(),
        Some("ENTITLEMENT_EXCEEDED"),
        "a deleted issue counts for a while: {}",
        again.text
    );
    ana.change("issueRestore", json!({ "id": second })).payload();
}

#[test]
fn a_sixth_person_needs_another_tier_and_a_lower_tier_sends_nobody_away() {
    let mut world = founded("basic", &[]);
    let add = |world: &World, n: u32| {
        let (email, name) = (format!("more{n}@example.com"), format!("More {n}"));
        world.run(&["member", "add", "--tenant", "acme", "--email", &email, "--name", &name])
    };
    add(&world, 5).succeeded();
    add(&world, 6).refused_with(&["no room for more people", "5 of 5", "PREMIUM includes 25"]);
    world.run(&["tenant", "tier", "acme", "premium"]).succeeded();
    add(&world, 6).succeeded();
    world.run(&["tenant", "tier", "acme", "basic"]).succeeded();
    world.start();
    let ana = world.client("ana");
    let users = entitlement(&ana, "users");
    assert_eq!((&users["limit"], &users["used"]), (&json!(5), &json!(6)));
    ana.issue("There is still work");
}

#[test]
fn a_burst_is_let_in_and_more_is_told_to_wait_while_another_company_is_answered() {
    let mut world = founded("basic", &[]);
    let key = key(&world);
    world.start_with(&[]);
    let program = world.nobody().with_token(ACME, &key);
    let zoe = world.client("zoe");
    let (mut let_in, mut refused) = (0, Vec::new());
    for n in 0..100 {
        let answer = raw(&program, HELLO);
        match answer.status {
            200 => let_in += 1,
            _ => refused.push(answer),
        }
        if n % 5 == 0 {
            let other = raw(&zoe, HELLO);
            assert_eq!(other.status, 200, "the other company asks slowly: {}", other.body);
        }
    }
    assert!(let_in >= 10 && !refused.is_empty(), "{let_in} of 100 were let in");
    let refusal = &refused[0];
    assert_eq!((refusal.status, refusal.header("retry-after")), (429, Some("1")));
    let body: Value = serde_json::from_str(&refusal.body).unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(
        refusal.header("ratelimit"),
        Some("\"burst\";r=0;t=1"),
        "what was refused is no call of the day"
    );
    assert_eq!(zoe.ask(HELLO, json!({})).status, 200);
}

#[test]
fn an_answer_names_its_limits_and_its_cost() {
    let mut world = founded("basic", &[]);
    world.start_with(&[]);
    let ana = world.client("ana");
    let answer =
        raw(&ana, "{ rateLimit { cost limit used remaining burstPerSecond budget { maximumAvailable } } }");
    let policy = "\"burst\";q=10;w=1, \"daily\";q=20000;w=86400";
    assert_eq!(answer.header("ratelimit-policy"), Some(policy), "{}", answer.head);
    assert!(answer.header("ratelimit").unwrap().contains("\"daily\";r=19999;t="), "{}", answer.head);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let expected = json!({
        "cost": 3, "limit": 20_000, "used": 1, "remaining": 19_999, "burstPerSecond": 10,
        "budget": { "maximumAvailable": 10_000 }
    });
    assert_eq!(body["data"]["rateLimit"], expected, "{}", answer.body);
    assert_eq!(body["extensions"]["cost"]["requestedQueryCost"], 3);
}

#[test]
fn the_calls_of_a_day_are_counted_by_who_makes_them() {
    let mut world = founded("basic", &[("apiCallsPerDay", "5")]);
    let key = key(&world);
    world.start();
    let program = world.nobody().with_token(ACME, &key);
    let ana = world.client("ana");
    for _ in 0..5 {
        assert_eq!(raw(&program, HELLO).status, 200);
    }
    let refused = raw(&program, HELLO);
    assert_eq!(refused.status, 429, "{}", refused.body);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait));
    let body: Value = serde_json::from_str(&refused.body).unwrap();
    let said = &body["errors"][0]["extensions"];
    assert_eq!(
        (&said["code"], &said["key"], &said["limit"]),
        (&json!("RATE_LIMITED"), &json!("apiCallsPerDay"), &json!(5))
    );
    let calls = entitlement(&ana, "apiCallsPerDay");
    assert_eq!((&calls["used"], calls["resetsAt"].is_string()), (&json!(5), true), "people are let in");
    world.stop();
    world.start();
    let program = world.nobody().with_token(ACME, &key);
    assert_eq!(raw(&program, HELLO).status, 429, "also after a restart");
}

#[test]
fn a_kill_gives_no_call_back_and_takes_at_most_a_lease() {
    let mut world = founded("basic", &[("apiCallsPerDay", "100000")]);
    let key = key(&world);
    let mut least = 0;
    for (round, calls) in [1_u64, 30, 49, 74, 120].into_iter().enumerate() {
        world.start();
        let program = world.nobody().with_token(ACME, &key);
        let ana = world.client("ana");
        let found = entitlement(&ana, "apiCallsPerDay")["used"].as_u64().unwrap();
        assert!((least..=least + 50).contains(&found), "round {round}: {found} are counted of {least}");
        for _ in 0..calls {
            assert_eq!(raw(&program, HELLO).status, 200);
        }
        least = found + calls;
        world.kill();
    }
    world.start();
}

#[test]
fn strangers_of_one_address_are_bounded_and_everybody_else_goes_on() {
    let mut world = founded("basic", &[]);
    world.start_with(&["--trusted-proxy", "127.0.0.0/8"]);
    let ana = world.client("ana");
    let from = |address: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
        world.nobody().post(&headers, body.to_string().as_bytes()).unwrap()
    };
    let hello = json!({ "query": HELLO });
    // What the client itself writes is not believed.
    let tries = (0..20_000).find_map(|n| {
        let answer = from(&format!("10.0.0.{}, 203.0.113.7", n % 250), &hello);
        (answer.status == 429).then_some((n, answer))
    });
    let (tries, refused) = tries.expect("twenty thousand requests are more than an address may");
    assert!(tries >= 3_000, "{tries} tries");
    assert!(refused.header("retry-after").is_some(), "{}", refused.head);

    let input = json!({ "tenant": "acme", "email": email("ana"), "password": PASSWORD });
    let document = "mutation($input: SignInInput!) { signIn(input: $input) { expiresAt } }";
    let sign_in = json!({ "query": document, "variables": { "input": input } });
    assert_eq!(from("203.0.113.7", &sign_in).status, 429, "its points are spent");
    assert_eq!(from("203.0.113.8", &sign_in).status, 200, "the real one signs in from elsewhere");
    assert_eq!(raw(&ana, HELLO).status, 200);
}

#[test]
fn the_default_workflow_is_what_a_basic_company_has() {
    let mut world = founded("basic", &[]);
    world.start();
    let ana = world.client("ana");
    let id = ana.id_of("workflows", "Default");
    ana.change("workflowUpdate", json!({ "id": id, "input": { "name": "Ours" } })).payload();
    let answer = ana.change("workflowCreate", json!({ "input": { "name": "Another" } }));
    assert_eq!(answer.code(), Some("ENTITLEMENT_EXCEEDED"), "{}", answer.text);
    let zoe = world.client("zoe");
    zoe.change("workflowCreate", json!({ "input": { "name": "Another" } })).payload();
}
