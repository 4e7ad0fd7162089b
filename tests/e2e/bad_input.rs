//! Whatever is sent, the answer says by its type what is wrong with it, and nothing is written.

use serde_json::{Value, json};

use crate::world::{Client, Response, World};

type Headers = &'static [(&'static str, &'static str)];

const JSON: Headers = &[("content-type", "application/json")];

/// Fails unless this is a refusal: a 4xx whose errors carry a code that is no fault of ours.
#[track_caller]
fn assert_refused(what: &str, response: &Response) {
    let shown: String = response.body.chars().take(500).collect();
    assert!((400..500).contains(&response.status), "{what}: {} {shown}", response.status);
    let body: Value =
        serde_json::from_str(&response.body).unwrap_or_else(|_| panic!("{what}: not JSON: {shown}"));
    let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
    assert!(!code.is_empty() && code != "INTERNAL" && code != "UNAVAILABLE", "{what}: {shown}");
    assert!(
        body["errors"][0]["message"].as_str().is_some_and(|message| !message.is_empty()),
        "{what}: {shown}"
    );
    assert!(response.body.len() < 8_192, "{what}: it echoes {} bytes", response.body.len());
}

/// Plays a table of requests in one world, and sees that nothing was written.
#[track_caller]
fn refuse_all(requests: impl Fn(&Client) -> Vec<(String, Response)>) {
    let world = World::new();
    let ana = world.client("ana");
    ana.issue("Something to spoil");
    let head = ana.log_head();
    for (what, response) in requests(&ana) {
        assert_refused(&what, &response);
    }
    assert_eq!(ana.log_head(), head, "something was written");
}

#[test]
fn bodies_that_are_no_requests() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("no JSON", b"query { viewer { id } }".to_vec()),
        ("cut JSON", br#"{"query":"{ viewer"#.to_vec()),
        ("no UTF-8", b"{\"query\":\"\xff\xfe\"}".to_vec()),
        ("a lone surrogate", br#"{"query":"{ viewer { id } } #\ud800"}"#.to_vec()),
        ("a batch", br#"[{"query":"{viewer{id}}"}]"#.to_vec()),
        ("a number", b"7".to_vec()),
        ("null", b"null".to_vec()),
        ("deep JSON", deep.into_bytes()),
        ("no document", br#"{"variables":{}}"#.to_vec()),
        ("a document that is no text", br#"{"query":7}"#.to_vec()),
        ("variables that are no object", br#"{"query":"{viewer{id}}","variables":[1]}"#.to_vec()),
        ("a name that is no text", br#"{"query":"{viewer{id}}","operationName":{}}"#.to_vec()),
        ("a parameter twice", br#"{"query":"{viewer{id}}","query":"{teams{totalCount}}"}"#.to_vec()),
        ("too many bytes", vec![b' '; 3 * 1024 * 1024]),
    ];
    refuse_all(|ana| {
        let send = |(what, body): &(&str, Vec<u8>)| ((*what).to_owned(), ana.post(JSON, body).unwrap());
        bodies.iter().map(send).collect()
    });
}

#[test]
fn requests_of_the_wrong_kind() {
    refuse_all(|ana| {
        let query: &[u8] = br#"{"query":"{viewer{id}}"}"#;
        let mutation = "GET /graphql?query=mutation%7BissueDelete(id:%22ENG-1%22)%7Bsuccess%7D%7D";
        let requests: [(&str, &str, Headers, &[u8]); 13] = [
            ("no content type", "POST /graphql", &[], query),
            ("text", "POST /graphql", &[("content-type", "text/plain")], query),
            (
                "a form",
                "POST /graphql",
                &[("content-type", "application/x-www-form-urlencoded")],
                b"query=%7Bviewer%7D",
            ),
            ("an upload", "POST /graphql", &[("content-type", "multipart/form-data; boundary=x")], b"--x--"),
            (
                "another charset",
                "POST /graphql",
                &[("content-type", "application/json; charset=utf-16")],
                query,
            ),
            (
                "compressed",
                "POST /graphql",
                &[("content-type", "application/json"), ("content-encoding", "gzip")],
                query,
            ),
            (
                "an answer we cannot give",
                "POST /graphql",
                &[("content-type", "application/json"), ("accept", "text/csv")],
                query,
            ),
            ("PUT", "PUT /graphql", JSON, query),
            ("DELETE", "DELETE /graphql", JSON, query),
            ("PATCH", "PATCH /graphql", JSON, query),
            ("a mutation by GET", mutation, &[], b""),
            ("no document by GET", "GET /graphql", &[], b""),
            ("a broken escape by GET", "GET /graphql?query=%zz", &[], b""),
        ];
        requests
            .iter()
            .map(|(what, line, headers, body)| ((*what).to_owned(), ana.send(line, headers, body).unwrap()))
            .collect()
    });
}

#[test]
fn documents_that_cannot_be_executed() {
    let many = |what: &str, count: usize| what.repeat(count);
    let aliases: String = (0..2_000).map(|n| format!("a{n}: viewer {{ id }} ")).collect();
    let documents = vec![
        String::new(),
        "   # nothing but a remark".to_owned(),
        "{".to_owned(),
        "}".to_owned(),
        "{ viewer { id }".to_owned(),
        "query { }".to_owned(),
        "{ nothing }".to_owned(),
        "{ viewer }".to_owned(),
        "{ viewer { id { id } } }".to_owned(),
        "{ issue { id } }".to_owned(),
        "{ issue(id: ENG) { id } }".to_owned(),
        "{ issue(id: \"ENG-1\", id: \"ENG-2\") { id } }".to_owned(),
        "{ issues(first: \"many\") { totalCount } }".to_owned(),
        "{ issues(first: 99999999999999999999) { totalCount } }".to_owned(),
        "{ issues(filter: { priority: { eq: SOON } }) { totalCount } }".to_owned(),
        "{ issues(filter: { mood: { eq: GOOD } }) { totalCount } }".to_owned(),
        "{ issues(sort: [{}]) { totalCount } }".to_owned(),
        "{ issues(sort: [{ number: { order: ASC }, title: { order: ASC } }]) { totalCount } }".to_owned(),
        "{ ...F } fragment F on Query { ...F }".to_owned(),
        "{ ...F }".to_owned(),
        "query($a: ID!) { viewer { id } }".to_owned(),
        "{ issue(id: $id) { id } }".to_owned(),
        "query A { viewer { id } } query B { viewer { id } }".to_owned(),
        "subscription { issues { id } }".to_owned(),
        "mutation { issueDelete(id: \"ENG-1\") { success } viewer { id } }".to_owned(),
        "{ viewer @nothing { id } }".to_owned(),
        "{ viewer { id @skip } }".to_owned(),
        format!("{{ {aliases} }}"),
        format!("{{ viewer {{ {} }} }}", many("id ", 10_000)),
        format!("{{ viewer {{ id {} }} }}", many("@include(if: true) ", 500)),
        format!("{{ issue(id: \"ENG-1\") {{ {}id{} }} }}", many("parent { ", 60), many(" }", 60)),
        format!("{{ issue(id: \"{}\") {{ id }} }}", many("x", 20_000)),
        format!("{{ issues(filter: {}{}) {{ totalCount }} }}", many("{ not: ", 200), many("}", 200)),
        "\u{0}{ viewer { id } }".to_owned(),
        "{ viewer { id } } \u{feff}\u{202e}".to_owned(),
    ];
    refuse_all(|ana| {
        let send = |document: &String| {
            let body = json!({ "query": document }).to_string();
            (
                document.chars().take(80).collect(),
                ana.post(
                    &[("content-type", "application/json"), ("accept", "application/graphql-response+json")],
                    body.as_bytes(),
                )
                .unwrap(),
            )
        };
        documents.iter().map(send).collect()
    });
}

#[test]
fn values_that_fit_no_field() {
    let update = "mutation($id: ID!, $input: IssueUpdateInput!, $v: Int, $k: String) {
        issueUpdate(id: $id, input: $input, ifVersion: $v, idempotencyKey: $k) { success userErrors { code } } }";
    let create =
        "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success userErrors { code } } }";
    let one = "query($id: ID!) { issue(id: $id) { id } }";
    let list = "query($first: Int, $after: String, $filter: IssueFilter, $query: String, $at: PastMoment, $zone: String) {
        issues(first: $first, after: $after, filter: $filter, query: $query, at: $at, timeZone: $zone) { totalCount } }";
    let search = "query($text: String!) { search(text: $text) { indexedThrough } }";
    let complete = "query($text: String!, $position: Int!) { queryCompletions(text: $text, position: $position) { label } }";
    let board = "query($by: IssueGroupBy!, $groups: Int, $after: String, $first: Int) {
        issueGroups(groupBy: $by, first: $groups, after: $after) { nodes { issues(first: $first) { totalCount } } } }";
    let relate = "mutation($input: IssueRelationCreateInput!) { issueRelationCreate(input: $input) { success userErrors { code } } }";
    let view =
        "mutation($input: ViewCreateInput!) { viewCreate(input: $input) { success userErrors { code } } }";
    let deep = |levels: usize, field: &str| {
        (0..levels).fold(json!({ "number": { "eq": 1 } }), |inner, _| json!({ field: inner }))
    };
    let values = |count: usize| (0..count).map(|n| format!("x{n}")).collect::<Vec<_>>();
    let requests = vec![
        (one, json!({})),
        (one, json!({ "id": null })),
        (one, json!({ "id": { "of": "ENG-1" } })),
        (one, json!({ "id": "" })),
        (one, json!({ "id": "ENG" })),
        (one, json!({ "id": "ENG-99999999999" })),
        (one, json!({ "id": "iss_" })),
        (one, json!({ "id": "iss_zzzzzzzzzzzzzzzzzzzzzzzzzz" })),
        (one, json!({ "id": "team_00000000000000000000000000" })),
        (one, json!({ "id": "iss_00000000000000000000000000\u{0}" })),
        (list, json!({ "first": 0 })),
        (list, json!({ "first": -1 })),
        (list, json!({ "first": 251 })),
        (list, json!({ "first": 2.5 })),
        (list, json!({ "first": "2" })),
        (list, json!({ "after": "nonsense" })),
        (list, json!({ "after": "" })),
        (list, json!({ "after": "x".repeat(10_000) })),
        (list, json!({ "filter": { "title": { "in": values(251) } } })),
        (list, json!({ "filter": { "or": vec![json!({ "type": { "eq": "BUG" } }); 300] } })),
        (list, json!({ "filter": { "dueDate": { "eq": "2026-02-30" } } })),
        (list, json!({ "filter": { "createdAt": { "lt": "yesterday" } } })),
        (list, json!({ "filter": { "estimate": { "between": [1] } } })),
        (list, json!({ "filter": { "state": { "id": { "eq": "iss_00000000000000000000000000" } } } })),
        (list, json!({ "filter": { "createdAt": { "gt": "-P99999999999Y" } } })),
        (list, json!({ "filter": { "cycleTime": { "gt": "1 day" } } })),
        (list, json!({ "filter": { "identifier": { "eq": "ENG" } } })),
        (list, json!({ "filter": { "title": { "contains": "x".repeat(3_000) } } })),
        (list, json!({ "filter": { "history": [{}] } })),
        (list, json!({ "filter": { "history": [{ "state": { "changed": false } }] } })),
        (list, json!({ "filter": { "text": { "matches": "\"open" } } })),
        (list, json!({ "filter": { "text": { "matches": "x ".repeat(1_000) } } })),
        (list, json!({ "filter": deep(37, "not") })),
        (list, json!({ "filter": deep(37, "blockedBy") })),
        (list, json!({ "filter": deep(60, "parent") })),
        (list, json!({ "query": "state:\"open" })),
        (list, json!({ "query": "asignee:me" })),
        (list, json!({ "query": "(".repeat(2_000) })),
        (list, json!({ "query": "-".repeat(2_000) + "label:x" })),
        (list, json!({ "query": "x".repeat(5_000) })),
        (list, json!({ "query": "priority:".to_owned() + &"high,".repeat(700) })),
        (list, json!({ "at": {} })),
        (list, json!({ "at": { "time": "2999-01-01T00:00:00Z" } })),
        (list, json!({ "at": { "syncCursor": "-1" } })),
        (list, json!({ "at": { "time": "2026-01-01T00:00:00Z", "syncCursor": "1" } })),
        (list, json!({ "zone": "Mars/Base" })),
        (list, json!({ "zone": "../../etc/passwd" })),
        (search, json!({ "text": "" })),
        (search, json!({ "text": "\"" })),
        (search, json!({ "text": "title:" })),
        (search, json!({ "text": "x".repeat(10_000) })),
        (search, json!({ "text": "a* ".repeat(200) })),
        (complete, json!({ "text": "x".repeat(10_000), "position": 3 })),
        (complete, json!({ "text": "x", "position": -1 })),
        (board, json!({ "by": "MOOD" })),
        (board, json!({ "by": "STATE", "first": 251 })),
        (board, json!({ "by": "STATE", "first": -1 })),
        (board, json!({ "by": "STATE", "groups": 0 })),
        (board, json!({ "by": "STATE", "groups": 251 })),
        (board, json!({ "by": "STATE", "after": "x" })),
        (relate, json!({ "input": { "issueId": "ENG-1", "type": "HATES", "relatedIssueId": "ENG-2" } })),
        (view, json!({ "input": { "name": "x", "query": "(((" } })),
        (update, json!({ "id": "ENG-1" })),
        (update, json!({ "id": "ENG-1", "input": { "priority": "SOON" } })),
        (update, json!({ "id": "ENG-1", "input": { "mood": "GOOD" } })),
        (update, json!({ "id": "ENG-1", "input": { "estimate": -1 } })),
        (update, json!({ "id": "ENG-1", "input": { "estimate": 4_294_967_296_u64 } })),
        (update, json!({ "id": "ENG-1", "input": { "dueDate": "soon" } })),
        (update, json!({ "id": "ENG-1", "input": { "labelIds": ["bug"] } })),
        (update, json!({ "id": "ENG-1", "input": { "stateId": "Closed" } })),
        (update, json!({ "id": "ENG-1", "input": { "title": "x" }, "v": "one" })),
        (update, json!({ "id": "ENG-1", "input": { "title": "x" }, "v": -1 })),
        (update, json!({ "id": "nonsense", "input": { "title": "x" } })),
        (create, json!({ "input": { "title": "No team" } })),
        (create, json!({ "input": { "teamId": "ENG", "title": "x" } })),
        (create, json!({ "input": { "teamId": "team_00000000000000000000000000", "title": null } })),
        (create, json!({ "input": [] })),
    ];
    refuse_all(|ana| {
        let send = |(document, variables): &(&str, Value)| {
            let body = json!({ "query": document, "variables": variables }).to_string();
            let what = variables.to_string().chars().take(120).collect();
            (what, ana.post(JSON, body.as_bytes()).unwrap())
        };
        requests.iter().map(send).collect()
    });
}

/// What the form of a request does not show is told beside its fields.
#[test]
fn values_that_break_a_rule_are_told_by_field() {
    let world = World::new();
    let ana = world.client("ana");
    ana.issue("Something to spoil");
    let head = ana.log_head();
    for (input, field) in [
        (json!({ "title": "" }), "title"),
        (json!({ "title": "  \t " }), "title"),
        (json!({ "title": "two\nlines" }), "title"),
        (json!({ "title": "x".repeat(513) }), "title"),
        (json!({ "description": "x".repeat(256 * 1024 + 1) }), "description"),
        (json!({ "description": "a\u{0}b" }), "description"),
        (json!({ "estimate": 10_001 }), "estimate"),
        (json!({ "rank": "ÄÖ" }), "rank"),
        (json!({ "rank": "" }), "rank"),
        (json!({ "resolution": "DONE" }), "resolution"),
        (json!({ "assigneeIds": vec!["usr_00000000000000000000000000"; 2] }), "assigneeIds"),
    ] {
        let answer = ana.change("issueUpdate", json!({ "id": "ENG-1", "input": input }));
        let code = if field == "assigneeIds" { "NOT_FOUND" } else { "INVALID_INPUT" };
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.refusal(), Some((&json!(code), &json!(field))), "{}", answer.text);
        assert!(answer.data()["issueUpdate"]["issue"].is_null());
    }
    assert_eq!(ana.log_head(), head);
}

/// Text is data, whatever it looks like: it comes back as it went in.
#[test]
fn strange_text_comes_back_as_it_was() {
    let world = World::new();
    let ana = world.client("ana");
    for text in [
        "\"}]}); DROP TABLE issues; --",
        "<script>alert(1)</script>",
        "{{7*7}} ${7*7} %s %n",
        "\u{202e}gnp.exe \u{200d}👩‍👩‍👧‍👦 e\u{301} \u{fffd}",
        "../../etc/passwd",
        "=1+1",
        "null",
    ] {
        assert_eq!(ana.issue(text)["title"], text.trim());
    }
    let long = "ä\n".repeat(80_000);
    ana.change("issueUpdate", json!({ "id": "ENG-1", "input": { "description": long } })).payload();
    let answer = ana.ask("{ issue(id: \"ENG-1\") { description } }", json!({}));
    assert_eq!(answer.data()["issue"]["description"], long);
}
