//! Full-text search, what it falls into, and what is similar.

use super::world::World;
use serde_json::{Value, json};

async fn an_archive() -> World {
    let world = World::new().await;
    let bob = world.bob.principal.member().unwrap().to_string();
    let crash = world.label("crash").await;
    world.issue("Login fails with <b>SSO</b>", json!({"labelIds": [crash], "assigneeIds": [bob]})).await;
    world.issue("Dark mode", json!({"description": "The login page stays bright & shines."})).await;
    world.issue("Slow board", json!({"labelIds": [crash]})).await;
    let comment = "mutation { commentCreate(input: {issueId: \"ENG-3\", body: \"It is slow right after a login, too.\"}) { success } }";
    world.ask(comment, json!({})).await;
    world
}

fn numbers(found: &Value) -> Vec<u64> {
    found["nodes"].as_array().unwrap().iter().map(|hit| hit["issue"]["number"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_all_texts_and_marked() {
    let world = an_archive().await;
    let document = "query($text: String!) { search(text: $text) { indexedThrough hits { totalCount
        nodes { score issue { number } snippets { field html text commentId comment { body } } } } } }";
    let search = world.ask(document, json!({"text": "login"})).await["search"].take();
    let found = &search["hits"];
    assert_eq!((&found["totalCount"], &search["indexedThrough"]), (&json!(3), &Value::Null));
    let mut all = numbers(found);
    assert_eq!(all[0], 1, "a title counts for more: {found}");
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3]);
    let hit = |number: u64| {
        found["nodes"].as_array().unwrap().iter().find(|hit| hit["issue"]["number"] == number).unwrap()
    };
    assert!(hit(1)["score"].as_f64().unwrap() > hit(2)["score"].as_f64().unwrap());
    let marked = |number: u64| &hit(number)["snippets"][0];
    assert_eq!(marked(1)["field"], "TITLE");
    assert_eq!(marked(1)["html"], "<em>Login</em> fails with &lt;b&gt;SSO&lt;/b&gt;");
    assert_eq!((&marked(2)["field"], &marked(2)["commentId"]), (&json!("DESCRIPTION"), &Value::Null));
    assert_eq!(marked(3)["field"], "COMMENT");
    assert_eq!(marked(3)["comment"]["body"], "It is slow right after a login, too.");
    let typo = world.ask(document, json!({"text": "lgoin"})).await["search"]["hits"].take();
    assert_eq!(typo["totalCount"], 3, "{typo}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_filtered_and_sorted_is_found() {
    let world = an_archive().await;
    let ask = async |arguments: &str| {
        let document = format!("{{ search({arguments}) {{ hits {{ nodes {{ issue {{ number }} }} }} }} }}");
        numbers(&world.ask(&document, json!({})).await["search"]["hits"])
    };
    assert_eq!(ask("text: \"log\", typing: true, sort: [{number: {}}]").await, [1, 2, 3]);
    assert_eq!(ask("text: \"login\", sort: [{number: {order: DESC}}], first: 2").await, [3, 2]);
    assert_eq!(
        ask("text: \"login\", filter: {labels: {name: {eq: \"crash\"}}}, sort: [{number: {}}]").await,
        [1, 3]
    );
    assert_eq!(ask("text: \"login\", query: \"label:crash -assignee:any\"").await, [3]);
    assert_eq!(ask("text: \"login\", query: \"sort:number\"").await, [1, 2, 3]);
    assert_eq!(ask("text: \"title:login\"").await, [1]);
    assert_eq!(ask("text: \"ENG-2\"").await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_hits_join() {
    let world = an_archive().await;
    let document = "query($after: String) { search(text: \"login\", first: 2, after: $after) { hits {
        edges { cursor node { issue { number } } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }";
    let first = world.ask(document, json!({})).await["search"]["hits"].take();
    let rest =
        world.ask(document, json!({"after": first["pageInfo"]["endCursor"]})).await["search"]["hits"].take();
    assert_eq!(
        (&first["pageInfo"]["hasNextPage"], &rest["pageInfo"]["hasNextPage"]),
        (&json!(true), &json!(false))
    );
    let edges = [&first, &rest].map(|page| page["edges"].as_array().unwrap().clone()).concat();
    let mut all: Vec<_> =
        edges.iter().map(|edge| edge["node"]["issue"]["number"].as_u64().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hits_fall_into_facets() {
    let world = an_archive().await;
    let document = "{ search(text: \"login\") { facets(by: [LABEL, ASSIGNEE, STATE, TYPE]) {
        by values { key title color count filterData } } } }";
    let facets = world.ask(document, json!({})).await["search"]["facets"].take();
    let counts = |index: usize| {
        let values = facets[index]["values"].as_array().unwrap().iter();
        values
            .map(|value| (value["title"].as_str().unwrap(), value["count"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(counts(0), [("crash", 2), ("No label", 1)], "{facets}");
    assert_eq!(counts(1), [("No assignee", 2), ("Bob", 1)]);
    assert_eq!((counts(2), counts(3)), (vec![("Open", 3)], vec![("Task", 3)]));
    assert_eq!(facets[3]["by"], "TYPE");
    let narrowed =
        "query($filter: IssueFilter) { search(text: \"login\", filter: $filter) { hits { totalCount } } }";
    let narrowed = world.ask(narrowed, json!({"filter": facets[0]["values"][0]["filterData"]})).await;
    assert_eq!(narrowed["search"]["hits"]["totalCount"], 2);
    for by in ["[PARENT]", "[STATE, STATE]"] {
        let document = format!("{{ search(text: \"login\") {{ facets(by: {by}) {{ by }} }} }}");
        assert_eq!(world.code(Some(&world.ada), &document, json!({})).await, "INVALID_INPUT", "{by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn similar_issues_are_found_while_one_types() {
    let world = an_archive().await;
    let document = "query($title: String, $id: ID) { similarIssues(title: $title, id: $id) { percent issue { number } } }";
    let found =
        world.ask(document, json!({"title": "login fails with sso for everybody"})).await["similarIssues"]
            .take();
    assert_eq!(found[0]["issue"]["number"], 1, "{found}");
    assert!((1..=100).contains(&found[0]["percent"].as_u64().unwrap()), "{found}");
    let of_itself = world.ask(document, json!({"id": "ENG-1"})).await["similarIssues"].take();
    assert!(
        of_itself.as_array().unwrap().iter().all(|similar| similar["issue"]["number"] != 1),
        "{of_itself}"
    );
    assert_eq!(world.code(Some(&world.ada), document, json!({})).await, "INVALID_INPUT");
    assert_eq!(world.code(Some(&world.ada), document, json!({"id": "ENG-9"})).await, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_to_mark_words_is_paid_for() {
    let world = an_archive().await;
    // Signs, for they are soon looked through.
    let body = "- ".repeat(30_000);
    let comment =
        "mutation($body: String!) { commentCreate(input: {issueId: \"ENG-2\", body: $body}) { success } }";
    for _ in 0..18 {
        world.ask(comment, json!({"body": body})).await;
    }
    let marked = |times: usize| {
        let fields: String = (0..times).map(|n| format!("s{n}: snippets {{ field }} ")).collect();
        format!("{{ search(text: \"title:dark\") {{ hits {{ nodes {{ {fields} }} }} }} }}")
    };
    let few = world.ask(&marked(5), json!({})).await["search"]["hits"]["nodes"].take();
    assert_eq!(few[0]["s0"], json!([{"field": "TITLE"}]), "a MiB was looked through, and nothing else found");
    assert_eq!(world.code(Some(&world.ada), &marked(25), json!({})).await, "TOO_COSTLY");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_searched_is_refused() {
    let world = an_archive().await;
    for text in ["", "\"open", "title:", &"word ".repeat(100), &"x".repeat(5_000)] {
        let document = "query($text: String!) { search(text: $text) { indexedThrough } }";
        assert_eq!(
            world.code(Some(&world.ada), document, json!({"text": text})).await,
            "INVALID_INPUT",
            "{text}"
        );
        let filter = "query($text: String!) { issues(filter: {text: {matches: $text}}) { totalCount } }";
        assert_eq!(
            world.code(Some(&world.ada), filter, json!({"text": text})).await,
            "INVALID_INPUT",
            "{text}"
        );
    }
    let chars = "{ search(text: \"login\") { hits { nodes { snippets(chars: 1) { html } } } } }";
    assert_eq!(world.execute(Some(&world.ada), chars, json!({})).await.errors.len(), 1);
}
