//! Searching by text: what is found, what is shown beside it, and what says the same.

use super::world::World;
use serde_json::{Value, json};

const SEARCH: &str =
    "query($text: String!, $typing: Boolean! = false, $filter: IssueFilter, $query: String, $first: Int,
        $after: String) {
    search(text: $text, typing: $typing, filter: $filter, query: $query, first: $first, after: $after) {
        indexedThrough hits { totalCount pageInfo { hasNextPage endCursor }
            nodes { issue { number } snippets { field commentId html text } } }
        facets(by: PRIORITY) { totalCount nodes { title totalCount } } } }";

async fn three_issues() -> World {
    let world = World::new().await;
    world.issue("Login fails", json!({"priority": "HIGH", "description": "A <b>session</b> is lost."})).await;
    world.issue("Session list is slow", json!({"priority": "LOW"})).await;
    world.issue("Colours of the board", json!({"priority": "HIGH"})).await;
    world
}

async fn comment(world: &World, issue: &str, body: &str) -> Value {
    let fields = "commentCreate(input: $input) { comment { id } #";
    let input = json!({"issueId": issue, "body": body});
    world.change(fields, "CommentCreateInput", input).await["comment"]["id"].take()
}

/// The numbers of the issues found, in order.
async fn found(world: &World, variables: Value) -> Vec<u64> {
    numbers(&world.ask(SEARCH, variables).await["search"]["hits"])
}

fn numbers(hits: &Value) -> Vec<u64> {
    hits["nodes"].as_array().unwrap().iter().map(|hit| hit["issue"]["number"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn issues_are_found_by_their_texts_the_best_first() {
    let world = three_issues().await;
    assert_eq!(found(&world, json!({"text": "session"})).await, [2, 1]);
    assert_eq!(found(&world, json!({"text": "session login"})).await, [1]);
    assert_eq!(found(&world, json!({"text": "sess"})).await, Vec::<u64>::new());
    assert_eq!(found(&world, json!({"text": "sess", "typing": true})).await, [2, 1]);
    assert_eq!(found(&world, json!({"text": "session -slow"})).await, [1]);
    comment(&world, "ENG-3", "Seen once the session ended.").await;
    assert_eq!(found(&world, json!({"text": "comment:session"})).await, [3]);
}

#[tokio::test]
async fn a_filter_and_a_query_narrow_a_search() {
    let world = three_issues().await;
    let narrowed = json!({"text": "session", "filter": {"priority": {"eq": "HIGH"}}});
    assert_eq!(found(&world, narrowed).await, [1]);
    assert_eq!(found(&world, json!({"text": "session", "query": "priority:low"})).await, [2]);
    assert_eq!(found(&world, json!({"text": "session", "query": "sort:number"})).await, [1, 2]);
}

#[tokio::test]
async fn the_pages_of_a_search_go_on_where_they_ended() {
    let world = three_issues().await;
    let first = world.ask(SEARCH, json!({"text": "session", "first": 1})).await["search"]["hits"].take();
    assert_eq!((numbers(&first), &first["totalCount"]), (vec![2], &json!(2)));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = &first["pageInfo"]["endCursor"];
    assert_eq!(found(&world, json!({"text": "session", "first": 1, "after": after})).await, [1]);
}

#[tokio::test]
async fn hits_show_where_the_words_stand_and_how_they_divide() {
    let world = three_issues().await;
    let id = comment(&world, "ENG-1", "The session & its cookie").await;
    let found = world.ask(SEARCH, json!({"text": "session", "query": "number:1"})).await["search"].take();
    assert_eq!(found["indexedThrough"], Value::Null);
    assert_eq!(found["facets"], json!({"totalCount": 1, "nodes": [{"title": "High", "totalCount": 1}]}));
    let snippets = found["hits"]["nodes"][0]["snippets"].as_array().unwrap();
    let shown: Vec<_> =
        snippets.iter().map(|part| (&part["field"], &part["commentId"], &part["html"])).collect();
    let expected = [
        (json!("DESCRIPTION"), Value::Null, json!("A &lt;b&gt;<em>session</em>&lt;/b&gt; is lost.")),
        (json!("COMMENT"), id, json!("The <em>session</em> &amp; its cookie")),
    ];
    assert_eq!(shown, expected.iter().map(|(field, id, html)| (field, id, html)).collect::<Vec<_>>());
}

#[tokio::test]
async fn similar_issues_are_found_by_title_and_by_issue() {
    let world = three_issues().await;
    world.issue("Login fails again", json!({})).await;
    let document = "query($id: ID, $title: String) { similarIssues(id: $id, title: $title) { issue { number } percent } }";
    let by_issue = world.ask(document, json!({"id": "ENG-1"})).await["similarIssues"].take();
    assert_eq!(by_issue[0]["issue"]["number"], 4, "{by_issue}");
    let by_title = world.ask(document, json!({"title": "The login fails"})).await["similarIssues"].take();
    let mut numbers: Vec<_> =
        by_title.as_array().unwrap().iter().map(|like| like["issue"]["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 4], "{by_title}");
    assert!(by_title[0]["percent"].as_u64().unwrap() > 50, "{by_title}");
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_invalid() {
    let world = three_issues().await;
    for document in [
        "{ search(text: \"\\\"open\") { hits { totalCount } } }",
        "{ search(text: \"x\", query: \"nonsense:(\") { hits { totalCount } } }",
        "{ search(text: \"session\") { hits { nodes { snippets(chars: 19) { text } } } } }",
        "{ search(text: \"session\", first: 251) { hits { totalCount } } }",
        "{ similarIssues { percent } }",
        "{ similarIssues(id: \"ENG-1\", title: \"x\") { percent } }",
        "{ similarIssues(title: \"x\", first: 0) { percent } }",
    ] {
        assert_eq!(world.code(Some(&world.ada), document, json!({})).await, "INVALID_INPUT", "{document}");
    }
    let missing = "{ similarIssues(id: \"ENG-99\") { percent } }";
    assert_eq!(world.code(Some(&world.ada), missing, json!({})).await, "NOT_FOUND");
}
