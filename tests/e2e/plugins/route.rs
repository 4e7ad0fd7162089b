//! Components come in: who may send them, how large they may be, and what is said of them.

use super::{puppet, send};
use crate::world::{Client, World};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn a_component_is_looked_at_then_taken_and_then_known() {
    let world = World::new();
    let ana = world.client("ana");
    let wasm = puppet(&[]);
    let (status, looked) = send(&ana, "POST /plugins?dryRun=true", &wasm);
    assert_eq!(status, 200, "{looked}");
    let inspection = &looked["inspection"];
    assert_eq!(
        (&inspection["plugin"], &inspection["pluginVersion"]),
        (&json!("test.puppet"), &json!("1.0.0"))
    );
    assert!(
        inspection["asksFor"].as_array().unwrap().contains(&json!("create and change issues")),
        "{looked}"
    );
    let codes = "{ pluginCodes { digest plugin bytes uploader { name } asksFor settingsSchema } }";
    assert_eq!(ana.ask(codes, json!({})).data()["pluginCodes"], json!([]), "nothing was kept");

    let (status, taken) = send(&ana, "POST /plugins", &wasm);
    assert_eq!((status, &taken["known"]), (200, &json!(false)), "{taken}");
    assert_eq!(taken["digest"], inspection["digest"]);
    let kept = ana.ask(codes, json!({}));
    let kept = &kept.data()["pluginCodes"][0];
    assert_eq!((&kept["digest"], &kept["bytes"]), (&taken["digest"], &json!(wasm.len())));
    assert_eq!(kept["uploader"]["name"], "ana");
    let (_, again) = send(&ana, "POST /plugins", &wasm);
    assert_eq!(again["known"], true);
}

#[test]
fn who_does_not_manage_plugins_sends_none() {
    let world = World::new();
    let wasm = puppet(&[]);
    for (client, expected) in [(world.client("uwe"), 403), (world.nobody(), 401), (world.client("adam"), 200)]
    {
        let (status, answer) = send(&client, "POST /plugins?dryRun=true", &wasm);
        assert_eq!(status, expected, "{answer}");
    }
}

#[test]
fn what_is_no_plugin_is_refused_with_the_place() {
    let world = World::new();
    let ana = world.client("ana");
    for (bytes, status) in [(&b"no component"[..], 400), (&[], 400)] {
        let (said, answer) = send(&ana, "POST /plugins", bytes);
        assert_eq!(
            (said, &answer["errors"][0]["extensions"]["code"]),
            (status, &json!("INVALID_INPUT")),
            "{answer}"
        );
    }
    let (status, answer) = send(&ana, "POST /plugins", &of_another_contract(puppet(&[])));
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["field"]),
        (400, &json!("manifest.contract")),
        "{answer}"
    );
    let (status, answer) = send(&ana, "POST /plugins?dryrun=1", b"x");
    assert_eq!((status, &answer["errors"][0]["extensions"]["field"]), (400, &json!("query")), "{answer}");
}

#[test]
fn a_form_is_told_what_to_send_instead() {
    let world = World::new();
    let form = [("content-type", "multipart/form-data; boundary=x")];
    let body = b"--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nwasm\r\n--x--\r\n";
    let refused = world.client("ana").send("POST /plugins", &form, body).unwrap();
    assert_eq!(refused.status, 415, "{}", refused.body);
    assert!(refused.body.contains("--data-binary @x.wasm"), "{}", refused.body);
}

/// The component with a manifest that asks for a contract of the future. Nothing that packs one would write it.
fn of_another_contract(mut wasm: Vec<u8>) -> Vec<u8> {
    let (this, other) = (b"contract = \"1.0\"", b"contract = \"9.0\"");
    let place = wasm.windows(this.len()).position(|bytes| bytes == this).unwrap();
    wasm[place..place + other.len()].copy_from_slice(other);
    wasm
}

#[test]
fn a_body_beyond_the_bound_is_refused_before_it_is_read() {
    let world = World::new();
    assert_eq!(before_a_body(&world.client("ana"), "/plugins", &format!("{}\r\n", 65 << 20)), 413);
}

#[test]
fn one_beyond_the_bound_is_told_of_what_can_be_agreed() {
    let world = World::new();
    let (status, answer) = send(&world.client("ana"), "POST /plugins", &vec![0; (3 << 20) + 1]);
    let (said, message) = (&answer["errors"][0]["extensions"], &answer["errors"][0]["message"]);
    assert_eq!((status, &said["code"]), (413, &json!("ENTITLEMENT_EXCEEDED")), "{answer}");
    assert_eq!((&said["key"], &said["limit"]), (&json!("plugins"), &json!(2 << 20)), "{answer}");
    let message = message.as_str().unwrap();
    assert!(
        message.contains("3.1 MiB") && message.contains("2 MiB") && message.contains("`large`"),
        "{message}"
    );
}

#[test]
fn a_look_says_what_an_upload_would_be_refused_for() {
    let world = World::new();
    let ana = world.client("ana");
    let wasm = puppet(&[]);
    assert_eq!(send(&ana, "POST /plugins", &wasm).0, 200);
    let (status, looked) = send(&ana, "POST /plugins?dryRun=true", &wasm);
    assert_eq!((status, &looked["known"]), (200, &json!(true)), "{looked}");
    let other = puppet(&[("good or bad", "bad or good")]);
    let (status, refused) = send(&ana, "POST /plugins?dryRun=true", &other);
    assert_eq!((status, &refused["errors"][0]["extensions"]["code"]), (409, &json!("CONFLICT")), "{refused}");
}

#[test]
fn a_company_without_plugins_of_its_own_has_none_looked_at_either() {
    let mut world = World::founded_on("sled");
    world.run(&["tenant", "tier", "acme", "basic"]).succeeded();
    world.start();
    let ana = world.client("ana");
    for path in ["/plugins?dryRun=true", "/plugins"] {
        let (status, answer) = send(&ana, &format!("POST {path}"), b"no component");
        let said = &answer["errors"][0]["extensions"];
        assert_eq!((status, &said["code"]), (403, &json!("ENTITLEMENT_EXCEEDED")), "{path}: {answer}");
        assert_eq!((&said["key"], &said["upgradeTo"]), (&json!("plugins"), &json!("PLATINUM")), "{answer}");
        // Whoever is to go on with a body hears that first.
        assert_eq!(before_a_body(&ana, path, "9\r\nexpect: 100-continue\r\n"), 403, "{path}");
    }
}

/// The status that is answered while there is no byte of a body: whoever wanted to read it would wait. `more` is how long it
/// will be, and further headers.
fn before_a_body(client: &Client, path: &str, more: &str) -> u16 {
    let mut stream = TcpStream::connect(client.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let (address, token) = (client.address, client.token.as_deref().unwrap());
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/wasm\r\ncontent-length: {more}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    std::str::from_utf8(&answer).unwrap().strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}
