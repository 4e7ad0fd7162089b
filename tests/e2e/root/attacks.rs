//! Neither side's proofs open the other, and who proves nothing is told nothing.

use serde_json::{Value, json};

use super::{CLOSE, RESUME, Root, SUSPEND, world_with_keys};
use crate::isolation::nobodys;
use crate::world::ACME;

/// Status and body of an answer, without what names the request.
fn told(response: &crate::world::Response) -> (u16, Value) {
    let mut body: Value = serde_json::from_str(&response.body).unwrap();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("requestId");
    }
    (response.status, body)
}

const DOCUMENTS: [&str; 5] = [
    "{ tenants { totalCount nodes { slug } } }",
    "{ tenantBySlug(slug: \"acme\") { id } }",
    "{ tenantBySlug(slug: \"nowhere\") { id } }",
    "{ __schema { types { name } } }",
    "this is no document",
];

#[test]
fn who_shows_no_platform_key_is_told_nothing_at_the_root_endpoint() {
    let (world, [root]) = world_with_keys(["admin"]);
    let ana = world.client("ana");
    let make = "mutation { apiKeyCreate(input: { name: \"ci\", scope: ADMIN }) { secret } }";
    let key = ana.ask(make, json!({})).data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
    let flipped = {
        let (head, last) = root.key.split_at(root.key.len() - 1);
        format!("{head}{}", if last == "a" { "b" } else { "a" })
    };
    let crossed = root.key.replacen("iss_root_", "iss_live_", 1);
    let bearers = [
        None,
        ana.token.as_deref(),
        ana.refresh_token.as_deref(),
        Some(key.as_str()),
        Some(flipped.as_str()),
        Some(crossed.as_str()),
        Some("iss_root_"),
        Some("mot_"),
        Some("x"),
    ];
    let of = |bearer| told(&Root::post(root.address, "/root/graphql", bearer, DOCUMENTS[0]));
    // The words are for what was shown, a key or anything else, and never for what there is.
    let (of_nothing, of_a_key) = (of(None), of(Some("iss_root_00000")));
    assert_eq!((of_nothing.0, of_a_key.0), (401, 401));
    for bearer in bearers {
        let is_key = bearer.is_some_and(|bearer| bearer.starts_with("iss_"));
        for document in DOCUMENTS {
            let answer = Root::post(root.address, "/root/graphql", bearer, document);
            let expected = if is_key { &of_a_key } else { &of_nothing };
            assert_eq!(told(&answer), *expected, "{bearer:?} {document}");
        }
    }
    assert!(root.ask(DOCUMENTS[0], json!({}))["tenants"]["totalCount"] == 2);
}

#[test]
fn a_platform_key_opens_nothing_of_a_company() {
    let (world, [root]) = world_with_keys(["admin"]);
    let documents =
        ["{ tenant { slug } }", "{ issues { totalCount } }", "{ __typename }", "{ members { totalCount } }"];
    let nobody = "iss_live_00000";
    for document in documents {
        let ours = told(&Root::post(root.address, "/graphql", Some(&root.key), document));
        assert_eq!(ours, told(&Root::post(root.address, "/graphql", Some(nobody), document)), "{document}");
        assert_eq!(ours.0, 401);
    }
    // Its own schema has no way to a member's token, nor to what is in a company.
    let schema = root
        .ask("{ __schema { mutationType { fields { name } } types { name fields { name } } } }", json!({}));
    let text = schema.to_string();
    for word in ["accessToken", "refreshToken", "Issue", "Comment", "signIn", "apiKeyCreate", "title"] {
        assert!(!text.contains(&format!("\"{word}\"")), "{word}");
    }
    drop(world);
}

#[test]
fn a_key_does_what_its_scope_says() {
    let (world, [read, write, admin]) = world_with_keys(["read", "write", "admin"]);
    let id = read.tenant_id(ACME.slug);
    let suspend = json!({ "id": id, "input": { "reads": true } });
    assert_eq!(read.refusal(SUSPEND, suspend.clone()), "FORBIDDEN");
    assert_eq!(write.change(SUSPEND, suspend)["tenant"]["status"], "SUSPENDED");
    let close = json!({ "id": id, "input": { "graceDays": 30 } });
    assert_eq!(write.refusal(CLOSE, close.clone()), "FORBIDDEN");
    let people = "query($id: ID!) { members(tenantId: $id) { nodes { name } } }";
    let refused = write.try_to_ask(people, &json!({ "id": id }));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(admin.change(CLOSE, close)["tenant"]["status"], "CLOSED");
    assert_eq!(admin.ask(people, json!({ "id": id }))["members"]["nodes"][0]["name"], "ana");
    admin.change(RESUME, json!({ "id": id }));
    drop(world);
}

#[test]
fn a_revoked_key_is_nobodys_at_the_next_request() {
    let (world, [first, second]) = world_with_keys(["admin", "read"]);
    let keys = "{ platformKeys { id scope revokedAt } viewer { keyId } }";
    let own = second.ask(keys, json!({}))["viewer"]["keyId"].clone();
    let revoke = "mutation($id: ID!) { platformKeyRevoke(id: $id) { userErrors { code } } }";
    first.change(revoke, json!({ "id": own }));
    let answer = Root::post(second.address, "/root/graphql", Some(&second.key), keys);
    assert_eq!(
        told(&answer),
        told(&Root::post(second.address, "/root/graphql", Some("iss_root_00000"), keys))
    );
    let refused = first.try_to_ask(revoke, &json!({ "id": nobodys(own.as_str().unwrap()) }));
    assert!(refused.to_string().contains("NOT_FOUND"), "{refused}");
    drop(world);
}
