//! What is written into a company for its own eyes: the word, wherever a person can write one.

use serde_json::json;

use super::scan::{ASKED, SECRET};
use crate::isolation::Things;
use crate::world::{ACME, Client, PASSWORD, World, email};

/// The word as it is written: what others may ask for, and what they must never see.
pub(crate) fn word() -> String {
    format!("{ASKED}-{SECRET}")
}

/// What the company's own super admin finds again with the walk that finds nothing for others: so it does find.
pub(crate) const SEEN: &[&str] = &[
    "A label of ",
    "An issue of ",
    "A part of ",
    "A comment of ",
    "A view of ",
    "A key of ",
    "A provider of ",
    "A description of ",
    "A person of ",
    "A program of ",
    "A team of ",
    "What the team of ",
    "A workflow of ",
    "A state of ",
    "A product of ",
    "A sender of ",
    "A letter of ",
    "A link of ",
    "An agent of ",
    "new-",
    "person.",
    "reply.",
];

/// Writes it everywhere, and answers the things by their kinds. Among what is written are requests that are refused, for what is
/// said of them.
pub(crate) fn planted(world: &World) -> Things {
    let word = word();
    let ana = world.nobody().as_agent(&format!("An agent of {word}"));
    let ana = ana.sign_in(ACME, &email("ana"), PASSWORD);
    let things = Things::made_by(&ana, &word).with_ways_in(&ana, &word);
    issues(&ana, &word, &things);
    people(world, &ana, &word);
    look(&ana, &word);
    refused(world, &ana, &word);
    things
}

fn issues(ana: &Client, word: &str, things: &Things) {
    let described = json!({ "description": format!("A description of {word}") });
    ana.change("issueUpdate", json!({ "id": things.id("iss"), "input": described })).payload();
    let hidden = json!({
        "teamId": things.id("team"), "title": format!("A confidential issue of {word}"), "confidential": true,
    });
    ana.change("issueCreate", json!({ "input": hidden, "idempotencyKey": ASKED })).payload();
    let team = json!({
        "key": "QUA", "name": format!("A team of {word}"), "private": true,
        "description": format!("What the team of {word} does"),
    });
    ana.change("teamCreate", json!({ "input": team })).payload();
    let view = json!({ "name": format!("A private view of {word}"), "query": format!("\"{word}\"") });
    ana.change("viewCreate", json!({ "input": view })).payload();
    let state = json!({ "category": "UNSTARTED", "key": "a", "name": format!("A state of {word}") });
    let done = json!({ "category": "COMPLETED", "key": "b", "name": "Done" });
    let workflow = json!({
        "name": format!("A workflow of {word}"), "states": [state, done], "initial": "a",
        "transitions": [{ "from": "a", "to": "b" }],
    });
    ana.change("workflowCreate", json!({ "input": workflow })).payload();
}

fn people(world: &World, ana: &Client, word: &str) {
    let address = format!("person.{word}@example.com");
    // The secret of all secrets.
    let password = format!("the password of {word}");
    let person = json!({
        "email": address, "name": format!("A person of {word}"), "role": "ADMIN", "password": password,
    });
    ana.change("memberCreate", json!({ "input": person })).payload();
    world.nobody().sign_in(ACME, &address, &password);
    world.nobody().ask_to_sign_in(ACME.slug, &address, &format!("a wrong {word}"));
    let forget =
        "mutation($email: String!) { passwordResetRequest(tenant: \"acme\", email: $email) { success } }";
    world.nobody().ask(forget, json!({ "email": address })).data();
    let service = "mutation($input: ServiceAccountCreateInput!) { serviceAccountCreate(input: $input) {
        success userErrors { message } } }";
    let made = ana.ask(service, json!({ "input": { "name": format!("A program of {word}") } }));
    assert_eq!(made.data()["serviceAccountCreate"]["success"], true, "{}", made.text);
}

fn look(ana: &Client, word: &str) {
    let update = "mutation($input: BrandingUpdateInput!) { brandingUpdate(input: $input) {
        success userErrors { field message } } }";
    let letter = json!({
        "kind": "INVITATION", "subject": format!("A letter of {word}"), "text": format!("{word}: {{{{link}}}}"),
    });
    let link = json!({ "label": format!("A link of {word}"), "url": format!("https://{word}.example/") });
    let look = json!({
        "productName": format!("A product of {word}"),
        "senderName": format!("A sender of {word}"),
        "replyTo": format!("reply.{word}@example.com"),
        "supportLinks": [link],
        "letters": [letter],
    });
    let said = ana.ask(update, json!({ "input": look }));
    assert_eq!(said.data()["brandingUpdate"]["success"], true, "{}", said.text);
}

/// What is refused is said, and sometimes logged.
fn refused(world: &World, ana: &Client, word: &str) {
    let uwe = world.client("uwe");
    let label = json!({ "input": { "name": word, "color": word } });
    for client in [ana, &uwe] {
        assert!(client.change("labelCreate", label.clone()).code().is_some());
        assert!(client.ask(&format!("{{ {word} }}"), json!({})).code().is_some());
        assert!(client.ask("{ issues(query: \"title:(", json!({})).code().is_some());
    }
    let unread = "query($text: String!) { issues(query: $text) { totalCount } }";
    assert!(ana.ask(unread, json!({ "text": format!("{word}:(") })).code().is_some());
    let _ = ana.send(&format!("GET /{word}?{word}"), &[("x-word", word)], b"");
}
