//! No company learns anything of another: not even that a thing is there.
//!
//! Beside these tests every answer to every client of a world is searched for the other company's word.

use serde_json::{Value, json};

use crate::world::{ACME, Answer, Client, OTHER, World};

/// Things of one company, by the kind that their ids name.
struct Things(Vec<(&'static str, String)>);

impl Things {
    /// Makes one of each, with the company's word wherever text goes.
    fn made_by(client: &Client, word: &str) -> Self {
        let issue = client.issue(&format!("An issue of {word}"))["id"].clone();
        let body = json!({ "issueId": issue, "body": format!("A comment of {word}") });
        let comment = client.change("commentCreate", json!({ "input": body }));
        let label = json!({ "name": format!("A label of {word}"), "color": "#d73a4a" });
        let label = client.change("labelCreate", json!({ "input": label }));
        let lists = "{ teams { nodes { id } } members { nodes { id } } workflows { nodes { id } }
            workflowStates { nodes { id } } }";
        let lists = client.ask(lists, json!({}));
        let first = |list: &str| lists.data()[list]["nodes"][0]["id"].clone();
        let things = [
            ("iss", issue),
            ("cmt", comment.payload()["comment"]["id"].clone()),
            ("lbl", label.payload()["label"]["id"].clone()),
            ("team", first("teams")),
            ("usr", first("members")),
            ("wf", first("workflows")),
            ("st", first("workflowStates")),
        ];
        Self(things.into_iter().map(|(kind, id)| (kind, id.as_str().unwrap().to_owned())).collect())
    }

    fn id(&self, kind: &str) -> &str {
        self.0.iter().find(|(of, _)| *of == kind).map(|(_, id)| id.as_str()).unwrap()
    }
}

/// An id of the same kind that nobody has: another digit among those that were drawn at random.
fn nobodys(id: &str) -> String {
    let at = id.len() - 4;
    let other = if &id[at..=at] == "a" { "b" } else { "a" };
    format!("{}{other}{}", &id[..at], &id[at + 1..])
}

/// An answer with the id that was asked about, and what names the request, left out.
fn without(id: &str, answer: &Answer) -> (u16, String) {
    let mut body = answer.body.clone();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("requestId");
    }
    (answer.status, body.to_string().replace(id, "ID"))
}

/// Queries that take an id: the kind, and the document with `$id: ID!`.
const QUERIES: &[(&str, &str)] = &[
    ("iss", "query($id: ID!) { issue(id: $id) { title description comments { totalCount } } }"),
    ("iss", "query($id: ID!) { issues(filter: { id: { eq: $id } }) { nodes { title } totalCount } }"),
    (
        "iss",
        "query($id: ID!) { issues(filter: { parent: { id: { eq: $id } } }) { nodes { title } totalCount } }",
    ),
    ("cmt", "query($id: ID!) { comment(id: $id) { body } }"),
    ("lbl", "query($id: ID!) { label(id: $id) { name } }"),
    (
        "lbl",
        "query($id: ID!) { issues(filter: { labels: { id: { eq: $id } } }) { nodes { title } totalCount } }",
    ),
    ("team", "query($id: ID!) { team(id: $id) { name } }"),
    (
        "team",
        "query($id: ID!) { issues(filter: { team: { id: { eq: $id } } }) { nodes { title } totalCount } }",
    ),
    ("team", "query($id: ID!) { labels(teamId: $id) { totalCount } }"),
    ("team", "query($id: ID!) { workflowStates(teamId: $id) { totalCount } }"),
    ("usr", "query($id: ID!) { member(id: $id) { name email } }"),
    (
        "usr",
        "query($id: ID!) { issues(filter: { assignee: { id: { eq: $id } } }) { nodes { title } totalCount } }",
    ),
    (
        "usr",
        "query($id: ID!) { issues(filter: { creator: { id: { neq: $id } } }) { nodes { number } totalCount } }",
    ),
    ("wf", "query($id: ID!) { workflow(id: $id) { name } }"),
    (
        "st",
        "query($id: ID!) { issues(filter: { state: { id: { eq: $id } } }) { nodes { title } totalCount } }",
    ),
];

/// Mutations that take an id: the kind, the field, and the arguments with `ID` where it goes and `KIND!` for our own.
const MUTATIONS: &[(&str, &str, &str)] = &[
    ("iss", "issueUpdate", r#"{"id":"ID","input":{"title":"x"}}"#),
    ("iss", "issueUpdate", r#"{"id":"ID","input":{"title":"x"},"ifVersion":1}"#),
    ("iss", "issueUpdate", r#"{"id":"iss!","input":{"parentId":"ID"}}"#),
    ("lbl", "issueUpdate", r#"{"id":"iss!","input":{"labelIds":["ID"]}}"#),
    ("lbl", "issueUpdate", r#"{"id":"iss!","input":{"addedLabelIds":["ID"]}}"#),
    ("usr", "issueUpdate", r#"{"id":"iss!","input":{"assigneeIds":["ID"]}}"#),
    ("usr", "issueAssign", r#"{"id":"iss!","input":{"addedAssigneeIds":["ID"]}}"#),
    ("st", "issueUpdate", r#"{"id":"iss!","input":{"stateId":"ID"}}"#),
    ("st", "issueTransition", r#"{"id":"iss!","input":{"stateId":"ID"}}"#),
    ("iss", "issueArchive", r#"{"id":"ID"}"#),
    ("iss", "issueDelete", r#"{"id":"ID"}"#),
    ("iss", "issueRestore", r#"{"id":"ID"}"#),
    ("iss", "issueBatchUpdate", r#"{"ids":["ID"],"input":{"title":"x"},"mode":"ATOMIC"}"#),
    ("iss", "issueBatchUpdate", r#"{"ids":["iss!","ID"],"input":{},"mode":"BEST_EFFORT"}"#),
    ("team", "issueCreate", r#"{"input":{"teamId":"ID","title":"x"}}"#),
    ("st", "issueCreate", r#"{"input":{"teamId":"team!","title":"x","stateId":"ID"}}"#),
    ("usr", "issueCreate", r#"{"input":{"teamId":"team!","title":"x","assigneeIds":["ID"]}}"#),
    ("lbl", "issueCreate", r#"{"input":{"teamId":"team!","title":"x","labelIds":["ID"]}}"#),
    ("iss", "issueCreate", r#"{"input":{"teamId":"team!","title":"x","parentId":"ID"}}"#),
    ("iss", "commentCreate", r#"{"input":{"issueId":"ID","body":"x"}}"#),
    ("cmt", "commentCreate", r#"{"input":{"issueId":"iss!","body":"x","parentId":"ID"}}"#),
    ("cmt", "commentUpdate", r#"{"id":"ID","input":{"body":"x"}}"#),
    ("cmt", "commentDelete", r#"{"id":"ID"}"#),
    ("team", "teamUpdate", r#"{"id":"ID","input":{"name":"x"}}"#),
    ("team", "labelCreate", r##"{"input":{"name":"x","color":"#d73a4a","teamId":"ID"}}"##),
    ("lbl", "labelUpdate", r#"{"id":"ID","input":{"name":"x"}}"#),
    ("lbl", "labelDelete", r#"{"id":"ID"}"#),
    ("usr", "memberUpdate", r#"{"id":"ID","input":{"name":"x"}}"#),
];

#[test]
fn what_is_anothers_and_what_is_nowhere_get_the_same_answer() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let (ours, theirs) = (Things::made_by(&ana, ACME.canary), Things::made_by(&zoe, OTHER.canary));
    let head = ana.log_head();
    let their_head = zoe.log_head();

    for (kind, document) in QUERIES {
        let ask = |id: &str| without(id, &ana.ask(document, json!({ "id": id })));
        let foreign = theirs.id(kind);
        assert_eq!(ask(foreign), ask(&nobodys(foreign)), "{document}");
    }
    for (kind, _) in &ours.0 {
        let ask = |id: &str| {
            let document = "query($id: ID!) { node(id: $id) { id __typename } nodes(ids: [$id]) { id } }";
            without(id, &ana.ask(document, json!({ "id": id })))
        };
        let foreign = theirs.id(kind);
        assert_eq!(ask(foreign), ask(&nobodys(foreign)), "node {kind}");
        assert!(ask(ours.id(kind)).1.contains("__typename"), "node {kind}");
    }
    for (kind, field, template) in MUTATIONS {
        let change = |id: &str| {
            let arguments = ours.0.iter().fold((*template).to_owned(), |text, (kind, id)| {
                text.replace(&format!("\"{kind}!\""), &format!("\"{id}\""))
            });
            let arguments: Value = serde_json::from_str(&arguments.replace("ID", id)).unwrap();
            let answer = ana.change(field, arguments);
            assert!(answer.code().is_some(), "{field} {template}: {}", answer.text);
            without(id, &answer)
        };
        let foreign = theirs.id(kind);
        assert_eq!(change(foreign), change(&nobodys(foreign)), "{field} {template}");
    }
    assert_eq!(ana.log_head(), head, "nothing was written here");
    assert_eq!(zoe.log_head(), their_head, "nor there");
}

#[test]
fn keys_names_and_numbers_are_each_companys_own() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let create = |client: &Client, field: &str, input: &Value| {
        client.change(field, json!({ "input": input })).payload().clone()
    };
    for (field, input) in [
        ("teamCreate", json!({ "key": "OPS", "name": "Operations" })),
        ("labelCreate", json!({ "name": "bug", "color": "#d73a4a" })),
        ("memberCreate", json!({ "email": "max@example.com", "name": "max", "role": "USER" })),
    ] {
        create(&zoe, field, &input);
        create(&ana, field, &input);
    }
    assert_eq!(zoe.issue("One")["identifier"], "LAB-1");
    assert_eq!(ana.issue("One")["identifier"], "ENG-1");
    let find = |client: &Client, key: &str| {
        client.ask("query($id: ID!) { issue(id: $id) { title } }", json!({ "id": key })).data()["issue"]
            .clone()
    };
    assert_eq!(find(&ana, "LAB-1"), Value::Null);
    assert_eq!(find(&zoe, "ENG-1"), Value::Null);
}

#[test]
fn a_cursor_of_another_company_or_another_list_is_refused() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    for client in [&ana, &zoe] {
        client.issue("One");
        client.issue("Two");
    }
    let cursor = |client: &Client| {
        let answer = client.ask("{ issues(first: 1) { pageInfo { endCursor } } }", json!({}));
        answer.data()["issues"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned()
    };
    let next = |after: &str, filter: &str| {
        let document =
            format!("query($after: String) {{ issues(first: 1, after: $after{filter}) {{ totalCount }} }}");
        ana.ask(&document, json!({ "after": after }))
    };
    let ours = cursor(&ana);
    next(&ours, "").data();
    assert_eq!(next(&cursor(&zoe), "").code(), Some("INVALID_INPUT"));
    assert_eq!(next(&ours, ", filter: { type: { eq: BUG } }").code(), Some("INVALID_INPUT"));
    for at in 0..ours.len() {
        let other = if &ours[at..=at] == "A" { "B" } else { "A" };
        let forged = format!("{}{other}{}", &ours[..at], &ours[at + 1..]);
        assert_eq!(next(&forged, "").code(), Some("INVALID_INPUT"), "{forged}");
    }
}
