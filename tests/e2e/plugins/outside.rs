//! Requests from outside reach a plugin at its secret address, and nobody else.

use super::{install, puppet, turn, upload};
use crate::world::{Client, World, send};
use serde_json::json;
use std::io::Write as _;
use std::net::TcpStream;

fn path(client: &Client, id: &str) -> String {
    let answer = client.ask("query($id: ID!) { plugin(id: $id) { inboundPath } }", json!({ "id": id }));
    answer.data()["plugin"]["inboundPath"].as_str().unwrap().to_owned()
}

#[test]
fn a_request_is_answered_by_the_plugin_and_what_it_stages_is_done() {
    let world = World::new();
    let ana = world.client("ana");
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    let issue = ana.issue("Told from outside");
    let path = path(&ana, &id);
    let script =
        json!([["comment", issue["identifier"], "from outside"], ["respond", 202, "thanks"]]).to_string();
    let ask = |path: &str, body: &[u8]| send(ana.address, &format!("POST {path}"), &[], body).unwrap();
    let answer = ask(&format!("{path}/more?x=1"), script.as_bytes());
    assert_eq!((answer.status, answer.body.as_str()), (202, "thanks"), "{answer:?}");
    let document = "query($id: ID!) { issue(id: $id) { comments { nodes { body } } } }";
    let comments = ana.ask(document, json!({ "id": issue["id"] }));
    assert_eq!(comments.data()["issue"]["comments"]["nodes"], json!([{ "body": "from outside" }]));

    assert_eq!(ask(&path, &vec![b' '; (1 << 20) + 1]).status, 413);
    assert_eq!(ask("/plugins/in/nonsense", b"").status, 404);
    let traps = ask(&path, b"[[\"trap\"]]");
    assert_eq!(traps.status, 502, "{traps:?}");

    turn(&ana, "pluginInboundPathChange", &id).payload();
    assert_eq!(ask(&path, script.as_bytes()).status, 404, "the old address leads nowhere");
    let document = "{ auditEvents(filter: { kinds: [\"plugin.address_changed\"] }, first: 5) {
        nodes { subjectId actor { name } details { name } } } }";
    let told = ana.ask(document, json!({})).data()["auditEvents"]["nodes"].clone();
    let ours = json!([{ "subjectId": id, "actor": { "name": "ana" }, "details": [] }]);
    assert_eq!(told, ours, "it is told who changed it, and no address");
    let path = self::path(&ana, &id);
    turn(&ana, "pluginDisable", &id).payload();
    assert_eq!(ask(&path, script.as_bytes()).status, 404, "nor that of one that takes no part");
}

#[test]
fn those_who_send_slowly_to_no_address_keep_nobody_waiting() {
    let world = World::new();
    let ana = world.client("ana");
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    let path = path(&ana, &id);
    let slow = || {
        let mut stream = TcpStream::connect(ana.address).unwrap();
        let head = format!(
            "POST /plugins/in/nonsense HTTP/1.1\r\nhost: {}\r\ncontent-length: 9\r\n\r\n",
            ana.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    // More than have a place at once, and none of them sends its body.
    let slow: Vec<_> = (0..80).map(|_| slow()).collect();
    let answer = send(ana.address, &format!("POST {path}"), &[], br#"[["respond", 200, "ok"]]"#).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{answer:?}");
    drop(slow);
}
