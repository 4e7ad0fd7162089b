//! A real archive, brought in by the command line.
//!
//! Archives are found as `archive` says; a test that does not find its own says so and passes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::world::{Client, World, archive, email, mortise, until};

/// What the archive holds, counted by other means.
const ISSUES: u64 = 446;
const PULL_REQUESTS: u64 = 998;
const REPLIES: u64 = 2_363 + 979 + 1_306;
const LAST_NUMBER: u64 = 1_454;
const GAPS: [u64; 10] = [1258, 1259, 1260, 1261, 1262, 1263, 1264, 1265, 1266, 1362];

const TEAM: &str = "TLS13";

/// The words of the command that imports this file.
fn import<'a>(file: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["import", "github", file.to_str().unwrap(), "--tenant", "acme", "--team", TEAM, "--json"];
    [&words[..], more].concat()
}

/// What the import says it has added.
fn added(stdout: &str) -> Value {
    serde_json::from_str::<Value>(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))["added"].clone()
}

fn total(client: &Client, filter: &str) -> u64 {
    let answer = client.ask(&format!("{{ issues(filter: {filter}) {{ totalCount }} }}"), json!({}));
    answer.data()["issues"]["totalCount"].as_u64().unwrap()
}

/// Every imported issue: number and how many comments it has.
fn all(client: &Client) -> BTreeMap<u64, u64> {
    let document = "query($after: String, $filter: IssueFilter) {
        issues(first: 250, after: $after, filter: $filter) {
            nodes { number commentCount } pageInfo { hasNextPage endCursor }
        }
    }";
    let (mut found, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let variables = json!({ "after": after, "filter": { "team": { "key": { "eq": TEAM } } } });
        let page = client.ask(document, variables).data()["issues"].clone();
        for node in page["nodes"].as_array().unwrap() {
            found.insert(node["number"].as_u64().unwrap(), node["commentCount"].as_u64().unwrap());
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
    }
}

/// Everything of the archive is there.
fn assert_whole(ana: &Client) {
    let found = all(ana);
    let numbers: Vec<u64> = (1..=LAST_NUMBER).filter(|number| !GAPS.contains(number)).collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), numbers);
    assert_eq!(numbers.len() as u64, ISSUES + PULL_REQUESTS);
    assert_eq!(found.values().sum::<u64>(), REPLIES);
}

#[test]
fn a_real_archive_comes_in_whole_and_once() {
    let Some(file) = archive("tls13-spec.json") else { return };
    let mut world = World::founded_on("sled");

    let rehearsed = world.run(&import(&file, &["--dry-run"])).succeeded();
    assert_eq!(added(&rehearsed.stdout), Value::Null);
    world.start();
    let head = world.client("ana").log_head();
    world.stop();

    let first = added(&world.run(&import(&file, &[])).succeeded().stdout);
    assert_eq!((&first["issues"], &first["comments"]), (&json!(ISSUES + PULL_REQUESTS), &json!(REPLIES)));
    assert_eq!(first["labels"], 22, "those of the repository, and the one for pull requests");

    world.start();
    let ana = world.client("ana");
    assert!(ana.log_head() > head);
    assert_whole(&ana);
    assert_what_was_what(&ana);
    assert_people_are_ghosts(&world, &ana);
    assert_eq!(ana.issue("Not of the archive")["identifier"], "ENG-1");
    let team = ana.id_of("teams", TEAM);
    let next = ana.change("issueCreate", json!({ "input": { "teamId": team, "title": "The next" } }));
    assert_eq!(next.payload()["issue"]["number"], LAST_NUMBER + 1, "gaps stay reserved");
    let head = ana.log_head();
    world.stop();

    let second = added(&world.run(&import(&file, &[])).succeeded().stdout);
    assert_eq!(
        (&second["issues"], &second["comments"], &second["people"]),
        (&json!(0), &json!(0), &json!(0))
    );
    world.start();
    assert_eq!(world.client("ana").log_head(), head, "a second run adds nothing");
}

/// Kinds, labels, states, times and links are those of the archive.
fn assert_what_was_what(ana: &Client) {
    let of_team = |more: &str| total(ana, &format!("{{ team: {{ key: {{ eq: \"{TEAM}\" }} }}, {more} }}"));
    assert_eq!(of_team("labels: { name: { eq: \"pull-request\" } }"), PULL_REQUESTS);
    assert_eq!(of_team("labels: { name: { eq: \"pull-request\" } }, type: { eq: TASK }"), PULL_REQUESTS);
    let document = "query($id: ID!) { issue(id: $id) {
        identifier title createdAt state { category } source { system id state url }
        comments(first: 3) { nodes { author { name status } createdAt } }
        history(first: 250) { nodes { ... on TimelineEvent { at origin } } }
    } }";
    let answer = ana.ask(document, json!({ "id": format!("{TEAM}-{LAST_NUMBER}") }));
    let issue = &answer.data()["issue"];
    assert_eq!(issue["identifier"], format!("{TEAM}-{LAST_NUMBER}"));
    assert_eq!(issue["source"]["system"], "github");
    assert_eq!(
        of_team(&format!(
            "source: {{ system: {{ eq: \"github\" }}, id: {{ eq: {} }} }}",
            issue["source"]["id"]
        )),
        1
    );
    let history = issue["history"]["nodes"].as_array().unwrap();
    assert!(!history.is_empty() && history.iter().all(|item| item["origin"] == "IMPORT"), "{}", answer.text);
    assert_eq!(history.last().unwrap()["at"], issue["createdAt"], "it was made when it was made there");
    let year = issue["createdAt"].as_str().unwrap()[..4].parse::<u32>().unwrap();
    assert!((2014..=2026).contains(&year), "{}", answer.text);
}

/// Whoever wrote there is known here, holds no seat and cannot sign in.
fn assert_people_are_ghosts(world: &World, ana: &Client) {
    let document = "{ members(first: 250, status: [GHOST]) { nodes { name email source } totalCount } }";
    let answer = ana.ask(document, json!({}));
    let ghosts = &answer.data()["members"];
    assert!(ghosts["totalCount"].as_u64().unwrap() >= 66, "{}", ghosts["totalCount"]);
    let ghosts = ghosts["nodes"].as_array().unwrap();
    assert!(ghosts.iter().all(|ghost| ghost["email"].is_null() && !ghost["source"].is_null()));
    let name = ghosts[0]["name"].as_str().unwrap();
    for email in [name.to_owned(), email(name)] {
        assert_eq!(world.nobody().ask_to_sign_in("acme", &email, "").code(), Some("UNAUTHENTICATED"));
    }
    let active = ana.ask("{ members(status: [ACTIVE]) { totalCount } }", json!({}));
    assert_eq!(active.data()["members"]["totalCount"], 4);
}

#[test]
fn an_interrupted_import_goes_on_where_it_was() {
    let Some(file) = archive("tls13-spec.json") else { return };
    let mut world = World::founded_on("fjall");
    let data = world.data();
    for part in 1..=2_u64 {
        let before = bytes_in(&data);
        let words = [&import(&file, &[])[..], &["--data", data.to_str().unwrap()]].concat();
        let mut importer = mortise(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("the import has written a part", || {
            assert!(
                importer.try_wait().unwrap().is_none(),
                "the import ended before it could be interrupted"
            );
            bytes_in(&data) > before + part * 200_000
        });
        importer.kill().unwrap();
        importer.wait().unwrap();
        world.run(&["check", "--json"]).succeeded();
    }
    let rest = added(&world.run(&import(&file, &[])).succeeded().stdout);
    let rest = rest["issues"].as_u64().unwrap();
    assert!(0 < rest && rest < ISSUES + PULL_REQUESTS, "{rest} issues were left");
    world.start();
    assert_whole(&world.client("ana"));
}

/// Bytes of all files below a folder, as far as they stay while one looks.
fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_in(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

#[test]
fn a_broken_archive_is_refused_with_its_place_and_nothing_is_written() {
    let Some(file) = archive("tls13-spec.json") else { return };
    let mut world = World::new();
    let head = world.client("ana").log_head();
    world.stop();
    let whole = std::fs::read(&file).unwrap();
    let broken = world.beside("broken.json");
    for (what, bytes) in [
        ("cut off in the middle", whole[..whole.len() / 2].to_vec()),
        ("without its last byte", whole.trim_ascii_end()[..whole.trim_ascii_end().len() - 1].to_vec()),
        ("empty", Vec::new()),
        ("no archive", b"{\"magic\":7}".to_vec()),
        ("no JSON", b"number,title\n1,Login fails\n".to_vec()),
    ] {
        std::fs::write(&broken, bytes).unwrap();
        let run = world.run(&import(&broken, &[]));
        assert!(run.stderr.contains("line") || run.stderr.contains("byte"), "{what}: {}", run.stderr);
        run.refused_with(&["nothing was written"]);
    }
    world.run(&import(&world.beside("missing.json"), &[])).refused_with(&["missing.json"]);
    world.start();
    let ana = world.client("ana");
    assert_eq!(ana.log_head(), head);
    assert_eq!(ana.ask("{ teams { totalCount } }", json!({})).data()["teams"]["totalCount"], 1);
}
