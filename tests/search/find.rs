//! Searching through GraphQL, many words at once.

use std::io;

use serde_json::{Map, Value};

use crate::world::Client;

/// Searches of one request.
const AT_ONCE: usize = 20;

/// What a search for one word says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Ids of issues, the first of them.
    pub(crate) issues: Vec<String>,
    pub(crate) total: u64,
    /// Whether everything was searched that was acknowledged.
    pub(crate) complete: bool,
}

impl Found {
    fn of(search: &Value) -> Self {
        let hits = &search["hits"];
        let id = |node: &Value| node["issue"]["id"].as_str().unwrap().to_owned();
        Self {
            issues: hits["nodes"].as_array().unwrap().iter().map(id).collect(),
            total: hits["totalCount"].as_u64().unwrap(),
            complete: search["indexedThrough"].is_null(),
        }
    }
}

/// What is found for each of these texts, in their order.
pub(crate) fn find_all(client: &Client, texts: &[String]) -> Vec<Found> {
    texts.chunks(AT_ONCE).flat_map(|texts| find_some(client, texts).unwrap()).collect()
}

/// What is found for a text, on a server that may go away.
pub(crate) fn try_to_find(client: &Client, text: &str) -> io::Result<Found> {
    Ok(find_some(client, &[text.to_owned()])?.remove(0))
}

fn find_some(client: &Client, texts: &[String]) -> io::Result<Vec<Found>> {
    let places = 0..texts.len();
    let declared: String = places.clone().map(|at| format!("$t{at}: String! ")).collect();
    let asked: String =
        places.clone().map(|at| format!("s{at}: search(text: $t{at}, first: 3) {{ ...Found }} ")).collect();
    let variables: Map<_, Value> =
        texts.iter().enumerate().map(|(at, text)| (format!("t{at}"), text.clone().into())).collect();
    let document = format!(
        "query({declared}) {{ {asked} }}
         fragment Found on IssueSearch {{ indexedThrough hits {{ totalCount nodes {{ issue {{ id }} }} }} }}"
    );
    let answer = client.try_to_ask(&document, &variables.into())?;
    Ok(places.map(|at| Found::of(&answer.data()[format!("s{at}")])).collect())
}

/// The keys of all issues that pass a filter, oldest first, page by page, and the total.
pub(crate) fn list(client: &Client, filter: &Value) -> (Vec<String>, u64) {
    let document = "query($after: String, $filter: IssueFilter) {
        issues(first: 250, after: $after, filter: $filter, sort: [{ number: { order: ASC } }]) {
            nodes { identifier } totalCount pageInfo { hasNextPage endCursor }
        }
    }";
    let (mut keys, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = client.ask(document, serde_json::json!({ "after": after, "filter": filter }));
        let page = &answer.data()["issues"];
        let nodes = page["nodes"].as_array().unwrap().iter();
        keys.extend(nodes.map(|node| node["identifier"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return (keys, page["totalCount"].as_u64().unwrap());
        }
    }
}
