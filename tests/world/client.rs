//! A GraphQL client of one person. Every answer is searched for words of another company.

use std::io;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{ACME, Company, OTHER, Response, mutation, send};

/// What a client calls itself.
pub(crate) const AGENT: &str = "mortise tests";

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    /// What is sent as `Authorization: Bearer …`.
    pub(crate) token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// What it calls itself; sessions are bound to it.
    agent: String,
    company: Option<Company>,
}

const SIGN_IN: &str = "mutation($input: SignInInput!) {
    signIn(input: $input) { accessToken refreshToken expiresAt }
}";

impl Client {
    /// Nobody, at this server.
    pub(crate) fn of_nobody(address: SocketAddr) -> Self {
        Self { address, token: None, refresh_token: None, agent: AGENT.to_owned(), company: None }
    }

    /// Asks to be signed in.
    pub(crate) fn ask_to_sign_in(&self, tenant: &str, email: &str, password: &str) -> Answer {
        let input = json!({ "tenant": tenant, "email": email, "password": password });
        self.ask(SIGN_IN, json!({ "input": input }))
    }

    /// This client with somebody signed in.
    pub(crate) fn sign_in(&self, company: Company, email: &str, password: &str) -> Self {
        let answer = self.ask_to_sign_in(company.slug, email, password);
        let token = |name: &str| Some(answer.data()["signIn"][name].as_str().unwrap().to_owned());
        let (token, refresh_token) = (token("accessToken"), token("refreshToken"));
        Self { token, refresh_token, company: Some(company), ..self.clone() }
    }

    /// This client as one of another name, without its access token.
    pub(crate) fn as_agent(&self, agent: &str) -> Self {
        Self { token: None, agent: agent.to_owned(), ..self.clone() }
    }

    /// This client at a server that was started since.
    pub(crate) fn at(&self, other: &Self) -> Self {
        Self { address: other.address, ..self.clone() }
    }

    /// This client with another bearer credential of the same company.
    pub(crate) fn with_token(&self, company: Company, token: &str) -> Self {
        Self { token: Some(token.to_owned()), company: Some(company), ..self.clone() }
    }

    /// Executes a document.
    #[track_caller]
    pub(crate) fn ask(&self, document: &str, variables: Value) -> Answer {
        self.try_to_ask(document, &variables)
            .unwrap_or_else(|error| panic!("no answer to {document}: {error}"))
    }

    /// Executes a document on a server that may go away.
    pub(crate) fn try_to_ask(&self, document: &str, variables: &Value) -> io::Result<Answer> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let response = self.post(&[("content-type", "application/json")], body.as_bytes())?;
        let body = serde_json::from_str(&response.body);
        let body = body.unwrap_or_else(|error| panic!("not JSON ({error}): {}", response.body));
        Ok(Answer { status: response.status, body, text: response.body })
    }

    /// Runs a mutation with these arguments.
    #[track_caller]
    pub(crate) fn change(&self, field: &str, arguments: Value) -> Answer {
        self.try_to_change(field, &arguments).unwrap_or_else(|error| panic!("no answer to {field}: {error}"))
    }

    /// Runs a mutation on a server that may go away.
    pub(crate) fn try_to_change(&self, field: &str, arguments: &Value) -> io::Result<Answer> {
        let document = mutation::document(field, arguments.as_object().unwrap());
        self.try_to_ask(&document, arguments)
    }

    /// The id of the thing with this name in a list: `teams`, `labels`, `members`, `workflowStates`.
    #[track_caller]
    pub(crate) fn id_of(&self, list: &str, name: &str) -> String {
        let name_field = if list == "teams" { "key" } else { "name" };
        let answer =
            self.ask(&format!("{{ {list}(first: 250) {{ nodes {{ id {name_field} }} }} }}"), json!({}));
        let nodes = answer.data()[list]["nodes"].as_array().unwrap();
        let found = nodes.iter().find(|node| node[name_field] == name);
        let found = found.unwrap_or_else(|| panic!("{list} has no {name}: {}", answer.text));
        found["id"].as_str().unwrap().to_owned()
    }

    /// Makes an issue in the company's first team, and answers it.
    #[track_caller]
    pub(crate) fn issue(&self, title: &str) -> Value {
        let team = self.id_of("teams", self.company.unwrap().team);
        let answer = self.change("issueCreate", json!({ "input": { "teamId": team, "title": title } }));
        answer.payload()["issue"].clone()
    }

    /// The place in the company's log up to which everything has happened; a mutation that is refused tells it.
    #[track_caller]
    pub(crate) fn log_head(&self) -> u64 {
        let answer = self.change("issueDelete", json!({ "id": "ZZZ-1", "dryRun": true }));
        assert_eq!(answer.code(), Some("NOT_FOUND"), "{}", answer.text);
        answer.data()["issueDelete"]["syncCursor"].as_str().unwrap().parse().unwrap()
    }

    /// Sends bytes to the endpoint.
    pub(crate) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Response> {
        self.send("POST /graphql", headers, body)
    }

    /// Sends any request in this person's name.
    pub(crate) fn send(&self, what: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Response> {
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut all = vec![("user-agent", self.agent.as_str())];
        let accepts = headers.iter().any(|(name, _)| *name == "accept");
        all.extend((!accepts).then_some(("accept", "application/graphql-response+json")));
        all.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        all.extend(headers);
        let response = send(self.address, what, &all, body)?;
        for foreign in [ACME, OTHER].into_iter().filter(|company| Some(*company) != self.company) {
            assert!(!response.body.contains(foreign.canary), "a word of {}: {response:?}", foreign.slug);
        }
        Ok(response)
    }
}

/// An answer to a document.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The body as sent.
    pub(crate) text: String,
}

impl Answer {
    /// The data, of an answer without errors.
    #[track_caller]
    pub(crate) fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "{}", self.text);
        &self.body["data"]
    }

    /// The payload of the only field, of an answer in which nothing was refused.
    #[track_caller]
    pub(crate) fn payload(&self) -> &Value {
        let payload = self.data().as_object().and_then(|fields| fields.values().next()).unwrap();
        let refused =
            payload.get("userErrors").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        assert!(!refused, "{}", self.text);
        payload
    }

    /// The code of the first refusal, wherever it stands.
    pub(crate) fn code(&self) -> Option<&str> {
        self.refusal()?.0.as_str()
    }

    /// The first refusal: code and field.
    pub(crate) fn refusal(&self) -> Option<(&Value, &Value)> {
        if let Some(error) = self.body.get("errors").and_then(|errors| errors.get(0)) {
            return Some((&error["extensions"]["code"], &error["extensions"]["field"]));
        }
        let payloads = self.body.get("data")?.as_object()?.values();
        let error = payloads.filter_map(|payload| payload.get("userErrors")?.get(0)).next()?;
        Some((&error["code"], &error["field"]))
    }
}
