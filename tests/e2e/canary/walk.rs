//! Everything that one asker can ask: each field of the live schema, with the other company's ids wherever one may stand, and
//! each path of the server. It looks at no answer.

use serde_json::{Value, json};

use super::scan::ASKED;
use crate::isolation::Things;
use crate::matrix::place::Place;
use crate::matrix::schema::Schema;
use crate::world::{Client, Response};

/// How many objects deep an answer is asked for where nothing but the field itself is tried.
const DEPTH: usize = 2;

/// Documents that no single field of the schema makes: `$word` is what is looked for, `$id` each id at hand.
const DOCUMENTS: &[&str] = &[
    "query($word: String!) { search(text: $word) { hits { nodes { issue { title description } snippets { text html } } } } }",
    "query($word: String!) { search(text: $word, typing: true) { hits { nodes { issue { title } } } } }",
    "query($word: String!) { similarIssues(title: $word, description: $word, first: 20) { __typename } }",
    "query($word: String!) { queryCompletions(text: $word) { insert label detail } }",
    "query($word: String!) { parseQuery(text: $word) { query errors { message suggestions } } }",
    "query($id: ID!) { nodes(ids: [$id]) { id __typename
        ... on Issue { title description key: identifier history(first: 20) { nodes { __typename } } }
        ... on Comment { body } ... on Label { name } ... on Team { name } ... on Member { name email } } }",
    "{ auditEvents(first: 250) { nodes { id kind actor { name } userAgent details { name from to } } } }",
    "{ issues(first: 250) { nodes { title description comments(first: 50) { nodes { body } } } } }",
    "{ members(first: 250) { nodes { name email } } sessions { device } }",
    "{ labels(first: 250) { nodes { name } } teams(first: 250) { nodes { name description } } }",
    "{ views(first: 250) { nodes { name description } } favorites { name } }",
    "{ workflows(first: 250) { nodes { name } } workflowStates(first: 250) { nodes { name } } }",
];

/// What is there beside the endpoint.
const PATHS: &[&str] = &[
    "GET /",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /graphiql",
    "GET /.well-known/jwks.json",
    "GET /audit/export?format=csv",
    "GET /audit/export?format=jsonl",
    "GET /audit/export?proof=1",
    "GET /import/github",
    "POST /import/github?team=ASKED",
    "GET /oidc/start?provider=IDP",
    "GET /oidc/callback?state=x&code=x",
    "GET /graphql?query=%7Bissues%7BtotalCount%7D%7D",
    "POST /root/graphql",
];

/// Somebody who asks for everything.
pub(crate) struct Asker<'a> {
    pub(crate) who: &'static str,
    pub(crate) client: Client,
    pub(crate) schema: &'a Schema,
    /// Ids of the asker's own company.
    pub(crate) own: &'a Things,
    /// Ids of the company that is asked for.
    pub(crate) foreign: &'a Things,
}

impl Asker<'_> {
    /// Asks for everything of these roots, and shows what is asked and what is answered.
    pub(crate) fn walk(&self, roots: &[(&str, &str)], show: &mut dyn FnMut(&str, &Response)) {
        for (root, name) in roots {
            let mut fields: Vec<_> = self.schema.get(name).fields.iter().collect();
            // Who has signed out asks nothing more.
            fields.sort_by_key(|field| field.name == "signOut");
            for field in fields {
                let plain = Place::plain(None, field);
                let own = |kind: &str| self.own.id(kind).to_owned();
                let foreign = |kind: &str| self.foreign.id(kind).to_owned();
                for ours in [&own as &dyn Fn(&str) -> String, &foreign] {
                    let (document, variables) = plain.request_of(self.schema, root, "", ours, DEPTH);
                    self.ask(&document, variables, show);
                }
                for place in Place::all(self.schema, None, field).iter().filter(|place| is_asked(place)) {
                    let id = self.foreign.id(place.kind());
                    let (document, variables) = place.request(self.schema, root, id, &own);
                    self.ask(&document, variables, show);
                }
                let texts = Place::of("String", self.schema, None, field);
                for place in texts.iter().filter(|place| is_asked(place)) {
                    let (document, variables) = place.request(self.schema, root, ASKED, &own);
                    self.ask(&document, variables, show);
                }
            }
        }
    }

    /// Asks what no single field of the schema asks, and all paths.
    pub(crate) fn roam(&self, show: &mut dyn FnMut(&str, &Response)) {
        for document in DOCUMENTS {
            if document.contains("$id") {
                for id in [self.own, self.foreign].iter().flat_map(|things| things.ids()) {
                    self.ask(document, json!({ "id": id }), show);
                }
            } else {
                self.ask(document, json!({ "word": ASKED }), show);
            }
        }
        for path in PATHS {
            let path = path.replace("IDP", self.foreign.id("idp"));
            let response = self.client.send(&path, &[("accept", "*/*")], b"{}");
            show(&path, &response.unwrap_or_else(|error| panic!("{}, {path}: {error}", self.who)));
        }
    }

    fn ask(&self, document: &str, mut variables: Value, show: &mut dyn FnMut(&str, &Response)) {
        // Variables that a document does not declare are refused.
        if let Some(given) = variables.as_object_mut() {
            given.retain(|name, _| document.contains(&format!("${name}")));
        }
        let body = json!({ "query": document, "variables": variables }).to_string();
        let answer = self.client.post(&[("content-type", "application/json")], body.as_bytes());
        let asked = format!("{}: {document} {variables}", self.who);
        show(&asked, &answer.unwrap_or_else(|error| panic!("{asked}: {error}")));
    }
}

/// One function reads filters wherever they are taken, and compares all texts: the list of issues asks each in one way.
fn is_asked(place: &Place<'_>) -> bool {
    !place.is_in_filter() || (place.is_of_issues() && !place.is_compared_otherwise())
}
