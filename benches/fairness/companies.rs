//! Ten companies in a fresh data folder, made through the engine as a library, and what their programs ask for.
//!
//! Nothing limits them but bursts and work: how many calls a day has is none of this benchmark's affair.

use std::path::Path;

use anyhow::Context as _;
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::model::{EntitlementKey, EntitlementValue, Tier};
use mortise_engine::storage::StoreKind;
use mortise_engine::{Engine, FirstAdmin, NewApiKey, NewTenant};
use serde_json::json;

use crate::words::{Chance, Words};

/// How many there are.
pub(crate) const COMPANIES: usize = 10;

/// Issues of each.
const ISSUES: usize = 400;

/// Characters of an issue's title and of its description.
const TEXTS: (usize, usize) = (60, 600);

/// One issue as its page shows it.
const READ: &str = "query($id: ID!) { issue(id: $id) {
    id identifier title description type priority createdAt updatedAt version
    state { id name category } team { id key } creator { id name } assignees { id name }
} }";

/// One page of a list.
const LIST: &str = "query { issues(first: 20) { totalCount nodes {
    id identifier title priority updatedAt state { id name } assignees { id name }
} } }";

/// Large pages that one request looks through for little of an answer: work for the server and not for its clients.
const PAGES: usize = 80;

/// Large pages in one request that is to cost much, and issues in each.
const HEAVY_PAGES: usize = 6;

/// Issues that one change of many is about. Like the pages it comes to some 600 points.
const HEAVY_ISSUES: usize = 60;

/// Changes of many issues that a company has ready.
const HEAVY_CHANGES: usize = 6;

/// Changes many issues.
const CHANGE: &str = "mutation($ids: [ID!]!, $input: IssueUpdateInput!) {
    issueBatchUpdate(ids: $ids, input: $input, mode: BEST_EFFORT) { success }
}";

/// Makes an issue.
const CREATE: &str = "mutation($input: IssueCreateInput!) {
    issueCreate(input: $input) { success issue { id identifier version } }
}";

/// What a company asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Of ten requests seven read an issue, two list twenty and one makes an issue.
    Everyday,
    /// For many large pages at once.
    Pages,
    /// For changes of many issues, and for as many points of large pages.
    Work,
}

/// Points that a request of [`Asks::Work`] comes to, about.
pub(crate) const WORK_POINTS: f64 = (HEAVY_ISSUES * 10 + 10) as f64;

/// A company and its requests as finished bytes.
pub(crate) struct Company {
    reads: Vec<Vec<u8>>,
    lists: Vec<Vec<u8>>,
    creates: Vec<Vec<u8>>,
}

impl Company {
    /// Writes one of its requests over `request`.
    pub(crate) fn write(&self, chance: &mut Chance, request: &mut Vec<u8>) {
        let of = match chance.below(10) {
            0 if !self.creates.is_empty() => &self.creates,
            1 | 2 => &self.lists,
            _ if self.reads.is_empty() => &self.lists,
            _ => &self.reads,
        };
        request.clear();
        request.extend_from_slice(chance.pick(of).map_or(&[], Vec::as_slice));
    }

    /// The request by which a server that starts is told to be there.
    pub(crate) fn first(&self) -> &[u8] {
        self.lists.first().map_or(&[], Vec::as_slice)
    }
}

/// Makes the folder and the companies in it, all of one tier; `asks` says what the one of that number asks for.
pub(crate) async fn seed(
    folder: &Path,
    store: StoreKind,
    tier: Tier,
    asks: impl Fn(usize) -> Asks,
) -> anyhow::Result<Vec<Company>> {
    let engine = Engine::builder(folder).store(store).open().await?;
    let words = Words::new();
    let mut companies = Vec::with_capacity(COMPANIES);
    for number in 0..COMPANIES {
        let chance = &mut Chance::of(number as u64);
        let slug = format!("company-{number}");
        companies.push(found(&engine, &slug, tier, asks(number), (&words, chance)).await?);
    }
    engine.close().await;
    Ok(companies)
}

async fn found(
    engine: &Engine,
    slug: &str,
    tier: Tier,
    asks: Asks,
    (words, chance): (&Words, &mut Chance),
) -> anyhow::Result<Company> {
    let admin = FirstAdmin { email: "ada@company.example".into(), name: "Ada".into(), password: None };
    let new = NewTenant::new(slug, slug).with_tier(tier).with_team("ENG").with_admin(admin);
    let founded = engine.create_tenant(new).await?;
    let (team, admin) = (founded.team.context("no team")?, founded.admin.context("no admin")?);
    let us = || OpContext::new(Principal::trusted_system(founded.tenant.id));
    for key in [EntitlementKey::ApiCallsPerDay, EntitlementKey::Issues] {
        engine.override_entitlement(us(), key, Some((EntitlementValue::Unlimited, None))).await?;
    }
    let (_, key) = engine.create_api_key(us(), NewApiKey::new(admin, "load")).await?;
    let post = |document: &str, variables: serde_json::Value| {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let (key, bytes) = (key.expose(), body.len());
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\naccept: application/graphql-response+json\r\n\
             content-length: {bytes}\r\n\r\n"
        );
        (head + &body).into_bytes()
    };
    let (mut reads, mut creates, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ISSUES {
        let (title, description) = (words.text(chance, TEXTS.0), words.text(chance, TEXTS.1));
        let input = json!({ "teamId": team.to_string(), "title": title, "description": description });
        let create = CreateIssue { title, description: Some(description), ..CreateIssue::in_team(team) };
        let issue = engine.execute(us(), create).await?.issue().context("a create answered no issue")?;
        ids.push(issue.to_string());
        if asks == Asks::Everyday {
            reads.push(post(READ, json!({ "id": issue.to_string() })));
            creates.push(post(CREATE, json!({ "input": input })));
        }
    }
    let pages =
        (0..PAGES).map(|n| format!("p{n}: issues(first: 100) {{ totalCount pageInfo {{ endCursor }} }}"));
    let asked = |pages: Vec<String>| post(&format!("{{ {} }}", pages.join(" ")), json!({}));
    let lists = match asks {
        Asks::Everyday => vec![post(LIST, json!({}))],
        Asks::Pages => vec![asked(pages.collect())],
        Asks::Work => {
            let heavy = asked(pages.take(HEAVY_PAGES).collect());
            // Each names others, and asks for another priority than the one before, so that something changes.
            let change = |number: usize| {
                let named: Vec<&String> =
                    ids.iter().cycle().skip(number * HEAVY_ISSUES / 2).take(HEAVY_ISSUES).collect();
                let priority = if number.is_multiple_of(2) { "HIGH" } else { "LOW" };
                post(CHANGE, json!({ "ids": named, "input": { "priority": priority } }))
            };
            let changes = (0..HEAVY_CHANGES).map(change);
            changes.chain((0..HEAVY_CHANGES).map(|_| heavy.clone())).collect()
        }
    };
    Ok(Company { reads, lists, creates })
}
