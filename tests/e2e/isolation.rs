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
        let view = json!({ "name": format!("A view of {word}"), "shared": true });
        let view = client.change("viewCreate", json!({ "input": view }));
        let lists = "{ teams { nodes { id } } members { nodes { id } } workflows { nodes { id } }
            workflowStates { nodes { id } } }";
        let lists = client.ask(lists, json!({}));
        let first = |list: &str| lists.data()[list]["nodes"][0]["id"].clone();
        let things = [
            ("iss", issue),
            ("cmt", comment.payload()["comment"]["id"].clone()),
            ("lbl", label.payload()["label"]["id"].clone()),
            ("view", view.payload()["view"]["id"].clone()),
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

/// Queries that search, cut, look back and read saved views, of the same form.
const NEWER_QUERIES: &[(&str, &str)] = &[
    ("iss", "query($id: ID!) { similarIssues(id: $id) { percent issue { title } } }"),
    ("iss", "query($id: ID!) { issue(id: $id, at: { syncCursor: \"1\" }) { title } }"),
    ("iss", "query($id: ID!) { issue(id: $id) { history(first: 5) { nodes { id } } } }"),
    ("view", "query($id: ID!) { view(id: $id) { name count issues { totalCount } groups { totalCount } } }"),
    ("team", "query($id: ID!) { views(teamId: $id) { totalCount nodes { name } } }"),
];

/// Filters that hold an id: the kind, and the filter with `$id`.
const FILTERS: &[(&str, &str)] = &[
    ("iss", "{ id: { in: [$id] } }"),
    ("iss", "{ id: { nin: [$id] } }"),
    ("iss", "{ children: { some: { id: { eq: $id } } } }"),
    ("iss", "{ children: { every: { id: { eq: $id } } } }"),
    ("iss", "{ blockedBy: { some: { id: { eq: $id } } } }"),
    ("iss", "{ blocks: { none: { id: { eq: $id } } } }"),
    ("iss", "{ relatesTo: { some: { id: { eq: $id } } } }"),
    ("iss", "{ duplicates: { some: { id: { eq: $id } } } }"),
    ("iss", "{ precedes: { some: { id: { eq: $id } } } }"),
    ("iss", "{ not: { parent: { id: { neq: $id } } } }"),
    ("lbl", "{ labels: { some: { id: { in: [$id] } } } }"),
    ("lbl", "{ history: [{ label: { was: { id: { eq: $id } } } }] }"),
    ("lbl", "{ history: [{ label: { changedTo: { id: { neq: $id } } } }] }"),
    ("team", "{ or: [{ team: { id: { eq: $id } } }] }"),
    ("usr", "{ assignees: { none: { id: { eq: $id } } } }"),
    ("usr", "{ comments: { some: { author: { id: { eq: $id } } } } }"),
    ("usr", "{ comments: { every: { author: { id: { neq: $id } } } } }"),
    ("usr", "{ history: [{ assignee: { was: { id: { eq: $id } } } }] }"),
    ("usr", "{ history: [{ category: { changed: true }, by: { id: { neq: $id } } }] }"),
    ("st", "{ history: [{ state: { was: { id: { eq: $id } } } }] }"),
    ("st", "{ history: [{ state: { changedFrom: { id: { neq: $id } } } }] }"),
];

/// Where filters are taken: documents with `FILTER` where it goes.
const FILTERED: &[&str] = &[
    "query($id: ID!) { issues(filter: FILTER) { totalCount nodes { identifier title } } }",
    "query($id: ID!) { issues(filter: FILTER, at: { syncCursor: \"9\" }) { totalCount nodes { title } } }",
    "query($id: ID!) { issueGroups(filter: FILTER, groupBy: LABEL, subGroupBy: TEAM) { totalCount } }",
    "query($id: ID!) { search(text: \"issue\", filter: FILTER) { hits { totalCount nodes { issue { title } } } } }",
    "query($id: ID!) { similarIssues(title: \"An issue of somebody\", filter: FILTER) { issue { title } } }",
    "query($id: ID!) { formatQuery(filter: FILTER) }",
    "query($id: ID!) { view(id: \"VIEW\") { issues(filter: FILTER) { totalCount nodes { title } } } }",
];

/// Texts of the query language that hold an id: the kind, and the text with `ID`.
const TEXTS: &[(&str, &str)] = &[
    ("iss", "id:ID"),
    ("iss", "-id:ID"),
    ("iss", "parent:ID"),
    ("lbl", "label:ID"),
    ("team", "team:ID"),
    ("usr", "assignee:ID"),
    ("usr", "creator:ID"),
    ("st", "state:ID"),
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
    ("wf", "workflowUpdate", r#"{"id":"ID","input":{}}"#),
    ("iss", "issueRelationCreate", r#"{"input":{"issueId":"ID","relatedIssueId":"iss!","type":"BLOCKS"}}"#),
    (
        "iss",
        "issueRelationCreate",
        r#"{"input":{"issueId":"iss!","relatedIssueId":"ID","type":"BLOCKED_BY"}}"#,
    ),
    (
        "iss",
        "issueRelationCreate",
        r#"{"input":{"issueId":"iss!","relatedIssueId":"ID","type":"DUPLICATES"}}"#,
    ),
    ("iss", "issueRelationDelete", r#"{"input":{"issueId":"ID","relatedIssueId":"iss!","type":"RELATES"}}"#),
    ("iss", "issueRelationDelete", r#"{"input":{"issueId":"iss!","relatedIssueId":"ID","type":"PRECEDES"}}"#),
    ("team", "viewCreate", r#"{"input":{"name":"x","teamId":"ID"}}"#),
    ("team", "viewUpdate", r#"{"id":"view!","input":{"teamId":"ID"}}"#),
    ("view", "viewUpdate", r#"{"id":"ID","input":{"name":"x"}}"#),
    ("view", "viewDelete", r#"{"id":"ID"}"#),
    ("view", "favoriteSet", r#"{"viewId":"ID"}"#),
    ("view", "favoritesSet", r#"{"viewIds":["view!","ID"]}"#),
];

#[test]
fn what_is_anothers_and_what_is_nowhere_get_the_same_answer() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let (ours, theirs) = (Things::made_by(&ana, ACME.canary), Things::made_by(&zoe, OTHER.canary));
    let head = ana.log_head();
    let their_head = zoe.log_head();

    for (kind, document) in QUERIES.iter().chain(NEWER_QUERIES) {
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
fn filters_and_texts_with_anothers_id_answer_as_with_one_that_is_nowhere() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let (ours, theirs) = (Things::made_by(&ana, ACME.canary), Things::made_by(&zoe, OTHER.canary));
    for (kind, filter) in FILTERS {
        for document in FILTERED {
            let document = document.replace("FILTER", filter).replace("VIEW", ours.id("view"));
            let ask = |id: &str| without(id, &ana.ask(&document, json!({ "id": id })));
            let (foreign, nowhere) = (ask(theirs.id(kind)), ask(&nobodys(theirs.id(kind))));
            assert_eq!(foreign, nowhere, "{document}");
            assert!(ask(ours.id(kind)).1.contains("\"data\""), "the document is not taken: {document}");
        }
    }
    let document = "query($text: String!) {
        parseQuery(text: $text) { query errors { start message suggestions } warnings { start message suggestions } }
        queryCompletions(text: $text) { insert label detail }
        issues(query: $text) { totalCount nodes { title } }
    }";
    for (kind, template) in TEXTS {
        let ask = |id: &str| {
            let text = template.replace("ID", id);
            without(id, &ana.ask(document, json!({ "text": text })))
        };
        let (foreign, nowhere) = (ask(theirs.id(kind)), ask(&nobodys(theirs.id(kind))));
        assert_eq!(foreign, nowhere, "{template}");
    }
}

#[test]
fn a_private_view_is_nowhere_for_others_of_the_company() {
    let world = World::new();
    let (ana, uwe) = (world.client("ana"), world.client("uwe"));
    let view = ana.change("viewCreate", json!({ "input": { "name": "Mine alone" } }));
    let view = view.payload()["view"]["id"].as_str().unwrap().to_owned();
    for (kind, document) in NEWER_QUERIES.iter().filter(|(kind, _)| *kind == "view") {
        let ask = |id: &str| without(id, &uwe.ask(document, json!({ "id": id })));
        assert_eq!(ask(&view), ask(&nobodys(&view)), "{kind}: {document}");
    }
    for (_, field, template) in MUTATIONS.iter().filter(|(kind, ..)| *kind == "view") {
        let change = |id: &str| {
            let arguments = template.replace("\"view!\",", "").replace("ID", id);
            let answer = uwe.change(field, serde_json::from_str(&arguments).unwrap());
            assert!(answer.code().is_some(), "{field}: {}", answer.text);
            without(id, &answer)
        };
        assert_eq!(change(&view), change(&nobodys(&view)), "{field} {template}");
    }
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
