//! Companies are founded, suspended, opened again and changed in bulk, as their people meet it.

use serde_json::json;

use super::{RESUME, SUSPEND, world_with_keys};
use crate::world::{ACME, Client, OTHER, PASSWORD, email, until};

const CREATE: &str = "mutation($input: TenantCreateInput!, $key: String) {
    tenantCreate(input: $input, idempotencyKey: $key) {
        replayed tenant { id slug status region } adminId invitation { token } userErrors { code field message } } }";

#[test]
fn a_vendors_page_founds_a_company_once_and_its_super_admin_comes_by_the_link() {
    let (world, [root]) = world_with_keys(["write"]);
    let input = json!({
        "slug": "globex", "name": "Globex", "tier": "PREMIUM", "teamKey": "OPS", "region": "eu-central",
        "language": "de", "timeZone": "Europe/Berlin",
        "admin": { "email": "hank@globex.example", "name": "Hank" },
    });
    let first = root.change(CREATE, json!({ "input": input, "key": "order-1" }));
    let again = root.change(CREATE, json!({ "input": input, "key": "order-1" }));
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)));
    assert_eq!(first["tenant"], again["tenant"]);
    assert_eq!(first["tenant"]["region"], "eu-central");
    let taken = root.refusal(CREATE, json!({ "input": input, "key": "order-2" }));
    assert_eq!(taken, "CONFLICT");

    let nobody = world.nobody();
    let reset = "mutation($token: String!, $password: String!) {
        passwordReset(token: $token, password: $password) { success } }";
    let variables = json!({ "token": again["invitation"]["token"], "password": PASSWORD });
    assert_eq!(nobody.ask(reset, variables).data()["passwordReset"]["success"], true);
    let answer = nobody.ask_to_sign_in("globex", "hank@globex.example", PASSWORD);
    assert!(answer.data()["signIn"]["accessToken"].is_string());
    let late = root.change(CREATE, json!({ "input": input, "key": "order-1" }));
    assert_eq!(late["invitation"], json!(null), "who has worked there gets no link of the platform");
}

const ISSUES: &str = "{ issues { totalCount } }";

fn writes(client: &Client, team: &str) -> Option<String> {
    let answer = client.change("issueCreate", json!({ "input": { "teamId": team, "title": "x" } }));
    answer.code().map(str::to_owned)
}

#[test]
fn a_suspension_acts_at_the_next_request_of_everybody_and_so_does_its_end() {
    let (world, [root]) = world_with_keys(["write"]);
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let make = "mutation { apiKeyCreate(input: { name: \"ci\", scope: WRITE }) { secret } }";
    let key = ana.ask(make, json!({})).data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
    let program = ana.with_token(ACME, &key);
    let team = ana.id_of("teams", ACME.team);
    let id = root.tenant_id(ACME.slug);

    root.change(SUSPEND, json!({ "id": id, "input": { "reads": true, "reason": "an invoice is open" } }));
    for client in [&ana, &program] {
        assert!(client.ask(ISSUES, json!({})).code().is_none());
        assert_eq!(writes(client, &team).as_deref(), Some("FORBIDDEN"));
    }
    root.change(SUSPEND, json!({ "id": id, "input": { "reads": false, "reason": "an invoice is open" } }));
    for client in [&ana, &program] {
        assert_eq!(client.ask(ISSUES, json!({})).code(), Some("UNAUTHENTICATED"));
    }
    let nobody = world.nobody();
    let known = nobody.ask_to_sign_in(ACME.slug, &email("ana"), PASSWORD);
    assert_eq!(known.code(), Some("FORBIDDEN"));
    assert!(known.text.contains("an invoice is open"), "{}", known.text);
    let strangers = [(ACME.slug, "ana"), (ACME.slug, "nobody"), ("nowhere", "ana")];
    for (company, name) in strangers {
        let answer = nobody.ask_to_sign_in(company, &email(name), "a wrong passphrase");
        assert_eq!(answer.code(), Some("UNAUTHENTICATED"));
        assert!(!answer.text.contains("invoice"), "{}", answer.text);
    }
    assert!(zoe.ask(ISSUES, json!({})).code().is_none(), "the others go on");

    root.change(RESUME, json!({ "id": id }));
    for client in [&ana, &program] {
        assert!(writes(client, &team).is_none());
    }
}

#[test]
fn a_job_changes_many_companies_and_says_what_came_of_each() {
    let (world, [root]) = world_with_keys(["admin"]);
    let ids = [root.tenant_id(ACME.slug), root.tenant_id(OTHER.slug)];
    let nobodys = format!("ten_{}", "0".repeat(26));
    let begin = "mutation($ids: [ID!]!, $key: String) {
        tenantsRetier(select: { ids: $ids }, tier: PLATINUM, idempotencyKey: $key) {
            job { id total } userErrors { code message } } }";
    let variables = json!({ "ids": [ids[0], nobodys, ids[1]], "key": "spring" });
    let job = root.change(begin, variables.clone())["job"].clone();
    assert_eq!(root.change(begin, variables)["job"], job, "one request is one job");
    let look = "query($id: ID!) { job(id: $id) { status total done failed
        items { nodes { slug errorCode at } } } }";
    let mut seen = json!(null);
    until("the job is done", || {
        seen = root.ask(look, json!({ "id": job["id"] }))["job"].clone();
        seen["status"] == "DONE"
    });
    assert_eq!((&seen["total"], &seen["done"], &seen["failed"]), (&json!(3), &json!(3), &json!(1)));
    let results: Vec<_> =
        seen["items"]["nodes"].as_array().unwrap().iter().map(|item| item["errorCode"].clone()).collect();
    assert_eq!(results, [json!(null), json!("NOT_FOUND"), json!(null)]);
    let tiers = root.ask("{ tenants(filter: { tier: [PLATINUM] }) { nodes { slug } } }", json!({}));
    assert_eq!(tiers["tenants"]["nodes"], json!([{ "slug": "acme" }, { "slug": "other" }]));

    let all = "mutation { tenantsSuspend(select: { filter: { search: \"OTH\" } }) {
        job { id total } userErrors { code } } }";
    let job = root.change(all, json!({}))["job"].clone();
    assert_eq!(job["total"], 1);
    until("the job is done", || root.ask(look, json!({ "id": job["id"] }))["job"]["status"] == "DONE");
    assert!(world.client("ana").ask(ISSUES, json!({})).code().is_none());
    let refused = world.nobody().ask_to_sign_in(OTHER.slug, &email("zoe"), PASSWORD);
    assert_eq!(refused.code(), Some("FORBIDDEN"));
    let pages = "{ tenants(first: 1) { totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }";
    let page = root.ask(pages, json!({}))["tenants"].clone();
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let next = "query($after: String) { tenants(first: 1, after: $after) { nodes { slug } pageInfo { hasNextPage } } }";
    let next = root.ask(next, json!({ "after": page["pageInfo"]["endCursor"] }))["tenants"].clone();
    assert_eq!(
        (&next["nodes"][0]["slug"], &next["pageInfo"]["hasNextPage"]),
        (&json!("other"), &json!(false))
    );
}
