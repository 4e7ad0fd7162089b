//! The requests of a load as finished bytes, and what must hold of their answers.
//!
//! Texts are serialised before the load begins; writing a request copies a few pieces together. Every answer is looked
//! at for its status, for errors and for the marks of what was asked; one in sixteen is parsed and looked at closely.

mod answers;
mod pairs;

use std::cell::{Cell, RefCell};
use std::io::Write as _;

use serde_json::json;

use crate::client::Answer;
use crate::documents;
use crate::seed::{self, COMMENTS_READ, Company};
use crate::words::{Chance, Words};
use crate::work::Work;
pub(crate) use answers::Wrong;
use pairs::Pairs;

/// Different texts for each kind of write, used over and over.
const TEXTS: usize = 512;

/// One answer in so many is parsed.
const PARSED_ONE_IN: u64 = 16;

/// See the module.
pub(crate) struct Requests {
    /// The head up to the length of the body.
    head: String,
    create: Start,
    /// Inputs of `issueCreate`.
    inputs: Vec<String>,
    keyed: bool,
    keys: Cell<u64>,
    read: Start,
    /// Ids of issues with five comments.
    talked_of: Vec<String>,
    list: Start,
    states: Vec<String>,
    people: Vec<String>,
    search: Start,
    pairs: Pairs,
    board: Start,
    teams: Vec<String>,
    update: Start,
    comments: Vec<String>,
    /// Every seeded issue, and the index of the state it is in.
    moved: RefCell<Vec<(String, usize)>>,
    answered: Cell<u64>,
}

/// A request's body up to its variables.
struct Start(String);

/// What was asked, as far as the answer is held against it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    Create,
    Read { issue: usize },
    List { state: usize, person: usize },
    Search { pair: usize },
    Board { team: usize },
    UpdateAndComment { issue: usize, state: usize },
}

impl Start {
    fn of(document: &str) -> Self {
        Self(format!("{{\"query\":{},\"variables\":", json!(document)))
    }
}

impl Requests {
    /// All requests for this company. `keyed` creates carry an idempotency key each.
    pub(crate) fn of(company: &Company, keyed: bool) -> Self {
        let (words, mut chance) = (Words::new(), Chance::of(u64::MAX));
        let talked_of = company.issues.iter().filter(|issue| issue.comments == COMMENTS_READ);
        Self {
            head: format!(
                "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
                 content-type: application/json\r\naccept: application/graphql-response+json\r\ncontent-length: ",
                company.key
            ),
            create: Start::of(if keyed { documents::CREATE_ONCE } else { documents::CREATE }),
            inputs: (0..TEXTS).map(|_| input(company, &words, &mut chance)).collect(),
            keyed,
            // Unlike those of another run on the same data.
            keys: Cell::new(u64::from(std::process::id()) << 32),
            read: Start::of(documents::READ),
            talked_of: talked_of.map(|issue| issue.id.to_string()).collect(),
            list: Start::of(documents::LIST),
            states: company.states.iter().map(ToString::to_string).collect(),
            people: company.people.iter().map(ToString::to_string).collect(),
            search: Start::of(documents::SEARCH),
            board: Start::of(documents::BOARD),
            teams: company.teams.iter().map(ToString::to_string).collect(),
            update: Start::of(documents::UPDATE_AND_COMMENT),
            comments: (0..TEXTS).map(|_| words.text(&mut chance, seed::LENGTHS.comment)).collect(),
            moved: RefCell::new(
                company.issues.iter().map(|issue| (issue.id.to_string(), issue.state)).collect(),
            ),
            answered: Cell::new(0),
            pairs: Pairs::of(company, words, &mut chance),
        }
    }

    /// Writes the next request of this kind over `request`. `body` is memory to work in.
    pub(crate) fn write(
        &self,
        work: Work,
        chance: &mut Chance,
        body: &mut Vec<u8>,
        request: &mut Vec<u8>,
    ) -> Asked {
        body.clear();
        let asked = match work {
            Work::Create => self.write_create(chance, body),
            Work::Read => self.write_read(chance, body),
            Work::List => self.write_list(chance, body),
            Work::Search => self.write_search(chance, body),
            Work::Board => self.write_board(chance, body),
            Work::UpdateAndComment => self.write_update(chance, body),
        };
        self.put_head_before(body, request);
        asked
    }

    /// A request that runs a document without variables.
    pub(crate) fn plain(&self, document: &str) -> Vec<u8> {
        let mut request = Vec::new();
        self.put_head_before(json!({ "query": document }).to_string().as_bytes(), &mut request);
        request
    }

    /// Whether the answer is what was asked for.
    pub(crate) fn check(&self, asked: Asked, answer: Answer<'_>) -> Result<(), Wrong> {
        let count = self.answered.get();
        self.answered.set(count.wrapping_add(1));
        let text = answers::of_success(answer)?;
        self.marks(asked, text)?;
        if count.is_multiple_of(PARSED_ONE_IN) { self.closely(asked, text) } else { Ok(()) }
    }

    fn put_head_before(&self, body: &[u8], request: &mut Vec<u8>) {
        request.clear();
        request.extend_from_slice(self.head.as_bytes());
        put(request, format_args!("{}\r\n\r\n", body.len()));
        request.extend_from_slice(body);
    }

    fn write_create(&self, chance: &mut Chance, body: &mut Vec<u8>) -> Asked {
        let input = chance.pick(&self.inputs).map_or("{}", String::as_str);
        put(body, format_args!("{}{{\"input\":{input}", self.create.0));
        if self.keyed {
            let key = self.keys.replace(self.keys.get().wrapping_add(1));
            put(body, format_args!(",\"key\":\"load-{key:x}\""));
        }
        body.extend_from_slice(b"}}");
        Asked::Create
    }

    fn write_read(&self, chance: &mut Chance, body: &mut Vec<u8>) -> Asked {
        let issue = chance.below(self.talked_of.len());
        put(body, format_args!("{}{{\"id\":\"{}\"}}}}", self.read.0, name(&self.talked_of, issue)));
        Asked::Read { issue }
    }

    fn write_list(&self, chance: &mut Chance, body: &mut Vec<u8>) -> Asked {
        let (state, person) = (chance.below(self.states.len()), chance.below(self.people.len()));
        let (state_id, person_id) = (name(&self.states, state), name(&self.people, person));
        let start = &self.list.0;
        put(body, format_args!("{start}{{\"state\":\"{state_id}\",\"assignee\":\"{person_id}\"}}}}"));
        Asked::List { state, person }
    }

    fn write_search(&self, chance: &mut Chance, body: &mut Vec<u8>) -> Asked {
        let pair = self.pairs.any(chance);
        put(body, format_args!("{}{{\"text\":\"{}\"}}}}", self.search.0, self.pairs.typed(pair)));
        Asked::Search { pair }
    }

    fn write_board(&self, chance: &mut Chance, body: &mut Vec<u8>) -> Asked {
        let team = chance.below(self.teams.len());
        put(body, format_args!("{}{{\"team\":\"{}\"}}}}", self.board.0, name(&self.teams, team)));
        Asked::Board { team }
    }

    fn write_update(&self, chance: &mut Chance, body: &mut Vec<u8>) -> Asked {
        let mut moved = self.moved.borrow_mut();
        let issue = chance.below(moved.len());
        let mut state = 0;
        if let Some((id, at)) = moved.get_mut(issue) {
            // Always another state: an update that changes nothing writes nothing.
            *at = (*at + 1) % self.states.len().max(1);
            state = *at;
            let (start, to) = (&self.update.0, name(&self.states, state));
            let text = chance.pick(&self.comments).map_or("", String::as_str);
            put(body, format_args!("{start}{{\"id\":\"{id}\",\"update\":{{\"stateId\":\"{to}\"}},"));
            put(body, format_args!("\"comment\":{{\"issueId\":\"{id}\",\"body\":\"{text}\"}}}}}}"));
        }
        Asked::UpdateAndComment { issue, state }
    }
}

/// A random input of `issueCreate`, as JSON.
fn input(company: &Company, words: &Words, chance: &mut Chance) -> String {
    let labels = seed::two(chance, &company.labels);
    let id = |id: Option<String>| id.unwrap_or_default();
    json!({
        "teamId": id(chance.pick(&company.teams).map(ToString::to_string)),
        "title": words.text(chance, seed::LENGTHS.title),
        "description": words.text(chance, seed::LENGTHS.description),
        "priority": chance.pick(&["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]),
        "assigneeIds": [id(chance.pick(&company.people).map(ToString::to_string))],
        "labelIds": labels.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
    .to_string()
}

fn name(all: &[String], index: usize) -> &str {
    all.get(index).map_or("", String::as_str)
}

fn put(bytes: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = bytes.write_fmt(text);
}
