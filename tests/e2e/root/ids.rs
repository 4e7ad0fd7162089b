//! Every place of the platform's schema where an id may stand × ours, nobody's or none at all × how far the key reaches.
//!
//! The list of places is the live schema itself: an argument that is added is in the matrix, and one whose name does not say
//! what it names fails it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Root, world_with_keys};
use crate::isolation::nobodys;
use crate::matrix::place::Place;
use crate::matrix::schema::{INTROSPECTION, Schema};
use crate::matrix::{MALFORMED, places};
use crate::world::{ACME, send};

/// Places that are refused for something else before the id is looked at.
const SILENT: &[&str] = &["tenantOverride(id)"];

const STATE: &str = "{ tenants { nodes { id version status tier placement } } jobs { nodes { id status } }
    platformKeys { id revokedAt } }";

impl Root {
    /// The status and the text of an answer, with this id left out.
    fn told(&self, id: &str, (document, variables): &(String, Value)) -> (u16, String) {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = json!({ "query": document, "variables": variables }).to_string();
        let response = send(self.address, "POST /root/graphql", &headers, body.as_bytes()).unwrap();
        let mut body: Value = serde_json::from_str(&response.body).unwrap();
        for error in body["errors"].as_array_mut().into_iter().flatten() {
            error["extensions"].as_object_mut().unwrap().remove("requestId");
        }
        let text = body.to_string();
        (response.status, if id.is_empty() { text } else { text.replace(id, "ID") })
    }
}

#[test]
fn wherever_an_id_may_stand_nobodys_is_not_found_and_none_at_all_is_said_to_be_none() {
    let (world, [read, write, admin, other]) = world_with_keys(["read", "write", "admin", "read"]);
    let tenant = read.tenant_id(ACME.slug);
    let key = other.ask("{ viewer { keyId } }", json!({}))["viewer"]["keyId"].as_str().unwrap().to_owned();
    let announce = "mutation($ids: [ID!]) { tenantsAnnounce(select: { ids: $ids },
        input: { subject: \"Maintenance\", text: \"On Sunday.\" }) { job { id } userErrors { code } } }";
    let begun = admin.change(announce, json!({ "ids": [tenant] }));
    let job = begun["job"]["id"].as_str().unwrap().to_owned();
    let ana = world.client("ana").id_of("members", "ana");
    let visit = "mutation($id: ID!) { visitBegin(tenantId: $id,
        input: { reason: \"ticket 4711: they asked for it\" }) { visit { id } userErrors { code } } }";
    let visit = admin.change(visit, json!({ "id": tenant }))["visit"]["id"].as_str().unwrap().to_owned();
    let ours = |kind: &str| match kind {
        "usr" => ana.clone(),
        "visit" => visit.clone(),
        "ten" => tenant.clone(),
        "job" => job.clone(),
        "key" => key.clone(),
        other => panic!("nothing of the kind {other} is there"),
    };
    let schema = Schema::read(&admin.ask(INTROSPECTION, json!({})));
    let roots = [("query", places(&schema, "Query")), ("mutation", places(&schema, "Mutation"))];
    let mut told = BTreeSet::new();
    let mut visited = 0;
    crate::world::until("the job is done", || {
        let document = "query($id: ID!) { job(id: $id) { status } }";
        read.ask(document, json!({ "id": job }))["job"]["status"] == "DONE"
    });
    for (asker, may_change) in [(&read, false), (&write, true), (&admin, true)] {
        let before = admin.ask(STATE, json!({}));
        for (root, places) in &roots {
            for place in places {
                let ask = |id: &str| asker.told(id, &place.request(&schema, root, id, &ours));
                let own = ours(place.kind());
                let (nobodys, ours) = (ask(&nobodys(&own)), ask(&own));
                let malformed = MALFORMED[visited % MALFORMED.len()];
                visited += 1;
                let (status, text) = ask(malformed);
                assert!(status < 500, "{root} {place} with {malformed:?}: {status} {text}");
                assert!(text.contains("INVALID_INPUT"), "{root} {place} with {malformed:?}: {text}");
                for (status, text) in [&nobodys, &ours] {
                    assert!(*status < 500 && !text.contains("INTERNAL"), "{root} {place}: {status} {text}");
                }
                if ours != nobodys {
                    told.insert(place.slot());
                }
            }
        }
        assert!(may_change || admin.ask(STATE, json!({})) == before, "a key that reads changes nothing");
    }
    let slots: BTreeSet<String> =
        roots.iter().flat_map(|(_, places)| places.iter().map(Place::slot)).collect();
    let untold: Vec<_> = slots.difference(&told).filter(|slot| !SILENT.contains(&slot.as_str())).collect();
    assert!(slots.len() >= 15, "{slots:?}");
    assert!(untold.is_empty(), "an id of our own makes no difference in {untold:?}");
    drop(world);
}
