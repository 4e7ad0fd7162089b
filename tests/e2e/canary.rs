//! A word is written into one company wherever a person can write it, and is looked for, byte by byte, in all that others get:
//! people of another company in every role, their keys, an operator who visits them, and nobody at all. Every field of the
//! live schema is asked, with the company's ids wherever an id may stand. It is looked for in the log of the server, in every
//! file of the data folder, and in what the other company exports, too.
//!
//! What is found in the same way by those who may see it, and what is let out on purpose, shows that the looking finds.

mod planted;
mod scan;
mod walk;

use std::path::{Path, PathBuf};

use mortise_engine::id::TenantId;
use planted::{SEEN, planted, word};
use scan::{SECRET, files, found};
use serde_json::{Value, json};
use walk::Asker;

use crate::isolation::Things;
use crate::matrix::schema::Schema;
use crate::world::{ACME, Client, OTHER, PASSWORD, Response, World, email, until};

/// As much as the program itself says. What a library says of its own work is beside the point, and much.
const LOUD: &[&str] = &[
    "--no-rate-limits",
    "--log",
    "debug,mortise=trace,mortise_engine=trace,mortise_graphql=trace,hyper=info,tantivy=info",
];

const QUERIES: &[(&str, &str)] = &[("query", "Query")];
const ALL: &[(&str, &str)] = &[("query", "Query"), ("mutation", "Mutation")];

/// A world in which both companies were visited, whose server says all it can.
struct Loud {
    world: World,
    /// The visit to the other company.
    visit: String,
    acme: TenantId,
    other: TenantId,
}

fn loud() -> Loud {
    let mut world = World::founded_on("sled");
    let visits = world.visit(&[ACME, OTHER], "to be seen");
    world.stop();
    let (acme, other) = (tenant_id(&world, ACME.slug), tenant_id(&world, OTHER.slug));
    world.start_with(LOUD);
    Loud { world, visit: visits[1].clone(), acme, other }
}

/// Everybody of the other company, and nobody.
fn others(world: &World, visit: &str) -> Vec<(&'static str, Client)> {
    let zoe = world.client("zoe");
    let person = |name: &str, role: &str| {
        let person = json!({ "email": email(name), "name": name, "role": role, "password": PASSWORD });
        zoe.change("memberCreate", json!({ "input": person })).payload();
        world.nobody().sign_in(OTHER, &email(name), PASSWORD)
    };
    let key = |scope: &str| {
        let make = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }";
        let made = zoe.ask(make, json!({ "input": { "name": scope, "scope": scope } }));
        zoe.with_token(OTHER, made.data()["apiKeyCreate"]["secret"].as_str().unwrap())
    };
    vec![
        ("a user", person("zac", "USER")),
        ("an admin", person("zed", "ADMIN")),
        ("a super admin", world.client("zoe")),
        ("a key for reading", key("READ")),
        ("a key for all", key("ADMIN")),
        ("a visitor", world.nobody().with_token(OTHER, visit)),
        ("nobody", world.nobody()),
    ]
}

/// The whole answer, as it was sent.
fn bytes(response: &Response) -> Vec<u8> {
    format!("{}\r\n\r\n{}", response.head, response.body).into_bytes()
}

/// The id of a company, from the command line.
fn tenant_id(world: &World, slug: &str) -> TenantId {
    let listed: Value =
        serde_json::from_str(&world.run(&["tenant", "list", "--json"]).succeeded().stdout).unwrap();
    let one = listed.as_array().unwrap().iter().find(|tenant| tenant["slug"] == slug).unwrap();
    one["id"].as_str().unwrap().parse().unwrap()
}

/// Where the search index of a company is.
fn index(world: &World, of: TenantId) -> PathBuf {
    world.data().join("index").join(of.uuid().to_string())
}

/// What is found in the data folder, but for what is there to be read: letters, and the words of the company's own index.
fn in_files(world: &World, own: TenantId) -> Vec<String> {
    let mail = world.data().join("mail");
    let index = index(world, own);
    assert!(index.is_dir(), "the company's index is at another place than {}", index.display());
    files(&world.data(), &|path: &Path| path == mail || path == index)
}

/// What is found in what a company exports on the command line.
fn in_exports(world: &World, slug: &str) -> Vec<String> {
    let forms = [&["--format", "csv"][..], &["--format", "jsonl"], &["--proof"]];
    let exports = forms.map(|form| {
        let words = [&["audit", "export", "--tenant", slug][..], form].concat();
        found(world.run(&words).succeeded().stdout.as_bytes())
    });
    exports.concat()
}

/// The letters to people of a company, each company's in a folder of its own.
fn letters(world: &World, to: TenantId) -> Vec<String> {
    let folder = world.data().join("mail").join(to.uuid().to_string());
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let texts = entries.map(|letter| std::fs::read_to_string(letter.unwrap().path()).unwrap());
    // Long lines are broken.
    texts.map(|text| text.replace("=\r\n", "")).collect()
}

/// Somebody of the other company is written to.
fn write_to_others(world: &World, to: TenantId) {
    let forget = "mutation($tenant: String!, $email: String!) {
        passwordResetRequest(tenant: $tenant, email: $email) { success } }";
    world.nobody().ask(forget, json!({ "tenant": OTHER.slug, "email": email("zac") })).data();
    until("somebody is written to", || !letters(world, to).is_empty());
}

#[test]
fn no_byte_of_a_company_is_in_anything_that_others_get() {
    let Loud { mut world, visit, acme, other } = loud();
    let theirs = planted(&world);
    let zoe = world.client("zoe");
    let own = Things::made_by(&zoe, OTHER.canary).with_ways_in(&zoe, OTHER.canary);
    let schema = Schema::of(&zoe);
    let ana = world.client("ana");
    let seen = by_its_own(&ana, &schema, &theirs);
    let missing: Vec<_> = SEEN.iter().filter(|text| !seen.contains(&format!("{text}{}", word()))).collect();
    assert!(missing.is_empty(), "the walk does not even show its own company {missing:?}");

    let askers = others(&world, &visit).into_iter().map(|(who, client)| Asker {
        who,
        client,
        schema: &schema,
        own: &own,
        foreign: &theirs,
    });
    let askers: Vec<_> = askers.collect();
    // Before the walk, which asks for more letters than anybody gets.
    write_to_others(&world, other);
    let walked = std::thread::scope(|scope| {
        let walks: Vec<_> = askers.iter().map(|asker| scope.spawn(move || walk(asker, ALL))).collect();
        walks.into_iter().map(|walk| walk.join().unwrap()).collect::<Vec<_>>()
    });
    for (asker, (answers, good, hits)) in askers.iter().zip(walked) {
        eprintln!("{}: {answers} answers, {good} of them without errors", asker.who);
        assert!(answers > 300, "{} asked {answers} questions", asker.who);
        // Nobody is told little: how a page before sign-in looks, and that there is no such document.
        let least = if asker.client.token.is_some() { 50 } else { 3 };
        assert!(good >= least, "{} got {good} good answers of {answers}", asker.who);
        assert!(hits.is_empty(), "{} got {hits:#?}", asker.who);
    }

    let log = world.stop();
    assert!(log.contains("request.id") && log.contains(" DEBUG "), "the log says little:\n{log}");
    assert_eq!(found(log.as_bytes()), [] as [&str; 0], "in the log");
    assert_eq!(in_files(&world, acme), [] as [&str; 0], "in the data folder");
    let letters = letters(&world, other);
    assert_eq!(letters.iter().flat_map(|text| found(text.as_bytes())).count(), 0, "{letters:#?}");
    assert_eq!(in_exports(&world, OTHER.slug), [] as [&str; 0], "in exports");
    assert!(!in_exports(&world, ACME.slug).is_empty(), "the company's own export holds it");
}

/// How many answers an asker got, how many of them without errors, and what was found in them.
fn walk(asker: &Asker<'_>, roots: &[(&str, &str)]) -> (usize, usize, Vec<String>) {
    let (mut answers, mut good, mut hits) = (0, 0, Vec::new());
    let mut show = |asked: &str, response: &Response| {
        answers += 1;
        good += usize::from(response.status == 200 && !response.body.contains("\"errors\""));
        hits.extend(found(&bytes(response)).into_iter().map(|around| format!("{asked}: {around}")));
    };
    asker.roam(&mut show);
    asker.walk(roots, &mut show);
    (answers, good, hits)
}

/// All that a member of the company is answered to the same questions.
fn by_its_own(client: &Client, schema: &Schema, things: &Things) -> String {
    let asker = Asker { who: "its own", client: client.clone(), schema, own: things, foreign: things };
    let mut seen = String::new();
    let mut show = |_: &str, response: &Response| seen.push_str(&response.body);
    asker.roam(&mut show);
    asker.walk(QUERIES, &mut show);
    seen
}

#[test]
fn what_did_get_out_is_found_wherever_it_is() {
    let Loud { mut world, acme, .. } = loud();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let theirs = Things::made_by(&ana, "nothing").with_ways_in(&ana, "nothing");
    let own = Things::made_by(&zoe, "nothing").with_ways_in(&zoe, "nothing");
    let schema = Schema::of(&zoe);
    let asker = Asker { who: "zoe", client: zoe.clone(), schema: &schema, own: &own, foreign: &theirs };
    assert_eq!(walk(&asker, &[]).2, [] as [&str; 0], "nothing got out yet");
    // The same word, where the other company sees it.
    let label = json!({ "name": format!("A {SECRET}"), "color": "#d73a4a" });
    zoe.change("labelCreate", json!({ "input": label })).payload();
    assert!(!walk(&asker, &[]).2.is_empty(), "in an answer");
    // Who did something is told by their name of today.
    zoe.change("memberUpdate", json!({ "id": own.id("usr"), "input": { "name": SECRET } })).payload();
    until("the company has an index", || index(&world, acme).is_dir());
    world.stop();
    assert!(!in_exports(&world, OTHER.slug).is_empty(), "in an export");
    // The log calls a request as its client does: here the one for which the company is loaded.
    world.start_with(LOUD);
    let headers = [("content-type", "application/json"), ("x-request-id", SECRET)];
    zoe.at(&world.nobody()).post(&headers, br#"{"query":"{ teams { totalCount } }"}"#).unwrap();
    let log = world.stop();
    assert!(!found(log.as_bytes()).is_empty(), "in the log:\n{log}");
    let before = in_files(&world, acme).len();
    for planted in [world.data().join("planted"), world.data().join("index").join("planted")] {
        std::fs::write(&planted, format!("\0\u{1}{}", SECRET.to_uppercase())).unwrap();
        assert_eq!(in_files(&world, acme).len(), before + 1, "in a file");
        std::fs::remove_file(&planted).unwrap();
    }
}

#[test]
fn whoever_names_a_company_sees_its_look_and_no_more_of_it() {
    let Loud { world, .. } = loud();
    planted(&world);
    let schema = Schema::of(&world.client("zoe"));
    let document = format!("{{ branding(tenant: \"acme\") {{ {} }} }}", schema.selection("Branding", 2));
    let shown = world.nobody().ask(&document, json!({})).text;
    let hits = found(shown.as_bytes());
    assert!(shown.contains("A product of") && shown.contains("A link of"), "{shown}");
    // The name of the product, the label and the address of its link.
    assert_eq!(hits.len(), 3, "{shown}");
}
