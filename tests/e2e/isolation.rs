//! No company learns anything of another: not even that a thing is there. `matrix` asks this of every argument of the schema;
//! here is what no argument of an id shows.
//!
//! Beside these tests every answer to every client of a world is searched for the other company's word.

use serde_json::{Value, json};

use crate::plugins;
use crate::world::{ACME, Answer, Client, OTHER, World};

/// Things of one company, by the kind that their ids name.
pub(crate) struct Things(Vec<(&'static str, String)>);

impl Things {
    /// Makes one of each, with the company's word wherever text goes, and ties them together: the issue has the label and
    /// the assignee, a child, and a relation to it.
    pub(crate) fn made_by(client: &Client, word: &str) -> Self {
        let lists = "{ teams { nodes { id } } members { nodes { id } }
            workflows { nodes { id publishedVersion { id } } } workflowStates { nodes { id } } }";
        let lists = client.ask(lists, json!({}));
        let first = |list: &str| lists.data()[list]["nodes"][0]["id"].clone();
        let team = first("teams");
        let label = json!({ "name": format!("A label of {word}"), "color": "#d73a4a", "teamId": team });
        let label = client.change("labelCreate", json!({ "input": label }));
        let issue = json!({
            "teamId": team,
            "title": format!("An issue of {word}"),
            "labelIds": [label.payload()["label"]["id"]],
            "assigneeIds": [first("members")],
        });
        let issue = client.change("issueCreate", json!({ "input": issue })).payload()["issue"]["id"].clone();
        let child = json!({ "teamId": team, "title": format!("A part of {word}"), "parentId": issue });
        let child = client.change("issueCreate", json!({ "input": child })).payload()["issue"]["id"].clone();
        let relation = json!({ "issueId": child, "relatedIssueId": issue, "type": "RELATES" });
        let related = client.change("issueRelationCreate", json!({ "input": relation }));
        assert!(related.code().is_none(), "{}", related.text);
        let body = json!({ "issueId": issue, "body": format!("A comment of {word}") });
        let comment = client.change("commentCreate", json!({ "input": body }));
        let view = json!({ "name": format!("A view of {word}"), "shared": true, "teamId": team });
        let view = client.change("viewCreate", json!({ "input": view }));
        let invited = json!({ "input": { "email": format!("new-{word}@example.com") } });
        let invited = client.change("memberInvite", invited);
        let plugin = json!({ "name": format!("A plugin of {word}"), "enable": false });
        let plugin = plugins::install(client, &plugins::upload(client, &plugins::puppet(&[])), plugin);
        let things = [
            ("pin", json!(plugin)),
            ("inv", invited.payload()["invitation"]["id"].clone()),
            ("iss", issue),
            ("cmt", comment.payload()["comment"]["id"].clone()),
            ("lbl", label.payload()["label"]["id"].clone()),
            ("view", view.payload()["view"]["id"].clone()),
            ("team", first("teams")),
            ("usr", first("members")),
            ("wf", first("workflows")),
            ("wfv", lists.data()["workflows"]["nodes"][0]["publishedVersion"]["id"].clone()),
            ("st", first("workflowStates")),
        ];
        Self(things.into_iter().map(|(kind, id)| (kind, id.as_str().unwrap().to_owned())).collect())
    }

    /// With the ways in that people have: a key, a provider, a session, and the visit of an operator.
    pub(crate) fn with_ways_in(mut self, client: &Client, word: &str) -> Self {
        let key = json!({ "name": format!("A key of {word}") });
        let key = client.change("apiKeyCreate", json!({ "input": key }));
        let provider = json!({
            "name": format!("A provider of {word}"),
            "issuer": "https://login.example",
            "clientId": word,
            "domains": ["example.com"],
        });
        let provider = client.change("identityProviderCreate", json!({ "input": provider }));
        let lists = client.ask("{ sessions { id } visits { id } }", json!({}));
        let ways = [
            ("key", &key.payload()["apiKey"]["id"]),
            ("idp", &provider.payload()["identityProvider"]["id"]),
            ("ses", &lists.data()["sessions"][0]["id"]),
            ("visit", &lists.data()["visits"][0]["id"]),
        ];
        self.0.extend(ways.map(|(kind, id)| (kind, id.as_str().unwrap().to_owned())));
        self
    }

    /// The ids of all of them.
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.0.iter().map(|(_, id)| id.as_str()).collect()
    }

    pub(crate) fn id(&self, kind: &str) -> &str {
        self.0.iter().find(|(of, _)| *of == kind).map(|(_, id)| id.as_str()).unwrap()
    }
}

/// Kinds of things that `node` does not find.
const NO_NODES: &[&str] = &["inv"];

/// An id of the same kind that nobody has: another digit among those that were drawn at random.
pub(crate) fn nobodys(id: &str) -> String {
    let at = id.len() - 4;
    let other = if &id[at..=at] == "a" { "b" } else { "a" };
    format!("{}{other}{}", &id[..at], &id[at + 1..])
}

/// An answer with the id that was asked about, and what names the request, left out.
pub(crate) fn without(id: &str, answer: &Answer) -> (u16, String) {
    let mut body = answer.body.clone();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("requestId");
    }
    (answer.status, body.to_string().replace(id, "ID"))
}

/// Queries of the past, and of what is a step away: the kind, and the document with `$id: ID!`.
const QUERIES: &[(&str, &str)] = &[
    ("iss", "query($id: ID!) { issue(id: $id, at: { syncCursor: \"1\" }) { title } }"),
    (
        "iss",
        "query($id: ID!) { issues(filter: { id: { in: [$id] } }, at: { syncCursor: \"9\" }) { nodes { title } } }",
    ),
    ("iss", "query($id: ID!) { issue(id: $id) { history(first: 5) { nodes { __typename } } } }"),
    ("view", "query($id: ID!) { view(id: $id) { name count issues { totalCount } groups { totalCount } } }"),
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

/// Mutations of a view: the field, and the arguments with `ID` where its id goes.
const OF_A_VIEW: &[(&str, &str)] = &[
    ("viewUpdate", r#"{"id":"ID","input":{"name":"x"}}"#),
    ("viewDelete", r#"{"id":"ID"}"#),
    ("favoriteSet", r#"{"viewId":"ID"}"#),
    ("favoritesSet", r#"{"viewIds":["ID"]}"#),
];

#[test]
fn any_node_and_any_past_of_anothers_is_as_nobodys() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let (ours, theirs) = (Things::made_by(&ana, ACME.canary), Things::made_by(&zoe, OTHER.canary));
    for (kind, document) in QUERIES {
        let ask = |id: &str| without(id, &ana.ask(document, json!({ "id": id })));
        let foreign = theirs.id(kind);
        assert_eq!(ask(foreign), ask(&nobodys(foreign)), "{document}");
        ana.ask(document, json!({ "id": ours.id(kind) })).data();
    }
    for (kind, _) in ours.0.iter().filter(|(kind, _)| !NO_NODES.contains(kind)) {
        let ask = |id: &str| {
            let document = "query($id: ID!) { node(id: $id) { id __typename } nodes(ids: [$id]) { id } }";
            without(id, &ana.ask(document, json!({ "id": id })))
        };
        let foreign = theirs.id(kind);
        assert_eq!(ask(foreign), ask(&nobodys(foreign)), "node {kind}");
        assert!(ask(ours.id(kind)).1.contains("__typename"), "node {kind}");
    }
}

#[test]
fn texts_with_anothers_id_answer_as_with_one_that_is_nowhere() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let theirs = Things::made_by(&zoe, OTHER.canary);
    Things::made_by(&ana, ACME.canary);
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
    for (kind, document) in QUERIES.iter().filter(|(kind, _)| *kind == "view") {
        let ask = |id: &str| without(id, &uwe.ask(document, json!({ "id": id })));
        assert_eq!(ask(&view), ask(&nobodys(&view)), "{kind}: {document}");
    }
    for (field, template) in OF_A_VIEW {
        let change = |id: &str| {
            let arguments = template.replace("ID", id);
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
